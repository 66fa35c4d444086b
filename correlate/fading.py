"""Recognise trouble that comes to many unrelated places at once: the weather's or the day's, not a fault of each.

Rain dims every microwave link below a cloud in the same hour and goes by itself; a holiday or a market day fills and
empties cells all over a region. What breaks one thing shows below one node, a crowd shows on one patch of land; what
begins together at several places of a region with nothing in common is the sky's or the calendar's.

Simple so far: the region is a circle, which links are microwave is not asked, and only what began within the same hour
counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from correlate.counter_rules import load_counter_rules
from correlate.faults import HOUR
from correlate.knowledge import Knowledge
from correlate.reach import explaining_nodes, sites_below
from kpi.watches import Watch

BY_NODE = frozenset({"transport_errors"})
"""Kinds that a node of the transmission brings to the sites below it; what people do joins on land."""
NO_LINKS = frozenset({"power", "controller"})
"""Kinds of node that sites hang on otherwise than by their transmission."""

Ints = NDArray[np.int64]


@dataclass
class Sky:
    """What shows in the whole network at a moment (`now`, seconds since 1970), by kind, looked up once a kind.

    Trouble that is over for hours (`weather_lately_h`) no longer counts, so what outlasts the rest is a fault again.
    """

    watch: Watch
    knowledge: Knowledge
    now: int
    _shown: dict[int, tuple[Ints, NDArray[np.bool_]]] = field(default_factory=dict)

    def is_shared(self, kind: int, *, site: int, began: int) -> bool:
        """Tell whether a kind of trouble that began at a site began then at many unrelated places around.

        Parameters
        ----------
        kind : int
            Position in the kinds of the watch.
        site : int
            Position of the site.
        began : int
            Seconds since 1970.
        """
        rules, knowledge = load_counter_rules(), self.knowledge
        cells = self._cells(kind, began=began)
        is_weather = self.watch.kinds[kind].name in BY_NODE
        places = rules.weather_least_places if is_weather else rules.day_least_places
        if len(cells) < places:
            return False
        around = _around(knowledge, site)
        troubled = np.zeros(len(around), dtype=bool)
        troubled[knowledge.reach.site_of[cells]] = True
        troubled &= around
        least = max(places, rules.weather_least_share * float(around.sum()))
        count = _places_by_node if is_weather else _places_on_land
        return count(knowledge, troubled) >= least

    def _cells(self, kind: int, *, began: int) -> Ints:
        """Return the cells that show a kind of trouble that began together with some."""
        evidence, rules = self.watch.evidence, load_counter_rules()
        if kind not in self._shown:
            shows = evidence.is_open[:, kind] | (
                evidence.sums[:, kind] >= rules.weather_showing * self.watch.kinds[kind].open_at
            )
            lately = evidence.last[:, kind] >= self.now - rules.weather_lately_h * HOUR
            cells = np.flatnonzero(shows | lately)
            self._shown[kind] = cells, shows[cells]
        cells, shows = self._shown[kind]
        shows = shows | (evidence.opened[cells, kind] >= began)
        gap = np.abs(evidence.run_start[cells, kind] - began)
        return np.asarray(cells[shows & (gap <= rules.weather_together_min * 60)], dtype=np.int64)


def _around(knowledge: Knowledge, site: int) -> NDArray[np.bool_]:
    """Return which sites lie in the region of one."""
    xy = knowledge.site_xy
    return np.asarray(np.hypot(*(xy - xy[site]).T) <= load_counter_rules().weather_region_m)


def _places_by_node(knowledge: Knowledge, troubled: NDArray[np.bool_]) -> int:
    """Return at how many unrelated places there is trouble: those below one node of the transmission count once."""
    left, places = troubled.copy(), 0
    for node in explaining_nodes(knowledge.reach, troubled).tolist():
        if knowledge.reach.kinds[node] in NO_LINKS:
            continue
        left[sites_below(knowledge.reach, node)] = False
        places += 1
    return places + int(left.sum())


def _places_on_land(knowledge: Knowledge, troubled: NDArray[np.bool_]) -> int:
    """Return at how many unrelated places there is trouble: those that adjoin count once."""
    sites = np.flatnonzero(troubled)
    return int(connected_components(knowledge.reach.near[sites][:, sites], directed=False)[0])
