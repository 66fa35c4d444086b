"""Rules of counters are data: the shipped ones are sound, a user's come first, a wrong one is named."""

from pathlib import Path
from typing import Any

import pytest

from contract.errors import InputError
from kpi.files.catalogue import COLUMNS, FOLDER, ORDER, counter_rules, load_catalogue, plain_name
from tests.kpi.files.made import attempts, read

GOOD = {"column": "drops", "add": ["A"], "source": "a test", "verified": False}


def test_every_shipped_file_is_read_and_says_where_it_is_from() -> None:
    shipped = {path.stem.removeprefix("counters-") for path in FOLDER.glob("counters-*.toml")}
    assert shipped == set(ORDER)
    rules = load_catalogue().rules
    assert all(rule.source for rule in rules)
    fed = {rule.column for rule in rules}
    assert fed >= set(COLUMNS) - {"vswr", "ber"}
    assert all(rule.rats for rule in rules)


def test_attempts_and_successes_come_from_the_same_files() -> None:
    for what in ("setup", "data", "ho"):
        both = [
            [rule.rats for rule in load_catalogue().rules if rule.column == f"{what}_{part}"]
            for part in ("attempts", "successes")
        ]
        assert both[0] == both[1]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"column": "drop"}, "one of"),
        ({"rat": ["5G"]}, "one of"),
        ({"merge": "min"}, "one of"),
        ({"scale": "ten"}, "a number"),
        ({"formula": "A"}, "unknown keys"),
        ({"add": "A"}, "list of texts"),
        ({"add": []}, "either `add` or bins"),
        ({"bins": "A{1..3}", "values": [1, 2]}, "a value for each"),
        ({"bins": "A{1..2}"}, "needs `values`"),
        ({"source": ""}, "`source`"),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else None,
)
def test_wrong_rule_is_named(change: dict[str, Any], match: str) -> None:
    row = {name: value for name, value in (GOOD | change).items() if value != [] or name == "add"}
    with pytest.raises(InputError, match=match):
        counter_rules({"counter": [row]}, "mine.toml")


@pytest.mark.parametrize(
    "held", [{}, {"counter": []}, {"counter": 3}], ids=["none", "empty", "no table"]
)
def test_file_without_rules_is_refused(held: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="tables \\[\\[counter\\]\\]"):
        counter_rules(held, "mine.toml")


def test_rules_of_a_user_come_first(tmp_path: Path) -> None:
    own = tmp_path / "mine.toml"
    own.write_text(
        '[[counter]]\ncolumn = "setup_attempts"\nadd = ["Some.Other"]\nscale = 2\n'
        'source = "ours"\nverified = false\n',
        encoding="utf-8",
    )
    found = read(tmp_path / "a.xml", attempts(10), load_catalogue(own))
    assert found.rows[["setup_attempts", "setup_successes"]].to_numpy().tolist() == [[14.0, 10.0]]
    assert not found.entry.lists["not_mapped"]


def test_names_differ_by_case_and_zeros_no_more() -> None:
    assert plain_name("M8013C005 ") == plain_name("m8013c5")
    assert plain_name("pmRrcConnEstabAtt") != plain_name("pmRrcConnEstabSucc")
