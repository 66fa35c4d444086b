"""The policy of keeping is data that can be disputed and overridden."""

from pathlib import Path

import pytest

from contract.errors import InputError
from contract.history.retention import kept_days, load_retention


def test_raw_counters_go_before_what_is_rolled_up() -> None:
    shipped = load_retention()
    assert 28 < shipped["kpi"] < shipped["kpi_hours"] < shipped["kpi_days"]


def test_a_file_overrides_table_by_table(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('[kpi]\nkeep_days = 7\nsource = "we"\nverified = "v"\n')
    assert load_retention(path) == load_retention() | {"kpi": 7}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[kpi]\nkeep_days = 7\n", "lacks"),
        ('[kpi]\nkeep_days = 0\nsource = "x"\nverified = "u"', "whole days from 1 to"),
        ('[kpi]\nkeep_days = true\nsource = "x"\nverified = "u"', "whole days from 1 to"),
        ('[kpi]\nkeep_days = 1.5\nsource = "x"\nverified = "u"', "whole days from 1 to"),
        ('[kpi]\nkeep_day = 1\nsource = "x"\nverified = "u"', "keep_day"),
        ('[Kpi]\nkeep_days = 1\nsource = "x"\nverified = "u"', "lower case"),
        ("kpi = 1", "kpi"),
        ("[kpi", "can't be read"),
    ],
    ids=["no source", "zero", "flag", "broken day", "key", "name", "no table", "no file"],
)
def test_a_wrong_row_is_named(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=told):
        load_retention(path)


def test_days_are_told_by_table() -> None:
    assert kept_days(["kpi=30", "alarms=400"]) == {"kpi": 30, "alarms": 400}


@pytest.mark.parametrize("told", ["kpi", "kpi=", "kpi=-1", "kpi=1.5", "kpi=0", "=3"])
def test_days_of_another_form_are_refused(told: str) -> None:
    with pytest.raises(InputError, match="`keep`|`table`"):
        kept_days([told])
