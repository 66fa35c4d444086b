import tomllib
from typing import get_args

import pytest

from contract.settings import Settings
from correlate.lexicon import load_lexicon
from dashboards.case_words import (
    FORMS_FILE,
    WORDS_FILE,
    MeasureForm,
    case_words,
    measure_form,
    moment,
    quantity,
    sparkline,
    strength,
    window,
    worded,
)
from kpi.measure_files import load_measures

LANGUAGES = get_args(Settings.model_fields["language"].annotation)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_has_words_in_both_languages(language: str) -> None:
    rows = tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))
    words = case_words(language)
    assert {g: set(keys) for g, keys in rows.items()} == {g: set(words[g]) for g in rows}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_measure_symptom_basis_and_state_has_a_word(language: str) -> None:
    words = case_words(language)
    symptoms = {symptom.code for symptom in load_lexicon().symptoms}
    assert {measure.name for measure in load_measures().measures} <= set(words["measure"])
    assert symptoms <= set(words["symptom"])
    assert {"address", "county", "coordinates", "register"} <= set(words["basis"])
    assert worded(words, "state", "in service") != "in service" or language == "en"


def test_every_measure_has_a_form() -> None:
    forms = tomllib.loads(FORMS_FILE.read_text("utf-8"))
    assert {measure.name for measure in load_measures().measures} == set(forms)


def test_a_code_without_a_word_is_shown_as_it_is() -> None:
    assert worded(case_words("en"), "symptom", "NEW") == "NEW"
    assert worded(case_words("en"), "symptom", None) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "–"), (0.0, "0 %"), (0.951, "95 %"), (-0.02, "−2 %")],
    ids=["unknown", "zero", "share", "negative"],
)
def test_a_value_is_written_with_its_unit(value: float | None, expected: str) -> None:
    assert quantity(value, MeasureForm(100, 0, "%")) == expected


def test_a_measure_not_known_is_written_plainly() -> None:
    assert quantity(3.14159, measure_form("new_measure", "ms")) == "3.14 ms"


@pytest.mark.parametrize(
    ("weight", "expected"),
    [(0.2, "slight"), (-1.0, "clear"), (3.0, "strong"), (-9.0, "decisive")],
)
def test_strength_of_a_weight_does_not_depend_on_its_sign(weight: float, expected: str) -> None:
    assert strength(weight) == expected


def test_a_window_of_one_moment_is_told_once() -> None:
    assert window(["2026-03-10 13:00", "2026-03-10 13:00"]) == "03-10 13:00"
    assert window(None) == ""


def test_an_instant_that_cannot_be_read_is_given_back() -> None:
    assert moment("yesterday") == "yesterday"
    assert moment(None) == ""


def test_a_sparkline_tells_a_gap_from_a_zero() -> None:
    assert sparkline([0.0, None, 5.0]) == "▁·█"
    assert sparkline([None, None]) == "··"
    assert sparkline([2.0] * 48) == "▁" * 24
