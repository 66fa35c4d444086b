"""Count the complaints that came during episodes, and those that would have come without them.

Terms: a *unit* is what counts once: the episodes of one fault, or one episode alone, under its leading kind.

A complaint counts by where it is thought to be from and when it came, never by the fault it was told under, so what is
believed of an episode can't confirm itself. The share that is the customer's own or an alarmed fault's is taken off.

Simple so far: a complaint is as likely at any time from an episode's onset until a while after it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from correlate.harm_counts import (
    Mentions,
    Profile,
    Spans,
    learned_profile,
    mentions_within,
    merged,
)
from correlate.harm_rules import HarmRules
from correlate.instants import offset_s
from correlate.kind_trust import KIND_NAMES, load_kind_trust
from correlate.knowledge import Knowledge
from correlate.tickets import Ticket

SURE = (0.02, 0.98)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """What learning needs of the network and the rule book.

    `users` [cells]; `rate` [kinds] complaints per user and calling hour that a fault of the kind usually brings;
    `is_of` [causes, kinds] whether a cause shows as that kind; `is_customer` [causes].
    """

    users: Floats
    rate: Floats
    is_of: NDArray[np.bool_]
    is_customer: NDArray[np.bool_]
    codes: tuple[str, ...]
    zone: ZoneInfo


def ground_of(knowledge: Knowledge) -> Ground:
    """Return what learning needs of the knowledge of a run."""
    signatures = knowledge.signatures
    common = np.exp(signatures.log_frequency + signatures.kinds.T) * (signatures.kinds.T > 0)
    total = common.sum(axis=1)
    usual = float(np.median(signatures.per_user_hour))
    rate = np.where(total > 0, common @ signatures.per_user_hour / np.maximum(total, 1e-9), usual)
    is_of = np.zeros((len(knowledge.codes), len(KIND_NAMES)), bool)
    is_of[knowledge.fault_columns] = signatures.kinds > 0
    customer = np.array([code in knowledge.customer_side for code in knowledge.codes])
    return Ground(knowledge.users, rate, is_of, customer, knowledge.codes, knowledge.zone)


@dataclass(frozen=True)
class Complaints:
    """Complaints that count: how much each, the cause it was closed with (-1 open), and where it may be from."""

    weight: Floats
    cause: Ints
    mentions: Mentions


def read_complaints(
    ground: Ground,
    tickets: Iterable[Ticket],
    closed: Mapping[str, str],
    known: Collection[int],
    rules: HarmRules,
) -> Complaints:
    """Return what complaints count, each by the chance that neither its customer nor a known fault made it.

    Parameters
    ----------
    ground : Ground
    tickets : iterable of Ticket
        Those diagnosed count, one a caller.
    closed : mapping of ticket id to cause
        Orders closed so far; they count instead of what was made of the complaint.
    known : collection of int
        Numbers of the faults that an alarm or announced work accounts for.
    rules : HarmRules
    """
    counted = [t for t in tickets if t.diagnosed_at and not t.same_as]
    position = {code: i for i, code in enumerate(ground.codes)}
    cause = np.array([position.get(closed.get(t.ticket_id, ""), -1) for t in counted], np.int64)
    own = np.array([own_weight(t, known, ground.is_customer) for t in counted], float)
    is_fault = np.asarray(ground.is_of.any(axis=1))[cause]
    told = np.where(is_fault, rules.order_trust, 1.0 - rules.order_trust)
    at = np.array([t.created_at for t in counted], np.int64)
    ticket = np.repeat(np.arange(len(counted)), [len(t.cells) for t in counted])
    cells = np.concatenate([np.empty(0, np.int64), *(t.cells for t in counted)])
    share = np.concatenate([np.empty(0), *(t.share for t in counted)])
    placed = cells >= 0
    mentions = Mentions.of(cells[placed], at[ticket[placed]], ticket[placed], share[placed])
    return Complaints(np.where(cause >= 0, told, own), cause, mentions)


def own_weight(ticket: Ticket, known: Collection[int], is_customer: NDArray[np.bool_]) -> float:
    """Return the chance that a complaint is neither the customer's own nor a known fault's.

    Faults that counters or customers alone know are left out of the sum, as if nobody believed them.
    """
    background = max(1.0 - sum(ticket.fault_share.values()), 1e-6)
    taken = sum(share for number, share in ticket.fault_share.items() if number in known)
    own = min(float(ticket.posterior[is_customer].sum()), background)
    return (background - own) / (background + taken)


@dataclass(frozen=True)
class Scene:
    """What episodes are counted against: complaints, the profile of the day, and the usual rate at each cell.

    `rate` [cells] is complaints per user and calling hour while no episode lasts there.
    """

    ground: Ground
    complaints: Complaints
    profile: Profile
    rate: Floats
    order_trust: float


def read_scene(
    ground: Ground,
    complaints: Complaints,
    episodes: Spans,
    rules: HarmRules,
    *,
    since: int,
    now: int,
) -> Scene:
    """Return what episodes are counted against, as complaints outside all of them show it.

    Parameters
    ----------
    episodes : Spans
        Of all episodes, those of known faults as well.
    since, now : int
        Seconds since 1970: begin of what is remembered, and its end.
    """
    mentions = complaints.mentions
    ahead = offset_s(ground.zone, now)
    profile = learned_profile(
        mentions.at, mentions.share, offset_s=ahead, prior=rules.hour_complaints
    )
    apart, size = merged(episodes), len(ground.users)
    heavy = mentions.share * complaints.weight[mentions.ticket]
    heavy[mentions_within(mentions, apart)[1]] = 0.0
    heavy[mentions.at < since] = 0.0
    seen = np.bincount(mentions.cell, heavy, size)
    spent = profile.hours(np.maximum(apart.start, since), np.maximum(apart.end, since))
    whole = profile.hours(np.array([since]), np.array([now]))
    hours = np.maximum(whole - np.bincount(apart.cell, spent, size), 0.0)
    exposed = ground.users * hours
    usual = (seen.sum() + 1.0) / max(float(exposed.sum()), 1.0)
    prior = rules.cell_complaints
    rate = (prior + seen) / (prior / usual + exposed)
    return Scene(ground, complaints, profile, np.asarray(rate, float), rules.order_trust)


@dataclass(frozen=True)
class Units:
    """Units as arrays: kind, log odds of their own evidence, complaints, those chance brings, those harm would add.

    `user_hours` are users x calling hours of their cells.
    """

    kind: Ints
    sure: Floats
    complaints: Floats
    chance: Floats
    harm: Floats
    user_hours: Floats


def units_of_faults(fault: Ints) -> Ints:
    """Return the number of the unit of each episode: one for each fault, one for each episode of none (0).

    >>> units_of_faults(np.array([7, 0, 7, 0])).tolist()
    [2, 1, 2, 0]
    """
    own = np.where(fault > 0, fault, -1 - np.arange(len(fault)))
    return np.unique(own, return_inverse=True)[1].astype(np.int64)


def count_units(spans: Spans, kind: Ints, sure: Floats, unit: Ints, scene: Scene) -> Units:
    """Return units with what was counted while they lasted.

    Parameters
    ----------
    spans : Spans
        Of the episodes: cells, onset and end with the time for which complaints still come.
    kind, sure, unit : arrays [episodes]
        Kind, log odds of its own evidence, number of its unit (0, 1, ...).
    scene : Scene

    Returns
    -------
    Units
        The kind of a unit is that of the episode most believed by the rule book. Episodes of several cells add to its
        odds as in a fault.
    """
    number = int(unit.max(initial=-1)) + 1
    order = np.lexsort((kind, -(sure + load_kind_trust().odds[kind]), unit))
    lead = order[np.unique(unit[order], return_index=True)[1]]
    pair, place = np.unique(np.stack([unit, spans.cell]), axis=1, return_inverse=True)
    whole = merged(Spans(place.ravel().astype(np.int64), spans.start, spans.end))
    of_unit, cell = pair[0][whole.cell], pair[1][whole.cell]
    hours = scene.ground.users[cell] * scene.profile.hours(whole.start, whole.end)
    user_hours = np.bincount(of_unit, hours, number).astype(float)
    told = _complaints_in(Spans(cell, whole.start, whole.end), of_unit, kind[lead], scene)
    return Units(
        kind=kind[lead],
        sure=sure[lead] + 0.5 * np.log(np.maximum(np.bincount(pair[0], minlength=number), 1)),
        complaints=told,
        chance=np.bincount(of_unit, hours * scene.rate[cell], number).astype(float),
        harm=user_hours * scene.ground.rate[kind[lead]],
        user_hours=user_hours,
    )


def own_evidence(confidence: Floats) -> Floats:
    """Return the log odds of episodes by their confidence, as a fault counts it.

    >>> own_evidence(np.array([0.5, 1.0])).round(2).tolist()
    [0.0, 3.89]
    """
    return np.asarray(logit(np.clip(confidence, *SURE)), dtype=float)


def _complaints_in(spans: Spans, unit: Ints, kind: Ints, scene: Scene) -> Floats:
    """Return the complaints during each unit; one in several units counts in equal parts.

    A closed order that names a cause which does not show as the unit's kind hardly counts.
    """
    told, mentions = scene.complaints, scene.complaints.mentions
    span, mention = mentions_within(mentions, spans)
    ticket = mentions.ticket[mention]
    parts = np.bincount(mention, minlength=len(mentions.cell))[mention]
    heavy = mentions.share[mention] * told.weight[ticket] / np.maximum(parts, 1)
    cause = told.cause[ticket]
    other = (cause >= 0) & ~scene.ground.is_of[cause, kind[unit[span]]]
    heavy = np.where(other, heavy * (1.0 - scene.order_trust), heavy)
    return np.asarray(np.bincount(unit[span], heavy, len(kind)), dtype=float)
