"""Hold the complaints of a run: what each says, where it is served, and what was made of it.

Simple so far: tickets are records in memory for as long as the run lasts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Candidate = tuple[str, str, str, float, float, float, float]
"""A place that may be meant: kind, name, basis, weight, x_m, y_m, radius_m."""
NEVER = -(2**62)
"""An instant before all others, for "not said"."""


@dataclass
class Ticket:
    """One complaint. Times are seconds since 1970; `words` is log likelihood by cause of what it says.

    `cells` and `share` are the cells that serve the place when the network is healthy and their probabilities before
    any fault is looked at, `nothing` the chance that none does; `served` are the probabilities once the faults that
    may be meant are known, as issued.
    `onset_from` and `onset_to` bracket when the customer says it began (NEVER if not said). `same_as` is the ticket of
    the same caller that counts instead of this one ("" = this one counts), `updates` how many later versions of it
    came, `closed_by` the ticket whose verdict was learned from for this caller.
    `fault_share` says which faults explain how much of it now, `unexplained` what the background was told of it,
    `beside` what account, onset and place said of its causes when it was weighed (log weights);
    `fault` is the one it belongs to (0 = none), known since `assigned_at`.
    `x_m`, `y_m` and `radius_m` are where the place is thought to be, `names` the names of places read, `candidates` the
    likeliest places, heaviest first; `place_note` is what was odd about the coordinates. `inside` is how far inside a
    building the words and the address put it (`correlate.circumstances`), `site_m` how far the nearest site is.
    """

    ticket_id: str
    created_at: int
    arrived_at: int
    msisdn: str
    text: str
    address: str
    county: str
    previous: str
    words: Floats
    symptom: str
    is_group: bool
    is_indoor: bool
    is_chronic: bool
    cells: NDArray[np.int64]
    share: Floats
    distance_m: Floats
    nothing: float
    basis: str
    onset_from: int
    onset_to: int
    account: str
    posterior: Floats
    fault_share: dict[int, float]
    unexplained: float = 0.0
    beside: Floats | None = None
    fault: int = 0
    assigned_at: int = 0
    diagnosed_at: int = 0
    is_repeat: bool = False
    same_as: str = ""
    updates: int = 0
    closed_by: str = ""
    learned_from: int = 0
    learned: Floats | None = None
    x_m: float = math.nan
    y_m: float = math.nan
    radius_m: float = math.nan
    names: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    second_number: str = ""
    is_single: bool = False
    channel: str = ""
    category: str = ""
    served: Floats = field(default_factory=lambda: np.empty(0))
    place_note: str = ""
    inside: str = ""
    site_m: float = math.nan
    candidates: tuple[Candidate, ...] = ()

    def __post_init__(self) -> None:
        """Take the cells to be served as the place says until faults are looked at."""
        if len(self.served) != len(self.share):
            self.served = self.share.copy()
