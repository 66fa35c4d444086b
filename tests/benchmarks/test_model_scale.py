"""Claims about the province day that is measured: it is the same every time and its parts are there."""

from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.model_day import STEP_S, make_day, scored_day, write_day
from contract.bundles import read_bundle
from contract.settings import Settings
from correlate.knowledge import gather
from correlate.run import play


def test_a_thousandth_of_the_day_is_played_with_counters_scored_elsewhere(tmp_path: Path) -> None:
    day = make_day(0.001)
    alarms = write_day(day, tmp_path / "day")
    scored = scored_day(alarms, dict(day.place.network.cell_position))
    assert len(scored) == 24
    assert all(len(hour.rows.cell) == 500 for hour in scored.values())
    bundle = read_bundle(tmp_path / "day", Settings())
    assert bundle.counts.loc["complaints", "used"] == 20
    knowledge = gather(bundle.tables, Settings())
    first = min(scored) * STEP_S
    state, issued = play(bundle, knowledge, scored=scored, until=first + 6 * 3600)
    held = set(state.faults.of_episode.values())
    assert held
    assert any(state.faults.numbered[n].counters_open for n in held & state.faults.numbered.keys())
    tickets = {row["ticket_id"] for row in issued.diagnoses}
    assert tickets <= set(bundle.tables["complaints"]["ticket_id"])


def test_the_day_is_the_same_every_time(tmp_path: Path) -> None:
    made = [write_day(make_day(0.001), tmp_path / name) for name in ("one", "two")]
    pd.testing.assert_frame_equal(*made)
    for name in ("cells", "complaints", "locations", "places"):
        tables = [pd.read_parquet(tmp_path / way / f"{name}.parquet") for way in ("one", "two")]
        pd.testing.assert_frame_equal(*tables)
    assert np.isfinite(tables[0]["lon"]).all()
