from collections.abc import Callable

import numpy as np
import pytest

from correlate.exclusions import excluded_of
from correlate.faults import Fault
from correlate.state import Change, State
from correlate.tickets import Ticket
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    fresh_state,
    make_ticket,
    small_knowledge,
    sure_outage,
)

KNOWN = small_knowledge()


def probability(likely: str) -> np.ndarray:
    return np.array([0.6 if code == likely else 0.0 for code in KNOWN.codes])


def reasons(
    ticket: Ticket, *, state: State | None = None, fault: Fault | None = None, likely: str = ""
) -> dict[str, str]:
    asked = state or fresh_state()
    asked.now = NOON + 2 * HOUR
    found = excluded_of(asked, KNOWN, ticket, fault, probability(likely))
    return {e["cause"]: e["reason"]["key"] for e in found}


@pytest.mark.parametrize(
    ("cause", "ticket"),
    [
        ("weak_coverage", make_ticket),
        ("parameter_error", make_ticket),
        ("account_barred", lambda: make_ticket(account="active")),
        ("terminal_fault", lambda: make_ticket(is_group=True)),
    ],
)
def test_a_hypothesis_is_excluded_when_unlikely_and_never_when_likely(
    cause: str, ticket: Callable[[], Ticket]
) -> None:
    assert cause in reasons(ticket())
    assert cause not in reasons(ticket(), likely=cause)


def test_sudden_trouble_excludes_thin_coverage_for_that_reason() -> None:
    sudden = make_ticket(onset_from=NOON - HOUR, onset_to=NOON)
    assert reasons(sudden)["weak_coverage"] == "excluded.coverage_sudden"
    assert reasons(make_ticket())["weak_coverage"] == "excluded.coverage_served"
    chronic = make_ticket(onset_to=NOON, is_chronic=True)
    assert reasons(chronic)["weak_coverage"] == "excluded.coverage_served"


@pytest.mark.parametrize(
    ("site", "hours_before", "is_excluded"),
    [("H1", 2, False), ("H2", 2, False), ("V1", 2, True), ("H1", 200, True)],
    ids=["own station", "neighbour", "far away", "long ago"],
)
def test_a_change_nearby_keeps_the_parameter_under_suspicion(
    site: str, hours_before: int, is_excluded: bool
) -> None:
    state = fresh_state()
    cells = frozenset(cells_of(site).tolist())
    when = NOON - hours_before * HOUR
    state.changes.append(Change(site, when, None, "power", False, 0.0, "pMax", cells))
    assert ("parameter_error" in reasons(make_ticket(), state=state)) is is_excluded


def test_an_outage_around_is_not_excluded_while_one_may_be_there() -> None:
    assert reasons(make_ticket())["site_outage"] == "excluded.neighbour"
    state = fresh_state()
    sure_outage(state, "H2")
    assert "site_outage" not in reasons(make_ticket(), state=state)


def test_a_repaired_or_doubtful_outage_around_does_not_count() -> None:
    state = fresh_state()
    sure_outage(state, "H2", ended_at=NOON)
    sure_outage(state, "H2", healthy=20.0)
    assert "site_outage" in reasons(make_ticket(), state=state)


def test_the_own_outage_is_not_excluded() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    assert "site_outage" not in reasons(make_ticket(), state=state, fault=fault)


def test_congestion_is_not_excluded_unseen() -> None:
    assert "voice_congestion" not in reasons(make_ticket())


def test_an_account_nobody_looked_up_is_not_excluded() -> None:
    assert "account_barred" not in reasons(make_ticket())
