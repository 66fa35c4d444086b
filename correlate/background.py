"""Say how often complaints come that no known fault explains, and from which causes.

The shares are a Dirichlet distribution: engineers' shares count as `PRIOR_TICKETS` complaints, and every closed
order whose ticket no fault explained counts as one more, so the operator's own orders take over.

Simple so far: one rate for the whole network; places differ only by how well they are covered.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from correlate.circumstances import Circumstance, read_circumstance

PRIOR_TICKETS = 40.0
PRIOR_WEIGHT = 30.0
CATALOGUE = Path(__file__).with_name("background.toml")

Floats = NDArray[np.float64]


@dataclass
class Background:
    """Shares and rate of complaints that no known fault explains; `causes` orders every array.

    `counts` are closed orders by cause, `account` and `onset` what is known beside the words; `tickets`
    and `user_hours` what the rate was learned from.
    """

    causes: tuple[str, ...]
    prior: Floats
    counts: Floats
    account: Circumstance
    onset: Circumstance
    rate_prior: float
    tickets: float = 0.0
    user_hours: float = 0.0

    def shares(self) -> Floats:
        """Return the share of each cause, sum 1."""
        weights = self.prior * PRIOR_TICKETS + self.counts
        return np.asarray(weights / weights.sum(), dtype=float)

    def per_user_hour(self) -> float:
        """Return background complaints per user and hour, the prior counting as 30 complaints."""
        return float(
            (PRIOR_WEIGHT + self.tickets) / (PRIOR_WEIGHT / self.rate_prior + self.user_hours)
        )


def load_background(causes: tuple[str, ...]) -> Background:
    """Return the background before anything was learned, causes in the order given."""
    rows = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    share = np.array([float(rows["share"].get(c, 0.1)) for c in causes])
    return Background(
        causes=causes,
        prior=share / share.sum(),
        counts=np.zeros(len(causes)),
        account=read_circumstance(rows["account"], causes),
        onset=read_circumstance(rows["onset"], causes),
        rate_prior=float(rows["per_10k_day"]) / 1e4 / 24.0,
    )


def place_log_weights(
    causes: tuple[str, ...], nothing: Floats, *, is_indoor: NDArray[np.bool_]
) -> Floats:
    """Return what the place says of thin coverage, [tickets, causes].

    Parameters
    ----------
    nothing : array [tickets]
        Probability that nothing serves there.
    is_indoor : array of bool [tickets]
        Whether the words put the customer inside a building.
    """
    out = np.zeros((len(nothing), len(causes)))
    thin = np.clip(np.log((nothing + 0.02) / 0.08), -1.0, 1.5)
    out[:, causes.index("weak_coverage")] = thin
    out[:, causes.index("indoor_coverage")] = np.where(is_indoor, 1.0, -0.7)
    return out
