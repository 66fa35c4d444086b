"""Claims about saving a watch."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from kpi.baseline import start_baseline
from kpi.episodes import Watch, observe, open_episodes, start_watch
from kpi.kinds import KINDS
from kpi.run_moves import FIRST_SLOTS, add_moves, held_pairs, mean_moves
from kpi.saved_watches import FILE, load_watch, save_watch

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
    np.testing.assert_array_equal(resumed.evidence.moves.z_sums, whole.evidence.moves.z_sums)


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


def arrays(folder: Path) -> dict[str, np.ndarray]:
    """Return what is in the file of a watch."""
    with np.load(folder / FILE) as saved:
        return {name: saved[name] for name in saved.files}


def test_what_is_saved_again_is_the_same(tmp_path: Path) -> None:
    save_watch(played(begun(tmp_path), 0, 45), tmp_path)
    first = arrays(tmp_path)
    save_watch(load_watch(begun(tmp_path), tmp_path), tmp_path)
    again = arrays(tmp_path)
    assert set(first) == set(again)
    for name, values in first.items():
        np.testing.assert_array_equal(again[name], values, err_msg=name)


def test_a_watch_with_more_runs_than_a_fresh_one_has_room_for_is_taken_up(tmp_path: Path) -> None:
    watch = begun(tmp_path)
    kinds = len(KINDS)
    cells, kind = (part.ravel() for part in np.indices((CELLS, kinds)))
    z = np.arange(len(cells) * watch.z_smooth.shape[1], dtype=np.float32)
    z = z.reshape(len(cells), -1)
    add_moves(watch.evidence.moves, cells, kind, z=z, change=-z)
    assert len(watch.evidence.moves.pair) > FIRST_SLOTS
    save_watch(watch, tmp_path)
    moves = load_watch(begun(tmp_path), tmp_path).evidence.moves
    assert len(held_pairs(moves)[0]) == CELLS * kinds
    np.testing.assert_array_equal(mean_moves(moves, cells, kind), (z, -z))


def test_a_disk_that_is_full_leaves_the_watch_saved_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_watch(played(begun(tmp_path), 0, 5), tmp_path)
    before = (tmp_path / FILE).read_bytes()
    there = sorted(path.name for path in tmp_path.iterdir())

    def full(path: Path, **_: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kpi.saved_watches.np.savez", full)
    with pytest.raises(OSError, match="No space left"):
        save_watch(played(begun(tmp_path), 0, 5), tmp_path)
    assert (tmp_path / FILE).read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == there


def test_a_watch_of_other_kinds_is_refused(tmp_path: Path) -> None:
    save_watch(begun(tmp_path), tmp_path)
    cells = pd.DataFrame({"rat": ["LTE"] * CELLS, "site": np.arange(CELLS) // 3})
    fewer = start_watch(cells, kinds=KINDS[:-1])
    fewer.baseline = start_baseline(fewer.baseline.layers, folder=tmp_path)
    with pytest.raises(InputError, match=r"differs in evidence\.sums. Learn it anew"):
        load_watch(fewer, tmp_path)


def test_saving_leaves_the_watch_as_it_is(tmp_path: Path) -> None:
    watch = played(begun(tmp_path), 0, 20)
    before = (watch.evidence.sums.copy(), watch.z_smooth.copy(), watch.baseline.trials.copy())
    save_watch(watch, tmp_path)
    for held, kept in zip(
        (watch.evidence.sums, watch.z_smooth, watch.baseline.trials), before, strict=True
    ):
        np.testing.assert_array_equal(held, kept)
