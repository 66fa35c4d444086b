"""Read measurement files of 3GPP: TS 32.435, TS 28.532 and the older form with `mdc` as its root.

Values stand in a list by their position, or each in an element `r` that names its counter by `p`. The period of a
record is that of its `granPeriod`; its object is named below that of the file's head and of its `managedElement`.

Simple so far: a list of counters that comes after the values it is for is not looked for.

References
----------
.. [1] 3GPP TS 32.435 V17, 4.1 and annex A; the form of `mdc`: TS 32.401 and 32.104.
.. [2] 3GPP TS 28.532 V17, 11.3.2.1.4 (measDataFile).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kpi.files.periods import Period, period_before
from kpi.files.readings import Layout, Readings
from kpi.files.streams import Opened, local_name, records

ROOTS = ("measCollecFile", "measDataFile")
OLD_ROOT = "mdc"
RESULTS = "measResults"
_TRUE = ("true", "1")


@dataclass(frozen=True)
class _Names:
    """Names of elements in a form of the file, and how many stand before the values of a record."""

    record: str
    info: str
    value: str
    suspect: str
    counter: str
    shift: int


_NEW = _Names("measValue", "measInfo", "r", "suspect", "measType", 0)
_OLD = _Names("mv", "mi", "r", "sf", "mt", 1)


@dataclass(frozen=True)
class _Info:
    """What the records of a list of counters share."""

    names: _Names
    layout: Layout
    marks: tuple[str, ...]
    above: str
    period: int
    problem: str
    value: str
    results: str

    @cached_property
    def wanted(self) -> tuple[tuple[int, str], ...]:
        """Return the places of wanted counters with their marks."""
        return tuple((place, self.marks[place]) for place in self.layout.every)


def read_gpp(source: Opened, readings: Readings, zone: str) -> None:
    """Read a file of 3GPP into readings.

    Parameters
    ----------
    source : Opened
        Whose root is one of `ROOTS`, or `OLD_ROOT`.
    readings : Readings
    zone : str
        IANA zone of instants without an offset.

    Raises
    ------
    BrokenFileError
        If the file is broken.
    """
    names = _OLD if source.root == OLD_ROOT else _NEW
    parent: Any = None
    info: _Info | None = None
    for element, is_record in records(source, names.record, (names.info, "measData", "md")):
        if not is_record:
            parent = info = None
            continue
        above = element.getparent()
        if info is None or above is not parent:
            parent, info = above, _info(above, names, readings, zone)
        _read_record(element, info, readings)


def _read_record(element: Any, info: _Info, readings: Readings) -> None:
    """Add a record to the readings, or say why not."""
    layout = info.layout
    if not info.problem and not layout.is_wanted:
        readings.pass_over(layout)
        return
    name = _object(element, info)
    texts = info.problem or _texts(element, info)
    if isinstance(texts, str):
        readings.reject(texts, name, element.sourceline or 0)
    else:
        suspect = _is_suspect(element, info)
        readings.add(layout, name, texts, period=info.period, suspect=suspect)


def _texts(element: Any, info: _Info) -> list[str | None] | str:
    """Return the values of wanted counters as text, or why there are none."""
    layout, shift = info.layout, info.names.shift
    if len(element) <= shift:
        return "no values"
    first = element[shift]
    if first.tag != info.results and local_name(first) != RESULTS:
        return _marked(element, info)
    tokens = (first.text or "").split()
    if len(tokens) != len(layout.names):
        return f"{len(tokens)} values for {len(layout.names)} counters"
    return [tokens[place] for place in layout.every]


def _marked(element: Any, info: _Info) -> list[str | None] | str:
    """Return wanted values that stand each in an element: by place where its mark agrees, else by mark."""
    shift = info.names.shift
    texts: list[str | None] = []
    try:
        for place, mark in info.wanted:
            child = element[place + shift]
            if child.get("p") != mark:
                return _by_mark(element, info)
            texts.append(child.text)
    except IndexError:
        return _by_mark(element, info)
    return texts


def _by_mark(element: Any, info: _Info) -> list[str | None] | str:
    """Return wanted values by the marks of their elements; a mark given twice or out of the list refuses all."""
    values = [child for child in element if local_name(child) == info.names.value]
    places = info.layout.every
    found = {child.get("p"): child.text for child in values}
    if not values:
        return "no values"
    if None in found:
        if len(values) != len(info.marks):
            return f"{len(values)} values for {len(info.marks)} counters"
        return [values[place].text for place in places]
    if len(found) != len(values):
        return "a value is given twice"
    if not found.keys() <= set(info.marks):
        return "a value is for no counter of the list"
    return [found.get(info.marks[place]) for place in places]


def _is_suspect(element: Any, info: _Info) -> bool:
    """Tell whether a record is marked as suspect: the mark stands last."""
    last = element[-1]
    if last.tag in (info.value, info.results) or local_name(last) != info.names.suspect:
        return False
    return (last.text or "").strip().casefold() in _TRUE


def _info(above: Any, names: _Names, readings: Readings, zone: str) -> _Info:
    """Return what the records of an element share."""
    listed = [child for child in above if local_name(child) == names.counter]
    counters = tuple(" ".join((child.text or "").split()) for child in listed)
    marks = tuple(child.get("p") or str(place + 1) for place, child in enumerate(listed))
    if not listed:
        counters = tuple(_text(above, "measTypes").split())
        marks = tuple(str(place + 1) for place in range(len(counters)))
    problem = "" if counters else "no list of counters stands before the values"
    if len(set(marks)) != len(marks):
        problem = "two counters of the list have one number"
    period = _period(above, names, zone)
    place = 0
    if isinstance(period, str):
        problem = problem or period
    else:
        place = readings.period(period)
    space = above.tag.rpartition("}")[0]
    space += "}" if space else ""
    layout = readings.layout(counters)
    tags = (space + names.value, space + RESULTS)
    return _Info(names, layout, marks, _above(above), place, problem, *tags)


def _period(above: Any, names: _Names, zone: str) -> Period | str:
    """Return the period of a list of counters, or why there is none."""
    if names is _OLD:
        return period_before(_text(above, "mts"), _text(above, "gp"), zone)
    for child in above:
        if local_name(child) == "granPeriod":
            return period_before(child.get("endTime"), child.get("duration"), zone)
    return "no period is given"


def _above(info: Any) -> str:
    """Return the name of what the objects of a list stand below: prefix of the file, then managed element."""
    data = info.getparent()
    if data is None:
        return ""
    own = ""
    for child in data:
        local = local_name(child)
        if local in ("managedElement", "measEntity"):
            own = child.get("localDn") or child.get("userLabel") or ""
        elif local == "neid":
            own = _text(child, "nedn") or _text(child, "neun")
    return ",".join(part for part in (_prefix(data), own) if part)


def _prefix(data: Any) -> str:
    """Return the prefix that the head of the file states."""
    root = data.getparent()
    if root is not None:
        for child in root:
            if local_name(child) == "fileHeader":
                return child.get("dnPrefix") or ""
    return ""


def _object(element: Any, info: _Info) -> str:
    """Return the whole name of the object of a record; a path of its own needs nothing before it."""
    own = element.get("measObjLdn")
    own = _text(element, "moid") if own is None else own.strip()
    if not info.above or own.startswith("PLMN-"):
        return own
    return f"{info.above},{own}" if own else info.above


def _text(element: Any, name: str) -> str:
    """Return the text of a child."""
    for child in element:
        if local_name(child) == name:
            return (child.text or "").strip()
    return ""
