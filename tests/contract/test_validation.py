"""Values are judged column by column."""

import numpy as np
import pandas as pd
import pytest

from contract.delimited_rows import no_rows
from contract.rows import RawTable
from contract.tables import TABLES, Column
from contract.validation import check_table, typed_column


@pytest.mark.parametrize(
    ("kind", "given", "expected", "bad"),
    [
        ("flag", ["1", "否", "Yes", "0.0", "maybe", None], [True, False, True, False], [4]),
        ("month", ["2026-03", "202603", "2026年3月", "2026-03-01", "March"], ["2026-03"] * 4, [4]),
        ("number", ["1", " 2.5 ", "1e3", "inf", "n/a"], [1, 2.5, 1000], [3]),
        ("id", ["007", "12.0", " x ", "1.39E+10"], ["007", "12", "x"], [3]),
        ("text", [" a ", "", "NA"], ["a", "NA"], []),
    ],
    ids=["flag", "month", "number", "id", "text"],
)
def test_kind_is_read(kind: str, given: list[str], expected: list[object], bad: list[int]) -> None:
    values = pd.Series(given, dtype="str")
    before = values.copy()
    typed, is_bad = typed_column(values, Column("x", kind), "UTC")
    assert typed[~is_bad].dropna().tolist() == expected
    assert np.flatnonzero(is_bad).tolist() == bad
    pd.testing.assert_series_equal(values, before)


@pytest.mark.parametrize("text", ["GCJ-02", "gcj02", " GCJ 02 "])
def test_choice_is_spelt_as_in_the_contract(text: str) -> None:
    column = TABLES["complaints"].column("crs")
    typed, is_bad = typed_column(pd.Series([text]), column, "UTC")
    assert typed.tolist() == ["gcj02"]
    assert not is_bad.any()


def test_numbers_of_parquet_become_text_ids() -> None:
    column = TABLES["cells"].column("ci")
    typed, _ = typed_column(pd.Series([5323.0, np.nan]), column, "UTC")
    assert typed.iloc[0] == "5323"
    assert typed.isna().tolist() == [False, True]


def test_rows_in_are_rows_used_and_rejected() -> None:
    frame = pd.DataFrame(
        {"cell_id": ["C1", None, "C2"], "Start": ["2026-01-01", "2026-01-01", "x"], "minutes": 60},
        index=[2, 3, 4],
    )
    before = frame.copy()
    checked = check_table(RawTable(frame, no_rows()), TABLES["kpi"], "UTC")
    assert checked.rows == len(checked.frame) + len(checked.rejected) == 3
    assert checked.rejected["reason"].tolist() == ["cell_id is missing", "start is not a time"]
    assert checked.rejected["row"].tolist() == [3, 4]
    assert checked.rejected["content"].iloc[1].startswith("cell_id=C2; start=x; minutes=60")
    pd.testing.assert_frame_equal(frame, before)
