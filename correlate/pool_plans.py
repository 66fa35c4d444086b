"""Plan which cells are looked at together: those that depend on one node, all of them and by technology.

Simple so far: technologies are taken as GSM and the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import csr_array, vstack

from correlate.reach import Reach

LEAST_CELLS = 40
"""Smaller sets show well enough in the episodes of their cells."""


@dataclass(frozen=True)
class PoolPlan:
    """The pools of a network: the node of each ("" for all of it) and its cells, [G, cells]."""

    nodes: tuple[str, ...]
    members: csr_array


def plan_pools(reach: Reach) -> PoolPlan:
    """Return the sets of cells that depend on one node, all of them and by technology.

    Of nodes with the same cells one pool is made, named after none of them unless it is the only one.
    """
    cells = len(reach.site_of)
    on_site = csr_array(
        (np.ones(cells, np.float32), (reach.site_of, np.arange(cells))),
        shape=(reach.near.shape[0], cells),
    )
    nodes = ["", *reach.nodes]
    everything = csr_array(np.ones((1, cells), np.float32))
    below = csr_array(vstack([everything, reach.below @ on_site]))
    rows: list[Any] = []
    names: list[str] = []
    seen: dict[bytes, int] = {}
    for kept in (np.ones(cells, bool), reach.is_gsm, ~reach.is_gsm):
        part = csr_array(below.multiply(kept[None, :].astype(np.float32)))
        part.eliminate_zeros()
        for i, node in enumerate(nodes):
            if node and reach.kinds[i - 1] == "power":
                continue
            own = part.indices[part.indptr[i] : part.indptr[i + 1]]
            key = np.sort(own).tobytes()
            if len(own) < LEAST_CELLS:
                continue
            if key in seen:
                if node and names[seen[key]] != node:
                    names[seen[key]] = "" if names[seen[key]] else node
                continue
            seen[key] = len(rows)
            rows.append(np.sort(own))
            names.append(node)
    indptr = np.cumsum([0, *(len(r) for r in rows)])
    indices = np.concatenate(rows) if rows else np.empty(0, np.int64)
    members = csr_array((np.ones(len(indices), np.float32), indices, indptr), (len(rows), cells))
    return PoolPlan(tuple(names), members)
