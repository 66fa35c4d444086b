"""Weigh what is known beside the words of a complaint: the state of the account, how long ago it is said to have begun.

A circumstance has a few values (the account is active, suspended, ...). How often each value comes with a cause is a
Dirichlet distribution: engineers' estimates count as `PRIOR_ORDERS` closed orders, so the operator's own take over.
Causes that no engineer named a weight for are faults of the network and learn together.

Simple so far: circumstances are taken as independent of each other and of the words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contract.errors import InputError

HOUR = 3600
PRIOR_ORDERS = 25.0
ONSETS = (("hours", 6 * HOUR), ("day", 30 * HOUR), ("days", 72 * HOUR))
"""How long ago trouble is said to have begun: name and most seconds; what is longer is `long`."""
UNSAID, LONG = "unsaid", "long"

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
        Closed orders, changed in place by `note`.
    """

    values: tuple[str, ...]
    usual: Floats
    start: Floats
    is_own: NDArray[np.bool_]
    counts: Floats

    def note(self, value: str, cause: int) -> None:
        """Count a closed order."""
        if value in self.values:
            self.counts[self.values.index(value), cause] += 1.0

    def log_ratios(self, value: str) -> Floats:
        """Return how much likelier a value makes each cause than it makes a fault of the network, [causes]."""
        if value not in self.values:
            return np.zeros(len(self.is_own))
        row = self.values.index(value)
        pooled = self.counts[:, ~self.is_own].sum(axis=1)
        network = (pooled[row] + PRIOR_ORDERS * self.usual[row]) / (pooled.sum() + PRIOR_ORDERS)
        own = (self.counts[row] + PRIOR_ORDERS * self.start[row]) / (
            self.counts.sum(axis=0) + PRIOR_ORDERS
        )
        return np.asarray(np.where(self.is_own, np.log(own / network), 0.0), dtype=float)


def read_circumstance(
    row: Mapping[str, Mapping[str, float]], causes: tuple[str, ...]
) -> Circumstance:
    """Return a circumstance of which nothing was learned yet.

    Parameters
    ----------
    row : mapping
        `usual`: share of each value among faults of the network; each value: log weights by cause against them.
    causes : tuple of str

    Raises
    ------
    InputError
        If a value with weights has no usual share, or a cause is not known.
    """
    values = tuple(row["usual"])
    strangers = sorted(set(row) - {"usual", *values})
    if strangers:
        message = f"`usual` must hold a share for each value, it lacks {strangers}. Add them."
        raise InputError(message)
    named = {cause for value, weights in row.items() if value != "usual" for cause in weights}
    if named - set(causes):
        message = f"`background` names unknown causes {sorted(named - set(causes))}. Check their spelling."
        raise InputError(message)
    weights = np.array([[float(row.get(v, {}).get(c, 0.0)) for c in causes] for v in values])
    usual = np.array([float(row["usual"][v]) for v in values])
    start = usual[:, None] * np.exp(weights)
    return Circumstance(
        values=values,
        usual=usual / usual.sum(),
        start=start / start.sum(axis=0),
        is_own=np.asarray((weights != 0).any(axis=0)),
        counts=np.zeros_like(start),
    )


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
    age = created_at - sum(said) / len(said)
    return next((name for name, most in ONSETS if age <= most), LONG)
