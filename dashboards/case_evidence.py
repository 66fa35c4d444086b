"""Word the evidence of an investigated work order: cells, alarms, counters, changes, stations, complaints around.

Simple so far: a measure stands out when its latest value lies outside the band of its hour, or the case says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from correlate.case.phrases import sentence
from correlate.case.shares import percentage
from dashboards.case_words import (
    MeasureForm,
    details,
    distance,
    instant,
    measure_form,
    moment,
    quantity,
    sector,
    worded,
)
from dashboards.wording import Words

METRES_PER_DEGREE = 111_195.0
"""Of a meridian, on a sphere of 6,371 km; good to half a per cent over the distances of a cell."""
DAY_S = 86400.0

Case = Mapping[str, Any]
Numbers = Sequence[float | None]


@dataclass(frozen=True)
class CellView:
    """A cell that may serve the place."""

    cell_id: str
    station: str
    carrier: str
    where: str
    probability: float
    share: str
    is_down: bool
    why: str = ""


@dataclass(frozen=True)
class AlarmView:
    """An alarm of an object in the window: how often, since when, on which days."""

    object_id: str
    name: str
    code: str
    severity: str
    effect: str
    count: int
    first: str
    last: str
    in_force: bool
    by_day: tuple[float | None, ...]
    spans: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True)
class MeasureView:
    """A measure of a cell: now, its usual band, and the two days behind."""

    measure: str
    name: str
    form: MeasureForm
    now: str
    usual: str
    mark: str
    telling: bool
    times: tuple[str, ...]
    values: Numbers
    middle: Numbers
    low: Numbers
    high: Numbers


@dataclass(frozen=True)
class Evidence:
    """The evidence of a case, worded; every list may be empty."""

    cells: tuple[CellView, ...] = ()
    current: tuple[CellView, ...] = ()
    nothing: str = ""
    alarm_window: tuple[str, str] = ("", "")
    alarms: tuple[AlarmView, ...] = ()
    quiet: str = ""
    counter_window: tuple[str, str] = ("", "")
    minutes: int = 0
    counters: tuple[tuple[str, tuple[MeasureView, ...]], ...] = ()
    changes: tuple[Mapping[str, str], ...] = ()
    around: tuple[Mapping[str, str], ...] = ()
    stations: tuple[Mapping[str, str], ...] = ()


def evidence_view(case: Case, words: Words) -> Evidence:
    """Return the evidence of a case, worded."""
    place, alarms = case.get("place") or {}, case.get("alarms") or {}
    counters = case.get("counters") or {}
    return Evidence(
        cells=_cells(case, words),
        current=_current(case, words),
        nothing=percentage(float(place["nothing"])) if place.get("nothing") is not None else "",
        alarm_window=(str(alarms.get("since") or ""), str(alarms.get("until") or "")),
        alarms=tuple(_alarm(row, alarms, words) for row in alarms.get("rows") or ()),
        quiet=_quiet(alarms.get("quiet")),
        counter_window=(str(counters.get("since") or ""), str(counters.get("until") or "")),
        minutes=int(counters.get("minutes") or 0),
        counters=tuple(_cell_counters(c, words) for c in counters.get("cells") or ()),
        changes=tuple(_change(c, words) for c in case.get("changes") or ()),
        around=tuple(_around(c, words) for c in case.get("around") or ()),
        stations=tuple(_station(s, words) for s in case.get("neighbourhood") or ()),
    )


def _cells(case: Case, words: Words) -> tuple[CellView, ...]:
    """Return the cells that may serve, the likeliest first."""
    place = case.get("place") or {}
    rows = place.get("cells") or case.get("serving_cells") or ()
    return tuple(_cell(row, case, words) for row in rows)


def _cell(row: Case, case: Case, words: Words) -> CellView:
    """Return a cell worded."""
    share = float(row.get("probability") or 0.0)
    carrier = [str(row["rat"])] if row.get("rat") else []
    if row.get("freq_mhz"):
        carrier.append(f"{float(row['freq_mhz']):.0f}")
    if row.get("indoor"):
        carrier.append(words["note"]["indoor"])
    return CellView(
        cell_id=str(row["cell_id"]),
        station=str(row.get("site_name") or row.get("site_id") or ""),
        carrier=" ".join(carrier),
        where=_where(row, case.get("place") or {}, words),
        probability=share,
        share=percentage(share),
        is_down=bool(row.get("is_down")),
        why=sentence(row["why"], str(case["language"])) if row.get("why") else "",
    )


def _where(row: Case, place: Case, words: Words) -> str:
    """Return how far and in which direction of the place a cell stands."""
    away = distance(row.get("distance_m"))
    ends = (place.get("lon"), place.get("lat"), row.get("lon"), row.get("lat"))
    if any(end is None for end in ends):
        return away
    east, north = offset_m(*(float(end) for end in ends if end is not None))
    if math.hypot(east, north) < 20:
        return away
    eighth = sector(math.degrees(math.atan2(east, north)) % 360)
    return f"{details()['compass'][eighth]['arrow']} {words['compass'][eighth]} {away}"


def offset_m(lon: float, lat: float, to_lon: float, to_lat: float) -> tuple[float, float]:
    """Return metres east and north from one point (WGS-84) to another near it.

    Examples
    --------
    >>> [round(part) for part in offset_m(100.0, 60.0, 100.01, 60.01)]
    [556, 1112]
    """
    east = (to_lon - lon) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    return east, (to_lat - lat) * METRES_PER_DEGREE


def _current(case: Case, words: Words) -> tuple[CellView, ...]:
    """Return who serves now, when cells are down and the order differs from the healthy network."""
    place = case.get("place") or {}
    known = {str(c["cell_id"]): c for c in place.get("cells") or ()}
    rows = place.get("current") or ()
    return tuple(_cell(dict(known.get(str(r["cell_id"]), {})) | dict(r), case, words) for r in rows)


def _alarm(row: Case, alarms: Case, words: Words) -> AlarmView:
    """Return a row of alarms worded."""
    spans = tuple((str(s[0]), str(s[1]) if s[1] else None) for s in row.get("spans") or ())
    effect = str(row.get("meaning") or "")
    return AlarmView(
        object_id=str(row["object_id"]),
        name=str(row["name"]),
        code=str(row.get("code") or ""),
        severity=str(row.get("severity") or "indeterminate"),
        effect=worded(words, "effect", effect),
        count=int(row["count"]),
        first=moment(row.get("first"), with_year=False),
        last=moment(row.get("last"), with_year=False),
        in_force=bool(row.get("in_force")),
        by_day=_by_day(spans, alarms.get("since"), alarms.get("until")),
        spans=spans,
    )


def _by_day(
    spans: Sequence[tuple[str, str | None]], since: object, until: object
) -> tuple[float | None, ...]:
    """Return hours in force on each day of the window, None where the alarm was away."""
    begin, end = instant(since), instant(until)
    if begin is None or end is None or end <= begin:
        return ()
    days = max(1, math.ceil((end - begin).total_seconds() / DAY_S))
    hours: list[float | None] = [None] * days
    for first, last in spans:
        raised, cleared = instant(first), instant(last) or end
        if raised is None:
            continue
        left = (raised - begin).total_seconds() / DAY_S
        right = (cleared - begin).total_seconds() / DAY_S
        for day in range(max(0, math.floor(left)), min(days - 1, math.floor(right)) + 1):
            inside = max(0.0, min(right, day + 1) - max(left, day)) * 24
            hours[day] = (hours[day] or 0.0) + inside
    return tuple(hours)


def _quiet(quiet: Any) -> str:
    """Return the alarms left out as harmless, with their counts."""
    if not quiet:
        return ""
    if isinstance(quiet, Mapping):
        pairs = list(quiet.items())
    else:
        pairs = [(q.get("name"), q.get("count")) if isinstance(q, Mapping) else q for q in quiet]
    return "; ".join(f"{name} ({count})" for name, count in pairs)


def _cell_counters(cell: Case, words: Words) -> tuple[str, tuple[MeasureView, ...]]:
    """Return a cell and its measures, those that stand out first."""
    measures = [_measure(m, words) for m in cell.get("measures") or ()]
    return str(cell["cell_id"]), tuple(sorted(measures, key=lambda m: not m.telling))


def _measure(row: Case, words: Words) -> MeasureView:
    """Return a measure worded: its latest value against the band of that hour."""
    code = str(row["measure"])
    name = worded(words, "measure", code)
    form = measure_form(code, str(row.get("unit") or ""))
    values, low, high = (_bounded(row.get(k) or (), form) for k in ("values", "low", "high"))
    known = [i for i, v in enumerate(values) if v is not None]
    last = known[-1] if known else None
    now, least, most = (_at(series, last) for series in (values, low, high))
    return MeasureView(
        measure=code,
        name=name[:1].upper() + name[1:],
        form=form,
        now=quantity(now, form) if now is not None else words["note"]["not_reported"],
        usual=_band(least, most, form),
        mark=_mark(now, least, most),
        telling=bool(row.get("telling")),
        times=tuple(str(t) for t in row.get("times") or ()),
        values=values,
        middle=tuple(row.get("usual") or ()),
        low=low,
        high=high,
    )


def _bounded(series: Numbers, form: MeasureForm) -> Numbers:
    """Return a series within what its measure can be: no negative counts, no share above one."""
    if form.unit == "dBm":
        return tuple(series)
    most = 1.0 if form.unit == "%" else math.inf
    return tuple(None if v is None else min(max(v, 0.0), most) for v in series)


def _at(series: Numbers, position: int | None) -> float | None:
    """Return an element of a series, None where there is none."""
    return series[position] if position is not None and position < len(series) else None


def _band(low: float | None, high: float | None, form: MeasureForm) -> str:
    """Return the usual band as text."""
    if low is None or high is None:
        return "–"
    least, most = (quantity(v, form, with_unit=False) for v in (low, high))
    return f"{least} – {quantity(high, form)}" if least != most else quantity(high, form)


def _mark(now: float | None, low: float | None, high: float | None) -> str:
    """Return ▲ above the band, ▼ below it, nothing inside."""
    if now is None:
        return ""
    if high is not None and now > high:
        return "▲"
    return "▼" if low is not None and now < low else ""


def _change(row: Case, words: Words) -> dict[str, str]:
    """Return a change worded."""
    note = words["note"]
    old, new = (
        str(row.get(k) if row.get(k) is not None else "") for k in ("old_value", "new_value")
    )
    extra = [
        note["is_work"] if row.get("is_work") else "",
        note["until"].format(at=moment(row["until"])) if row.get("until") else "",
        note["announced"].format(at=moment(row["announced_at"])) if row.get("announced_at") else "",
    ]
    return {
        "at": moment(row.get("at")),
        "object": str(row.get("object_id") or ""),
        "parameter": str(row.get("parameter") or ""),
        "change": f"{old} → {new}" if old or new else "",
        "note": ", ".join(part for part in extra if part),
        "distance": distance(row.get("distance_m")),
    }


def _around(row: Case, words: Words) -> dict[str, str]:
    """Return another complaint worded: no number, no words of its customer."""
    return {
        "at": moment(row.get("created_at")),
        "ticket": str(row.get("ticket_id") or ""),
        "symptom": worded(words, "symptom", row.get("symptom")),
        "distance": distance(row.get("distance_m")),
        "note": words["note"]["same_incident"] if row.get("same_incident") else "",
    }


def _station(row: Case, words: Words) -> dict[str, str]:
    """Return the state of a station in a word."""
    state = str(row.get("state") or "unknown")
    told = worded(words, "state", state)
    since = moment(row.get("since"), with_year=False)
    return {
        "station": str(row.get("site_name") or row.get("site_id") or ""),
        "role": worded(words, "role", row.get("role")),
        "state": f"{told} ({since})" if since else told,
        "key": state,
        "distance": distance(row.get("distance_m")),
    }
