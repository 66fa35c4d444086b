"""See trouble that many cells share, each too little to be sure of: those of a controller, a core, a chain.

Terms: a *pool* is a set of cells that depend on one thing (all below a node, all of one technology below it). A pool
*shows* a kind of trouble when far more of its cells than usual deviate that way in one period. How many usually do,
and how much that varies, is learned for each pool and kind.

Simple so far: cells count alike whatever their traffic, and a pool is judged only in periods in which half of its
cells report.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from kpi.kinds import Kind
from kpi.measures import MEASURES, Floats

Ints = npt.NDArray[np.intp]
Flags = npt.NDArray[np.bool_]

DEVIATES_AT = 1.0  # spreads; one healthy cell in six does by chance
USUAL_SHARE = 0.16
USUAL_SPREAD = 0.04
LEARNING = 1 / 96
EXCESS = 0.3  # more of the cells than usual
SURE_AT = 6.0  # spreads of the share
SHOWN_AT = 0.45  # a share below which nothing is said, whatever was usual
OVER_AT = 0.12  # excess at which it is over
QUIET_MINUTES = 45
LEAST_CELLS = 12
REPORTING = 0.5


@dataclass
class Pool:
    """Trouble that a pool shows now. Times are seconds since 1970; `z` and `change` are means by measure."""

    group: int
    kind: int
    onset: int
    opened: int
    last: int
    strength: float
    z: Floats
    change: Floats


@dataclass
class Pools:
    """The pools and what is usual in them, changed in place; G pools, K kinds."""

    members: csr_array  # [G, C]
    sizes: npt.NDArray[np.int64]  # [G]
    usual: Floats  # [G, K]
    spread: Floats  # [G, K] variance of the share beyond chance
    showing: dict[tuple[int, int], Pool] = field(default_factory=dict)


@dataclass(frozen=True)
class Judged:
    """The judged rows of a period that pools are made of."""

    cells: Ints  # [n]
    scores: Floats  # [n, K]
    z: Floats  # [n, M]
    change: Floats  # [n, M]
    start: int
    end: int
    now: int


def start_pools(members: csr_array, kinds: int) -> Pools:
    """Return pools of which nothing is known yet.

    Parameters
    ----------
    members : sparse array [G, C]
        One where a cell belongs to a pool.
    kinds : int
    """
    shape = (members.shape[0], kinds)
    return Pools(
        members=csr_array(members, dtype=np.float32),
        sizes=np.asarray(members.sum(axis=1), dtype=np.int64).ravel(),
        usual=np.full(shape, USUAL_SHARE, dtype=np.float32),
        spread=np.full(shape, USUAL_SPREAD**2, dtype=np.float32),
    )


def observe_pools(pools: Pools, kinds: tuple[Kind, ...], rows: Judged) -> Pools:
    """Return the pools after a period; they are changed in place.

    Of pools that show the same kind at once the one that explains most is kept, and another only for cells that the
    better one does not hold: a controller whose cells all deviate rather than the network half of whose cells do.

    Parameters
    ----------
    pools : Pools
    kinds : tuple of Kind
        Those with `is_pooled` are looked at.
    rows : Judged
        Each cell once.
    """
    if not pools.members.shape[0]:
        return pools
    part = csr_array(pools.members[:, rows.cells])
    for kind in np.flatnonzero([kind.is_pooled for kind in kinds]).tolist():
        known = np.isfinite(rows.scores[:, kind]).astype(np.float32)
        deviates = (np.nan_to_num(rows.scores[:, kind], nan=-1.0) > DEVIATES_AT) * known
        tally = _tally(pools, part, known, deviates, kind=kind)
        chosen = _chosen(pools, part, (known, deviates), tally, kind=kind)
        for group, gain in chosen:
            _show(pools, rows, (group, kind), gain)
        _forget(pools, kind, tally, rows=rows)
        _learn(pools, kind, tally, minutes=(rows.end - rows.start) / 60)
    return pools


@dataclass(frozen=True)
class Tally:
    """How many cells of each pool deviate, [G]; NaN where too few report."""

    trials: Floats
    share: Floats
    excess: Floats
    gain: Floats
    shows: Flags


def _tally(pools: Pools, part: csr_array, known: Floats, deviates: Floats, *, kind: int) -> Tally:
    """Return how many cells of each pool deviate, and whether that is far more than usual."""
    trials, hits = np.asarray(part @ known), np.asarray(part @ deviates)
    enough = trials >= np.maximum(LEAST_CELLS, REPORTING * pools.sizes)
    share = np.divide(hits, trials, out=np.full_like(hits, np.nan), where=enough)
    usual, spread = pools.usual[:, kind], pools.spread[:, kind]
    excess = share - usual
    width = np.sqrt(usual * (1 - usual) / np.maximum(trials, 1) + spread)
    shows = enough & (excess >= EXCESS) & (share >= SHOWN_AT) & (excess >= SURE_AT * width)
    return Tally(trials, share, excess, _information(share, usual) * trials, shows)


def _chosen(
    pools: Pools,
    part: csr_array,
    rows: tuple[Floats, Floats],
    tally: Tally,
    *,
    kind: int,
) -> list[tuple[int, float]]:
    """Return the pools that explain what deviates, those that show it already first, each for cells no other holds."""
    known, deviates = rows[0].copy(), rows[1].copy()
    chosen: list[tuple[int, float]] = []
    while tally.shows.any():
        able = np.flatnonzero(tally.shows)
        held = np.array([(group, kind) in pools.showing for group in able.tolist()])
        best = int(able[np.lexsort((pools.sizes[able], -tally.gain[able], ~held))[0]])
        chosen.append((best, float(tally.gain[best])))
        own = part.indices[part.indptr[best] : part.indptr[best + 1]]
        known[own], deviates[own] = 0, 0
        tally = _tally(pools, part, known, deviates, kind=kind)
    return chosen


def _information(share: Floats, usual: Floats) -> Floats:
    """Return how much likelier a cell's word is under the share seen than under the usual one, mean of a cell."""
    seen = np.clip(np.nan_to_num(share), 1e-3, 1 - 1e-3)
    usual = np.clip(usual, 1e-3, 1 - 1e-3)
    says = seen * np.log(seen / usual) + (1 - seen) * np.log((1 - seen) / (1 - usual))
    return np.asarray(np.where(seen > usual, says, 0.0), dtype=np.float32)


def _show(pools: Pools, rows: Judged, key: tuple[int, int], gain: float) -> None:
    """Note that a pool shows a kind in this period."""
    group, kind = key
    own = np.asarray(pools.members[[group]][:, rows.cells].todense()).ravel() > 0
    with np.errstate(invalid="ignore"):
        z = _means(rows.z[own])
        change = _means(rows.change[own])
    held = pools.showing.get(key)
    if held is None:
        pools.showing[key] = Pool(group, kind, rows.start, rows.now, rows.end, gain, z, change)
        return
    held.last, held.z, held.change = rows.end, z, change
    held.strength = max(held.strength, gain)


def _means(values: Floats) -> Floats:
    """Return the mean of each measure over the rows that know it, NaN where none does."""
    known = np.isfinite(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0).sum(axis=0)
    unknown = np.full(len(MEASURES), np.nan)
    return np.asarray(np.divide(total, count, out=unknown, where=count > 0), dtype=np.float32)


def _forget(pools: Pools, kind: int, tally: Tally, *, rows: Judged) -> None:
    """End what a pool no longer shows."""
    for key in [key for key in pools.showing if key[1] == kind]:
        held, excess = pools.showing[key], tally.excess[key[0]]
        if not np.isfinite(excess):
            continue
        if excess >= OVER_AT:
            held.last = max(held.last, rows.end)
        elif rows.end - held.last >= QUIET_MINUTES * 60:
            del pools.showing[key]


def _learn(pools: Pools, kind: int, tally: Tally, *, minutes: float) -> None:
    """Move what is usual towards what was seen in calm."""
    calm = np.isfinite(tally.share) & ~tally.shows
    calm[[group for group, shown in pools.showing if shown == kind]] = False
    gain = np.float32(LEARNING * max(minutes / 15, 1))
    usual, spread = pools.usual[:, kind], pools.spread[:, kind]
    miss = np.where(calm, np.nan_to_num(tally.share) - usual, 0)
    pools.usual[:, kind] = usual + gain * miss
    pools.spread[:, kind] = np.where(calm, spread + gain * (miss**2 - spread), spread)
