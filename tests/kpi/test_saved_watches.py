"""Claims about saving a watch."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from kpi.baseline import start_baseline
from kpi.episodes import Watch, observe, open_episodes, start_watch
from kpi.saved_watches import load_watch, save_watch

CELLS = 15
START = pd.Timestamp("2026-03-01 16:00", tz="UTC")


def begun(folder: Path | None, *, cells: int = CELLS) -> Watch:
    """Return a watch that knows nothing."""
    watch = start_watch(pd.DataFrame({"rat": ["LTE"] * cells, "site": np.arange(cells) // 3}))
    watch.baseline = start_baseline(watch.baseline.layers, folder=folder)
    return watch


def played(watch: Watch, first: int, last: int) -> Watch:
    """Return a watch after some hours; from hour 40 on cell 4 has a bad antenna line."""
    for step in range(first, last):
        rng = np.random.default_rng(step)
        vswr = rng.normal(1.2, 0.01, CELLS)
        vswr[4] += 1.5 * (step >= 40)
        rows = {
            "vswr": vswr,
            "setup_attempts": rng.poisson(200, CELLS).astype(float),
            "availability": np.ones(CELLS),
        }
        at = START + pd.Timedelta(hours=step)
        start = np.datetime64(at.tz_localize(None), "us")
        minutes = np.full(CELLS, 60)
        watch = observe(watch, np.arange(CELLS), start, minutes, rows, at + pd.Timedelta("80min"))
    return watch


def test_a_watch_goes_on_where_it_was_saved(tmp_path: Path) -> None:
    whole = played(begun(None), 0, 60)
    save_watch(played(begun(tmp_path), 0, 45), tmp_path)
    resumed = played(load_watch(begun(tmp_path), tmp_path), 45, 60)
    now = START + pd.Timedelta(hours=61)
    episodes = open_episodes(whole, now)
    assert 4 in set(episodes["cell"])
    pd.testing.assert_frame_equal(open_episodes(resumed, now), episodes)
    np.testing.assert_array_equal(resumed.z_smooth, whole.z_smooth)
    np.testing.assert_array_equal(resumed.evidence.z_sums, whole.evidence.z_sums)


def test_a_ring_in_a_folder_tells_the_same_as_one_in_memory(tmp_path: Path) -> None:
    here, there = played(begun(None), 0, 60), played(begun(tmp_path), 0, 60)
    np.testing.assert_array_equal(here.baseline.medians, there.baseline.medians)
    np.testing.assert_array_equal(here.baseline.spreads, there.baseline.spreads)
    np.testing.assert_array_equal(here.calibration.restless, there.calibration.restless)


def test_a_watch_in_memory_is_not_saved(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="in memory"):
        save_watch(begun(None), tmp_path)


def test_a_folder_without_a_watch_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Learn it first"):
        load_watch(begun(tmp_path), tmp_path)


def test_a_watch_of_other_cells_is_refused(tmp_path: Path) -> None:
    save_watch(begun(tmp_path), tmp_path)
    with pytest.raises(InputError, match="differs in"):
        load_watch(begun(tmp_path, cells=CELLS + 3), tmp_path)
