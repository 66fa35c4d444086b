"""Lay out the zones of a scan: each site, the land around it, what hangs on each node, and the whole network.

Zones overlap: a site lies in its own, in those of the sites that adjoin it and theirs, below several nodes.

Simple so far: sites adjoin by distance, handover relations add nothing; what the trees lack is no zone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, eye_array, vstack

from correlate.reach import Reach

SITE, LAND, NODE, NETWORK = 0, 1, 2, 3
RINGS = 2
"""Land around a site: those that adjoin it, then those that adjoin these."""

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Zones:
    """Groups of sites among which complaints may gather.

    `sites` [zones, sites] marks the sites of each, `kind` is SITE, LAND, NODE or NETWORK, `place` the site in its
    middle or the node it hangs on (-1: the network); `size` counts sites. `of_site` is `sites` by columns.
    """

    sites: csr_array
    of_site: csc_array
    kind: Ints
    place: Ints
    size: Ints

    def around(self, sites: Ints) -> Ints:
        """Return the zones that hold any of some sites, sorted.

        >>> import numpy as np
        >>> from scipy.sparse import csr_array
        >>> one = csr_array(np.eye(2))
        >>> zones = Zones(one, one.tocsc(), np.zeros(2, int), np.arange(2), np.ones(2, int))
        >>> zones.around(np.array([1])).tolist()
        [1]
        """
        first, last = self.of_site.indptr[sites], self.of_site.indptr[sites + 1]
        parts = [self.of_site.indices[a:b] for a, b in zip(first, last, strict=True)]
        return np.unique(np.concatenate(parts)).astype(np.int64) if parts else np.empty(0, np.int64)

    def members(self, zone: int) -> Ints:
        """Return the sites of a zone."""
        first, last = self.sites.indptr[zone], self.sites.indptr[zone + 1]
        return np.sort(self.sites.indices[first:last]).astype(np.int64)


def build_zones(reach: Reach) -> Zones:
    """Return the zones of a network.

    Parameters
    ----------
    reach : Reach
        Trees and land. A node with fewer than two sites below is no zone of its own.

    Returns
    -------
    Zones
        At most three for each site, one for each node, and one.
    """
    n = reach.near.shape[0]
    alone = eye_array(n, format="csr")
    parts, kinds, places = [alone], [np.zeros(n, np.int64)], [np.arange(n)]
    wider = alone
    for _ in range(RINGS):
        before, wider = wider, _marked(wider + wider @ reach.near.astype(float))
        grown = np.flatnonzero(np.diff(wider.indptr) > np.diff(before.indptr))
        parts.append(wider[grown])
        kinds.append(np.full(len(grown), LAND))
        places.append(grown)
    parts += [reach.below.astype(float), csr_array(np.ones((1, n)))]
    kinds += [np.full(len(reach.nodes), NODE), np.array([NETWORK])]
    places += [np.arange(len(reach.nodes)), np.array([-1])]
    sites = _marked(vstack([csr_array(p) for p in parts], format="csr"))
    return Zones(
        sites=sites,
        of_site=sites.tocsc(),
        kind=np.concatenate(kinds).astype(np.int64),
        place=np.concatenate(places).astype(np.int64),
        size=np.diff(sites.indptr).astype(np.int64),
    )


def _marked(sites: csr_array) -> csr_array:
    """Return a matrix with ones wherever there is anything."""
    marked = csr_array(sites)
    marked.data = np.ones(len(marked.data))
    return marked
