import pytest

from correlate.faults import Fault
from correlate.matching import best_match
from tests.correlate.small_network import HOUR, NOON, cells_of, fresh_state, make_fault

H1 = cells_of("H1")


def fault_of(family: str, *, hours_before: float = 1.0, sites: tuple[str, ...] = ("H1",)) -> Fault:
    started_at = int(NOON - hours_before * HOUR)
    return make_fault(fresh_state(), *sites, family=family, started_at=started_at)


def test_a_new_outage_on_top_of_old_mild_trouble_is_a_fault_of_its_own() -> None:
    mild = fault_of("radio", hours_before=20)
    assert best_match([mild], H1, NOON, family="loss") is None
    assert best_match([mild], H1, NOON, family="radio") is mild


def test_an_outage_soon_after_its_warning_is_the_same_fault() -> None:
    warned = fault_of("radio", hours_before=1)
    assert best_match([warned], H1, NOON, family="loss") is warned


def test_an_outage_inside_a_window_of_work_belongs_to_the_work() -> None:
    work = fault_of("work", hours_before=20)
    assert best_match([work], H1, NOON, family="loss") is work


@pytest.mark.parametrize("family", ["load", "tickets"])
def test_crowds_and_complaints_never_swallow_an_outage(family: str) -> None:
    assert best_match([fault_of(family)], H1, NOON, family="loss") is None


def test_an_alarm_belongs_to_a_crowd_it_begins_with_and_not_to_one_of_old() -> None:
    crowd, old = fault_of("load", hours_before=1), fault_of("load", hours_before=30)
    assert best_match([crowd], H1, NOON, family="radio") is crowd
    assert best_match([old], H1, NOON, family="radio") is None


def test_a_signal_on_other_cells_belongs_to_no_fault() -> None:
    assert best_match([fault_of("loss")], cells_of("H2"), NOON, family="loss") is None


def test_a_signal_long_before_a_fault_is_not_part_of_it() -> None:
    later = fault_of("loss", hours_before=-12)
    assert best_match([later], H1, NOON, family="loss") is None


def test_the_fault_with_most_cells_in_common_wins() -> None:
    beside, own = fault_of("loss", sites=("H1-L", "H2")), fault_of("loss", sites=("H1",))
    assert best_match([beside, own], H1, NOON, family="loss") is own


def test_matching_without_faults_finds_none() -> None:
    assert best_match([], H1, NOON, family="loss") is None
