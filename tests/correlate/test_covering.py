from correlate.covering import covering_of, merged_at, notices_by_fault
from correlate.faults import merge
from correlate.reporting import report
from correlate.state import State
from tests.correlate.small_network import (
    HOUR,
    NOON,
    fresh_state,
    knowledge_with,
    make_ticket,
    sure_outage,
)

KNOWN = knowledge_with(notice_min_complaints=0.01)


def with_notice(*names: str) -> State:
    state = fresh_state()
    sure_outage(state, *names)
    report(state, KNOWN, now=NOON + 600)
    return state


def cover(state: State, **fields: object) -> tuple[str, int] | None:
    given = {"fault": 1, "assigned_at": NOON + HOUR + 1800} | fields
    ticket = make_ticket(**given)  # type: ignore[arg-type]
    found = covering_of(state, KNOWN, ticket, notices_by_fault(state))
    return None if found is None else (found.notice.interception_id, found.known_at)


def test_a_notice_for_the_fault_covers_its_place() -> None:
    assert cover(with_notice("H1")) == ("N-000001", NOON + HOUR + 1800)


def test_a_complaint_before_the_notice_is_not_covered() -> None:
    assert cover(with_notice("H1"), created_at=NOON + 600) is None


def test_a_complaint_of_another_fault_or_place_is_not_covered() -> None:
    assert cover(with_notice("H1"), fault=2) is None
    assert cover(with_notice("H1"), cell="V1-L") is None


def test_a_complaint_after_the_notice_is_not_covered() -> None:
    state = with_notice("H1")
    state.notices[0].valid_until = NOON + 1800
    assert cover(state) is None


def test_a_cover_by_a_merged_fault_is_known_from_the_merging() -> None:
    state = with_notice("H1", "H2")
    other = sure_outage(state, "H1")
    first = state.faults.numbered[1]
    merge(state.faults, first, other, now=NOON + 5 * HOUR)
    assert cover(state, fault=other.number) == ("N-000001", NOON + 5 * HOUR)
    assert merged_at(state, 1, other.number) == NOON + 5 * HOUR
    assert merged_at(state, 1, 1) == 0
