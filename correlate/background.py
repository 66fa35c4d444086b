"""Say how often complaints come that no known fault explains, and from which causes.

The shares are a Dirichlet distribution: engineers' shares count as `PRIOR_TICKETS` complaints, and every closed
order whose ticket no fault explained counts as one more, so the operator's own orders take over.

Simple so far: one rate for the whole network; places differ only by how well they are covered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contract.knowledge_files import ORIGIN, check_keys, number_of, read_knowledge
from correlate.circumstances import NAMES, Circumstance, numbers_of, read_circumstance

PRIOR_TICKETS = 40.0
PRIOR_WEIGHT = 30.0
CATALOGUE = Path(__file__).with_name("background.toml")

Floats = NDArray[np.float64]


@dataclass
class Background:
    """Shares and rate of complaints that no known fault explains; `causes` orders every array.

    `counts` are closed orders by cause, `circumstances` what is known beside the words, by name; `tickets`
    and `user_hours` what the rate was learned from.
    """

    causes: tuple[str, ...]
    prior: Floats
    counts: Floats
    circumstances: Mapping[str, Circumstance]
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

    def log_ratios(self, told: Mapping[str, str]) -> Floats:
        """Return how much likelier circumstances make each cause than a fault of the network, [causes]."""
        logs = [self.circumstances[name].log_ratios(value) for name, value in told.items()]
        return np.asarray(np.sum(logs, axis=0), dtype=float)

    def note(self, told: Mapping[str, str], cause: int) -> None:
        """Count the circumstances of a closed order."""
        for name, value in told.items():
            self.circumstances[name].note(value, cause)


def load_background(causes: tuple[str, ...], path: Path = CATALOGUE) -> Background:
    """Return the background before anything was learned, causes in the order given.

    Raises
    ------
    InputError
        If the file can't be read, lacks a key or a cause, names one that is not known, or has a value of a wrong kind.
    """
    rows = read_knowledge(path, "background")
    needed = (*ORIGIN, "per_10k_day", "share", *NAMES)
    check_keys(rows, path.name, argument="background", needed=needed, known=())
    shares = rows["share"]
    check_keys(shares, "[share]", argument="background", needed=causes, known=())
    share = np.array([numbers_of(shares, "[share]")[c] for c in causes])
    rate = number_of(rows["per_10k_day"], "`per_10k_day`", argument="background")
    return Background(
        causes=causes,
        prior=share / share.sum(),
        counts=np.zeros(len(causes)),
        circumstances={name: read_circumstance(rows[name], causes, name=name) for name in NAMES},
        rate_prior=rate / 1e4 / 24.0,
    )
