import numpy as np
import pytest

from correlate.diagnosis import (
    fault_causes,
    hypotheses_of,
    serving_rows,
    unserved_of,
    user_hours,
    weigh_fresh,
)
from correlate.state import State
from correlate.tickets import Ticket
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    diagnose_held,
    fresh_state,
    knowledge_with,
    make_fault,
    make_ticket,
    small_knowledge,
    sure_outage,
    words_for,
)

KNOWN = small_knowledge()
ARRIVED = NOON + HOUR


def held(state: State, *tickets: Ticket) -> None:
    state.tickets |= {t.ticket_id: t for t in tickets}
    state.held += tickets


def test_a_ticket_is_held_to_the_last_step_within_half_an_hour_and_diagnosed_once() -> None:
    state = fresh_state()
    held(state, make_ticket())
    steps = range(ARRIVED, ARRIVED + 2 * HOUR, 300)
    moments = [now for now in steps if diagnose_held(state, KNOWN, now=now)]
    assert len(moments) == 1
    assert 0 < moments[0] - ARRIVED <= 1800


@pytest.mark.parametrize(("hold", "step"), [(5.0, 5.0), (30.0, 60.0), (30.0, 7.0), (1.0, 5.0)])
def test_no_ticket_waits_longer_than_hold(hold: float, step: float) -> None:
    known = knowledge_with(hold_min=hold, step_min=step)
    state = fresh_state()
    first = int(-(-ARRIVED // (step * 60)) * step * 60)
    held(state, make_ticket(arrived_at=first))
    (row, *_) = diagnose_held(state, known, now=first) or diagnose_held(
        state, known, now=int(first + (hold // step) * step * 60)
    )
    assert int(str(row["diagnosed_at"])) <= first + hold * 60


def test_a_sure_outage_comes_first_with_its_object_and_start() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    held(state, make_ticket())
    rows = diagnose_held(state, KNOWN, now=ARRIVED + 1800)
    first = rows[0]
    assert (first["cause"], first["object_id"], first["fault"]) == ("site_outage", "H1", 1)
    assert first["fault_started_at"] == NOON
    assert first["cell_id"] == "H1-L"
    assert fault.tickets > 0.9
    assert state.tickets["T1"].fault == fault.number


def test_causes_are_ranked_each_once_with_at_most_one_in_sum() -> None:
    state = fresh_state()
    sure_outage(state, "H1", alarm_exists=-2.0)
    held(state, make_ticket(), make_ticket("T2", cell="V1-L"))
    rows = diagnose_held(state, KNOWN, now=ARRIVED + 1800)
    for ticket in ("T1", "T2"):
        mine = [r for r in rows if r["ticket_id"] == ticket]
        chances = [float(str(r["probability"])) for r in mine]
        assert [r["rank"] for r in mine] == list(range(1, len(mine) + 1))
        assert len({r["cause"] for r in mine}) == len(mine) <= 5
        assert chances == sorted(chances, reverse=True)
        assert sum(chances) <= 1.0 + 1e-9


def test_a_cause_of_the_customer_breaks_no_object() -> None:
    state = fresh_state()
    held(state, make_ticket(words=words_for(terminal_fault=8.0)))
    first = diagnose_held(state, KNOWN, now=ARRIVED + 1800)[0]
    assert (first["cause"], first["object_id"], first["fault"]) == ("terminal_fault", None, 0)


def test_faults_elsewhere_or_long_repaired_are_no_hypotheses() -> None:
    state = fresh_state()
    sure_outage(state, "V2")
    sure_outage(state, "H1", started_at=NOON - 99 * HOUR, ended_at=NOON - 90 * HOUR)
    own = sure_outage(state, "H1")
    assert hypotheses_of(state, KNOWN, [make_ticket()], now=ARRIVED).faults == (own,)


def test_a_second_complaint_makes_the_fault_surer() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    held(state, make_ticket(), make_ticket("T2"))
    diagnose_held(state, KNOWN, now=ARRIVED + 1800)
    assert fault.tickets > 1.5


def test_weighing_a_fresh_ticket_changes_no_fault() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    ticket = make_ticket()
    weigh_fresh(state, KNOWN, [ticket], now=ARRIVED)
    assert ticket.posterior[KNOWN.codes.index("site_outage")] > 0.9
    assert ticket.posterior.sum() == pytest.approx(1.0)
    assert fault.tickets == 0.0


def test_belief_is_worked_out_anew_when_evidence_changes() -> None:
    fault = sure_outage(fresh_state(), "H1")
    before = fault_causes(KNOWN, fault)
    fault.alarm_log = -fault.alarm_log
    assert fault_causes(KNOWN, fault) is before
    fault.touch()
    site_outage = KNOWN.signatures.position("site_outage")
    assert fault_causes(KNOWN, fault)[site_outage] < before[site_outage]


def test_hours_of_the_night_count_less_and_end_with_the_fault() -> None:
    state = fresh_state()
    by_day, by_night = make_fault(state, "H1"), make_fault(state, "H1", started_at=NOON - 12 * HOUR)
    day = user_hours(KNOWN, by_day, now=NOON + 4 * HOUR)
    users = unserved_of(KNOWN, by_day)
    assert 0 < users < 1000.0
    assert 0.95 * 4 * users < day < 4 * users
    assert user_hours(KNOWN, by_night, now=NOON - 8 * HOUR) < day
    by_day.ended_at = NOON + HOUR
    assert user_hours(KNOWN, by_day, now=NOON + 4 * HOUR) == pytest.approx(users, rel=0.01)


def test_no_hours_are_lasted_before_the_first_minute_of_a_night() -> None:
    fault = make_fault(fresh_state(), "H1", started_at=NOON - 10 * HOUR)
    assert user_hours(KNOWN, fault, now=NOON - 10 * HOUR) == 0
    assert user_hours(KNOWN, fault, now=NOON, since=NOON + HOUR) == 0


def test_serving_cells_are_the_likeliest_six_with_at_most_one_in_sum() -> None:
    cells = cells_of("H1", "H2", "H3", "H4")
    share = np.array([0.05, 0.3, 0.1, 0.2, 0.15, 0.1, 0.06, 0.0])
    ticket = make_ticket(cells=cells, share=share, distance_m=np.arange(8.0))
    rows = serving_rows(KNOWN, [ticket])
    chances = [float(str(r["probability"])) for r in rows]
    assert len(rows) == 6
    assert chances == sorted(chances, reverse=True)
    assert rows[0]["cell_id"] == KNOWN.cell_ids[cells[1]]


def test_a_ticket_without_a_place_is_served_by_nothing() -> None:
    lost = make_ticket(cells=np.array([-1]), share=np.array([0.0]), distance_m=np.array([0.0]))
    assert serving_rows(KNOWN, [lost]) == []
