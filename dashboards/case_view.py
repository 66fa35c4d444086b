"""Word an investigated work order, once for the terminal and the page: the ticket, causes, steps, the reply.

Whatever a case lacks (a table that was not there) is left out; numbers of customers in what they wrote are masked once
more, whoever wrote the case.

Simple so far: one order of sections for every kind of trouble.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contract.causes import cause_name
from contract.privacy import masked_numbers
from correlate.case.phrases import sentence
from correlate.case.shares import percentage
from dashboards.case_evidence import Evidence, evidence_view
from dashboards.case_words import (
    case_words,
    distance,
    latest_moment,
    moment,
    strength,
    window,
    worded,
)
from dashboards.wording import Words

STATUS_MARKS = {"found": "✓", "nothing": "○", "not_queried": "∅"}

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Sign:
    """One line of evidence: what it says, its strength in a word, and its log weight."""

    text: str
    strength: str
    weight: float


@dataclass(frozen=True)
class CauseView:
    """A cause with the evidence for and against it."""

    code: str
    name: str
    probability: float
    share: str
    object_id: str
    since: str
    speaks: tuple[Sign, ...]
    contradicts: tuple[Sign, ...]


@dataclass(frozen=True)
class StepView:
    """A step of the procedure, or a part of one: what was asked, over which window, and what it gave."""

    number: str
    title: str
    status: str
    mark: str
    word: str
    window: str
    reason: str
    findings: tuple[str, ...]
    parts: tuple[StepView, ...]


@dataclass(frozen=True)
class PreviousView:
    """The question of the previous node, what it asks for, and the answer."""

    question: str
    asks: tuple[str, ...]
    answer: tuple[str, ...]


@dataclass(frozen=True)
class CaseView:
    """Everything of a case that is shown, worded; lists may be empty."""

    language: str
    ticket_id: str
    asked_at: str
    created_at: str
    words: Words
    facts: tuple[tuple[str, str], ...]
    text: str
    causes: tuple[CauseView, ...]
    rest: str
    steps: tuple[StepView, ...]
    excluded: tuple[tuple[str, str], ...]
    previous: PreviousView
    questions: tuple[str, ...]
    reply: tuple[tuple[str, str], ...]
    place_why: str
    evidence: Evidence


def case_view(case: Case) -> CaseView:
    """Return a case worded in its language.

    Parameters
    ----------
    case : mapping
        As `correlate.case.investigation.investigate` returns it; sections may be missing.

    Returns
    -------
    CaseView
    """
    language = str(case["language"])
    words = case_words(language)
    ticket = case.get("ticket") or {}
    causes = tuple(_cause(c, words, language) for c in case["causes"])
    return CaseView(
        language=language,
        ticket_id=str(case["ticket_id"]),
        asked_at=moment(case["asked_at"]),
        created_at=str(ticket.get("created_at") or ""),
        words=words,
        facts=_facts(case, ticket, words),
        text=masked_numbers(str(ticket.get("text") or "")),
        causes=causes,
        rest=_rest(causes, words),
        steps=tuple(_step(n, s, words, language) for n, s in enumerate(case["steps"], 1)),
        excluded=tuple(_excluded(e, language) for e in case["excluded"]),
        previous=_previous(case.get("previous") or {}, ticket, words, language=language),
        questions=said(case.get("questions") or (), language),
        reply=tuple(
            (worded(words, "reply", field), " ".join(said(found, language)))
            for field, found in case["reply"].items()
        ),
        place_why=_place_why(case, language),
        evidence=evidence_view(case, words),
    )


def said(found: Iterable[Mapping[str, Any]], language: str) -> tuple[str, ...]:
    """Return findings as sentences."""
    return tuple(sentence(f, language) for f in found)


def _facts(case: Case, ticket: Case, words: Words) -> tuple[tuple[str, str], ...]:
    """Return the facts of the ticket, label and text, those that are known."""
    symptoms = " · ".join(worded(words, "symptom", s) for s in ticket.get("symptoms") or ())
    repeat = int(ticket.get("repeat") or 0)
    told = (
        ("number", masked_numbers(str(ticket.get("msisdn") or ""))),
        ("others", masked_numbers(", ".join(map(str, ticket.get("second_numbers") or ())))),
        ("created", moment(ticket.get("created_at"))),
        ("place", _place(case, ticket, words)),
        ("symptom", symptoms),
        ("group", worded(words, "group", ticket.get("group"))),
        ("onset", _onset(ticket, words)),
        ("account", worded(words, "account", ticket.get("account"))),
        ("category", masked_numbers(str(ticket.get("category") or ""))),
        ("channel", masked_numbers(str(ticket.get("channel") or ""))),
        ("repeat", words["label"]["times"].format(count=repeat) if repeat else ""),
        ("asked", moment(case["asked_at"])),
    )
    return tuple((words["label"][key], text) for key, text in told if text)


def _place(case: Case, ticket: Case, words: Words) -> str:
    """Return where the trouble is: what was read, how it was found, how far it is uncertain."""
    place = case.get("place") or {}
    if not ticket and not place:
        return ""
    names = words["label"]["comma"].join(map(str, place.get("words") or ()))
    if not names:
        names = " ".join(str(ticket.get(k) or "") for k in ("county", "address")).strip()
    basis = worded(words, "basis", place.get("basis"))
    radius = place.get("radius_m")
    if basis and radius:
        basis = words["note"]["basis"].format(basis=basis, radius=distance(float(radius)))
    return masked_numbers(" · ".join(part for part in (names, basis) if part))


def _place_why(case: Case, language: str) -> str:
    """Return the sentence that says why the place is where it is, empty where there is none."""
    why = (case.get("place") or {}).get("why")
    return sentence(why, language) if why else ""


def _onset(ticket: Case, words: Words) -> str:
    """Return when the trouble began by the customer's words."""
    note = words["note"]
    if ticket.get("chronic"):
        return note["chronic"]
    since, until = (list(ticket.get("onset") or ()) + [None, None])[:2]
    if not until:
        return ""
    if not since or since == until:
        return note["onset_by"].format(to=latest_moment(until))
    return note["onset_between"].format(**{"from": moment(since), "to": latest_moment(until)})


def _cause(cause: Case, words: Words, language: str) -> CauseView:
    """Return a cause worded."""
    code = str(cause["cause"])
    share = float(cause["probability"])
    return CauseView(
        code=code,
        name=cause_name(code, language),
        probability=share,
        share=percentage(share),
        object_id=str(cause.get("object_id") or ""),
        since=moment(cause.get("fault_started_at")),
        speaks=_signs(cause["evidence_for"], words, language),
        contradicts=_signs(cause["evidence_against"], words, language),
    )


def _signs(found: Iterable[Case], words: Words, language: str) -> tuple[Sign, ...]:
    """Return evidence with its strength in a word."""
    signs = []
    for one in found:
        weight = float(one.get("weight", 0.0))
        signs.append(
            Sign(sentence(one, language), worded(words, "strength", strength(weight)), weight)
        )
    return tuple(signs)


def _rest(causes: tuple[CauseView, ...], words: Words) -> str:
    """Return what is left for causes that are not listed."""
    left = 1.0 - sum(c.probability for c in causes)
    return words["note"]["more_causes"].format(p=percentage(left)) if left >= 0.005 else ""


def _step(position: int, step: Case, words: Words, language: str) -> StepView:
    """Return a step worded."""
    status = str(step["status"]).removeprefix("status.")
    reason = step.get("reason")
    key = str(step["step"])
    parts = [_step(n, p, words, language) for n, p in enumerate(step.get("parts") or (), 1)]
    return StepView(
        number=str(step.get("number") or position),
        title=sentence({"key": key, "values": {}}, language),
        status=status,
        mark=STATUS_MARKS.get(status, "?"),
        word=worded(words, "status", status),
        window=window(step.get("window")),
        reason=sentence(reason, language) if isinstance(reason, Mapping) else str(reason or ""),
        findings=() if parts else said(step["findings"], language),
        parts=tuple(parts),
    )


def _excluded(excluded: Case, language: str) -> tuple[str, str]:
    """Return the name of a cause and the reason it is excluded."""
    name = cause_name(str(excluded["cause"]), language)
    return name, sentence(excluded["reason"], language)


def _previous(previous: Case, ticket: Case, words: Words, *, language: str) -> PreviousView:
    """Return what the previous node asks, or what it wrote where it asks nothing, with the answer."""
    asks = tuple(worded(words, "asks", kind) for kind in previous.get("asks") or ())
    question = str(previous.get("question") or ticket.get("previous_opinion") or "")
    return PreviousView(
        masked_numbers(question), asks, said(previous.get("answer") or (), language)
    )
