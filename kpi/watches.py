"""Watch the counters as they arrive.

Terms: an *episode* is a cell, a kind, an onset and the evidence for it. Each period is judged only
by what arrived before it and by the other cells of the same period.

Simple so far: a row that comes late corrects a cell taken for lost but is not judged again, and of
periods of different length that overlap only the first to arrive is judged.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import csr_array

from kpi.baseline import Baseline, expected_levels, learn, start_baseline
from kpi.busy_days import DAY_SECONDS, BusyDays, observe_busy_days, open_busy, start_busy_days
from kpi.calibrations import Calibration, calibrated, learn_restlessness, start_calibration
from kpi.deviations import LIMIT, deviations
from kpi.evidence import NEVER, Evidence, Period, accumulate, end_episodes, start_evidence
from kpi.gaps import is_feed_gap, missing_scores, silent_feeds
from kpi.kinds import KINDS, Kind, kind_scores, products
from kpi.layers import layer_codes, layer_names
from kpi.measures import MEASURE_INDEX, MEASURES, Floats, measure_values, scaled_values
from kpi.pools import Judged, Pools, observe_pools, start_pools
from kpi.resets import (
    BELIEVED_AT,
    Resets,
    company_of,
    first_dips,
    lasting_share,
    learn_resets,
    start_resets,
)
from kpi.slow import Slow, observe_slow, open_slow, start_slow

Ints = npt.NDArray[np.intp]
Seconds = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

WHOLE_SHARE = 0.8  # of the cells expected: the period is complete enough to judge who is missing
GRACE_SECONDS = 600  # after which an incomplete period is judged all the same
ADOPT_SECONDS = 10 * 86400  # a fault older than this begins to be learned as normal
SMOOTH_MINUTES = 120.0
HABIT_GAIN = np.float32(1 / 200)
HABIT_START = np.float32(0.005)
OUT_SHARE = 0.85  # availability below which nothing of the period is learned
LOST = next(i for i, kind in enumerate(KINDS) if kind.name == "cell_lost")
PRESENT, AVAILABILITY = MEASURE_INDEX["present"], MEASURE_INDEX["availability"]


@dataclass(frozen=True)
class Arrival:
    """A period of which rows have come, not yet judged for who is missing."""

    start: int
    end: int
    since: int
    seen: Flags


@dataclass(frozen=True)
class FeedGap:
    """A period of which most rows did not come."""

    start: int
    end: int
    missing_share: float


@dataclass
class Watch:
    """Everything known of the counters so far; `observe` changes its arrays in place."""

    kinds: tuple[Kind, ...]
    sites: Ints  # [C]
    feeds: Ints  # [C] element manager
    utc_offset: int  # seconds
    baseline: Baseline
    calibration: Calibration
    evidence: Evidence
    seen_since: Seconds  # [C] start of the first judged period
    seen_until: Seconds  # [C] end of the last judged period
    lengths: Seconds  # [C] seconds of it
    habit: Floats  # [C] share of periods lost by habit
    z_smooth: Floats  # [C, M]
    z_at: Seconds  # [C, M]
    lost_rows: Flags  # [C] last known only by its absence
    resets: Resets
    pools: Pools
    slow: Slow
    busy: BusyDays
    arrival: Arrival | None = None
    gaps: list[FeedGap] = field(default_factory=list)


def start_watch(
    cells: pd.DataFrame,
    *,
    kinds: tuple[Kind, ...] = KINDS,
    utc_offset_hours: float = 8.0,
    days: int = 21,
    pools: csr_array | None = None,
) -> Watch:
    """Return the watch over some cells before any counter arrived.

    Parameters
    ----------
    cells : DataFrame, one row per cell, in the order of positions
        Needs `rat`; `freq_mhz`, `is_indoor`, `site` and `feed` (who delivers its rows) are used where
        present.
    kinds : tuple of Kind, default those of `kinds.toml`
    utc_offset_hours : float, default 8
        Offset of the network's day from UTC, for days and weekends.
    days : int, default 21
        Days remembered.
    pools : sparse array [G, cells], optional
        Sets of cells that depend on one thing; see `kpi.pools`.

    Returns
    -------
    Watch
    """
    size = len(cells)
    layers = layer_codes(layer_names(cells))
    site = cells["site"] if "site" in cells else pd.Series(range(size))
    feed = cells["feed"] if "feed" in cells else pd.Series(0, index=cells.index)
    return Watch(
        kinds=kinds,
        sites=np.asarray(pd.factorize(site, use_na_sentinel=False)[0], dtype=np.intp),
        feeds=np.asarray(pd.factorize(feed, use_na_sentinel=False)[0], dtype=np.intp),
        utc_offset=int(utc_offset_hours * 3600),
        baseline=start_baseline(layers, days=days),
        calibration=start_calibration(layers),
        evidence=start_evidence(size, len(kinds)),
        seen_since=np.full(size, NEVER, dtype=np.int64),
        seen_until=np.full(size, NEVER, dtype=np.int64),
        lengths=np.zeros(size, dtype=np.int64),
        habit=np.full(size, HABIT_START, dtype=np.float32),
        z_smooth=np.full((size, len(MEASURES)), np.nan, dtype=np.float32),
        z_at=np.full((size, len(MEASURES)), NEVER, dtype=np.int64),
        lost_rows=np.zeros(size, dtype=np.bool_),
        resets=start_resets(size),
        slow=start_slow(size, int(layers.max(initial=0)) + 1, len(kinds)),
        busy=start_busy_days((cells["rat"] == "GSM").to_numpy(bool), len(kinds)),
        pools=start_pools(csr_array((0, size)) if pools is None else pools, len(kinds)),
    )


def observe(
    watch: Watch,
    cell: npt.NDArray[Any],
    start: npt.NDArray[np.datetime64] | np.datetime64,
    minutes: npt.NDArray[Any],
    counters: dict[str, npt.NDArray[Any]],
    now: pd.Timestamp | np.datetime64,
) -> Watch:
    """Return the watch after a batch of counter rows; its arrays are changed in place.

    Parameters
    ----------
    watch : Watch
    cell : array of int [n]
        Positions of cells; rows below 0 are left out. Of rows of one cell and period the last
        counts.
    start : datetime64, or array of them [n]
        Start of each period, UTC.
    minutes : array of int [n]
        Length of each period.
    counters : dict of counter to array [n]
    now : Timestamp, UTC
        When the rows arrived.

    Returns
    -------
    Watch
    """
    moment = seconds_of(np.datetime64(pd.Timestamp(now).tz_localize(None), "us"))
    starts = np.broadcast_to(seconds_of(np.asarray(start, dtype="datetime64[us]")), len(cell))
    ends = starts + np.asarray(minutes, dtype=np.int64) * 60
    used = np.flatnonzero((np.asarray(cell) >= 0) & (ends > starts) & np.isfinite(ends))
    order = used[np.lexsort((used, starts[used], ends[used]))]
    keys = np.stack([ends[order], starts[order]], axis=1)
    cuts = np.flatnonzero((keys[1:] != keys[:-1]).any(axis=1)) + 1
    for rows in np.split(order, cuts):
        if len(rows):
            positions = np.asarray(cell)[rows].astype(np.intp)
            last = len(rows) - 1 - np.unique(positions[::-1], return_index=True)[1]
            picked = {name: np.asarray(column)[rows[last]] for name, column in counters.items()}
            span = (int(starts[rows[0]]), int(ends[rows[0]]), int(moment))
            _observe_period(watch, positions[last], picked, span=span)
    _judge_overdue(watch, now=int(moment))
    return watch


def seconds_of(instants: Any) -> Any:
    """Return instants as seconds since 1970."""
    return instants.astype("datetime64[s]").astype(np.int64)


def _observe_period(
    watch: Watch,
    cells: Ints,
    counters: dict[str, npt.NDArray[Any]],
    *,
    span: tuple[int, int, int],
) -> None:
    """Judge the rows of one period, then who is missing in it."""
    start, end, now = span
    if watch.arrival is not None and (watch.arrival.start, watch.arrival.end) != (start, end):
        _judge_missing(watch, now=now)
    _correct_lost(watch, cells, end=end, now=now)
    fresh = end > watch.seen_until[cells]
    rows = {name: column[fresh] for name, column in counters.items()}
    _judge_rows(watch, cells[fresh], rows, span=span)
    _note_arrival(watch, cells, span=span)


def _correct_lost(watch: Watch, cells: Ints, *, end: int, now: int) -> None:
    """Close what rested on the absence of rows that have come after all."""
    back = cells[watch.lost_rows[cells] & (end <= watch.seen_until[cells])]
    watch.lost_rows[back] = False
    watch.evidence.sums[back, LOST] = 0
    end_episodes(watch.evidence, back, np.full(len(back), LOST), now=now)


def _judge_rows(
    watch: Watch,
    cells: Ints,
    counters: dict[str, npt.NDArray[Any]],
    *,
    span: tuple[int, int, int],
) -> None:
    """Compare the rows of a period with the baseline, add their evidence and learn from them."""
    start, end, _ = span
    if not len(cells):
        return
    first = cells[watch.seen_since[cells] == NEVER]
    watch.seen_since[first] = start
    lengths = np.full(len(cells), (end - start) // 60, dtype=np.float32)
    values, attempts = measure_values(counters, lengths)
    scaled = scaled_values(values)
    hour_key = (start + watch.utc_offset) // 3600
    expected, spread = expected_levels(watch.baseline, cells, scaled, hour_key=hour_key)
    z, change = deviations(values, attempts, minutes=lengths, expected=expected, spread=spread)
    z = calibrated(watch.calibration, cells, z, is_short=end - start < 2700)
    _accumulate_rows(watch, cells, z, values=values, change=change, span=span)
    moves, offset = (values, attempts), watch.utc_offset
    found = observe_busy_days(watch.busy, watch.kinds, cells, moves, span=span, utc_offset=offset)
    open_busy(watch.busy, watch.evidence, watch.kinds, cells, found, span=span)
    frozen = _frozen(watch, cells, z, values=values, end=end)
    learn(watch.baseline, cells, scaled, attempts=attempts, hour_key=hour_key, frozen=frozen)
    learn_restlessness(watch.calibration, cells, z, frozen=frozen, weight=(end - start) / 3600)
    watch.seen_until[cells] = end
    watch.lengths[cells] = end - start
    watch.lost_rows[cells] = False


def _accumulate_rows(
    watch: Watch,
    cells: Ints,
    z: Floats,
    *,
    values: Floats,
    change: Floats,
    span: tuple[int, int, int],
) -> None:
    """Score the rows of a period against each kind and add the evidence."""
    start, end, now = span
    scores, passed = kind_scores(watch.kinds, z, values=values, change=change)
    scores[:, LOST] = np.nan_to_num(scores[:, LOST])  # a row that came speaks against loss
    _hold_back_resets(watch, cells, scores, available=values[:, AVAILABILITY], seconds=end - start)
    onset = np.full(scores.shape, start, dtype=np.int64)
    up = np.nan_to_num(np.clip(values[:, AVAILABILITY], 0, 1), nan=0.0)
    onset[:, LOST] = start + (up * (end - start)).astype(np.int64)
    period = Period(cells, scores, passed, z, change, onset, start, end, now)
    accumulate(watch.evidence, watch.kinds, period)
    observe_pools(watch.pools, watch.kinds, Judged(cells, scores, z, change, start, end, now))
    layers = watch.calibration.layers[cells]
    moves = (z, change, values, scores)
    day = observe_slow(watch.slow, watch.kinds, cells, moves, layers=layers, span=span)
    open_slow(watch.slow, watch.evidence, watch.kinds, cells, day, span=span)
    _smooth(watch, cells, z, start=start, end=end)


def _hold_back_resets(
    watch: Watch, cells: Ints, scores: Floats, *, available: Floats, seconds: int
) -> None:
    """Let a first dip of availability open nothing alone where dips mostly prove to be resets; learn which they are."""
    dips = first_dips(watch.resets, cells, available)
    company = company_of(dips, watch.sites[cells])
    share = lasting_share(watch.resets, available, company, seconds=seconds)
    doubted = dips & (share < BELIEVED_AT)
    kind = watch.kinds[LOST]
    most = kind.drift + 0.9 * kind.open_at / np.sqrt(seconds / 3600)
    scores[doubted, LOST] = np.minimum(scores[doubted, LOST], most)
    learn_resets(watch.resets, cells, available, company, seconds=seconds)


def _smooth(watch: Watch, cells: Ints, z: Floats, *, start: int, end: int) -> None:
    """Fold the deviations of a period into the smoothed ones."""
    gain = np.float32(1 - np.exp(-(end - start) / 60 / SMOOTH_MINUTES))
    held, known = watch.z_smooth[cells], np.isfinite(z)
    moved = np.where(np.isfinite(held), held + gain * (z - held), z)
    watch.z_smooth[cells] = np.where(known, moved, held)
    watch.z_at[cells] = np.where(known, end, watch.z_at[cells])


def _frozen(watch: Watch, cells: Ints, z: Floats, *, values: Floats, end: int) -> Flags:
    """Tell which values belong to a fault and must not become normal; a cell's first day has no before."""
    evidence = watch.evidence
    limit = np.array([kind.open_at / 2 for kind in watch.kinds], dtype=np.float32)
    onset = evidence.onset[cells]
    has_before = onset >= watch.seen_since[cells, None] + DAY_SECONDS
    young = (onset == NEVER) | ((end - onset < ADOPT_SECONDS) & has_before)
    suspect = (evidence.is_open[cells] & young) | (
        ~evidence.is_open[cells] & (evidence.sums[cells] >= limit)
    )
    touched = np.array([kind.signature for kind in watch.kinds], dtype=np.float32) != 0
    frozen = products(suspect.astype(np.float32), touched.T.astype(np.float32)) > 0
    frozen |= suspect.any(axis=1)[:, None] & (np.abs(np.nan_to_num(z)) > 3)
    out = suspect[:, LOST] | (values[:, AVAILABILITY] < OUT_SHARE)
    return np.asarray(frozen | out[:, None])


def _note_arrival(watch: Watch, cells: Ints, *, span: tuple[int, int, int]) -> None:
    """Remember whose rows have come, and judge the missing once nearly all have."""
    start, end, now = span
    held = watch.arrival
    if held is None:
        if (watch.seen_until > end).any():
            return
        held = Arrival(start, end, now, np.zeros(len(watch.sites), dtype=np.bool_))
    seen = held.seen.copy()
    seen[cells] = True
    watch.arrival = Arrival(start, end, held.since, seen)
    expected = _expected_cells(watch, seen, length=end - start)
    if (seen & expected).sum() >= WHOLE_SHARE * max(int(expected.sum()), 1):
        _judge_missing(watch, now=now)


def _expected_cells(watch: Watch, seen: Flags, *, length: int) -> Flags:
    """Return the cells whose rows a period of this length should hold."""
    ever = watch.seen_until != NEVER
    if seen.sum() >= WHOLE_SHARE * max(int(ever.sum()), 1):
        return np.asarray(ever)
    return np.asarray(ever & (watch.lengths == length))


def _judge_overdue(watch: Watch, *, now: int) -> None:
    """Judge a period that stayed incomplete for longer than the grace."""
    if watch.arrival is not None and now - watch.arrival.since >= GRACE_SECONDS:
        _judge_missing(watch, now=now)


def _judge_missing(watch: Watch, *, now: int) -> None:
    """Take the absence of rows as evidence of lost cells, or as a gap of the feed."""
    arrival = watch.arrival
    watch.arrival = None
    if arrival is None:
        return
    expected = _expected_cells(watch, arrival.seen, length=arrival.end - arrival.start)
    expected &= (watch.seen_until < arrival.end) | arrival.seen
    if is_feed_gap(arrival.seen, expected):
        share = float((expected & ~arrival.seen).sum() / max(int(expected.sum()), 1))
        watch.gaps.append(FeedGap(arrival.start, arrival.end, share))
        return
    expected &= ~silent_feeds(arrival.seen, expected, feeds=watch.feeds, sites=watch.sites)
    scores = missing_scores(arrival.seen, expected, sites=watch.sites, habit=watch.habit)
    _learn_habit(watch, arrival.seen, expected)
    missing = np.flatnonzero(np.isfinite(scores))
    if len(missing):
        _accumulate_missing(watch, missing, scores[missing], arrival=arrival, now=now)


def _learn_habit(watch: Watch, seen: Flags, expected: Flags) -> None:
    """Learn how often a cell's rows are missing while it is not thought lost."""
    calm = expected & ~watch.evidence.is_open[:, LOST] & (watch.evidence.sums[:, LOST] < 1)
    watch.habit[calm] += HABIT_GAIN * ((~seen[calm]).astype(np.float32) - watch.habit[calm])


def _accumulate_missing(
    watch: Watch, cells: Ints, scores: Floats, *, arrival: Arrival, now: int
) -> None:
    """Add the evidence of absent rows to the kind `cell_lost`, and to no other."""
    shape = (len(cells), len(watch.kinds))
    full = np.full(shape, np.nan, dtype=np.float32)
    full[:, LOST] = scores
    z = np.full((len(cells), len(MEASURES)), np.nan, dtype=np.float32)
    z[:, PRESENT] = -np.minimum(scores, LIMIT)
    onset = np.full(shape, arrival.start, dtype=np.int64)
    change = np.where(np.isfinite(z), np.float32(-1.0), z)
    span = (arrival.start, arrival.end, now)
    period = Period(cells, full, np.isfinite(full), z, change, onset, *span)
    accumulate(watch.evidence, watch.kinds, period)
    _smooth(watch, cells, z, start=arrival.start, end=arrival.end)
    watch.seen_until[cells] = arrival.end
    watch.lost_rows[cells] = True
