from dataclasses import replace

import numpy as np
import pytest

from correlate.clusters import SYMPTOM_FAMILY, Cluster, Crowd, Recent, find_clusters, remember
from correlate.symptoms import load_lexicon
from correlate.tickets import Ticket
from tests.correlate.small_network import HOUR, NOON, make_ticket, small_knowledge

KNOWN = small_knowledge()
CROWD = Crowd(
    users=KNOWN.site_users,
    site_ids=KNOWN.site_ids,
    per_user_hour=0.12 / 1e4 / 24,
    offset_s=8 * HOUR,
)


def sms(number: int, *, minutes_ago: int = 10, cell: str = "H1-L", **fields: object) -> Ticket:
    when = NOON - minutes_ago * 60
    given: dict[str, object] = {"symptom": "SMSTX", "created_at": when, "arrived_at": when}
    given |= {"share": np.array([1.0]), "nothing": 0.0}
    return make_ticket(f"T{number}", cell=cell, **(given | fields))


def clusters_of(tickets: list[Ticket], *, now: int = NOON) -> list[Cluster]:
    recent = Recent()
    remember(recent, tickets, now=now)
    return find_clusters(recent, tickets, KNOWN.reach, CROWD, now=now)


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


def test_complaints_of_yesterday_are_forgotten() -> None:
    recent = Recent()
    remember(recent, [sms(1, minutes_ago=25 * 60), sms(2)], now=NOON)
    assert [t.ticket_id for t in recent.tickets] == ["T2"]
    assert recent.seen["all"] == 2


def test_complaints_all_over_a_hub_point_to_the_hub() -> None:
    sites = ("H1", "H2", "H3", "H4", "H1", "H2", "H3", "H4")
    (found,) = clusters_of([sms(n, cell=f"{s}-L") for n, s in enumerate(sites)])
    assert found.object_id == "HUB"
    assert found.object_kind == "hub"
    assert found.sites.tolist() == [0, 1, 2, 3]


def test_more_complaints_are_unlikelier_by_chance() -> None:
    (three,) = clusters_of([sms(n) for n in range(3)])
    (six,) = clusters_of([sms(n) for n in range(6)])
    assert six.chance < three.chance < 1e-5


def test_where_many_complain_anyway_three_are_nothing_special() -> None:
    recent, tickets = Recent(), [sms(n) for n in range(3)]
    remember(recent, tickets, now=NOON)
    crowded = replace(CROWD, users=np.full(len(KNOWN.site_ids), 5e6))
    assert find_clusters(recent, tickets, KNOWN.reach, crowded, now=NOON) == []


def test_a_ticket_without_a_place_does_no_harm() -> None:
    lost = [
        sms(n, cells=np.array([-1]), share=np.array([0.0]), distance_m=np.array([0.0]))
        for n in range(3)
    ]
    assert all(len(c.tickets) for c in clusters_of(lost))


def test_without_fresh_tickets_nothing_is_looked_for() -> None:
    recent = Recent()
    remember(recent, [sms(n) for n in range(5)], now=NOON)
    assert find_clusters(recent, [], KNOWN.reach, CROWD, now=NOON + HOUR) == []


def test_every_symptom_of_a_family_is_one_the_words_can_mean() -> None:
    assert set(SYMPTOM_FAMILY) <= set(load_lexicon(None).codes)


def test_one_complaint_sent_three_times_is_one() -> None:
    recent = Recent()
    for _ in range(3):
        remember(recent, [sms(1)], now=NOON)
    assert len(recent.tickets) == 1
    assert find_clusters(recent, [sms(1)], KNOWN.reach, CROWD, now=NOON) == []


def test_one_caller_who_calls_three_times_is_no_cluster() -> None:
    recent = Recent()
    calls = [sms(1), sms(2, same_as="T1"), sms(3, same_as="T1")]
    remember(recent, calls, now=NOON)
    assert [t.ticket_id for t in recent.tickets] == ["T1"]
    assert recent.seen == {"all": 1, "sms": 1}
    assert find_clusters(recent, calls, KNOWN.reach, CROWD, now=NOON) == []


def test_a_call_found_to_be_the_same_caller_s_is_taken_out() -> None:
    recent = Recent()
    remember(recent, [sms(1), sms(2)], now=NOON)
    remember(recent, [sms(2, same_as="T1")], now=NOON)
    assert [t.ticket_id for t in recent.tickets] == ["T1"]
