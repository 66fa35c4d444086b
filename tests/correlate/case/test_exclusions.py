from collections.abc import Callable

import pytest

from correlate.case.archive import Archive
from correlate.case.exclusions import excluded_of
from correlate.case.phrases import sentence
from correlate.faults import Fault
from correlate.state import State
from correlate.tickets import Ticket
from tests.correlate.case.desk import (
    archive_of,
    change_rows,
    counter_rows,
    gather_all,
    lay,
    placed,
    played,
)
from tests.correlate.small_network import HOUR, NOON, fresh_state, sure_outage

CALM = {
    "setup_attempts": 100.0,
    "setup_successes": 98.0,
    "congestion_failures": 0.0,
    "traffic_erl": 5.0,
    "ul_interference_dbm": -110.0,
    "ber": 1e-9,
}


def judged(
    ticket: Ticket | None = None,
    *,
    state: State | None = None,
    fault: Fault | None = None,
    archive: Archive | None = None,
    likely: str = "unknown",
) -> tuple[dict[str, str], dict[str, str]]:
    """Keys of the reasons by cause: what is excluded, and what can't be."""
    inquiry = lay(ticket, state=state, fault=fault, archive=archive, likely=likely)
    excluded, undecided = excluded_of(gather_all(inquiry))
    for row in (*excluded, *undecided):
        assert all(sentence(row["reason"], language) for language in ("zh", "en"))
    a, b = ({e["cause"]: e["reason"]["key"] for e in rows} for rows in (excluded, undecided))
    return a, b


@pytest.mark.parametrize(
    ("cause", "ticket"),
    [
        ("weak_coverage", placed),
        ("parameter_error", placed),
        ("planned_work", placed),
        ("account_barred", lambda: placed(account="active")),
        ("terminal_fault", lambda: placed(is_group=True)),
    ],
)
def test_a_hypothesis_is_excluded_when_unlikely_and_never_when_likely(
    cause: str, ticket: Callable[[], Ticket]
) -> None:
    assert cause in judged(ticket())[0]
    assert cause not in judged(ticket(), likely=cause)[0]


def test_sudden_trouble_excludes_thin_coverage_for_that_reason() -> None:
    sudden = placed(onset_from=NOON - HOUR, onset_to=NOON)
    assert judged(sudden)[0]["weak_coverage"] == "excluded.coverage_sudden"
    busy = placed(onset_from=NOON - HOUR, onset_to=NOON, symptom="BUSY")
    assert judged(busy)[0]["weak_coverage"] == "excluded.coverage_busy"
    assert judged()[0]["weak_coverage"] == "excluded.coverage_served"


def test_chronic_trouble_does_not_exclude_thin_coverage() -> None:
    assert "weak_coverage" not in judged(placed(onset_to=NOON, is_chronic=True))[0]


@pytest.mark.parametrize(
    ("site", "hours_before", "is_excluded"),
    [("H1", 2, False), ("H2", 2, False), ("V1", 2, True), ("H1", 200, True)],
    ids=["own station", "neighbour", "far away", "long ago"],
)
def test_a_change_nearby_keeps_the_parameter_under_suspicion(
    site: str, hours_before: int, is_excluded: bool
) -> None:
    archive = archive_of(changes=change_rows((site, hours_before, "pMax")))
    excluded, undecided = judged(archive=archive)
    assert ("parameter_error" in excluded) is is_excluded
    assert "parameter_error" not in undecided


@pytest.mark.parametrize(
    ("table", "causes"),
    [
        ("changes", ("parameter_error", "planned_work")),
        ("kpi", ("voice_congestion", "external_interference", "transmission_errors")),
        ("accounts", ("account_barred",)),
    ],
)
def test_what_was_not_queried_is_not_excluded(table: str, causes: tuple[str, ...]) -> None:
    excluded, undecided = judged(archive=archive_of(missing=(table,)))
    assert {undecided[cause] for cause in causes} == {"reason.no_table"}
    assert not set(causes) & set(excluded)


def test_calm_counters_exclude_congestion_interference_and_errors_with_figures() -> None:
    kpi = counter_rows(("H1-G", "H1-L"), 30, CALM)
    state = played(kpi=kpi)
    inquiry = lay(placed(cell="H1-G"), state=state, archive=archive_of(kpi=kpi), likely="unknown")
    excluded, undecided = excluded_of(gather_all(inquiry))
    told = {e["cause"]: sentence(e["reason"], "en") for e in excluded}
    assert "TCH congestion 0.00 %" in told["voice_congestion"]
    assert "-110.0 dBm" in told["external_interference"]
    assert "1e-09" in told["transmission_errors"]
    reasons = {e["cause"]: e["reason"]["key"] for e in undecided}
    assert reasons["antenna_fault"] == "reason.no_counter"


@pytest.mark.parametrize(
    ("share", "key"), [(0.6, "excluded.congestion_fell"), (0.996, "excluded.congestion_same")]
)
def test_traffic_as_usual_is_not_told_as_a_fall(
    share: float, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kpi = counter_rows(("H1-G", "H1-L"), 30, CALM)
    monkeypatch.setattr("correlate.case.exclusions.traffic_ratio", lambda *_: share)
    ticket = placed(cell="H1-G")
    excluded, _ = judged(
        ticket, state=played(kpi=kpi), archive=archive_of(kpi=kpi), likely="unknown"
    )
    assert excluded["voice_congestion"] == key


def test_a_gap_of_the_counters_is_not_taken_for_health() -> None:
    kpi = counter_rows(("H1-G", "H1-L"), 30, CALM, last=12)
    _, undecided = judged(state=played(kpi=kpi), archive=archive_of(kpi=kpi))
    assert undecided["voice_congestion"] == "reason.gap_since"


def test_blocked_calls_keep_congestion_under_suspicion() -> None:
    blocked = CALM | {"congestion_failures": 8.0, "setup_successes": 90.0}
    kpi = counter_rows(("H1-G", "H1-L"), 30, blocked)
    excluded, undecided = judged(
        placed(cell="H1-G"), state=played(kpi=kpi), archive=archive_of(kpi=kpi)
    )
    assert "voice_congestion" not in {*excluded, *undecided}


def test_an_outage_around_is_not_excluded_while_one_may_be_there() -> None:
    state = fresh_state()
    sure_outage(state, "H2")
    archive = archive_of()
    assert "site_outage" not in judged(state=state, archive=archive)[0]


def test_a_repaired_or_doubtful_outage_around_does_not_count() -> None:
    kpi = counter_rows(("H1-G", "H1-L", "H2-G", "H2-L"), 3, CALM)
    state = played(kpi=kpi)
    sure_outage(state, "H2", ended_at=NOON)
    sure_outage(state, "H2", healthy=20.0)
    assert "site_outage" in judged(state=state, archive=archive_of(kpi=kpi))[0]


def test_the_own_outage_is_not_excluded() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    assert "site_outage" not in judged(state=state, fault=fault)[0]


def test_an_account_nobody_looked_up_is_not_excluded() -> None:
    excluded, undecided = judged()
    assert "account_barred" not in excluded
    assert undecided["account_barred"] == "reason.no_account"
