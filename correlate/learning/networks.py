"""Tell whether something was learned at the same network, so that nothing is taken where it would harm.

Sketch: the least hashes of a network's sites and their places (minhash [1]_). Two networks are the same where the
sketches have most in common; sites that come and go over months matter little. What closed orders teach of shares,
profiles and signs is an operator's own: carried to another network it made answers worse, only words did not.

Simple so far: what carries over is one list for all networks.

References
----------
.. [1] Broder (1997), "On the resemblance and containment of documents".
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection

import pandas as pd

SIZE = 64
LEAST_COMMON = 0.5
"""Share of the sketches in common from which two networks are the same (START value)."""
CARRIED = frozenset({"words"})
"""What is taken from another network: measured, see docs/scores.md."""


def network_sketch(sites: pd.DataFrame) -> tuple[str, ...]:
    """Return the sketch of a network.

    Parameters
    ----------
    sites : DataFrame
        `site_id`, `lon`, `lat` (degrees; places count to about a kilometre).

    Returns
    -------
    tuple of str
        At most 64 hashes, ascending.
    """
    told = zip(
        sites["site_id"].astype(str), sites["lon"].round(2), sites["lat"].round(2), strict=True
    )
    hashes = {hashlib.sha256(f"{s}|{x}|{y}".encode()).hexdigest()[:12] for s, x, y in told}
    return tuple(sorted(hashes)[:SIZE])


def is_same_network(one: Collection[str], other: Collection[str]) -> bool:
    """Tell whether two sketches are of one network.

    >>> is_same_network(["a", "b", "c"], ["a", "b", "d"]), is_same_network(["a"], ["b"])
    (True, False)
    """
    union = sorted(set(one) | set(other))[:SIZE]
    common = set(one) & set(other)
    return bool(union) and sum(h in common for h in union) >= LEAST_COMMON * len(union)
