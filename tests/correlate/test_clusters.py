from dataclasses import replace

import numpy as np
import pytest

from correlate.clusters import (
    SYMPTOM_FAMILY,
    Cluster,
    Crowd,
    Recent,
    chance_per_day,
    find_clusters,
)
from correlate.faults import TICKETS, existence
from correlate.symptoms import load_lexicon
from correlate.tickets import Ticket
from tests.correlate.small_network import (
    HOUR,
    NOON,
    fresh_state,
    make_fault,
    make_ticket,
    small_knowledge,
)

KNOWN = small_knowledge()
SITES = len(KNOWN.site_ids)
DAY = 24 * HOUR
CROWD = Crowd(
    users=KNOWN.site_users,
    site_ids=KNOWN.site_ids,
    per_user_hour=0.12 / 1e4 / 24,
    offset_s=8 * HOUR,
)
KINDS = ("SMSTX", "CHOP", "NOSIG", "NODATA", "DROP", "WEAK")
MIX = (0.06, 0.1, 0.2, 0.3, 0.1, 0.24)


def sms(number: int, *, minutes_ago: int = 10, cell: str = "H1-L", **fields: object) -> Ticket:
    when = NOON - minutes_ago * 60
    given: dict[str, object] = {"symptom": "SMSTX", "created_at": when, "arrived_at": when}
    given |= {"share": np.array([1.0]), "nothing": 0.0}
    return make_ticket(f"T{number}", cell=cell, **(given | fields))


def clusters_of(tickets: list[Ticket], *, now: int = NOON) -> list[Cluster]:
    return find_clusters(Recent(), tickets, KNOWN.reach, CROWD, now=now)


def ordinary(days: int, per_day: float, *, seed: int, until: int = NOON) -> list[Ticket]:
    """Return complaints of pure chance, oldest first, anywhere and of any kind."""
    rng = np.random.default_rng(seed)
    many = rng.poisson(days * per_day)
    hours = np.where((np.arange(24) >= 8) & (np.arange(24) < 22), 1.4, 0.3)
    local = rng.choice(24, many, p=hours / hours.sum()) * HOUR + rng.integers(0, HOUR, many)
    first = (until + 8 * HOUR) // DAY * DAY - 8 * HOUR - days * DAY
    instants = np.sort(first + rng.integers(0, days, many) * DAY + local)
    cells = rng.choice([f"{site}-L" for site in KNOWN.site_ids], len(instants))
    kinds = rng.choice(KINDS, len(instants), p=MIX)
    return [
        sms(1000 + n, cell=str(cell), symptom=str(kind), created_at=int(at), arrived_at=int(at))
        for n, (at, cell, kind) in enumerate(zip(instants, cells, kinds, strict=True))
    ]


def live(recent: Recent, tickets: list[Ticket], crowd: Crowd = CROWD) -> list[Cluster]:
    """Return the clusters found while complaints come one by one; each explains its own from then on."""
    found: list[Cluster] = []
    for ticket in sorted(tickets, key=lambda t: t.arrived_at):
        new = find_clusters(recent, [ticket], KNOWN.reach, crowd, now=ticket.arrived_at + 60)
        for cluster in new:
            for member, weight in zip(cluster.tickets, cluster.weights, strict=True):
                member.fault_share[len(found) + 1] = 0.8 * weight
        found += new
    return found


def test_three_unexplained_complaints_of_one_site_in_an_hour_are_found() -> None:
    (found,) = clusters_of([sms(1), sms(2, minutes_ago=30), sms(3, minutes_ago=50)])
    assert found.family == "sms"
    assert found.object_id == "H1"
    assert {t.ticket_id for t in found.tickets} == {"T1", "T2", "T3"}
    assert found.since <= NOON - 50 * 60


def test_three_complaints_whose_place_is_nearly_sure_are_found_too() -> None:
    tickets = [sms(n, share=np.array([0.95]), nothing=0.05) for n in range(3)]
    assert [c.object_id for c in clusters_of(tickets)] == ["H1"]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_fewer_are_not(count: int) -> None:
    assert clusters_of([sms(n) for n in range(count)]) == []


def test_complaints_a_known_fault_explains_do_not_cluster() -> None:
    assert clusters_of([sms(n, fault_share={7: 0.95}) for n in range(4)]) == []


def test_complaints_of_different_kinds_do_not_cluster() -> None:
    kinds = ("SMSTX", "XTALK", "NODATA", "DROP")
    assert clusters_of([sms(n, symptom=s) for n, s in enumerate(kinds)]) == []


def test_chronic_complaints_do_not_cluster() -> None:
    assert clusters_of([sms(n, is_chronic=True) for n in range(5)]) == []


def test_complaints_older_than_a_week_count_as_what_is_usual_there() -> None:
    recent = Recent()
    old = [sms(n, minutes_ago=8 * 24 * 60) for n in range(3)]
    find_clusters(recent, old, KNOWN.reach, CROWD, now=NOON - 8 * DAY)
    assert find_clusters(recent, [sms(9)], KNOWN.reach, CROWD, now=NOON) == []
    assert [t.ticket_id for t in recent.piles["sms"].tickets] == ["T9"]
    assert 2.0 < recent.piles["sms"].past[0] < 3.0


def test_complaints_all_over_a_hub_point_to_the_hub() -> None:
    sites = ("H1", "H2", "H3", "H4", "H1", "H2", "H3", "H4")
    (found,) = clusters_of([sms(n, cell=f"{s}-L") for n, s in enumerate(sites)])
    assert found.object_id == "HUB"
    assert found.object_kind == "hub"
    assert found.sites.tolist() == [0, 1, 2, 3]


def test_silent_sites_below_a_hub_leave_the_fault_at_the_site() -> None:
    (found,) = clusters_of([sms(n) for n in range(8)])
    assert found.object_id == "H1"
    assert found.sites.tolist() == [0]


def test_more_complaints_are_unlikelier_by_chance() -> None:
    (three,) = clusters_of([sms(n) for n in range(3)])
    (six,) = clusters_of([sms(n) for n in range(6)])
    assert six.recurs_days > three.recurs_days > 1.0 / chance_per_day(SITES)
    assert six.log_odds >= three.log_odds > 0.5


def test_where_many_complain_anyway_three_are_nothing_special() -> None:
    crowded = replace(CROWD, users=np.full(SITES, 5e6))
    tickets = [sms(n) for n in range(3)]
    assert find_clusters(Recent(), tickets, KNOWN.reach, crowded, now=NOON) == []


def test_a_ticket_without_a_place_does_no_harm() -> None:
    lost = [
        sms(n, cells=np.array([-1]), share=np.array([0.0]), distance_m=np.array([0.0]))
        for n in range(3)
    ]
    assert clusters_of(lost) == []


def test_without_fresh_tickets_nothing_is_looked_for() -> None:
    recent = Recent()
    assert len(find_clusters(recent, [sms(n) for n in range(5)], KNOWN.reach, CROWD, now=NOON)) == 1
    assert find_clusters(recent, [], KNOWN.reach, CROWD, now=NOON + HOUR) == []


def test_every_symptom_of_a_family_is_one_the_words_can_mean() -> None:
    assert set(SYMPTOM_FAMILY) <= set(load_lexicon(None).codes)


def test_one_complaint_sent_three_times_is_one() -> None:
    recent = Recent()
    for _ in range(3):
        assert find_clusters(recent, [sms(1)], KNOWN.reach, CROWD, now=NOON) == []
    assert len(recent.piles["sms"].tickets) == 1
    assert recent.piles["sms"].seen == pytest.approx(1.0)


def test_one_caller_who_calls_three_times_is_no_cluster() -> None:
    recent = Recent()
    calls = [sms(1), sms(2, same_as="T1"), sms(3, same_as="T1")]
    assert find_clusters(recent, calls, KNOWN.reach, CROWD, now=NOON) == []
    assert [t.ticket_id for t in recent.piles["sms"].tickets] == ["T1"]


def test_a_call_found_to_be_the_same_caller_s_is_taken_out() -> None:
    recent = Recent()
    find_clusters(recent, [sms(1), sms(2)], KNOWN.reach, CROWD, now=NOON)
    find_clusters(recent, [sms(2, same_as="T1")], KNOWN.reach, CROWD, now=NOON)
    assert [t.ticket_id for t in recent.piles["sms"].tickets] == ["T1"]


@pytest.mark.parametrize("per_day", [0.5, 2.0], ids=["few", "many"])
def test_chance_brings_no_more_clusters_than_stated(per_day: float) -> None:
    days = 200
    found = live(Recent(), ordinary(days, per_day, seed=3))
    assert len(found) <= 2.0 * days * chance_per_day(SITES)


def test_a_burst_among_ordinary_complaints_is_found() -> None:
    recent = Recent()
    usual = ordinary(30, 1.0, seed=5, until=NOON - HOUR)
    burst = [sms(n, minutes_ago=5 * n, cell="V1-L", symptom="NODATA") for n in range(1, 6)]
    found = live(recent, usual + burst)
    assert {(c.family, c.object_id) for c in found} == {("data", "V1")}
    assert found[0].window_s <= 4 * HOUR


def test_one_a_day_where_one_a_month_is_usual_is_found() -> None:
    recent = Recent()
    usual = ordinary(60, SITES / 30.0, seed=6, until=NOON - 8 * DAY)
    drip = [sms(n, minutes_ago=24 * 60 * n + 7, cell="V2-L", symptom="CHOP") for n in range(8)]
    found = live(recent, usual + drip)
    assert [(c.family, c.object_id) for c in found][:1] == [("speech", "V2")]
    assert found[0].window_s >= 32 * HOUR
    assert found[0].quiet_s > DAY


def test_a_city_wide_rise_of_everything_finds_none() -> None:
    usual = ordinary(30, 4.0, seed=8, until=NOON - 2 * DAY)
    rise = [replace(t, ticket_id=f"R{t.ticket_id}") for t in ordinary(2, 16.0, seed=9)]
    assert live(Recent(), usual + rise) == []


def test_later_complaints_change_nothing_found_before() -> None:
    tickets = ordinary(20, 3.0, seed=11) + [sms(n, minutes_ago=600 + n) for n in range(4)]
    cut = NOON - 5 * HOUR
    early = live(Recent(), [replace(t, fault_share={}) for t in tickets if t.arrived_at <= cut])
    whole = live(Recent(), tickets)
    told = [(c.object_id, c.since, c.recurs_days) for c in whole if c.tickets[-1].arrived_at <= cut]
    assert [(c.object_id, c.since, c.recurs_days) for c in early] == told


def test_tickets_are_left_as_they_were() -> None:
    tickets = [sms(n) for n in range(4)]
    clusters_of(tickets)
    assert all(t.fault_share == {} for t in tickets)
    assert all(t.share.tolist() == [1.0] for t in tickets)


def test_counters_in_order_do_not_refute_what_customers_alone_know() -> None:
    known = make_fault(fresh_state(), "H1", family=TICKETS, cluster_odds=2.0, healthy=8.0)
    assert existence(known) > 0.8


def test_a_burst_is_over_after_four_silent_hours() -> None:
    (burst,) = clusters_of([sms(n) for n in range(4)])
    assert burst.quiet_s == 4 * HOUR
