"""Claims about the files that define measures and limits."""

from pathlib import Path

import pytest

from contract.errors import InputError
from kpi.measure_files import COUNTERS_OF_CELLS, LEVELS, RATS, TAGS, load_measures

GOOD = """
[[measure]]
name = "paging"
form = "ratio"
numerator = ["setup_successes", "data_successes"]
denominator = ["setup_attempts", "data_attempts"]
direction = "low"
unit = "1"
family = "accessibility"
rats = ["LTE"]
floor = 0.02
source = "our own book"
verified = "A"

[limits]
rows = [
  { measure = "paging", rats = ["LTE"], level = "watch", at = 0.9, over_min = 0, source = "s", verified = "E" },
  { measure = "paging", rats = ["LTE"], level = "bad", at = 0.8, over_min = 0, source = "s", verified = "E" },
]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_measure_is_added_and_sums_its_counters(tmp_path: Path) -> None:
    book = load_measures(written(tmp_path, GOOD))
    paging = book.by_name["paging"]
    assert paging.numerators == ("setup_successes", "data_successes")
    assert paging.least == 30
    assert [limit.at for limit in book.limits if limit.measure == "paging"] == [0.9, 0.8]
    assert book.measures[:-1] == load_measures().measures


def test_a_users_measure_and_limits_replace_ours(tmp_path: Path) -> None:
    book = load_measures(written(tmp_path, GOOD.replace("paging", "ho_success")))
    assert book.by_name["ho_success"].rats == ("LTE",)
    assert [limit.at for limit in book.limits if limit.measure == "ho_success"] == [0.9, 0.8]
    assert len(book.measures) == len(load_measures().measures)


def test_a_user_may_give_limits_or_rules_alone(tmp_path: Path) -> None:
    text = "[rules]\nleast_attempts = 50\n" + GOOD[GOOD.index("[limits]") :].replace(
        "paging", "availability"
    )
    book = load_measures(written(tmp_path, text))
    assert book.by_name["drop_rate"].least == 50
    assert [limit.level for limit in book.limits if limit.measure == "availability"] == [
        "watch",
        "bad",
    ]
    assert any(limit.measure == "vswr" for limit in book.limits)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('unit = "1"\n', "", r"lacks \['unit'\] in measure 'paging'", id="key missing"),
        pytest.param('unit = "1"', 'unit = "1"\ncolour = 3', "unknown keys", id="key unknown"),
        pytest.param('form = "ratio"', 'form = "odd"', "`form` of 'paging'", id="form"),
        pytest.param('form = "ratio"', 'form = "count"', "is made of", id="parts of another form"),
        pytest.param('"low"\n', '"down"\n', "`direction` of 'paging'", id="direction"),
        pytest.param("floor = 0.02", 'scale = "odd"\nfloor = 1', "`scale`", id="scale"),
        pytest.param("floor = 0.02", 'averaged = "sum"\nfloor = 1', "`averaged`", id="averaged"),
        pytest.param('verified = "A"', 'verified = "yes"', "`verified` of 'paging'", id="tag"),
        pytest.param('["setup_attempts"', '["setup_tries"', "`denominator`", id="counter"),
        pytest.param('rats = ["LTE"]\nfloor', 'rats = ["5G"]\nfloor', "`rats`", id="technology"),
        pytest.param('rats = ["LTE"]\nfloor', "rats = []\nfloor", "must be a list", id="no rats"),
        pytest.param("floor = 0.02\n", "", "`floor` of 'paging' must be a number", id="no floor"),
        pytest.param("floor = 0.02", "floor = 0", "above 0", id="floor of zero"),
        pytest.param("floor = 0.02", 'floor = 1\nleast = "many"', "`least`", id="least"),
        pytest.param(
            'form = "ratio"', 'form = "quotient"', "watched = false", id="watched quotient"
        ),
        pytest.param(
            "[limits]", GOOD[: GOOD.index("[limits]")] + "[limits]", "distinct", id="twice"
        ),
        pytest.param('level = "bad"', 'level = "worse"', "`level` of a limit", id="level"),
        pytest.param('level = "bad"', 'level = "watch"', "a level twice", id="level twice"),
        pytest.param("at = 0.8", "at = 0.95", "get worse", id="bad before watch"),
        pytest.param("at = 0.8", 'at = "low"', "`at` of a limit", id="no number"),
        pytest.param("at = 0.8, over_min = 0", "at = 0.8, over_min = -5", "0 or more", id="span"),
        pytest.param("at = 0.8, ", "", r"lacks \['at'\]", id="limit without value"),
        pytest.param(
            '["LTE"], level = "bad"', '["GSM"], level = "bad"', "not defined", id="limit for GSM"
        ),
        pytest.param('{ measure = "paging"', '{ measure = "pages"', "`measure`", id="whose limit"),
        pytest.param(
            '"low"\nunit', '"either"\nunit', "bad high or low", id="limit without direction"
        ),
        pytest.param("[limits]", "[thresholds]", "unknown keys", id="unknown table"),
        pytest.param("[limits]", "[rules]\nsigmas = 'two'\n[limits]", "`sigmas`", id="rule"),
        pytest.param(
            'numerator = ["setup_successes", "data_successes"]\n'
            'denominator = ["setup_attempts", "data_attempts"]',
            'watched = false\nfactors = ["attempts"]',
            "`factors`|is made of",
            id="factors",
        ),
        pytest.param("[[measure]]", "[[measure", "needs a TOML file", id="no TOML"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError, match=said):
        load_measures(written(tmp_path, GOOD.replace(old, new)))


def test_a_product_is_of_ratios(tmp_path: Path) -> None:
    text = (
        '[[measure]]\nname = "all"\nform = "product"\nfactors = ["setup_success", "attempts"]\n'
        'direction = "low"\nunit = "1"\nfamily = "a"\nrats = ["LTE"]\nwatched = false\n'
        'source = "s"\nverified = "A"\n'
    )
    with pytest.raises(InputError, match="`factors` of 'all' must be one of"):
        load_measures(written(tmp_path, text))


def test_every_row_shipped_says_where_it_is_from() -> None:
    book = load_measures()
    assert all(m.source and m.verified in TAGS and m.rats for m in book.measures)
    assert all(limit.source and limit.verified in TAGS and limit.rats for limit in book.limits)
    assert {limit.level for limit in book.limits} == set(LEVELS)
    assert set(RATS) == {rat for measure in book.measures for rat in measure.rats}


def test_every_counter_of_the_contract_is_part_of_a_measure() -> None:
    used = {counter for measure in load_measures().measures for counter in measure.counters}
    assert used == set(COUNTERS_OF_CELLS)
