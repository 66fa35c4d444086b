"""Learn how strongly each sign of a fault speaks for each cause, from the orders its callers' tickets were closed as.

Sign: an extent, a kind of episode, a measure that rises or falls, a family of change, or nothing but that there is a
fault ("usual"). Our signature catalogue is the start: what is learned is by how much the log weight of a sign for a
cause is to move, held near nothing until several faults pull it. Many orders of one fault count as few: they share its
signs.

Simple so far: signs add up; a sign's weight against a cause (`flat`) does not learn.

References
----------
.. [1] Gelman, Jakulin, Pittau, Su (2008), "A weakly informative default prior distribution for logistic regression":
   weights drawn towards nothing. Ours are normal, not Cauchy, so that the optimum is unique.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from correlate.calibration import TRUST_IN_ORDERS
from correlate.counter_weights import COUNTER_WEIGHT
from correlate.faults import TEMPERATURE, Fault
from correlate.learning.orders import Evidence
from correlate.signatures import EXTENTS, Signatures
from kpi.kinds import KINDS
from kpi.swings import swing

SPREAD = 0.5
"""Standard deviation of the moves expected of a weight (start value)."""
MOST_MOVE = 2.0
FAULT_ORDERS = 3.0
"""Most orders that the orders of one fault count as (start value)."""
LEAST_SHARE = 0.5
LEAST_TOLD = 0.02
FIELDS = ("usual", "extent", "kinds", "up", "down", "changes")

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SignWeights:
    """By how much each log weight moves, [signs, causes of faults]; orders and faults behind each sign and cause."""

    names: tuple[tuple[str, str], ...]
    moves: Floats
    orders: Floats
    faults: Floats


def sign_names(signatures: Signatures) -> tuple[tuple[str, str], ...]:
    """Return field and name of every sign, in the order of `signs_of`."""
    kinds = tuple(kind.name for kind in KINDS)
    named = {
        "usual": ("",),
        "extent": EXTENTS,
        "kinds": kinds,
        "up": signatures.measures,
        "down": signatures.measures,
        "changes": signatures.change_families,
    }
    return tuple((field, name) for field in FIELDS for name in named[field])


def signs_of(fault: Fault, signatures: Signatures) -> Floats:
    """Return how strongly each sign of a fault shows now, [signs]: as much as its weight counts."""
    extent = np.array([float(fault.extent == name) for name in EXTENTS])
    kinds = np.zeros(len(KINDS))
    held = list(fault.episodes)
    cells = len({cell for cell, _ in held})
    for _, kind in held:
        kinds[kind] += 1.0 / cells
    moved = np.zeros(len(signatures.measures))
    if len(fault.z) == len(moved):
        moved = swing(fault.z, fault.change)
    up, down = (COUNTER_WEIGHT * np.clip(sign * moved, 0.0, None) for sign in (1.0, -1.0))
    families = [float(name in fault.change_families) for name in signatures.change_families]
    return np.concatenate([[1.0], extent, COUNTER_WEIGHT * kinds, up, down, families])


def learn_signs(evidence: Evidence, signatures: Signatures) -> SignWeights:
    """Return what closed orders say of the weights of signs.

    A multinomial logistic regression on the signs with the belief as it stood given, a normal prior on every move,
    orders wrong one time in ten.
    """
    names = sign_names(signatures)
    column = np.full(len(evidence.causes), -1)
    column[evidence.fault_columns] = np.arange(len(evidence.fault_columns))
    answer = column[evidence.closed_as][evidence.order]
    used = (evidence.pairs.sum(axis=1) >= LEAST_SHARE) & (answer >= 0)
    shape = (len(names), len(evidence.fault_columns))
    if not used.any():
        nothing = np.zeros(shape)
        return SignWeights(names, nothing, nothing, nothing)
    answer, fault, signs = answer[used], evidence.fault[used], evidence.signs[used]
    _, own, many = np.unique(fault, return_inverse=True, return_counts=True)
    weight = np.minimum(1.0, FAULT_ORDERS / many)[own]
    given = np.log(np.maximum(evidence.beliefs()[used], 1e-9))
    moves = _fitted(signs, answer, given, weight)
    shows = (signs > 0.1).astype(float)
    is_cause = np.eye(shape[1])[answer]
    first = np.zeros(len(fault))
    first[np.unique(fault * shape[1] + answer, return_index=True)[1]] = 1.0
    return SignWeights(names, moves, shows.T @ is_cause, (shows * first[:, None]).T @ is_cause)


def _fitted(signs: Floats, answer: NDArray[np.int64], given: Floats, weight: Floats) -> Floats:
    """Return the moves of the log weights, [signs, causes]."""
    size = given.shape[1]
    wanted = np.full(given.shape, (1.0 - TRUST_IN_ORDERS) / size)
    wanted[np.arange(len(answer)), answer] += TRUST_IN_ORDERS
    seen = np.flatnonzero(np.bincount(answer, minlength=size))

    def loss(flat: Floats) -> tuple[float, Floats]:
        """Return the penalised loss of moves, with its gradient."""
        moves = flat.reshape(signs.shape[1], size)
        scores = given + signs @ moves / TEMPERATURE
        scores = scores - np.logaddexp.reduce(scores, axis=1)[:, None]
        value = -float((weight[:, None] * wanted * scores).sum())
        slope = signs.T @ (weight[:, None] * (np.exp(scores) - wanted)) / TEMPERATURE
        return value + 0.5 * float(flat @ flat) / SPREAD**2, (slope + moves / SPREAD**2).ravel()

    start = np.zeros(signs.shape[1] * size)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    moves = found.x.reshape(signs.shape[1], size).clip(-MOST_MOVE, MOST_MOVE)
    unseen = np.setdiff1d(np.arange(size), seen)
    moves[:, unseen] = 0.0
    return np.asarray(moves, float)


def apply_signs(weights: SignWeights, evidence: Evidence) -> Evidence:
    """Return orders weighed with what was learned."""
    return evidence.with_pairs(evidence.signs @ weights.moves / TEMPERATURE, is_belief=True)


def sign_entries(weights: SignWeights, causes: Sequence[str]) -> list[dict[str, object]]:
    """Return an entry for each sign and cause whose weight moves; `causes` of faults."""
    found = np.argwhere(np.abs(weights.moves) >= LEAST_TOLD)
    return [
        {
            "sign": ".".join(part for part in weights.names[i] if part),
            "cause": causes[c],
            "log_odds": round(float(weights.moves[i, c]), 3),
            "times": round(float(np.exp(weights.moves[i, c])), 2),
            "orders": round(float(weights.orders[i, c])),
            "faults": round(float(weights.faults[i, c])),
        }
        for i, c in found.tolist()
    ]


def moved_signatures(signatures: Signatures, moves: Mapping[tuple[str, str], float]) -> Signatures:
    """Return the catalogue with log weights moved; `moves` by sign ("kinds.noise") and cause.

    Signs and causes that the catalogue doesn't know are left out.
    """
    arrays = {name: getattr(signatures, name).copy() for name in FIELDS[1:]}
    packet = {f"packet_{n}": getattr(signatures, f"packet_{n}").copy() for n in ("up", "down")}
    frequency = signatures.log_frequency.copy()
    place = {name: i for i, name in enumerate(sign_names(signatures))}
    begins = {field: next(place[p] for p in place if p[0] == field) for field in FIELDS}
    for (sign, cause), move in moves.items():
        field, _, name = sign.partition(".")
        if (field, name) not in place or cause not in signatures.causes:
            continue
        row, column = signatures.position(cause), place[field, name] - begins[field]
        if field == "usual":
            frequency[row] += move
            continue
        arrays[field][row, column] += move
        if f"packet_{field}" in packet:
            packet[f"packet_{field}"][row, column] += move
    return replace(signatures, log_frequency=frequency, **arrays, **packet)
