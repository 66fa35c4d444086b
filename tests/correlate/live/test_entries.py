"""Batches of counters: what is read of some cells is what stands in the whole of them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from contract.instants import INSTANT
from correlate.live import entries
from correlate.live.entries import counter_table, keep_counters


def batch(order: np.ndarray) -> pd.DataFrame:
    """Return counters of twelve cells in an order."""
    rows = pd.DataFrame(
        {
            "cell_id": [f"C{n:02d}" for n in range(12)],
            "start": pd.to_datetime(["2026-03-02 10:00"] * 12, utc=True).astype(INSTANT),
            "minutes": 60.0,
            "setup_attempts": np.arange(12.0),
        }
    )
    return rows.iloc[order].reset_index(drop=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_cells_asked_for_are_found_whatever_the_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(entries, "ROWS_TOGETHER", 3)
    order = np.random.default_rng(seed).permutation(12)
    entry = keep_counters(batch(order), tmp_path, [1_000_000] * 12, source="test")
    found = counter_table([entry], tmp_path, cells=["C03", "C07", "none"])
    whole = counter_table([entry], tmp_path)
    asked = whole[whole["cell_id"].isin(["C03", "C07"])]
    assert found["setup_attempts"].tolist() == asked["setup_attempts"].tolist() == [3.0, 7.0]
    file = next(tmp_path.rglob("*.parquet"))
    assert pq.ParquetFile(file).metadata.num_row_groups == 4


def test_batches_read_by_cells_are_typed_as_whole_ones(tmp_path: Path) -> None:
    rows = batch(np.arange(12))
    later = rows.assign(start=rows["start"] + pd.Timedelta(hours=1), drops=1.0)
    listed = [
        keep_counters(frame, tmp_path, [at * 1_000_000] * 12, source="test")
        for at, frame in ((1, rows), (2, later))
    ]
    found = counter_table(listed, tmp_path, cells=rows["cell_id"].tolist())
    pd.testing.assert_frame_equal(found, counter_table(listed, tmp_path))
