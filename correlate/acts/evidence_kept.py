"""Keep a fault as it stood before an act, and let it stand so again where nothing changed it since.

Simple so far: a value that changed since the act stays as it is now, even where the act was the reason of that.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from correlate.faults import Fault

OWN = frozenset({"number", "places", "news", "incident_id", "reported_at"})
"""What a fault is known by: it never changes hands."""
WORKED_OUT = frozenset({"reached", "reached_from", "belief", "unserved", "is_touched"})
GATHERED = frozenset(
    {
        "cells", "degree", "alarm_ids", "episodes", "names", "carriers", "tickets", "late",
        "ticket_log", "orders", "crowded", "pools_open", "last_sign_at", "ended_at",
    }
)  # fmt: skip
"""What of two faults adds up when they are united."""


def kept_of(fault: Fault) -> Fault:
    """Return a fault as it stands, which nothing changes any more."""
    return replace(
        fault,
        alarm_ids=set(fault.alarm_ids),
        episodes=dict(fault.episodes),
        crowded=set(fault.crowded),
        ticket_times=list(fault.ticket_times),
        reached_from=None,
        belief=None,
        places={},
        news={},
    )


def stand_again(fault: Fault, before: Fault) -> None:
    """Let a fault stand as it was kept."""
    kept = kept_of(before)
    for field in fields(Fault):
        if field.name not in OWN:
            setattr(fault, field.name, getattr(kept, field.name))


def take_back(fault: Fault, before: Fault, after: Fault) -> None:
    """Give a fault the values back that an act changed and nothing changed since, but what is gathered."""
    kept = kept_of(before)
    for field in fields(Fault):
        name = field.name
        if name in OWN | WORKED_OUT | GATHERED:
            continue
        if _is_same(getattr(fault, name), getattr(after, name)):
            setattr(fault, name, getattr(kept, name))


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal, arrays by what they hold."""
    if isinstance(one, np.ndarray):
        return bool(np.array_equal(one, other, equal_nan=True))
    return bool(one == other)
