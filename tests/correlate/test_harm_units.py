from dataclasses import replace

import numpy as np
import pytest

from correlate.harm_counts import HOUR, Spans
from correlate.harm_rules import load_harm_rules
from correlate.harm_units import (
    Scene,
    count_units,
    ground_of,
    own_weight,
    read_complaints,
    read_scene,
)
from correlate.kind_trust import KIND_NAMES
from correlate.tickets import Ticket
from tests.correlate.small_network import NOON, cells_of, make_ticket, small_knowledge

KNOWN = small_knowledge()
GROUND = ground_of(KNOWN)
RULES = load_harm_rules()
WEEK = 7 * 24 * HOUR
SLEEPING, CROWDING, VSWR = (KIND_NAMES.index(n) for n in ("sleeping", "crowding", "vswr"))


def diagnosed(name: str, *, at: int = NOON + HOUR, cell: str = "H1-L", **fields: object) -> Ticket:
    posterior = np.zeros(len(KNOWN.codes))
    posterior[KNOWN.codes.index("weak_coverage")] = 1.0
    given = {"posterior": posterior, "diagnosed_at": at + 60, "created_at": at, "arrived_at": at}
    return make_ticket(name, cell=cell, **(given | fields))


def span(*rows: tuple[str, int, int]) -> Spans:
    return Spans(
        np.array([cells_of(cell)[0] for cell, _, _ in rows], dtype=np.int64),
        np.array([start for _, start, _ in rows], dtype=np.int64),
        np.array([end for _, _, end in rows], dtype=np.int64),
    )


def scene_of(tickets: list[Ticket], episodes: Spans, closed: dict[str, str] | None = None) -> Scene:
    told = read_complaints(GROUND, tickets, closed or {}, set(), RULES)
    return read_scene(GROUND, told, episodes, RULES, since=NOON - WEEK, now=NOON + WEEK)


def counted(scene: Scene, episodes: Spans, kinds: list[int], units: list[int]) -> list[float]:
    kind, unit = np.array(kinds, dtype=np.int64), np.array(units, dtype=np.int64)
    found = count_units(episodes, kind, np.zeros(len(kind)), unit, scene)
    return [round(float(n), 3) for n in found.complaints]


def test_a_complaint_that_is_the_customers_own_does_not_count() -> None:
    posterior = np.zeros(len(KNOWN.codes))
    posterior[KNOWN.codes.index("account_barred")] = 1.0
    ticket = make_ticket(posterior=posterior)
    assert own_weight(ticket, set(), GROUND.is_customer) == pytest.approx(0.0)


def test_a_complaint_an_alarmed_fault_explains_hardly_counts_but_one_of_counters_does() -> None:
    ticket = diagnosed("T1", fault_share={1: 0.95})
    ticket.posterior = ticket.posterior * 0.05
    assert own_weight(ticket, {1}, GROUND.is_customer) == pytest.approx(0.05)
    assert own_weight(ticket, set(), GROUND.is_customer) == pytest.approx(1.0)


def test_belief_in_a_fault_of_counters_does_not_change_what_its_complaints_count() -> None:
    doubted = diagnosed("T1", fault_share={1: 0.2})
    believed = diagnosed("T2", fault_share={1: 0.9})
    doubted.posterior, believed.posterior = doubted.posterior * 0.8, believed.posterior * 0.1
    weights = [own_weight(t, set(), GROUND.is_customer) for t in (doubted, believed)]
    assert weights[0] == pytest.approx(weights[1])


def test_only_first_calls_that_were_diagnosed_count() -> None:
    tickets = [diagnosed("T1"), diagnosed("T2", same_as="T1"), diagnosed("T3", diagnosed_at=0)]
    assert len(read_complaints(GROUND, tickets, {}, set(), RULES).weight) == 1


@pytest.mark.parametrize(
    ("cause", "weight"),
    [("site_outage", 0.9), ("terminal_fault", 0.1), ("weak_coverage", 0.1), ("", 1.0)],
    ids=["fault", "customer", "coverage", "open"],
)
def test_a_closed_order_says_whether_it_was_a_fault(cause: str, weight: float) -> None:
    closed = {"T1": cause} if cause else {}
    told = read_complaints(GROUND, [diagnosed("T1")], closed, set(), RULES)
    assert told.weight.tolist() == pytest.approx([weight])


def test_complaints_count_at_their_cell_while_the_episode_lasts() -> None:
    episodes = span(("H1-L", NOON, NOON + 4 * HOUR))
    tickets = [
        diagnosed("T1"),
        diagnosed("T2", at=NOON - HOUR),
        diagnosed("T3", cell="H2-L"),
        diagnosed("T4", at=NOON + 5 * HOUR),
    ]
    assert counted(scene_of(tickets, episodes), episodes, [SLEEPING], [0]) == [0.98]


def test_overlapping_episodes_of_a_unit_count_a_complaint_and_an_hour_once() -> None:
    both = span(("H1-L", NOON, NOON + 3 * HOUR), ("H1-L", NOON, NOON + 4 * HOUR))
    scene = scene_of([diagnosed("T1")], both)
    kinds, units = np.array([SLEEPING, SLEEPING]), np.array([0, 0])
    found = count_units(both, kinds, np.zeros(2), units, scene)
    assert found.complaints.tolist() == pytest.approx([0.98])
    assert found.user_hours == pytest.approx(
        500.0 * scene.profile.hours(np.array([NOON]), np.array([NOON + 4 * HOUR]))
    )


def test_a_complaint_in_two_units_is_shared_between_them() -> None:
    both = span(("H1-L", NOON, NOON + 3 * HOUR), ("H1-L", NOON, NOON + 4 * HOUR))
    scene = scene_of([diagnosed("T1")], both)
    assert counted(scene, both, [SLEEPING, CROWDING], [0, 1]) == [0.49, 0.49]


def test_a_closed_order_of_another_kind_of_fault_hardly_counts() -> None:
    episodes = span(("H1-L", NOON, NOON + 4 * HOUR))
    scene = scene_of([diagnosed("T1")], episodes, {"T1": "antenna_fault"})
    assert counted(scene, episodes, [VSWR], [0]) == [round(0.98 * 0.9, 3)]
    assert counted(scene, episodes, [CROWDING], [0]) == [round(0.98 * 0.9 * 0.1, 3)]


def test_the_usual_rate_leaves_out_what_came_during_episodes() -> None:
    episodes = span(("H1-L", NOON, NOON + 4 * HOUR))
    quiet = scene_of([diagnosed("T0", at=NOON - HOUR)], episodes)
    loud = scene_of([diagnosed(f"T{i}", at=NOON + i) for i in range(9)], episodes)
    assert loud.rate[cells_of("H2-L")[0]] <= quiet.rate[cells_of("H2-L")[0]]


def test_a_cell_whose_customers_always_complain_expects_more() -> None:
    episodes = span(("H1-L", NOON, NOON + 4 * HOUR))
    tickets = [diagnosed(f"T{i}", at=NOON - i * 7 * HOUR, cell="V1-L") for i in range(1, 15)]
    rate = scene_of(tickets, episodes).rate
    assert rate[cells_of("V1-L")[0]] > 5 * rate[cells_of("H1-L")[0]]


def test_a_unit_goes_by_the_episode_the_rule_book_believes_most() -> None:
    both = span(("H1-L", NOON, NOON + 3 * HOUR), ("H2-L", NOON, NOON + 4 * HOUR))
    scene = scene_of([], both)
    kinds, units = np.array([CROWDING, VSWR]), np.array([0, 0])
    found = count_units(both, kinds, np.zeros(2), units, scene)
    assert found.kind.tolist() == [VSWR]
    assert found.sure == pytest.approx([0.5 * np.log(2)])


def test_what_a_kind_brings_is_that_of_its_causes() -> None:
    rates = dict(zip(KIND_NAMES, GROUND.rate, strict=True))
    assert rates["cell_lost"] > 3 * rates["congestion_data"]
    assert (GROUND.rate > 0).all()


def test_tickets_are_left_as_they_are() -> None:
    ticket = diagnosed("T1", fault_share={1: 0.2})
    before = replace(ticket, posterior=ticket.posterior.copy(), share=ticket.share.copy())
    scene_of([ticket], span(("H1-L", NOON, NOON + HOUR)))
    assert ticket.fault_share == before.fault_share
    assert (ticket.posterior == before.posterior).all()
    assert (ticket.share == before.share).all()
