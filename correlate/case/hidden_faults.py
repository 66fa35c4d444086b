"""Ask the counters of the own stations for hidden faults, topic by topic: found, nothing found, or not queried and why.

A measure speaks when it stands three spreads off its usual in the bad direction, or beyond a level bad anywhere
(`hidden_faults.toml`). "Not queried" has a reason: the table is not there, no row came yet, no period of these cells
arrived (a gap), or the counter is not reported.

Simple so far: one level a technology, whatever the terrain; the figures told are those of the hours last known.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from correlate.case.counters import FRESH_S, TELLING_Z, Seen
from correlate.case.inquiry import Inquiry, clock
from correlate.case.phrases import finding
from kpi.measures import MEASURE_INDEX, MEASURES

CATALOGUE = Path(__file__).with_name("hidden_faults.toml")
FOUND, NOTHING, NOT_QUERIED = "status.found", "status.nothing", "status.not_queried"
DAY_HOURS = 24
MOST_TOLD = 6
ROSE, FELL = 1.15, 0.85
LEAST_KNOWN = 0.5

Finding = dict[str, Any]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Topic:
    """What is asked of the counters: its measures, and the levels bad anywhere, by measure and technology."""

    key: str
    measures: tuple[str, ...]
    high: Mapping[str, Mapping[str, float]]
    low: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Told:
    """What a question gave: `status`, the `reason` when it was not queried, findings, and the figures looked at."""

    status: str
    findings: tuple[Finding, ...] = ()
    figures: tuple[Finding, ...] = ()
    reason: Finding | None = None

    @property
    def is_clear(self) -> bool:
        """Whether the data were there and showed nothing."""
        return self.status == NOTHING


@cache
def load_topics() -> Mapping[str, Topic]:
    """Return the topics by key, in the order in which they are asked."""
    rows = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["topic"]
    topics = [
        Topic(r["key"], tuple(r["measures"]), r.get("high", {}), r.get("low", {})) for r in rows
    ]
    return {topic.key: topic for topic in topics}


def no_counters(inquiry: Inquiry, seen: Seen) -> Finding | None:
    """Return why the counters of the own stations could not be asked, None when they could."""
    if "kpi" in inquiry.archive.missing:
        return finding("reason.no_table", table="kpi")
    if not len(inquiry.own):
        return finding("reason.no_place")
    if not inquiry.state.counters_since:
        return finding("reason.no_rows", table="kpi")
    latest = int(seen.last_end.max(initial=0))
    if latest >= inquiry.now - FRESH_S:
        return None
    network = int(inquiry.state.watch.seen_until.max(initial=0))
    told = clock(inquiry.knowledge, latest) if latest else ""
    if latest and network >= inquiry.now - FRESH_S:
        return finding("reason.cells_silent", at=told)
    return finding("reason.gap_since", at=told) if latest else finding("reason.gap", hours=48)


def asked_topics(inquiry: Inquiry, seen: Seen) -> dict[str, Told]:
    """Return what each topic gave, by key: in the order of `hidden_faults.toml`."""
    reason = no_counters(inquiry, seen)
    if reason is not None:
        return {key: Told(NOT_QUERIED, reason=reason) for key in load_topics()}
    return {key: _asked(inquiry, seen, topic) for key, topic in load_topics().items()}


def _asked(inquiry: Inquiry, seen: Seen, topic: Topic) -> Told:
    """Return what one topic gave."""
    columns = [MEASURE_INDEX[name] for name in topic.measures]
    if not np.isfinite(seen.values[:, :, columns]).any():
        names = [f"measure.{name}" for name in topic.measures]
        return Told(NOT_QUERIED, reason=finding("reason.no_counter", measures=names))
    if topic.key == "traffic":
        return _trend(seen)
    found = _off_usual(inquiry, topic) + _beyond_level(inquiry, seen, topic)
    told = {(f["values"]["cell"], f["values"]["measure"]): f for _, f in reversed(found)}
    ordered = [f for _, f in sorted(found, key=lambda item: -item[0])]
    kept = [f for f in ordered if told[f["values"]["cell"], f["values"]["measure"]] is f]
    figures = tuple(_figures(inquiry, seen, topic))
    return Told(FOUND if kept else NOTHING, tuple(kept[:MOST_TOLD]), figures)


def _off_usual(inquiry: Inquiry, topic: Topic) -> list[tuple[float, Finding]]:
    """Return the measures of the own stations' cells that stand off their usual in the bad direction."""
    watch, knowledge = inquiry.state.watch, inquiry.knowledge
    cells = np.concatenate([knowledge.reach.cells_of[s] for s in inquiry.own.tolist()])
    columns = [MEASURE_INDEX[name] for name in topic.measures]
    at = np.ix_(cells, np.array(columns))
    fresh = watch.z_at[at] >= inquiry.now - FRESH_S
    smooth = np.where(fresh, np.nan_to_num(watch.z_smooth[at]), 0.0)
    found = []
    for k, name in enumerate(topic.measures):
        m, z = columns[k], smooth[:, k]
        bad = {"high": z, "low": -z}.get(MEASURES[m].direction, np.abs(z))
        for i in np.flatnonzero(bad >= TELLING_Z).tolist():
            told = finding(
                "find.measure",
                cell=str(knowledge.cell_ids[cells[i]]),
                measure=f"measure.{name}",
                direction="find.above" if z[i] > 0 else "find.below",
                z=f"{float(z[i]):+.1f}",
            )
            found.append((float(bad[i]), told))
    return found


def _beyond_level(inquiry: Inquiry, seen: Seen, topic: Topic) -> list[tuple[float, Finding]]:
    """Return the measures of the cells told that lie beyond a level bad anywhere, by their last hours."""
    rats = inquiry.archive.lay.rat[seen.cells]
    found = []
    for name in topic.measures:
        last = latest(seen, name)
        for i, (rat, value) in enumerate(zip(rats.tolist(), last.tolist(), strict=True)):
            most = topic.high.get(name, {}).get(rat, np.inf)
            least = topic.low.get(name, {}).get(rat, -np.inf)
            if not value > most and not value < least:
                continue
            told = finding(
                "find.level",
                cell=str(inquiry.knowledge.cell_ids[seen.cells[i]]),
                measure=f"measure.{name}",
                value=amount(name, value),
                level=amount(name, most if value > most else least),
            )
            found.append((TELLING_Z, told))
    return found


def latest(seen: Seen, measure: str) -> Floats:
    """Return the middle of the hours of each cell that were known last, NaN where none was."""
    return np.asarray(seen.last[:, MEASURE_INDEX[measure]], dtype=float)


def _figures(inquiry: Inquiry, seen: Seen, topic: Topic) -> list[Finding]:
    """Return the figures looked at: each measure of the likeliest cell, beside its usual."""
    told = []
    for name in topic.measures:
        if name == "present":
            continue
        values, usual = seen.column(name)
        for i, value in enumerate(latest(seen, name).tolist()):
            if not np.isfinite(value):
                continue
            last = int(np.flatnonzero(np.isfinite(values[i]))[-1])
            normal = float(usual[i, last])
            key = "find.figure" if np.isfinite(normal) else "find.figure_alone"
            told.append(
                finding(
                    key,
                    cell=str(inquiry.knowledge.cell_ids[seen.cells[i]]),
                    measure=f"measure.{name}",
                    value=amount(name, value),
                    usual=amount(name, normal),
                )
            )
    return told[:MOST_TOLD]


def _trend(seen: Seen) -> Told:
    """Return how the traffic of a day compares with what is usual."""
    told = [
        finding(f"find.traffic_{word}", measure=f"measure.{name}", share=f"{ratio:.0%}")
        for name in ("traffic_erl", "data_volume")
        if (ratio := traffic_ratio(seen, name)) is not None
        for word in (_word(ratio),)
    ]
    if not told:
        return Told(NOT_QUERIED, reason=finding("reason.no_usual"))
    moved = [f for f in told if not f["key"].endswith("usual")]
    return Told(FOUND if moved else NOTHING, tuple(moved), tuple(told))


def _word(ratio: float) -> str:
    """Return whether a share of the usual is a rise, a fall or neither."""
    return "rose" if ratio > ROSE else ("fell" if ratio < FELL else "usual")


def traffic_ratio(seen: Seen, measure: str = "traffic_erl") -> float | None:
    """Return a day's traffic of the cells told as a share of what is usual, None when it can't be told."""
    values, usual = seen.column(measure)
    values, usual = values[:, -DAY_HOURS:], usual[:, -DAY_HOURS:]
    both = np.isfinite(values) & np.isfinite(usual)
    if both.sum() < LEAST_KNOWN * values.shape[1] or usual[both].sum() <= 0:
        return None
    return float(values[both].sum() / usual[both].sum())


def amount(measure: str, value: float) -> str:
    """Return a value as an engineer writes it, with its unit.

    >>> amount("drop_rate", 0.0312), amount("ber", 2e-7), amount("ul_interference_dbm", -103.4)
    ('3.12 %', '2e-07', '-103.4 dBm')
    """
    row = MEASURES[MEASURE_INDEX[measure]]
    if row.form == "ratio" or measure in ("prb_utilisation", "availability"):
        return f"{value:.2%}".replace("%", " %")
    if row.scale == "log10":
        return f"{value:.0e}"
    unit = "" if row.unit == "1" else f" {row.unit}"
    return f"{value:.2f}{unit}" if abs(value) < 10 else f"{value:.1f}{unit}"
