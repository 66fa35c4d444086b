"""Read the dispatch texts of Chinese operators' alarm centres: one text, many alarms.

A text is parts headed by `【...】`; its part `压缩信息` names every object on which the alarm was
raised at the same moment, so that it becomes one notification per object. Line breaks may be
HTML, signs of either width. `dispatch_labels.csv` says what heads a part and what names a value.

Simple so far: objects compressed into a text are taken to be raised and cleared with its own; the
moment the text was sent is not in it.

References
----------
.. [1] Dispatch texts of a provincial operator as published with a program that reads them: the
   form of the parts, the pairs and the compressed list.
"""

import csv
import html
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path

from alarms.feeds.intake import Intake, Noted, joined, noted, refusal
from alarms.feeds.notification_table import CLEAR, RAISE, Notification
from alarms.words import load_words
from alarms.x733 import CLEARED, instant_of, severity_of
from contract.errors import InputError
from contract.headers import plain_header

LABELS_FILE = Path(__file__).with_name("dispatch_labels.csv")
FIELDS = frozenset({
    "name", "cleared_name", "location", "raised_at", "cleared_at", "state", "level", "detail",
    "origin", "grid", "site_grade", "compressed", "alarm_id", "vendor", "ne_name", "object",
    "node", "cell_number", "local_number", "path_object",
})  # fmt: skip
_BEGINS = frozenset({"name", "cleared_name"})
_BREAK = re.compile(r"<\s*(?:br|/p|/div|/tr|/li)\s*/?\s*>", re.IGNORECASE)
_TAG = re.compile(
    r"</?\s*(?:p|div|span|font|b|strong|table|tbody|tr|td|th|ul|li)\b[^<>]{0,200}>", re.I
)
_RUN = re.compile(r"[ \t\u3000]{3,}")
_HEAD = re.compile(
    r"【\s*([^【】]{1,20}?)\s*】[ \t]*[:：]?|[\[［]\s*([^\[\]［］]{1,20}?)\s*[\]］][ \t]*[:：]"
)
_PAIR = re.compile(
    r"(?P<key>[^\s,，;；=＝:：/\n][^,，;；=＝:：/\n]{0,24}?)[ \t]*[=＝:：][ \t]*"
    r"(?P<value>[^,，;；\n]*?)(?=\s*(?:[,，;；\n]|$)|\s{2,}|\s+[^\s,，;；=＝:：]{1,20}[=＝])"
)
_STEP = re.compile(r"(?P<key>[^/=]+)=(?P<value>[^/]*)")
_CLEARED = re.compile(
    r"^[\[(（【]?\s*(?:告警)?(?:已恢复|已清除|恢复|清除|解除)\s*(?:[\])）】]|通知|[:：-])[:：\s-]*"
    r"|[\[(（【\s-]*(?:告警)?(?:已恢复|已清除|已解除|恢复|清除|解除)\s*[\])）】]?$"
)
_SAID_CLEARED = re.compile(
    r"^(?:告警)?(?:已恢复|已清除|已解除|恢复|清除|解除|cleared?)$", re.IGNORECASE
)


@dataclass(frozen=True)
class _Thing:
    """An object that a text names: the text that stands for it, its network element, what is said."""

    name: str
    ne_name: str = ""
    detail: str = ""
    identity: str = ""
    alarm: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class _Parts:
    """A text taken apart: values by field, pairs of its detail and location, parts left unread."""

    values: Mapping[str, str]
    pairs: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


@cache
def _object_key() -> re.Pattern[str]:
    """Return what begins an entry of the compressed list, however it is run together."""
    names = [label for label, what in dispatch_labels().items() if what == "object"]
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"({'|'.join(map(re.escape, longest))})(?=\s*[:：=＝])", re.IGNORECASE)


@cache
def dispatch_labels() -> Mapping[str, str]:
    """Return the field that each label stands for, by its plain form.

    Raises
    ------
    InputError
        If a row of the shipped list names a field there is not.
    """
    with LABELS_FILE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    wrong = sorted({row["field"] for row in rows} - FIELDS)
    if wrong:
        msg = f"`field` in {LABELS_FILE.name} must be one of {sorted(FIELDS)}; it has {wrong}."
        raise InputError(msg)
    return {plain_header(row["label"]): row["field"] for row in rows}


def read_dispatch(text: str, *, zone: str = "Asia/Shanghai", first_row: int = 1) -> Intake:
    """Return what a dispatch text, or several one after the other, tells.

    Parameters
    ----------
    text : str
        Plain or with HTML line breaks.
    zone : str
        IANA zone of its times.
    first_row : int
        Number of the first text.

    Returns
    -------
    Intake
        One record per text. Refused is one without a name, a time or an object; parts that no
        label explains are listed as repaired.

    Examples
    --------
    >>> text = ("【告警信息】: 小区不可用告警【告警位置】: /eNodeB=5/RRU=甲_1【告警时间】: 2026-03-01 08:00"
    ...         "【压缩信息】: 告警对象友好名称：甲_1,网元名称：甲<br/>告警对象友好名称：乙_2")
    >>> [(one.object_id, one.name) for one in read_dispatch(text).notifications]
    [('甲_1', '小区不可用告警'), ('乙_2', '小区不可用告警')]
    """
    texts = dispatch_texts(text)
    return joined(_read(one, row=row, zone=zone) for row, one in enumerate(texts, first_row))


def dispatch_texts(text: str) -> list[str]:
    """Return the texts that stand one after the other in one, each from its name on.

    Examples
    --------
    >>> dispatch_texts("早【告警信息】: 甲【告警信息】: 乙")
    ['早【告警信息】: 甲', '【告警信息】: 乙']
    """
    plain = _TAG.sub("", _BREAK.sub("\n", html.unescape(text))).replace("\xa0", " ")
    plain = _RUN.sub("   ", plain)
    begins = [head.start() for head in _heads(plain) if _field_of(head) in _BEGINS]
    cuts = [0, *begins[1:], len(plain)]
    return [plain[a:b] for a, b in zip(cuts[:-1], cuts[1:], strict=True)]


def _heads(text: str) -> list[re.Match[str]]:
    """Return the heads of the parts of a text; an unknown one counts where a colon follows."""
    found = _HEAD.finditer(text)
    return [head for head in found if _field_of(head) or (head[1] and head[0][-1] in ":：")]


def _field_of(head: re.Match[str]) -> str:
    """Return the field that the head of a part stands for; empty where it is unknown."""
    return dispatch_labels().get(plain_header(head[1] or head[2]), "")


def _read(text: str, *, row: int, zone: str) -> Intake:
    """Return what one text tells."""
    parts = _parts(text)
    values = parts.values
    said = values.get("name") or values.get("cleared_name", "")
    name = _CLEARED.sub("", said).strip()
    things = _things(parts, zone)
    raised, cleared = (instant_of(values.get(key, ""), zone) for key in ("raised_at", "cleared_at"))
    problem = _problem(name, things, raised or cleared)
    if problem:
        return refusal(row, problem, text)
    is_over = cleared is not None or "cleared_name" in values or name != said.strip()
    is_over = is_over or bool(_SAID_CLEARED.match(values.get("state", "").strip()))
    kinds = _kinds(raised, cleared, is_over=is_over)
    plain = _common(parts, name, row=row)
    told = tuple(
        _of_thing(plain, thing, own=things[0], kind=kind, at=at)
        for thing in things
        for kind, at in kinds
    )
    return Intake(1, told, repaired=_unread(parts, row))


def _problem(name: str, things: list[_Thing], at: datetime | None) -> str:
    """Return why a text is refused; empty where it is not."""
    if not name:
        return "part 告警信息 (name of the alarm) is missing"
    if at is None:
        return "part 告警时间 (time of the alarm) is missing or no time"
    return "" if things else "part 告警位置 (object of the alarm) is missing"


def _kinds(
    raised: datetime | None, cleared: datetime | None, *, is_over: bool
) -> list[tuple[str, datetime | None]]:
    """Return what a text tells of each of its objects, and when."""
    if not is_over:
        return [(RAISE, raised)]
    if raised is not None and cleared is not None:
        return [(RAISE, raised), (CLEAR, cleared)]
    return [(CLEAR, cleared or raised)]


def _parts(text: str) -> _Parts:
    """Return a text taken apart at the heads of its parts; what no field stands for is unread."""
    heads = _heads(text)
    values: dict[str, str] = {}
    unread = [text[: heads[0].start()].strip() if heads else text.strip()]
    ends = [*(head.start() for head in heads[1:]), len(text)][: len(heads)]
    for head, end in zip(heads, ends, strict=True):
        name, value = _field_of(head), text[head.end() : end].strip()
        if name and name not in values:
            values[name] = value
        elif value:
            unread.append(text[head.start() : end].strip())
    pairs = _fields(_PAIR.finditer(values.get("detail", "")))
    steps = _fields(_STEP.finditer(values.get("location", "")))
    return _Parts(values, {**steps, **pairs}, tuple(part for part in unread if part))


def _fields(found: Iterable[re.Match[str]]) -> dict[str, str]:
    """Return pairs by the field that their key stands for; the first of each counts."""
    values: dict[str, str] = {}
    for pair in found:
        name = dispatch_labels().get(plain_header(pair["key"]), "")
        if name and pair["value"].strip():
            values.setdefault(name, pair["value"].strip())
    return values


def _things(parts: _Parts, zone: str) -> list[_Thing]:
    """Return the objects a text names, its own first, each once."""
    listed = _compressed(parts.values.get("compressed", ""), zone)
    own = _own_thing(parts, {thing.name for thing in listed})
    things = {thing.name: thing for thing in reversed([*own, *listed])}
    names = [thing.name for thing in (*own, *listed)]
    return [things[name] for name in dict.fromkeys(names)]


def _own_thing(parts: _Parts, listed: Collection[str]) -> list[_Thing]:
    """Return the object that a text is about by itself: the cell it names, else what location it gives."""
    said = {**parts.pairs, **{k: v for k, v in parts.values.items() if k in ("object", "ne_name")}}
    node, number = said.get("node", ""), said.get("cell_number", "")
    name = said.get("object") or _placed(parts, said, listed) or said.get("ne_name", "")
    if not name:
        return []
    return [
        _Thing(
            name=name,
            ne_name=said.get("ne_name", ""),
            detail=_own_detail(parts),
            identity=f"{node}-{number}" if node and number else "",
        )
    ]


def _placed(parts: _Parts, said: Mapping[str, str], listed: Collection[str]) -> str:
    """Return the object a location names: its last step where the list knows it, else all of it.

    A radio unit may bear the name of its cell; where nothing says so, both readings are left open.
    """
    location, last = parts.values.get("location", "").strip(), said.get("path_object", "")
    if not location or last in listed:
        return last
    local = said.get("local_number", "")
    more = [f"小区名称={last}" if last.strip(".") else "", f"本地小区标识={local}" if local else ""]
    return ",".join([location, *(text for text in more if text)])


def _own_detail(parts: _Parts) -> str:
    """Return the text that goes with the object a text is about: its detail, and where it is."""
    values = parts.values
    place = f"位置: {values['location']}" if values.get("location") else ""
    return ", ".join(text for text in (values.get("detail", ""), place) if text)


def _compressed(text: str, zone: str) -> list[_Thing]:
    """Return the objects that the compressed list names; each begins with a key said before."""
    entries: list[dict[str, str]] = []
    for pair in _PAIR.finditer(_object_key().sub(r"\n\1", text)):
        name = dispatch_labels().get(plain_header(pair["key"]), "")
        value = pair["value"].strip()
        if not name or not value:
            continue
        if not entries or name in entries[-1]:
            entries.append({})
        entries[-1][name] = value
    found = [
        _Thing(
            name=entry.get("object") or entry.get("path_object") or entry.get("ne_name", ""),
            ne_name=entry.get("ne_name", ""),
            detail=f"网元名称={entry['ne_name']}" if "ne_name" in entry else "",
            alarm=entry.get("name", ""),
            at=instant_of(entry.get("raised_at", ""), zone),
        )
        for entry in entries
    ]
    return [thing for thing in found if thing.name]


def _common(parts: _Parts, name: str, *, row: int) -> Notification:
    """Return what all notifications of a text have in common."""
    values = parts.values
    severity = severity_of(values.get("level", ""))
    shared = ("grid", "site_grade", "level")
    return Notification(
        kind=RAISE,
        at=None,
        source=values.get("origin", ""),
        alarm_id=values.get("alarm_id", ""),
        name=name,
        severity="" if severity == CLEARED else severity,
        vendor=values.get("vendor", "") or _vendor(values.get("origin", "")),
        row=row,
        extra=tuple((key, values[key]) for key in shared if values.get(key)),
    )


def _of_thing(
    plain: Notification, thing: _Thing, *, own: _Thing, kind: str, at: datetime | None
) -> Notification:
    """Return the notification of one object of a text."""
    is_own = thing.name == own.name
    said = {
        "ne_name": thing.ne_name,
        "cell_identity": thing.identity,
        "compressed_into": "" if is_own else own.name,
    }
    return replace(
        plain,
        kind=kind,
        at=(thing.at or at) if kind == RAISE else at,
        alarm_id=plain.alarm_id if is_own else "",
        object_id=thing.name,
        name=_CLEARED.sub("", thing.alarm).strip() or plain.name,
        detail=thing.detail,
        extra=(*plain.extra, *((key, value) for key, value in said.items() if value)),
    )


def _vendor(origin: str) -> str:
    """Return the maker that the name of a management system holds; empty where it names none."""
    plain = origin.casefold()
    spellings = [word for word in load_words().vendors if len(word) > 1 and word in plain]
    return max(spellings, key=len, default="")


def _unread(parts: _Parts, row: int) -> tuple[Noted, ...]:
    """Return the parts of a text that were not read."""
    reason = "a part of the dispatch text is not read"
    listed = parts.values.get("compressed", "")
    rest = [line for line in listed.splitlines() if line.strip() and not _PAIR.search(line)]
    return tuple(noted(row, reason, part) for part in (*parts.unread, *rest))
