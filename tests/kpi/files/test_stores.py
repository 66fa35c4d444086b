"""Parts of files become one row a cell and period by the stated rules, in any order."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.files.catalogue import COLUMNS
from kpi.files.formulas import no_rows
from kpi.files.stores import add_parts, ensure_table, merged_rows

START = pd.Timestamp("2026-03-01T08:00Z")


def part(
    name: str, generation: int, *, suspect: bool = False, minutes: float = 15.0, **values: float
) -> pd.DataFrame:
    """The part that a file has of a cell and period."""
    row = {"cell_id": "C", "start": START, "minutes": minutes, "is_suspect": suspect}
    row |= dict.fromkeys(COLUMNS, np.nan) | values
    row |= {"name": name, "generation": generation, "digest": f"{name}-{generation}"}
    return pd.DataFrame([row]).astype({"start": "datetime64[us, UTC]"})


def merged(*parts: pd.DataFrame) -> pd.Series:
    """The one row that parts make."""
    given = pd.concat(parts, ignore_index=True)
    before = given.copy()
    rows = merged_rows(given)
    pd.testing.assert_frame_equal(given, before)
    assert len(rows) == 1
    return rows.iloc[0]


def test_counters_of_several_files_make_one_row() -> None:
    row = merged(part("a", 1, drops=3), part("b", 2, cqi=9))
    assert (row["drops"], row["cqi"]) == (3, 9)


def test_latest_file_counts_where_both_have_a_value() -> None:
    row = merged(part("a", 2, drops=3), part("b", 1, drops=4, cqi=9))
    assert (row["drops"], row["cqi"]) == (3, 9)


def test_file_written_anew_replaces_what_it_held() -> None:
    row = merged(part("a", 1, drops=3, cqi=9), part("a", 2, drops=4))
    assert row["drops"] == 4
    assert np.isnan(row["cqi"])


def test_sound_part_counts_before_a_suspect_one() -> None:
    row = merged(part("a", 1, drops=3), part("b", 2, drops=4, cqi=9, suspect=True))
    assert (row["drops"], row["is_suspect"]) == (3, False)
    assert np.isnan(row["cqi"])
    assert merged(part("b", 2, drops=4, suspect=True))["is_suspect"]


def test_shortest_of_periods_with_one_begin_counts() -> None:
    row = merged(part("a", 1, drops=3), part("b", 2, drops=9, cqi=9, minutes=60.0))
    assert (row["minutes"], row["drops"]) == (15, 3)
    assert np.isnan(row["cqi"])


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(6)))
def test_order_of_parts_never_matters(order: list[int]) -> None:
    parts = [
        part("a", 1, drops=1, cqi=5),
        part("a", 3, drops=2),
        part("b", 2, drops=3, vswr=1.2),
        part("b", 2, suspect=True, availability=0.5),
        part("c", 4, minutes=60.0, drops=7),
        part("d", 4, suspect=True, drops=8),
    ]
    shuffled = pd.concat([parts[n] for n in order], ignore_index=True)
    wanted = merged_rows(pd.concat(parts, ignore_index=True))
    pd.testing.assert_frame_equal(merged_rows(shuffled), wanted)


def test_hours_are_written_alone_and_whole(tmp_path: Path) -> None:
    late = part("b", 2, drops=4).assign(start=START + pd.Timedelta("1h"))
    first = dict(add_parts(tmp_path, part("a", 1, drops=3), taken_back={}))
    second = dict(add_parts(tmp_path, late, taken_back={}))
    assert (list(first), list(second)) == (["2026-03-01T08"], ["2026-03-01T09"])
    table = pd.read_parquet(sorted(tmp_path.glob("*.parquet")))
    assert table["drops"].tolist() == [3.0, 4.0]
    assert list(table)[:4] == ["cell_id", "start", "minutes", "is_suspect"]


def test_parts_taken_back_leave_their_hour(tmp_path: Path) -> None:
    both = pd.concat([part("a", 1, drops=3), part("b", 2, cqi=9)])
    dict(add_parts(tmp_path, both, taken_back={}))
    none = no_rows().assign(name="", generation=0, digest="")
    rows = dict(add_parts(tmp_path, none, taken_back={"2026-03-01T08": {"b-2"}}))
    assert rows["2026-03-01T08"]["cqi"].isna().all()


def test_table_without_rows_can_be_read(tmp_path: Path) -> None:
    ensure_table(tmp_path)
    assert pd.read_parquet(tmp_path).empty


@pytest.mark.parametrize("name", ["drops", "cqi"])
def test_whole_numbers_stay_exact(tmp_path: Path, name: str) -> None:
    rows = dict(add_parts(tmp_path, part("a", 1).assign(**{name: 123_456_789.0}), taken_back={}))
    assert rows["2026-03-01T08"][name].tolist() == [123_456_789.0]
