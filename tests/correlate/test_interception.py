import string

import pytest

from contract.causes import CAUSES
from correlate.interception import (
    GRADES,
    load_repair_limits,
    load_scripts,
    load_short_scripts,
    repair_hours,
    script,
)

SLOTS = {"area", "since", "eta"}
EVERYWHERE = {"core_fault", "transcoder_fault", "sms_centre_fault"}
NETWORK_CAUSES = [c.code for c in CAUSES.values() if c.is_network]
CLASSES = sorted({c for c, _ in load_repair_limits()})


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("cause", NETWORK_CAUSES)
def test_every_cause_of_the_network_has_words_in_both_languages(cause: str, language: str) -> None:
    used = slots(load_scripts()[cause][language])
    assert "area" in used or cause in EVERYWHERE
    assert used <= SLOTS
    assert used == slots(load_scripts()[cause]["zh"])
    said = script(cause, language, area="河口", since="08:00", eta="12:00")
    assert ("河口" in said, "12:00" in said) == ("area" in used, "eta" in used)
    assert "{" not in said


@pytest.mark.parametrize("cause", NETWORK_CAUSES)
def test_the_short_form_says_no_more_than_the_long_one(cause: str) -> None:
    short, full = load_short_scripts()[cause], load_scripts()[cause]
    assert slots(short["en"]) <= slots(full["en"])
    assert len(short["en"]) < len(full["en"])
    assert short["zh"] == full["zh"]


@pytest.mark.parametrize("cause", NETWORK_CAUSES)
def test_callers_are_thanked_not_begged_pardon_and_told_no_code(cause: str) -> None:
    said = " ".join(
        [*load_scripts()[cause].values(), *load_short_scripts()[cause].values()]
    ).lower()
    assert not any(word in said for word in ("抱歉", "对不起", "歉", "sorry", "apolog", "_"))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_cause_without_words_gets_those_of_the_unknown(language: str) -> None:
    strange, unknown = (
        script(cause, language, area="A", since="8", eta="9") for cause in ("gremlins", "unknown")
    )
    assert strange == unknown


@pytest.mark.parametrize("repair_class", CLASSES)
def test_important_sites_are_never_repaired_later_than_lesser_ones(repair_class: str) -> None:
    hours = [repair_hours(repair_class, [grade]) for grade in GRADES]
    assert hours == sorted(hours)
    assert min(hours) > 0


def test_the_most_important_site_touched_sets_the_limit() -> None:
    assert repair_hours("D3", ["D", "VIP", "B"]) == repair_hours("D3", ["VIP"])


@pytest.mark.parametrize("grades", [[], ["platinum"]], ids=["none", "unknown"])
def test_a_site_without_a_known_grade_is_an_ordinary_one(grades: list[str]) -> None:
    assert repair_hours("D3", grades) == repair_hours("D3", ["C"])
