"""Learn from complaints which kinds of counter episodes hurt customers, and from which deviation on.

Terms: the *harm* of an episode is that complaints come more often at its cells while it lasts, and a little after, than
at the same cells at other times. What an alarm or announced work accounts for teaches nothing here and is left out.

Simple so far: learned anew once a day from what is remembered; what was learned is not kept beyond a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.faults import Fault, FaultBook
from correlate.harm_counts import DAY, HOUR, Spans, overlapping
from correlate.harm_limits import LimitBook, count_deviations, learned_limits
from correlate.harm_odds import learned_odds
from correlate.harm_rules import HarmRules, load_harm_rules
from correlate.harm_units import (
    Ground,
    Scene,
    Units,
    count_units,
    own_evidence,
    own_weight,
    read_complaints,
    read_scene,
    units_of_faults,
)
from correlate.instants import offset_s, seconds
from correlate.kind_trust import KIND_NAMES, load_kind_trust
from correlate.tickets import Ticket
from kpi.episodes import Watch, evidence_matrix, open_episodes

NOTE_EVERY_S = 6 * HOUR
"""An episode that closed stays in the watch for as long at least: one that comes back within it is the same."""
LATE_S = 2 * HOUR
"""A ticket is diagnosed so long after its arrival at the latest."""
COLUMNS = ("cell", "kind", "onset", "last", "confidence", "fault", "is_known")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass
class HarmBook:
    """What was noted of episodes, and what complaints taught of them.

    `episodes` has a row per cell, kind and onset (COLUMNS; instants in seconds since 1970). `known` are the faults that
    an alarm or announced work accounts for. `odds`, `low` and `high` [kinds] are learned log odds and their 90 %
    interval; the rule book's until something is learned. `table` and `limits` show what was learned.
    """

    ground: Ground | None = None
    episodes: pd.DataFrame = field(default_factory=lambda: no_episodes())
    known: set[int] = field(default_factory=set)
    since: int = 0
    noted_at: int = 0
    odds: Floats = field(default_factory=lambda: load_kind_trust().odds.copy())
    low: Floats = field(default_factory=lambda: load_kind_trust().odds.copy())
    high: Floats = field(default_factory=lambda: load_kind_trust().odds.copy())
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    counted: LimitBook = field(default_factory=LimitBook)
    limits: pd.DataFrame = field(default_factory=pd.DataFrame)


def kind_odds(book: HarmBook) -> Floats:
    """Return the log odds, by kind of episode, to add to an episode's own: learned, at most the rule book's.

    What complaints say for an episode counts at its own fault already; to raise its whole kind as well would make those
    believed of which nobody complained.

    Returns
    -------
    array [kinds]
        In the order of KIND_NAMES, as `load_kind_trust().odds`.
    """
    return np.minimum(book.odds, load_kind_trust().odds)


def no_episodes() -> pd.DataFrame:
    """Return the table of no episodes."""
    kinds = dict.fromkeys(COLUMNS, "int64") | {"confidence": "float64", "is_known": "bool"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})


def watch_harm(
    book: HarmBook, watch: Watch, faults: FaultBook, tickets: dict[str, Ticket], *, now: int
) -> None:
    """Note what complaints can be laid beside: deviations every hour, episodes every `NOTE_EVERY_S`.

    Parameters
    ----------
    tickets : dict of id to Ticket
        In order of arrival. Those diagnosed since the last hour are counted at the deviations of their cells now.
    now : int
        Seconds since 1970.
    """
    if book.ground is None:
        return
    local_now = now + offset_s(book.ground.zone, now)
    if local_now // HOUR != book.counted.counted_at // HOUR:
        _note_deviations(book, book.ground, watch, faults, tickets, now=now)
    if now - book.noted_at >= NOTE_EVERY_S:
        book.noted_at = now - now % NOTE_EVERY_S
        keep = 2.0 * NOTE_EVERY_S / HOUR
        seen = open_episodes(watch, pd.Timestamp(now, unit="s", tz="UTC"), keep_hours=keep)
        note_episodes(book, seen, faults, now=now)


def _note_deviations(
    book: HarmBook,
    ground: Ground,
    watch: Watch,
    faults: FaultBook,
    tickets: dict[str, Ticket],
    *,
    now: int,
) -> None:
    """Count users and complaints by the deviations of their cells, cells of known faults left out."""
    told = [f for f in faults.faults if _is_told(f)]
    book.known |= {f.number for f in told}
    users = ground.users.copy()
    tail = load_harm_rules().tail * HOUR
    for fault in told:
        if fault.ended_at is None or now - fault.ended_at <= tail:
            users[fault.cells] = 0.0
    ahead = offset_s(ground.zone, now)
    before = book.counted.counted_at - ahead
    fresh = []
    for ticket in reversed(tickets.values()):
        if ticket.arrived_at < before - LATE_S:
            break
        if ticket.diagnosed_at > before and not ticket.same_as:
            fresh.append((ticket, own_weight(ticket, book.known, ground.is_customer)))
    z, age_h = evidence_matrix(watch, pd.Timestamp(now, unit="s", tz="UTC"))
    count_deviations(book.counted, z, age_h, fresh, users=users, local_now=now + ahead)


def _is_told(fault: Fault) -> bool:
    """Tell whether an alarm or announced work accounts for a fault."""
    return bool(fault.alarm_ids) or fault.work_until is not None


def note_episodes(book: HarmBook, seen: pd.DataFrame, faults: FaultBook, *, now: int) -> None:
    """Note episodes, and which of them a known fault accounts for.

    Parameters
    ----------
    seen : DataFrame
        As `kpi.episodes.open_episodes` gives it. Never changed.
    now : int
        Seconds since 1970.
    """
    book.since = book.since or now
    told = [f for f in faults.faults if _is_told(f)]
    book.known |= {f.number for f in told}
    if not len(seen):
        return
    fresh = _rows(seen, faults.of_episode)
    fresh["is_known"] = overlapping(_spans(fresh, 0, now=now), _spans_of(told, now=now))
    both = pd.concat([book.episodes, fresh]) if len(book.episodes) else fresh
    both = both.groupby(["cell", "kind", "onset"], as_index=False).max()
    kept = both["last"] >= now - load_harm_rules().memory * DAY
    book.episodes = both.loc[kept, list(COLUMNS)].reset_index(drop=True)


def _rows(seen: pd.DataFrame, of_episode: Mapping[tuple[int, int, int], int]) -> pd.DataFrame:
    """Return episodes of the watch as rows to note."""
    position = {name: i for i, name in enumerate(KIND_NAMES)}
    kind = seen["kind"].map(position).to_numpy(np.int64)
    first = seconds(seen["first_period_at"])
    keys = zip(seen["cell"].tolist(), kind.tolist(), first.tolist(), strict=True)
    return pd.DataFrame(
        {
            "cell": seen["cell"].to_numpy(np.int64),
            "kind": kind,
            "onset": seconds(seen["onset_at"]),
            "last": seconds(seen["last_at"]),
            "confidence": seen["confidence"].to_numpy(float),
            "fault": np.array([of_episode.get(key, 0) for key in keys], dtype=np.int64),
        }
    )


def _spans(rows: pd.DataFrame, tail_s: int, *, now: int) -> Spans:
    """Return the spans of episodes, each longer by a tail, none beyond now."""
    end = np.minimum(rows["last"].to_numpy(np.int64) + tail_s, now)
    onset = rows["onset"].to_numpy(np.int64)
    return Spans(rows["cell"].to_numpy(np.int64), onset, np.maximum(end, onset))


def _spans_of(faults: Sequence[Fault], *, now: int) -> Spans:
    """Return the spans of time that faults last at their cells."""
    size = [len(f.cells) for f in faults]
    ends = [now if f.ended_at is None else f.ended_at for f in faults]
    cells = [np.empty(0, np.int64), *(f.cells for f in faults)]
    return Spans(
        np.concatenate(cells),
        np.repeat(np.array([f.started_at for f in faults], dtype=np.int64), size),
        np.repeat(np.array(ends, dtype=np.int64), size),
    )


def learn_harm(
    book: HarmBook,
    tickets: dict[str, Ticket],
    verdicts: Iterable[tuple[str, str]],
    *,
    now: int,
) -> None:
    """Learn anew, from all that arrived so far, how far each kind of episode is to be trusted, and limits.

    Nothing is learned before complaints are enough (`least_complaints` in `harm.toml`).

    Parameters
    ----------
    tickets : dict of id to Ticket
    verdicts : iterable of (ticket id, cause)
        Orders closed so far.
    now : int
        Seconds since 1970.
    """
    ground, rules = book.ground, load_harm_rules()
    if ground is None or not len(book.episodes):
        return
    since = max(book.since, int(now - rules.memory * DAY))
    closed = {(tickets[t].same_as or t): cause for t, cause in verdicts if t in tickets}
    recent = [t for t in tickets.values() if t.created_at >= since]
    complaints = read_complaints(ground, recent, closed, book.known, rules)
    if complaints.weight.sum() < rules.least_complaints:
        return
    spans = _spans(book.episodes, int(rules.tail * HOUR), now=now)
    scene = read_scene(ground, complaints, spans, rules, since=since, now=now)
    _learn_kinds(book, spans, scene, rules)
    book.limits = learned_limits(
        book.counted, least=rules.limit_complaints, at_least=rules.limit_ratio
    )


def _learn_kinds(book: HarmBook, spans: Spans, scene: Scene, rules: HarmRules) -> None:
    """Learn the log odds of each kind from the episodes that no alarm accounts for."""
    rows = book.episodes
    told = rows["is_known"].to_numpy(bool) | rows["fault"].isin(sorted(book.known)).to_numpy(bool)
    new = np.flatnonzero(~told)
    units = count_units(
        spans.at(new),
        rows["kind"].to_numpy(np.int64)[new],
        own_evidence(rows["confidence"].to_numpy(float)[new]),
        units_of_faults(rows["fault"].to_numpy(np.int64)[new]),
        scene,
    )
    book.odds, book.low, book.high = learned_odds(units, load_kind_trust().odds, rules)
    book.table = harm_table(units, book)


def harm_table(units: Units, book: HarmBook) -> pd.DataFrame:
    """Return what was learned, one row a kind of episode.

    Returns
    -------
    DataFrame
        `kind`, `units`, `user_hours` (of calling), `complaints`, `expected` by chance, `if_harmful` (what the rule
        book would have them add), `rule` (log odds of the rule book), `odds` learned, `low` and `high` (90 % interval).
    """
    size = len(KIND_NAMES)
    return pd.DataFrame(
        {
            "kind": list(KIND_NAMES),
            "units": np.bincount(units.kind, minlength=size),
            "user_hours": np.bincount(units.kind, units.user_hours, size),
            "complaints": np.bincount(units.kind, units.complaints, size),
            "expected": np.bincount(units.kind, units.chance, size),
            "if_harmful": np.bincount(units.kind, units.harm, size),
            "rule": load_kind_trust().odds,
            "odds": book.odds,
            "low": book.low,
            "high": book.high,
        }
    )
