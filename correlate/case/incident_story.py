"""Word how an incident changed and what of the same kind there was before, as findings.

Simple so far: one sentence a change, the evidence in brackets behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from correlate.case.phrases import Finding, finding

FROM_TO = " > "


def story(changes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the changes of an incident with a finding each.

    Parameters
    ----------
    changes : sequence of mapping
        `at`, `rule`, `detail`, `evidence`, `other_id` as in the daybook's `incident_changes`; text may be None.

    Returns
    -------
    list of dict
        The same keys and `said`, a finding.

    Examples
    --------
    >>> from correlate.case.phrases import sentence
    >>> change = {"at": "2026-03-10T12:00", "rule": "OBJECT-1", "detail": "S1 > HUB", "evidence": "tickets:2.0"}
    >>> sentence(story([change])[0]["said"], "en")
    'something else turned out to be what is broken (S1 → HUB; about 2.0 more complaints)'
    """
    return [dict(change) | {"said": _said(change)} for change in changes]


def _said(change: Mapping[str, Any]) -> Finding:
    """Return a change as a finding."""
    rule = str(change["rule"])
    told = _detail(rule, str(change.get("detail") or ""))
    if change.get("other_id"):
        told.append(finding("what.other", other=str(change["other_id"])))
    told += [_evidence(part) for part in str(change.get("evidence") or "").split("|") if part]
    named = f"rule.{rule}"
    return (
        finding("life.because", rule=named, told=told)
        if told
        else finding("life.plain", rule=named)
    )


def _detail(rule: str, detail: str) -> list[Finding]:
    """Return what was before and after, as the rule tells it."""
    kind = rule.partition("-")[0]
    if not detail:
        return []
    if kind == "OPEN" or rule in ("SPLIT-1", "SIZE-2"):
        name, _, cause = detail.rpartition(": ")
        return [finding("what.opened", object=_named(name), cause=cause)]
    if kind in ("GROW", "SHRINK"):
        cells, _, sites = detail.partition(" | ")
        return [finding("what.reach", cells=_arrow(cells), sites=_arrow(sites))]
    if kind == "CAUSE":
        old, _, new = detail.partition(FROM_TO)
        return [finding("what.cause", old_cause=old, cause=new)]
    if kind in ("OBJECT", "DATE"):
        old, _, new = detail.partition(FROM_TO)
        return [finding("what.turned", old=_named(old), new=_named(new))]
    if kind == "SIZE":
        return [finding("what.limit", limit=detail)]
    if kind == "WITHDRAW":
        return [finding("what.real", p=detail.rpartition(FROM_TO)[2])]
    if kind in ("MERGE", "SPLIT"):
        return [finding("what.by", who=detail)]
    return [finding("what.frozen" if kind == "FREEZE" else "what.gap", gap=detail)]


def _named(name: str) -> str:
    """Return an object, or that it is not known."""
    return "what.nowhere" if name == "-" else name


def _arrow(numbers: str) -> str:
    """Return two numbers with an arrow between, one where they are equal."""
    old, _, new = numbers.partition(FROM_TO)
    return new if old == new else f"{old} → {new}"


def _evidence(part: str) -> Finding:
    """Return a piece of evidence as a finding."""
    kind, _, value = part.partition(":")
    if kind == "alarms":
        count, _, names = value.partition(" ")
        return finding("moved.alarms", value=count, names=names)
    return finding(f"moved.{kind}", value=value)


def past_finding(past: Mapping[str, Any]) -> list[Finding]:
    """Return in a sentence or two what of the same kind there was before; nothing where there was none.

    Parameters
    ----------
    past : mapping
        `same` (object, cells or ""), `times`, `rows` (the latest first: `incident_id`, `cause`, `started_at`,
        `ended_at`, `state`, `closed_as`, `closed_count`, `orders`).
    """
    if not past["times"]:
        return []
    row = past["rows"][0]
    values = {
        "incident": row["incident_id"],
        "cause": row["cause"],
        "from": _short(row["started_at"]),
    }
    if row["ended_at"]:
        values |= {"to": _short(row["ended_at"]), "how": f"past.{row['state']}"}
    last = finding("past.last" if row["ended_at"] else "past.lasting", **values)
    told = [finding("past.again", same=f"past.{past['same']}", times=str(past["times"]), last=last)]
    if row["orders"]:
        count, orders = str(row["closed_count"]), str(row["orders"])
        told.append(finding("past.closed", cause=row["closed_as"], count=count, orders=orders))
    return told


def _short(at: str) -> str:
    """Return an instant (ISO 8601) to the minute."""
    return at[:16].replace("T", " ")
