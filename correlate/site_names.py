"""Name the place of some sites: their main county, their towns, as a caller would know them.

Simple so far: a site without a town stands for its county.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from sites.inventory import Network


@dataclass(frozen=True)
class SiteNames:
    """The names of every site by position; None where there is none. `towns` are counties where no town is known.

    `own_towns` are towns alone, `sizes` how many sites each has.
    """

    names: tuple[str, ...]
    counties: tuple[str | None, ...]
    towns: tuple[str | None, ...]
    own_towns: tuple[str | None, ...]
    sizes: Mapping[str, int]

    @classmethod
    def of(cls, network: Network) -> SiteNames:
        """Return the names of a network's sites."""
        sites = network.sites
        towns = sites["town"].where(sites["town"].notna(), sites["county"])
        own = _told(sites["town"])
        sizes = Counter(name for name in own if name is not None)
        names = tuple(map(str, sites["site_name"]))
        return cls(names, _told(sites["county"]), _told(towns), own, sizes)

    def commonest_towns(self, sites: Sequence[int]) -> list[str]:
        """Return the towns of some sites, that of most sites first, of equals that met first."""
        named = (self.towns[site] for site in sites)
        return [name for name, _ in Counter(n for n in named if n is not None).most_common()]


def weightiest(names: Sequence[str | None], weights: Sequence[float]) -> list[str]:
    """Return the different names, that with most weight first, of equals by name.

    Weights are summed with Kahan's correction, so that equal sums are equal whatever their order.

    >>> weightiest(["b", "a", "b", None], [1.0, 3.0, 1.0, 9.0])
    ['a', 'b']
    """
    total: dict[str, float] = {}
    lost: dict[str, float] = {}
    for name, weight in zip(names, weights, strict=True):
        if name is None:
            continue
        before = total.get(name, 0.0)
        kept = weight - lost.get(name, 0.0)
        total[name] = before + kept
        lost[name] = total[name] - before - kept
    return sorted(sorted(total), key=lambda name: -total[name])


def _told(column: pd.Series) -> tuple[str | None, ...]:
    """Return a column of texts, None where one is missing."""
    return tuple(None if pd.isna(value) else str(value) for value in column)
