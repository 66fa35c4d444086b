"""Weigh what is known beside the words of a complaint: the account, its onset, how far inside, how well served.

A circumstance has a few values (the account is active, suspended, ...). How often each value comes with a cause is a
Dirichlet distribution: engineers' estimates count as `PRIOR_ORDERS` closed orders, so the operator's own take over.
Causes that no engineer named a weight for are faults of the network and learn together.

Simple so far: circumstances are taken as independent of each other and of the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.errors import InputError
from contract.knowledge_files import ORIGIN, check_keys, number_of
from correlate.lexicon import Lexicon, view_of
from correlate.tickets import NEVER, Ticket

HOUR = 3600
PRIOR_ORDERS = 25.0
ONSETS = (("hours", 6 * HOUR), ("day", 30 * HOUR), ("days", 72 * HOUR))
"""How long ago trouble is said to have begun: name and most seconds; what is longer is `long`."""
DISTANCES = (("at", 200), ("near", 400), ("middling", 800), ("away", 1600), ("far", 3200))
"""How far the nearest site is: name and most metres; what is further is `remote`."""
CHANCES = (("none", 0.002), ("slight", 0.01), ("some", 0.04), ("real", 0.12))
"""The chance that nothing serves the place: name and most; what is greater is `great`."""
UNSAID, LONG, REMOTE, GREAT = "unsaid", "long", "remote", "great"
INSIDE, DEEP = "inside", "deep"
NAMES = ("account", "onset", "inside", "distance", "unserved")

Floats = NDArray[np.float64]


@dataclass
class Circumstance:
    """How often each value comes with each cause.

    Attributes
    ----------
    values : tuple of str
    usual : array [values]
        Estimate of how often a value comes with a fault of the network, sum 1.
    start : array [values, causes]
        The same with each cause, columns sum to 1.
    is_own : array of bool [causes]
        Whether the cause learns for itself.
    counts : array [values, causes]
        Closed orders, changed by `note` alone.
    kept : dict of value to array [causes]
        Ratios worked out since the last closed order.
    """

    values: tuple[str, ...]
    usual: Floats
    start: Floats
    is_own: NDArray[np.bool_]
    counts: Floats
    kept: dict[str, Floats] = field(default_factory=dict)

    def note(self, value: str, cause: int) -> None:
        """Count a closed order."""
        if value in self.values:
            self.kept.clear()
            self.counts[self.values.index(value), cause] += 1.0

    def log_ratios(self, value: str) -> Floats:
        """Return how much likelier a value makes each cause than it makes a fault of the network, [causes]."""
        if value not in self.kept:
            self.kept[value] = self._log_ratios(value)
        return self.kept[value]

    def _log_ratios(self, value: str) -> Floats:
        """Work the ratios of a value out."""
        if value not in self.values:
            return np.zeros(len(self.is_own))
        row = self.values.index(value)
        pooled = self.counts[:, ~self.is_own].sum(axis=1)
        network = (pooled[row] + PRIOR_ORDERS * self.usual[row]) / (pooled.sum() + PRIOR_ORDERS)
        own = (self.counts[row] + PRIOR_ORDERS * self.start[row]) / (
            self.counts.sum(axis=0) + PRIOR_ORDERS
        )
        return np.asarray(np.where(self.is_own, np.log(own / network), 0.0), dtype=float)


def read_circumstance(row: object, causes: tuple[str, ...], *, name: str = "") -> Circumstance:
    """Return a circumstance of which nothing was learned yet.

    Parameters
    ----------
    row : mapping
        `source`, `verified`, `usual`: share of each value among faults of the network; each value: log weights by
        cause against those.
    causes : tuple of str
    name : str
        Of the circumstance, for messages.

    Raises
    ------
    InputError
        If a key is missing or not known, a value with weights has no usual share, a cause is not known, or a weight
        or share is no number.
    """
    where = f"[{name}]"
    check_keys(row, where, argument="background", needed=(*ORIGIN, "usual"))
    tables = {key: value for key, value in dict(row).items() if key not in ORIGIN}  # type: ignore[call-overload]
    shares = numbers_of(tables.pop("usual"), f"[{name}.usual]")
    values = tuple(shares)
    if strangers := sorted(set(tables) - set(values)):
        message = f"`background` needs a share in [{name}.usual] for each value; it lacks {strangers}. Add them."
        raise InputError(message)
    said = {v: numbers_of(tables.get(v, {}), f"[{name}.{v}]", known=causes) for v in values}
    weights = np.array([[said[v].get(c, 0.0) for c in causes] for v in values])
    usual = np.array([shares[v] for v in values])
    if not (usual > 0).all():
        message = (
            f"`background` needs shares above 0 in [{name}.usual], got {shares}; correct them."
        )
        raise InputError(message)
    start = usual[:, None] * np.exp(weights)
    return Circumstance(
        values=values,
        usual=usual / usual.sum(),
        start=start / start.sum(axis=0),
        is_own=np.asarray((weights != 0).any(axis=0)),
        counts=np.zeros_like(start),
    )


def numbers_of(
    table: object, where: str, *, known: Sequence[str] | None = None
) -> dict[str, float]:
    """Return the numbers of a table of `background.toml` by key, keys checked against those known.

    Raises
    ------
    InputError
        If it is no table, has a key that is not known, or a value that is no number.
    """
    check_keys(table, where, argument="background", needed=(), known=known)
    rows = dict(table)  # type: ignore[call-overload]
    return {k: number_of(v, f"`{k}` of {where}", argument="background") for k, v in rows.items()}


def told_of(ticket: Ticket) -> dict[str, str]:
    """Return the value of each circumstance of a ticket, keys in the order of NAMES."""
    return {
        "account": ticket.account,
        "onset": told_onset(ticket),
        "inside": ticket.inside,
        "distance": step_of(ticket.site_m, DISTANCES, REMOTE),
        "unserved": step_of(ticket.nothing, CHANCES, GREAT),
    }


def told_onset(ticket: Ticket) -> str:
    """Return how long before a ticket its trouble is said to have begun."""
    return onset_value(ticket.created_at, ticket.onset_from, ticket.onset_to, never=NEVER)


def onset_value(created_at: int, began_from: int, began_to: int, *, never: int) -> str:
    """Return how long before a complaint its trouble is said to have begun.

    Parameters
    ----------
    created_at, began_from, began_to : int
        Seconds since 1970; the middle of the two counts.
    never : int
        Stands for "not said".

    Examples
    --------
    >>> onset_value(7200, 0, 3600, never=-1), onset_value(7200, -1, -1, never=-1)
    ('hours', 'unsaid')
    """
    said = [at for at in (began_from, began_to) if at > never]
    if not said:
        return UNSAID
    return step_of(created_at - sum(said) / len(said), ONSETS, LONG)


def step_of(number: float, steps: Sequence[tuple[str, float]], beyond: str) -> str:
    """Return the name of the first step that a number does not exceed; nothing for not a number.

    >>> step_of(300.0, DISTANCES, REMOTE), step_of(9000.0, DISTANCES, REMOTE), step_of(float("nan"), DISTANCES, REMOTE)
    ('near', 'remote', '')
    """
    if np.isnan(number):
        return ""
    return next((name for name, most in steps if number <= most), beyond)


def inside_values(symptoms: pd.DataFrame, addresses: pd.Series, lexicon: Lexicon) -> list[str]:
    """Return how far inside a building each complaint is: `unsaid`, `inside` or `deep` (basement, lift, fine outside).

    An address says as much as the text: "block 9 basement".

    Parameters
    ----------
    symptoms : DataFrame, n rows
        As `correlate.symptoms.read_symptoms` gives it.
    addresses : Series of str, n rows
        Null allowed.
    lexicon : Lexicon
    """
    views = [view_of(address, lexicon) for address in addresses.fillna("").astype(str)]
    flags = {}
    for flag in ("is_indoor", "is_deep_inside"):
        at = np.array([lexicon.flags[flag].position(view) is not None for view in views], bool)
        flags[flag] = at | symptoms[flag].to_numpy(bool)
    depth = np.where(flags["is_indoor"], INSIDE, UNSAID)
    return [str(value) for value in np.where(flags["is_deep_inside"], DEEP, depth)]
