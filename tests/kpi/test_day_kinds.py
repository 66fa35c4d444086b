"""What kind of day a day is."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from kpi.day_kinds import (
    COLUMNS,
    HOLIDAY,
    HOLIDAYS_FILE,
    WEEKEND,
    WORKDAY,
    day_kinds,
    load_holidays,
)

HEADER = ",".join(COLUMNS)


def number(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def written(folder: Path, *rows: str) -> Path:
    path = folder / "mine.csv"
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        pytest.param("2024-02-10", HOLIDAY, id="spring-festival-2024"),
        pytest.param("2024-02-18", WORKDAY, id="make-up-sunday-2024"),
        pytest.param("2024-02-24", WEEKEND, id="plain-saturday"),
        pytest.param("2025-01-28", HOLIDAY, id="eve-of-2025"),
        pytest.param("2025-10-08", HOLIDAY, id="eighth-day-of-october-2025"),
        pytest.param("2026-02-23", HOLIDAY, id="ninth-day-of-spring-festival-2026"),
        pytest.param("2026-09-20", WORKDAY, id="make-up-before-national-day-2026"),
        pytest.param("2026-10-08", WORKDAY, id="first-day-after"),
        pytest.param("2027-10-01", HOLIDAY, id="day-of-the-law-2027"),
        pytest.param("1970-01-01", WORKDAY, id="first-thursday"),
        pytest.param("1969-12-28", WEEKEND, id="before-the-epoch"),
    ],
)
def test_a_day_is_what_the_country_arranged(day: str, kind: int) -> None:
    assert day_kinds(np.array([number(day)])).tolist() == [kind]


def test_make_up_days_fall_on_weekends_and_holidays_hold_no_make_up_day() -> None:
    table = load_holidays()
    days, kinds = table.days["CN"], table.kinds["CN"]
    worked = days[kinds == WORKDAY]
    assert set(day_kinds(worked, "XX").tolist()) == {WEEKEND}
    assert (np.diff(days) > 0).all()


@pytest.mark.parametrize(("year", "free", "worked"), [(2024, 30, 8), (2025, 28, 5), (2026, 33, 6)])
def test_as_many_days_are_free_as_the_arrangement_says(year: int, free: int, worked: int) -> None:
    table = load_holidays()
    within = (table.days["CN"] >= number(f"{year}-01-01")) & (
        table.days["CN"] <= number(f"{year}-12-31")
    )
    kinds = table.kinds["CN"][within]
    assert ((kinds == HOLIDAY).sum(), (kinds == WORKDAY).sum()) == (free, worked)


def test_a_country_without_rows_has_weekends_alone() -> None:
    week = np.arange(number("2026-10-01"), number("2026-10-08"))
    given = week.copy()
    assert day_kinds(week, "KE").tolist() == [0, 0, 1, 1, 0, 0, 0]
    assert (week == given).all()


def test_no_days_give_no_kinds() -> None:
    assert day_kinds(np.array([], dtype=np.int64)).tolist() == []


def test_a_users_file_adds_a_country_and_replaces_our_days(tmp_path: Path) -> None:
    mine = load_holidays(
        written(
            tmp_path,
            "KE,2026-06-01,2026-06-01,holiday,law,v",
            "CN,2026-10-01,2026-10-02,workday,our calendar,u",
        )
    )
    assert day_kinds([number("2026-06-01")], "KE", holidays=mine).tolist() == [HOLIDAY]
    october = [number(f"2026-10-0{day}") for day in (1, 2, 3)]
    assert day_kinds(october, holidays=mine).tolist() == [WORKDAY, WORKDAY, HOLIDAY]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param("China,2026-06-01,2026-06-01,holiday,law,v", "two capital", id="country"),
        pytest.param("CN,2026-06-01,2026-06-01,fair,law,v", "kind of", id="kind"),
        pytest.param("CN,2026-06-01,2026-06-01,holiday,,v", "source", id="no-source"),
        pytest.param("CN,2026-06-01,2026-06-01,holiday,law,yes", "v or u", id="verified"),
        pytest.param("CN,1 June,2026-06-01,holiday,law,v", "needs dates", id="date"),
        pytest.param("CN,2026-06-02,2026-06-01,holiday,law,v", "on or after", id="backwards"),
        pytest.param("CN,2026-06-01,2062-06-01,holiday,law,v", "on or after", id="too-long"),
        pytest.param("CN", "kind of", id="short-row"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        load_holidays(written(tmp_path, row))
    assert "mine.csv row 2" in str(caught.value)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("country,first\nCN,2026-01-01\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"lacks \['last', 'kind', 'source', 'verified'\]"):
        load_holidays(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="`holidays` needs a CSV file"):
        load_holidays(tmp_path / "none.csv")


def test_an_unwritten_country_code_is_refused() -> None:
    with pytest.raises(InputError, match="two capital letters"):
        day_kinds([0], "cn")


def test_every_row_shipped_says_where_it_is_from() -> None:
    rows = HOLIDAYS_FILE.read_text(encoding="utf-8").splitlines()
    assert len(rows) > 40
    assert all(row.endswith((",v", ",u")) for row in rows[1:])
