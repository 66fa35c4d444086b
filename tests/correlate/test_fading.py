"""Tests of errors that come to many unrelated links at once."""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from correlate.fading import Sky
from correlate.kind_trust import KIND_NAMES
from correlate.knowledge import Knowledge
from kpi.watches import Watch
from tests.correlate.small_network import HOUR, NOON, SITES, cells_of, fresh_state, small_knowledge

KNOWN = small_knowledge()
KIND = KIND_NAMES.index("transport_errors")
FRESH = fresh_state().watch


def showing(*sites: str, began: int = NOON, kind: int = KIND) -> Watch:
    """Return a watch in which cells of these sites show trouble, of the transmission by default, since a moment."""
    watch = deepcopy(FRESH)
    cells = np.concatenate([cells_of(site) for site in sites])
    watch.evidence.sums[cells, kind] = watch.kinds[kind].open_at
    watch.evidence.run_start[cells, kind] = began
    return watch


def told(
    watch: Watch, *, now: int = NOON + HOUR, kind: int = KIND, known: Knowledge = KNOWN
) -> bool:
    site = SITES.index("H1")
    return Sky(watch, known, now).is_shared(kind, site=site, began=NOON)


def test_errors_at_three_unrelated_places_within_the_hour_are_weather() -> None:
    # Two of the four sites of the hub: too few for the hub to explain them.
    assert told(showing("H1", "H3", "V1", "V2"))
    assert told(showing("H1", "V1", "V2"))


@pytest.mark.parametrize(
    "sites",
    [("H1",), ("H1", "H2", "H3", "H4"), ("H1", "V1")],
    ids=["one site", "all below one hub", "two places"],
)
def test_errors_of_few_places_are_faults(sites: tuple[str, ...]) -> None:
    assert not told(showing(*sites))


def test_what_began_hours_apart_has_nothing_in_common() -> None:
    watch = showing("H1")
    other = showing("H3", "V1", "V2", began=NOON - 4 * HOUR)
    cells = np.concatenate([cells_of(site) for site in ("H3", "V1", "V2")])
    watch.evidence.sums[cells, KIND] = other.evidence.sums[cells, KIND]
    watch.evidence.run_start[cells, KIND] = other.evidence.run_start[cells, KIND]
    assert not told(watch)


def test_what_outlasts_the_rest_is_a_fault_again() -> None:
    watch = showing("H1", "H3", "V1", "V2")
    gone = np.concatenate([cells_of(site) for site in ("H3", "V1", "V2")])
    watch.evidence.sums[gone, KIND] = 0
    watch.evidence.opened[gone, KIND] = NOON + HOUR
    watch.evidence.last[gone, KIND] = NOON + 2 * HOUR
    assert told(watch, now=NOON + 7 * HOUR)
    assert not told(watch, now=NOON + 9 * HOUR)


def apart() -> Knowledge:
    """Return the small network with no two sites that adjoin."""
    return replace(
        KNOWN, reach=replace(KNOWN.reach, near=csr_array(KNOWN.reach.near.shape, dtype=bool))
    )


def test_load_that_rises_at_four_places_apart_is_the_day_s_and_a_crowd_on_one_patch_is_not() -> (
    None
):
    crowding = KIND_NAMES.index("crowding")
    watch = showing("H1", "H3", "V1", "V2", kind=crowding)
    assert told(watch, kind=crowding, known=apart())
    assert not told(watch, kind=crowding)
