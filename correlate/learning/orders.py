"""Hold closed orders with what had been weighed of them, and weigh them anew with something learned.

Evidence of an order: the one sum of `correlate.assignment` as it stood when its ticket was diagnosed: the weights of
the background by cause, and those of each fault that reached its place. What is learned changes parts of that sum, so
it can be judged on orders it never saw without playing a bundle anew. An order is right nine times in ten: what it was
closed as is weighed against what was known, never taken as the truth.

Simple so far: a wrong order may have been closed as any other cause alike; what a changed belief would have done to
other tickets of its fault is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.calibration import TRUST_IN_ORDERS

LEAST = 1e-12

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Evidence:
    """Closed orders in order of their closing, [orders], and their pairs with faults, [pairs].

    Attributes
    ----------
    orders : DataFrame
        `ticket_id`, `key` (by which a run knows it again), `created_at`, `closed_at` (seconds since 1970), `cause`
        (position in `causes` of what it was closed as), `text` (place names taken out), `hour` (of the operator's
        day, 0 to 23).
    symptoms : DataFrame [orders]
        As `correlate.symptoms.read_symptoms` gives it.
    told : DataFrame [orders]
        The value of each circumstance.
    causes : tuple of str
        All causes of the contract.
    fault_columns : array of int [causes of faults]
        Their positions among them.
    words, read : array [orders, causes]
        Log likelihood of the words, with all that was learned since, and as first read.
    back : array [orders, causes]
        Share of the sum that the background has.
    order, fault : array of int [pairs]
        Row of the order, number of the fault.
    pairs : array [pairs, causes of faults]
        Share of the sum that each fault has.
    signs : array [pairs, signs]
        What showed of the fault then; see `correlate.learning.signs`.
    age_h : array [pairs]
        Hours since the fault began.
    """

    orders: pd.DataFrame
    symptoms: pd.DataFrame
    told: pd.DataFrame
    causes: tuple[str, ...]
    fault_columns: Ints
    words: Floats
    read: Floats
    back: Floats
    order: Ints
    fault: Ints
    pairs: Floats
    signs: Floats
    age_h: Floats

    def __len__(self) -> int:
        """Return the number of orders."""
        return len(self.orders)

    @property
    def closed_as(self) -> Ints:
        """Position of the cause that each order was closed as."""
        return np.asarray(self.orders["cause"], dtype=np.int64)

    def take(self, chosen: Flags) -> Evidence:
        """Return some of the orders with their pairs."""
        kept = chosen[self.order]
        return replace(
            self,
            orders=self.orders[chosen].reset_index(drop=True),
            symptoms=self.symptoms[chosen].reset_index(drop=True),
            told=self.told[chosen].reset_index(drop=True),
            words=self.words[chosen],
            read=self.read[chosen],
            back=self.back[chosen],
            order=(np.cumsum(chosen) - 1)[self.order[kept]].astype(np.int64),
            fault=self.fault[kept],
            pairs=self.pairs[kept],
            signs=self.signs[kept],
            age_h=self.age_h[kept],
        )

    def posterior(self) -> Floats:
        """Return the probability of each cause, [orders, causes], rows sum to 1."""
        total = self.back.copy()
        np.add.at(total, (self.order[:, None], self.fault_columns[None, :]), self.pairs)
        return np.asarray(total / np.maximum(total.sum(axis=1, keepdims=True), LEAST), float)

    def truths(self) -> Floats:
        """Return how likely each cause is the true one now that the order is closed, rows sum to 1."""
        likely = self.posterior() * self._closing()
        return np.asarray(likely / np.maximum(likely.sum(axis=1, keepdims=True), LEAST), float)

    def unexplained(self) -> Floats:
        """Return how likely no fault and which cause is the true one now that the order is closed."""
        closing = self._closing()
        total = (self.posterior() * closing).sum(axis=1, keepdims=True)
        return np.asarray(self.back * closing / np.maximum(total, LEAST), float)

    def main_fault(self) -> Ints:
        """Return the number of the fault that explains most of each order, minus its row and 1 for none."""
        share = self.pairs.sum(axis=1)
        own = -np.arange(1, len(self) + 1)
        best = 1.0 - np.bincount(self.order, share, len(self)) if len(share) else np.ones(len(self))
        for pair in np.argsort(share, kind="stable").tolist():
            row = int(self.order[pair])
            if share[pair] >= best[row]:
                own[row], best[row] = self.fault[pair], share[pair]
        return own.astype(np.int64)

    def with_words(self, log: Floats) -> Evidence:
        """Return the sum with words that say more: log likelihood [orders, causes]."""
        times = np.exp(log)
        columns = self.fault_columns
        return replace(
            self,
            words=self.words + log,
            back=self.back * times,
            pairs=self.pairs * times[:, columns][self.order],
        )._normalised()

    def with_background(self, log: Floats) -> Evidence:
        """Return the sum with a background that weighs otherwise: log weight [orders, causes]."""
        return replace(self, back=self.back * np.exp(log))._normalised()

    def with_pairs(self, log: Floats, *, is_belief: bool) -> Evidence:
        """Return the sum with faults that weigh otherwise: log weight [pairs, causes of faults].

        Parameters
        ----------
        is_belief : bool
            Whether it says which cause a fault has, and nothing of whether the fault explains the order.
        """
        pairs = self.pairs * np.exp(log)
        if is_belief:
            said = np.exp(self.words[:, self.fault_columns])[self.order]
            before, after = (self.pairs / said).sum(axis=1), (pairs / said).sum(axis=1)
            pairs = pairs * (before / np.maximum(after, LEAST))[:, None]
        return replace(self, pairs=pairs)._normalised()

    def beliefs(self) -> Floats:
        """Return the probabilities of the causes of each pair's fault without this order's own words."""
        plain = self.pairs / np.exp(self.words[:, self.fault_columns])[self.order]
        return np.asarray(plain / np.maximum(plain.sum(axis=1, keepdims=True), LEAST), float)

    def _closing(self) -> Floats:
        """Return how likely each cause is closed as what the order was closed as."""
        others = (1.0 - TRUST_IN_ORDERS) / max(1, len(self.causes) - 1)
        closing = np.full((len(self), len(self.causes)), others)
        closing[np.arange(len(self)), self.closed_as] = TRUST_IN_ORDERS
        return closing

    def _normalised(self) -> Evidence:
        """Return the sum divided by its total, order by order."""
        total = self.back.sum(axis=1)
        if len(self.order):
            total = total + np.bincount(self.order, self.pairs.sum(axis=1), len(self))
        total = np.maximum(total, LEAST)
        return replace(
            self, back=self.back / total[:, None], pairs=self.pairs / total[self.order][:, None]
        )


def log_losses(probability: Floats, closed_as: Ints) -> Floats:
    """Return the log loss of each order, which is right nine times in ten, nats.

    Parameters
    ----------
    probability : array [orders, causes], rows sum to 1
    closed_as : array of int [orders]

    Examples
    --------
    >>> log_losses(np.array([[1.0, 0.0]]), np.array([0])).round(3).tolist()
    [0.051]
    """
    own = probability[np.arange(len(closed_as)), closed_as]
    rest = (1.0 - TRUST_IN_ORDERS) / probability.shape[1]
    return np.asarray(-np.log(TRUST_IN_ORDERS * own + rest), float)
