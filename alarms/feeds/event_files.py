"""Bring files of events and texts - VES, TMF642, dispatch texts - to the `alarms` table of a bundle.

Files are JSON (one body, or a list of them), JSON lines, or for dispatch texts also plain text and
tables with a column of texts. The notifications of all files are folded together, so that an alarm
may be raised in one file and cleared in another.

Simple so far: a file is decoded whole; its notifications are held as a table, not as objects.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from alarms.feeds.dispatch import dispatch_labels, dispatch_texts, read_dispatch
from alarms.feeds.intake import Intake, Noted, joined, refusal
from alarms.feeds.notification_table import Notification, notification_table
from alarms.feeds.notifications import Folded, alarm_rows
from alarms.feeds.tmf642 import read_tmf642
from alarms.feeds.ves import read_ves
from contract.additions import LISTS, add_tables, check_addable
from contract.errors import UnreadableFileError
from contract.files import SUFFIXES, read_table_file
from contract.outputs import iso_text
from contract.tables import TABLES

FORMS: Mapping[str, Callable[..., Intake]] = {"ves": read_ves, "tmf642": read_tmf642}
DISPATCH = "dispatch"
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
TEXT_SUFFIXES = (".txt", *SUFFIXES)
LISTED = ("file", "table", "row", "reason", "content")
_AT_A_TIME = 20_000
_ENCODINGS = ("utf-8-sig", "gb18030")
_INNER = ("row", "file")
_ALARMS = "alarms"


def _refused_constant(name: str) -> None:
    """Raise because JSON knows no NaN and no Infinity."""
    msg = f"{name} is no JSON value"
    raise ValueError(msg)


_DECODER = json.JSONDecoder(parse_constant=_refused_constant)


@dataclass(frozen=True)
class EventConversion:
    """What a conversion of events came to.

    Attributes
    ----------
    counts : DataFrame
        One row per file: `table`, `file`, `rows` (events or texts), `left_out` (that tell of no
        alarm), `used`, `rejected`, `repaired`; rows = left_out + used + rejected.
    rejected, repairs : DataFrame
        As written: `file`, `table`, `row` (number of the event or text), `reason`, `content`.
    passed : DataFrame
        Records left out, in the same form.
    alarms : DataFrame
        As written.
    """

    counts: pd.DataFrame
    rejected: pd.DataFrame
    repairs: pd.DataFrame
    passed: pd.DataFrame
    alarms: pd.DataFrame


@dataclass(frozen=True)
class _FileRead:
    """What one file was read as: notifications as a table, the rest as lists."""

    path: Path
    records: int
    notifications: pd.DataFrame
    noted: Mapping[str, tuple[Noted, ...]]


def convert_events(form: str, files: Sequence[Path], out: Path, *, zone: str) -> EventConversion:
    """Write the alarms that files of events tell of as `alarms.csv`, whole or not at all.

    Beside it stand `rejected.csv` and `repairs.csv`; lists of an earlier conversion into the same
    folder are gone on with. Clearings of alarms that no file raises are rejected with that reason.

    Parameters
    ----------
    form : str
        ves, tmf642 or dispatch.
    files : sequence of Path
        Files, or folders of them.
    out : Path
        New or empty folder, or a bundle that has no alarms yet.
    zone : str
        IANA zone of times without an offset, and of the times written.

    Returns
    -------
    EventConversion

    Raises
    ------
    InputError
        If a file cannot be read or is not of its form at all, or `out` cannot be added to.
    """
    check_addable(out, [_ALARMS])
    read = [_read_file(form, path, zone) for path in event_paths(form, files)]
    folded = alarm_rows(pd.concat([one.notifications for one in read], ignore_index=True))
    made = _conversion(read, folded, zone)
    lists = dict(zip(LISTS, (made.rejected, made.repairs), strict=True))

    def write(folder: Path) -> None:
        """Write the table and the lists into the folder."""
        made.alarms.to_csv(folder / f"{_ALARMS}.csv", index=False, lineterminator="\n")
        for name, rows in lists.items():
            text = rows.to_csv(index=False, lineterminator="\n")
            earlier = out / f"{name}.csv"
            if earlier.is_file():
                text = earlier.read_text(encoding="utf-8") + text.partition("\n")[2]
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")

    add_tables(out, write, tables=[_ALARMS], lists=[f"{name}.csv" for name in LISTS])
    return made


def event_paths(form: str, files: Sequence[Path]) -> list[Path]:
    """Return files, and in place of folders the files of the form that they hold, by name.

    Raises
    ------
    UnreadableFileError
        If there is no file.
    """
    suffixes = JSON_SUFFIXES + (TEXT_SUFFIXES if form == DISPATCH else ())
    found: list[Path] = []
    for path in files:
        inside = sorted(path.iterdir()) if path.is_dir() else [path]
        found += [one for one in inside if not path.is_dir() or one.suffix.lower() in suffixes]
    if not found:
        msg = (
            f"`files` must name at least one of {list(suffixes)}; {list(map(str, files))} has none."
        )
        raise UnreadableFileError(msg)
    return found


def _read_file(form: str, path: Path, zone: str) -> _FileRead:
    """Return what one file was read as, its notifications in tables of bounded size."""
    source = _texts_read(path, zone) if form == DISPATCH else _events_read(FORMS[form], path, zone)
    tables: list[pd.DataFrame] = []
    waiting: list[Notification] = []
    noted: dict[str, list[Noted]] = {"refused": [], "passed": [], "repaired": []}
    records = 0
    for intake in source:
        records += intake.records
        waiting += intake.notifications
        for name, several in noted.items():
            several += getattr(intake, name)
        if len(waiting) >= _AT_A_TIME:
            tables.append(notification_table(waiting))
            waiting = []
    tables.append(notification_table(waiting))
    if not records:
        msg = f"`{path}` must hold events or texts; it holds none. Export it again."
        raise UnreadableFileError(msg)
    whole = pd.concat(tables, ignore_index=True).assign(file=str(path))
    return _FileRead(path, records, whole, {k: tuple(v) for k, v in noted.items()})


def _events_read(read: Callable[..., Intake], path: Path, zone: str) -> Iterator[Intake]:
    """Yield what the bodies of a file of events tell."""
    row = 1
    for body in _bodies(path):
        intake = body if isinstance(body, Intake) else read(body, zone=zone, first_row=row)
        if isinstance(body, Intake):
            intake = joined([replace(body, refused=(replace(body.refused[0], row=row),))])
        row += intake.records
        yield intake


def _bodies(path: Path) -> Iterator[Any]:
    """Yield the bodies of a JSON file, or of the lines of one; a line that is none as a refusal."""
    text = _decoded(path)
    try:
        whole = _parsed(text)
    except ValueError as error:
        yield from _lines(text, path, error)
        return
    yield from whole if isinstance(whole, list) else [whole]


def _lines(text: str, path: Path, error: ValueError) -> Iterator[Any]:
    """Yield the bodies of JSON lines; raise where the first line is not JSON either."""
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        _parsed(lines[0])
    except ValueError:
        msg = f"`{path}` must be JSON or JSON lines; it is neither: {error}. Export it again."
        raise UnreadableFileError(msg) from None
    for line in lines:
        try:
            yield _parsed(line)
        except ValueError:
            yield refusal(0, "the line is not JSON", line)


def _parsed(text: str) -> Any:
    """Return the value of a JSON text; raise ValueError where it is none."""
    try:
        return _DECODER.decode(text)
    except RecursionError:
        msg = "it is nested too deep"
        raise ValueError(msg) from None


def _decoded(path: Path) -> str:
    """Return the text of a file, UTF-8 or GB18030."""
    try:
        content = path.read_bytes()
    except OSError as error:
        msg = f"`{path}` must be a file that can be read: {error.strerror}. Check the name."
        raise UnreadableFileError(msg) from error
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.strip():
            return text
        msg = f"`{path}` must hold events or texts; it is empty. Export it again."
        raise UnreadableFileError(msg)
    msg = f"`{path}` must be text in UTF-8 or GB18030; it is neither. Export it again."
    raise UnreadableFileError(msg)


def _texts_read(path: Path, zone: str) -> Iterator[Intake]:
    """Yield what the dispatch texts of a file tell, the texts of one cell as one record."""
    for row, text in _dispatch_rows(path):
        intake = read_dispatch(text, zone=zone)
        yield Intake(
            records=1,
            notifications=tuple(replace(one, row=row) for one in intake.notifications),
            refused=tuple(replace(one, row=row) for one in intake.refused),
            repaired=tuple(replace(one, row=row) for one in intake.repaired),
        )


def _dispatch_rows(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the dispatch texts of a file, each with its number."""
    suffix = path.suffix.lower()
    if suffix in SUFFIXES:
        yield from _column_of_texts(path)
    elif suffix in JSON_SUFFIXES:
        for row, body in enumerate(_bodies(path), start=1):
            yield row, body if isinstance(body, str) else _longest_text(body)
    else:
        text = _decoded(path)
        if not _has_labels(text):
            msg = f"`{path}` must hold dispatch texts with parts such as 【告警信息】; it has none."
            raise UnreadableFileError(msg)
        yield from enumerate(dispatch_texts(text), start=1)


def _longest_text(body: object) -> str:
    """Return the text of an object that has labels; empty where none has."""
    values = body.values() if isinstance(body, Mapping) else ()
    texts = [value for value in values if isinstance(value, str) and _has_labels(value)]
    return max(texts, key=len, default="")


def _column_of_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the texts of the column of a table that holds most dispatch texts."""
    frame = read_table_file(path).frame
    shares = {name: int(frame[name].astype("str").map(_has_labels).sum()) for name in frame}
    best = max(shares, key=lambda name: shares[name], default="")
    if not shares.get(best):
        msg = (
            f"`{path}` must have a column of dispatch texts with parts such as 【告警信息】; "
            f"it has {list(frame)[:40]}."
        )
        raise UnreadableFileError(msg)
    for row, text in frame[best].astype("str").fillna("").items():
        yield int(str(row)), text


def _has_labels(text: object) -> bool:
    """Tell whether a text has the head of a part that names an alarm."""
    if not isinstance(text, str):
        return False
    names = [label for label, what in dispatch_labels().items() if what in ("name", "cleared_name")]
    return any(label in text for label in names) and any(sign in text for sign in "【[［")


def _conversion(read: Sequence[_FileRead], folded: Folded, zone: str) -> EventConversion:
    """Return counts, lists and the table as they are written."""
    lost = pd.concat([folded.orphans, folded.rejected], ignore_index=True)
    parts = [_accounts(one, lost[lost["file"] == str(one.path)]) for one in read]
    lists = {
        name: _one_list([part[name] for part in parts])
        for name in ("rejected", "repairs", "passed")
    }
    return EventConversion(
        counts=pd.DataFrame([part["counts"] for part in parts]),
        alarms=_written(folded.alarms, zone),
        **lists,
    )


def _accounts(one: _FileRead, lost: pd.DataFrame) -> dict[str, Any]:
    """Return the counts of a file and its lists: of a record partly used, what was lost is a repair."""
    told, gone = one.notifications["row"].value_counts(), lost["row"].value_counts()
    used = set(told.index[told > gone.reindex(told.index, fill_value=0)])
    refused = [(noted.row, noted.reason, noted.content) for noted in one.noted["refused"]]
    names = ["kind", "object_id", "name", "at"]
    refused += [
        (
            int(row["row"]),
            row["reason"],
            "; ".join(f"{k}={row[k]}" for k in names if pd.notna(row[k])),
        )
        for row in lost.to_dict("records")
    ]
    rejected = {
        row: (row, reason, text) for row, reason, text in reversed(refused) if row not in used
    }
    repairs = [entry for entry in refused if entry[0] in used]
    repairs += [(noted.row, noted.reason, noted.content) for noted in one.noted["repaired"]]
    passed = [(noted.row, noted.reason, noted.content) for noted in one.noted["passed"]]
    counts = {
        "table": _ALARMS,
        "file": one.path.name,
        "rows": one.records,
        "left_out": len(passed),
        "used": len(used),
        "rejected": len(rejected),
        "repaired": len(repairs),
    }
    lists = {"rejected": list(rejected.values()), "repairs": repairs, "passed": passed}
    return {"counts": counts} | {name: _listed(one.path.name, rows) for name, rows in lists.items()}


def _listed(file: str, rows: list[tuple[int, str, str]]) -> pd.DataFrame:
    """Return rows with their reasons as a list of a file, by row."""
    frame = pd.DataFrame([(file, _ALARMS, *row) for row in sorted(rows)], columns=list(LISTED))
    return frame.astype(
        dict.fromkeys(("file", "table", "reason", "content"), "str") | {"row": "int64"}
    )


def _one_list(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the lists of all files as one."""
    return pd.concat(parts, ignore_index=True)


def _written(alarms: pd.DataFrame, zone: str) -> pd.DataFrame:
    """Return alarms as they are written: columns of the contract, then those that say something."""
    table = TABLES[_ALARMS]
    extra = [name for name in alarms if name not in (*table.column_names, *_INNER)]
    names = [
        name
        for name in (*table.column_names, *extra)
        if name in table.required_names or alarms[name].notna().any()
    ]
    written = alarms[names]
    instants = {
        name: iso_text(written[name].dt.tz_convert(zone))
        for name in written
        if isinstance(written[name].dtype, pd.DatetimeTZDtype)
    }
    return written.assign(**instants)
