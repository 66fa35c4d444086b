import numpy as np
import pytest

from correlate.scan import (
    OVERLAP,
    WINDOWS_H,
    Finding,
    Looks,
    Seen,
    Usual,
    completions,
    count_looks,
    likelihood_ratio,
    rise,
    scan,
)
from correlate.scan_zones import LAND, NETWORK, NODE, SITE, Zones, build_zones
from tests.correlate.small_network import small_knowledge

KNOWN = small_knowledge()
ZONES = build_zones(KNOWN.reach)
HOURS = np.array(WINDOWS_H, float)
SITES = len(KNOWN.site_ids)
USUAL = Usual(mean=np.full(SITES, 0.05), variance=np.full(SITES, 0.05**2 / 50.0))
LOOKS = count_looks([USUAL], ZONES)
NO_RISE = np.ones(len(HOURS))


def seen_at(within: dict[int, tuple[int, int]], *, others: float = 1.0) -> Seen:
    """Return complaints at sites: site -> (how many, in the last how many hours)."""
    counts = np.zeros((SITES, len(HOURS)))
    for site, (many, hours) in within.items():
        counts[site] = np.where(hours <= HOURS, many, 0.0)
    return Seen(counts=counts, hours=HOURS, others=NO_RISE * others)


def found(seen: Seen, *, most_per_day: float = 0.01) -> Finding | None:
    everything = np.arange(len(ZONES.kind))
    return scan(seen, USUAL, LOOKS, ZONES, everything, most_per_day=most_per_day)


def test_a_burst_at_one_site_is_found_in_its_shortest_window() -> None:
    finding = found(seen_at({0: (3, 2)}))
    assert finding is not None
    assert (ZONES.kind[finding.zone], ZONES.place[finding.zone]) == (SITE, 0)
    assert finding.window_s == 2 * 3600
    assert finding.count == 3.0


def test_a_drip_is_found_in_a_long_window() -> None:
    counts = np.zeros((SITES, len(HOURS)))
    counts[4] = np.floor(HOURS / 24.0)
    finding = found(Seen(counts=counts, hours=HOURS, others=NO_RISE))
    assert finding is not None
    assert (ZONES.kind[finding.zone], ZONES.place[finding.zone]) == (SITE, 4)
    assert finding.window_s == 168 * 3600


def test_complaints_at_every_site_below_a_hub_are_the_hub_s() -> None:
    finding = found(seen_at(dict.fromkeys(range(4), (2, 2))))
    assert finding is not None
    assert ZONES.kind[finding.zone] == NODE
    assert KNOWN.reach.nodes[ZONES.place[finding.zone]] == "HUB"


def test_silent_sites_below_a_hub_speak_against_it() -> None:
    finding = found(seen_at({0: (8, 2)}))
    assert finding is not None
    assert (ZONES.kind[finding.zone], ZONES.place[finding.zone]) == (SITE, 0)


def test_fewer_than_three_are_no_cluster_however_rare() -> None:
    assert found(seen_at({0: (2, 1)}), most_per_day=1e9) is None


def test_a_rise_everywhere_is_no_cluster_of_one_site() -> None:
    usual = Usual(mean=np.full(SITES, 2.0), variance=np.full(SITES, 0.1))
    looks, tried = count_looks([usual], ZONES), np.arange(len(ZONES.kind))
    one, everywhere = (
        seen_at({0: (16, 16)}),
        seen_at(dict.fromkeys(range(SITES), (16, 16)), others=12.0),
    )
    assert scan(one, usual, looks, ZONES, tried, most_per_day=0.01) is not None
    assert scan(everywhere, usual, looks, ZONES, tried, most_per_day=0.01) is None


def test_a_rise_of_one_kind_alone_is_the_network_s() -> None:
    finding = found(seen_at(dict.fromkeys(range(SITES), (2, 8))))
    assert finding is not None
    assert ZONES.size[finding.zone] == SITES


def test_rarer_counts_recur_after_more_days() -> None:
    three, six = found(seen_at({0: (3, 2)})), found(seen_at({0: (6, 2)}))
    assert three is not None
    assert six is not None
    assert six.recurs_days > three.recurs_days > 100.0
    assert three.per_day == pytest.approx(1.0 / three.recurs_days)


def test_the_scan_leaves_what_it_is_given_alone() -> None:
    seen = seen_at({0: (3, 2)})
    before = seen.counts.copy()
    found(seen)
    assert np.array_equal(seen.counts, before)


def test_completions_are_those_of_chance_in_simulation() -> None:
    rng = np.random.default_rng(7)
    days, per_day, window = 20_000, 2.0, 0.25
    came = np.sort(rng.uniform(0, days, rng.poisson(days * per_day)))
    third = came[2:] - came[:-2] <= window
    one = np.ones(1)
    stated = completions(3 * one, per_day * window * one, 1e7 * one, per_day * one, one)
    assert float(stated[0]) == pytest.approx(third.sum() / days, rel=0.1)


def test_what_is_badly_known_is_less_rare() -> None:
    one = np.ones(1)
    known, guessed = (completions(4 * one, 0.1 * one, s * one, one, one)[0] for s in (1e6, 2.0))
    assert guessed > 3 * known


def test_no_more_than_expected_is_no_evidence() -> None:
    counts = np.array([0.0, 1.0, 3.0])
    ratio = likelihood_ratio(counts, np.ones(3))
    assert ratio[:2].tolist() == [0.0, 0.0]
    assert ratio[2] == pytest.approx(3 * np.log(3) - 2)


def test_a_quiet_time_elsewhere_lowers_nothing() -> None:
    assert rise(np.zeros(3), np.full(3, 50.0)).tolist() == [1.0, 1.0, 1.0]


def test_looks_add_up_over_zones_and_windows() -> None:
    looks = Looks(
        rate=np.array([1e-6, 1e-3]),
        below=np.array([0, 1e-6, 1e-3 + 1e-6]),
        above=np.array([2.0, 1.0, 0.0]),
    )
    assert looks.per_day(np.array([1e-7, 1e-4, 1.0])) == pytest.approx([2e-7, 1.01e-4, 1.001e-3])


def test_every_kind_of_zone_has_its_looks() -> None:
    assert set(LOOKS) == {SITE, LAND, NODE, NETWORK}
    assert LOOKS[NETWORK].above[0] == len(WINDOWS_H)
    assert LOOKS[SITE].above[0] == SITES * len(WINDOWS_H)
    assert OVERLAP >= 1.0


def test_zones_are_sites_land_nodes_and_the_network() -> None:
    assert (ZONES.kind == SITE).sum() == SITES
    assert (ZONES.kind == NODE).sum() == len(KNOWN.reach.nodes)
    assert ZONES.members(int(np.flatnonzero(ZONES.kind == NETWORK)[0])).tolist() == list(
        range(SITES)
    )
    assert isinstance(ZONES, Zones)


@pytest.mark.parametrize("site", range(SITES))
def test_the_zones_around_a_site_hold_it(site: int) -> None:
    around = ZONES.around(np.array([site]))
    assert all(site in ZONES.members(int(zone)) for zone in around)
    others = np.setdiff1d(np.arange(len(ZONES.kind)), around)
    assert not any(site in ZONES.members(int(zone)) for zone in others)
