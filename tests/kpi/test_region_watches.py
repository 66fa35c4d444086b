"""Claims about the watch that a region's folder keeps."""

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from kpi.counter_rows import CounterRows
from kpi.episodes import open_episodes
from kpi.region_watches import (
    ABOUT,
    CELLS,
    Terms,
    open_region,
    play_day,
    read_about,
    start_region,
)
from kpi.saved_watches import save_watch
from kpi.watches import GRACE_SECONDS, Watch

SIZE = 9
START = int(pd.Timestamp("2026-03-01 16:00", tz="UTC").timestamp())
HOUR = 3600


def region(folder: Path) -> Path:
    """Write the cells of a region."""
    names = [f"C{i}" for i in range(SIZE)]
    cells = pd.DataFrame({"cell_id": names, "rat": "LTE", "site": [i // 3 for i in range(SIZE)]})
    folder.mkdir(parents=True, exist_ok=True)
    cells.to_parquet(folder / CELLS, index=False)
    return folder


def hours(
    first: int, last: int, *, absent: tuple[int, ...] = (), late_s: int = 1200
) -> CounterRows:
    """Return the counters of some hours; from hour 30 on cell 4 has a bad antenna line."""
    rng = np.random.default_rng(first)
    step, cells = (
        part.ravel() for part in np.meshgrid(np.arange(first, last), np.arange(SIZE), indexing="ij")
    )
    vswr = rng.normal(1.2, 0.01, len(cells)) + 1.6 * ((cells == 4) & (step >= 30))
    start = START + step * HOUR
    rows = CounterRows(
        cells=cells.astype(np.intp),
        start=start,
        minutes=np.full(len(cells), 60),
        arrived=start + HOUR + late_s,
        counters={
            "vswr": vswr.astype(np.float32),
            "setup_attempts": rng.poisson(200, len(cells)).astype(np.float32),
            "availability": np.ones(len(cells), dtype=np.float32),
        },
    )
    here = ~(np.isin(cells, absent) & (step >= last - 2))
    return rows.take(np.flatnonzero(here))


def told(watch: Watch, hour: int) -> pd.DataFrame:
    return open_episodes(watch, pd.Timestamp(START + hour * HOUR, unit="s", tz="UTC"))


def test_a_region_taken_up_again_goes_on_as_if_never_laid_down(tmp_path: Path) -> None:
    terms = Terms(days=7)
    whole, ids = start_region(region(tmp_path / "whole"), terms)
    for first in (0, 24):
        whole = play_day(whole, hours(first, first + 24))
    parts, _ = start_region(region(tmp_path / "parts"), terms)
    save_watch(play_day(parts, hours(0, 24)), tmp_path / "parts")
    again, same = open_region(tmp_path / "parts", terms)
    again = play_day(again, hours(24, 48))
    assert ids.to_pylist() == same.to_pylist() == [f"C{i}" for i in range(SIZE)]
    assert set(told(whole, 48)["cell"]) == {4}
    pd.testing.assert_frame_equal(told(again, 48), told(whole, 48))


def test_the_terms_shape_the_watch(tmp_path: Path) -> None:
    watch, _ = start_region(region(tmp_path), Terms(utc_offset_hours=5.5, days=5, country="IN"))
    assert watch.utc_offset == 19800
    assert len(watch.baseline.ring.days) == 5
    assert watch.baseline.country == "IN"


def test_a_day_is_closed_so_that_who_is_missing_in_its_last_periods_is_judged(
    tmp_path: Path,
) -> None:
    watch, _ = start_region(region(tmp_path), Terms())
    watch = play_day(watch, hours(0, 24, absent=(3, 4, 5)))
    assert watch.arrival is None
    lost = told(watch, 25)
    assert set(zip(lost["cell"], lost["kind"], strict=True)) == {
        (c, "cell_lost") for c in (3, 4, 5)
    }
    assert (
        lost["opened_at"].dt.as_unit("s").astype("int64") <= START + 25 * HOUR + GRACE_SECONDS
    ).all()


def test_a_day_without_rows_changes_nothing(tmp_path: Path) -> None:
    watch, _ = start_region(region(tmp_path), Terms())
    watch = play_day(watch, hours(0, 24))
    sums, seen = watch.evidence.sums.copy(), watch.seen_until.copy()
    watch = play_day(watch, hours(24, 24))
    np.testing.assert_array_equal(watch.evidence.sums, sums)
    np.testing.assert_array_equal(watch.seen_until, seen)


def test_the_rows_played_are_left_as_they_were(tmp_path: Path) -> None:
    watch, _ = start_region(region(tmp_path), Terms())
    rows, same = hours(0, 24), hours(0, 24)
    play_day(watch, rows)
    np.testing.assert_array_equal(rows.cells, same.cells)
    np.testing.assert_array_equal(rows.counters["vswr"], same.counters["vswr"])


def test_regions_and_terms_come_back_as_written(tmp_path: Path) -> None:
    terms = Terms(utc_offset_hours=1.0, delay_minutes=5.0, country="GB", holidays="days.csv")
    about = {"regions": ["东县", "b"], "terms": asdict(terms)}
    (tmp_path / ABOUT).write_text(json.dumps(about), encoding="utf-8")
    assert read_about(tmp_path) == (["东县", "b"], terms)


@pytest.mark.parametrize(
    "text",
    [None, "{", "[]", '{"regions": []}', '{"regions": [], "terms": {"moon": 1}}'],
    ids=["no file", "no JSON", "no table", "no terms", "unknown term"],
)
def test_a_folder_that_was_not_learned_is_told(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / ABOUT).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="counters learn"):
        read_about(tmp_path)


def test_a_region_never_learned_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Learn it first"):
        open_region(region(tmp_path), Terms())
