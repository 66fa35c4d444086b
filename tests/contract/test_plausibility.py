"""Counters that contradict each other are null and listed."""

from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import read_table
from contract.plausibility import consistent_counters
from contract.settings import Settings
from contract.tables import TABLES


@pytest.mark.parametrize(
    ("attempts", "successes", "is_kept"),
    [(100, 100, True), (100, 104, True), (1, 3, True), (100, 130, False), (0, 9, False)],
    ids=["equal", "rounding", "few", "excess", "none tried"],
)
def test_successes_beyond_attempts_are_null(
    tmp_path: Path, attempts: int, successes: int, is_kept: bool
) -> None:
    path = tmp_path / "kpi.csv"
    head = "cell_id,start,minutes,setup_attempts,setup_successes,drops"
    path.write_text(f"{head}\nC,2026-03-01 10:00,60,{attempts},{successes},1\n", encoding="utf-8")
    checked = read_table(path, "kpi", Settings())
    before = checked.frame.copy()
    found = consistent_counters(checked, TABLES["kpi"])
    assert found.frame["setup_successes"].notna().all() == is_kept
    assert found.frame["drops"].tolist() == [1.0]
    assert len(found.repairs) == (0 if is_kept else 2)
    pd.testing.assert_frame_equal(checked.frame, before)


def test_a_wrapped_counter_is_null_and_listed(tmp_path: Path) -> None:
    path = tmp_path / "kpi.csv"
    path.write_text("cell_id,start,minutes,drops\nC,2026-03-01 10:00,60,2147483655\n", "utf-8")
    checked = read_table(path, "kpi", Settings())
    assert checked.frame["drops"].isna().all()
    assert checked.repairs["content"].str.contains("drops=2147483655").all()
