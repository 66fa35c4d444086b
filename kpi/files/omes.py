"""Read measurement files of Nokia NetAct: OMeS.

A `PMMOResult` has the name of an object (`DN`, or `baseId` with `localMoid`) and below it an element with a
`measurementType` whose children are named after counters. Further objects beside the first are dimensions, such as a
PLMN or a service class: the record is then a part of the cell.

Simple so far: a counter given twice in one record is unknown.

References
----------
.. [1] Files of that form in public programs; the measurement types name their own namespaces.
"""

from typing import Any

from kpi.files.periods import period_from
from kpi.files.readings import Layout, Readings
from kpi.files.streams import Opened, local_name, records

ROOT = "OMeS"
DIMENSION = "|"
"""Stands between the object and the dimensions of a record."""


def read_omes(source: Opened, readings: Readings, zone: str) -> None:
    """Read a file of NetAct into readings.

    Parameters
    ----------
    source : Opened
        Whose root is `ROOT`.
    readings : Readings
    zone : str
        IANA zone of instants without an offset.

    Raises
    ------
    BrokenFileError
        If the file is broken.
    """
    layouts: dict[tuple[str, ...], Layout] = {}
    setup: Any = None
    period: int | str = "no period is given"
    for element, is_record in records(source, "PMMOResult", ("PMSetup",)):
        if not is_record:
            setup = None
            continue
        above = element.getparent()
        if setup is None or above is not setup:
            setup = above
            found = period_from(above.get("startTime"), above.get("interval"), zone)
            period = found if isinstance(found, str) else readings.period(found)
        _read_result(element, period, readings, layouts)


def _read_result(
    element: Any,
    period: int | str,
    readings: Readings,
    layouts: dict[tuple[str, ...], Layout],
) -> None:
    """Add the records of a result: one for each measurement type; layouts are kept by the tags of the counters."""
    objects = [_object(child) for child in element if local_name(child) == "MO"]
    name = DIMENSION.join(part for part in objects if part)
    line = element.sourceline or 0
    targets = [child for child in element if child.get("measurementType") is not None]
    if not targets:
        readings.reject("no measurement in the result", name, line)
    for target in targets:
        tags = tuple([child.tag for child in target])
        layout = layouts.get(tags)
        if layout is None:
            layout = layouts[tags] = readings.layout(tuple(map(local_name, target)))
        if isinstance(period, str):
            readings.reject(period, name, line)
        elif not layout.is_wanted:
            readings.pass_over(layout)
        else:
            texts = [target[place].text for place in layout.every]
            readings.add(layout, name, texts, period=period, suspect=False)


def _object(element: Any) -> str:
    """Return the name that an `MO` gives: its `DN`, or its base and what is below."""
    parts = {local_name(child): (child.text or "").strip() for child in element}
    if parts.get("DN"):
        return parts["DN"]
    base = parts.get("baseId", "").removeprefix("NE-")
    below = parts.get("localMoid", "").removeprefix("DN:").removeprefix("NE-")
    return "/".join(part for part in (base, below) if part)
