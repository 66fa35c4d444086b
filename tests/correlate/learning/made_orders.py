"""Make closed orders with what was weighed of them, as few as a test needs."""

from typing import Any

import numpy as np
import pandas as pd

from correlate.circumstances import NAMES
from correlate.learning.orders import Evidence
from correlate.learning.signs import sign_names
from correlate.symptoms import read_symptoms
from tests.correlate.small_network import small_knowledge

KNOWN = small_knowledge()
CODES = KNOWN.codes
FAULTS = KNOWN.signatures.causes
SIGNS = sign_names(KNOWN.signatures)
HOUR = 3600


def made_orders(
    closed: list[str],
    *,
    back: dict[str, float] | None = None,
    fault: dict[str, float] | None = None,
    sign: tuple[str, str] = ("extent", "site"),
    **columns: Any,
) -> Evidence:
    """Return orders closed as some causes an hour apart, all weighed alike: causes of the background and of one fault.

    Each order has a fault of its own, number 1, 2, ..., that shows one sign.
    """
    size = len(closed)
    ground = np.full((size, len(CODES)), 1e-6)
    pairs = np.full((size, len(FAULTS)), 1e-6)
    for cause, share in (back or {}).items():
        ground[:, CODES.index(cause)] = share
    for cause, share in (fault or {}).items():
        pairs[:, FAULTS.index(cause)] = share
    signs = np.zeros((size, len(SIGNS)))
    signs[:, SIGNS.index(sign)] = 1.0
    told = {name: columns.get(name, ["unsaid"] * size) for name in NAMES}
    texts = pd.Series(columns.get("text", ["no signal"] * size), dtype="str")
    orders = pd.DataFrame(
        {
            "ticket_id": [f"T{i}" for i in range(size)],
            "key": [f"k{i}" for i in range(size)],
            "created_at": np.arange(size) * HOUR,
            "closed_at": np.arange(size) * HOUR + 60,
            "cause": [CODES.index(cause) for cause in closed],
            "text": texts,
            "hour": columns.get("hour", [12] * size),
        }
    )
    words = np.zeros((size, len(CODES)))
    return Evidence(
        orders=orders,
        symptoms=read_symptoms(texts, KNOWN.lexicon),
        told=pd.DataFrame(told),
        causes=CODES,
        fault_columns=KNOWN.fault_columns,
        words=words,
        read=words,
        back=ground,
        order=np.arange(size),
        fault=np.arange(1, size + 1),
        pairs=pairs,
        signs=signs,
        age_h=np.full(size, float(columns.get("age_h", 2.0))),
    ).with_words(words)


def chance(evidence: Evidence, cause: str) -> float:
    """Return the probability of a cause of the first order."""
    return float(evidence.posterior()[0, CODES.index(cause)])
