import pandas as pd
import pytest

from contract.bundles import Bundle
from contract.causes import CAUSES
from contract.tables import OUTPUTS
from correlate.diagnosis import serving_rows
from correlate.reporting import report
from correlate.state import State
from correlate.step import Issued
from correlate.tabling import output_tables
from tests.correlate.small_network import (
    HOUR,
    NOON,
    bundle_tables,
    diagnose_held,
    fresh_state,
    knowledge_with,
    make_ticket,
    sure_outage,
    table,
)

KNOWN = knowledge_with(notice_min_complaints=0.01)
EMPTY = pd.DataFrame({"table": [], "row": [], "reason": [], "content": []})


def laid_out(state: State, issued: Issued) -> dict[str, pd.DataFrame]:
    users = table("subscribers", county=["Hill"], users=[10_000.0])
    tables = bundle_tables(subscribers=users)
    counts = pd.DataFrame({"rows": [], "used": [], "rejected": [], "repaired": []})
    bundle = Bundle("small", tables, EMPTY, EMPTY, counts)  # type: ignore[arg-type]
    return output_tables(state, KNOWN, issued, bundle)


@pytest.fixture
def told() -> dict[str, pd.DataFrame]:
    """Lay out an outage of H1 with its notice and two tickets, one of them elsewhere."""
    state = fresh_state()
    sure_outage(state, "H1")
    report(state, KNOWN, now=NOON + 600)
    tickets = [
        make_ticket(),
        make_ticket("T0", cell="V1-L", county="Vale", created_at=NOON + 2 * HOUR),
    ]
    state.tickets = {t.ticket_id: t for t in tickets}
    state.held = list(tickets)
    rows = diagnose_held(state, KNOWN, now=NOON + HOUR + 1800)
    return laid_out(state, Issued(rows, serving_rows(KNOWN, tickets)))


def test_every_table_of_the_contract_is_there_with_its_columns(
    told: dict[str, pd.DataFrame],
) -> None:
    assert set(told) == set(OUTPUTS)
    for name in set(OUTPUTS) - {"rejected", "repairs"}:
        assert list(told[name].columns) == list(OUTPUTS[name].column_names)


def test_instants_are_in_utc_and_microseconds(told: dict[str, pd.DataFrame]) -> None:
    for name, rows in told.items():
        for column in rows.columns[rows.columns.str.endswith(("_at", "_until"))]:
            assert str(rows[column].dtype) == "datetime64[us, UTC]", (name, column)


def test_a_diagnosis_carries_the_incident_of_its_fault(told: dict[str, pd.DataFrame]) -> None:
    first = told["diagnoses"][told["diagnoses"]["rank"] == 1].set_index("ticket_id")
    (incident,) = told["incidents"]["incident_id"]
    assert first.at["T1", "incident_id"] == incident
    assert pd.isna(first.at["T0", "incident_id"])
    assert first.at["T1", "fault_started_at"] == pd.Timestamp(NOON, unit="s", tz="UTC")
    assert set(told["diagnoses"]["cause"]) <= set(CAUSES)


def test_rows_are_in_order_of_ticket_and_rank(told: dict[str, pd.DataFrame]) -> None:
    for name in ("diagnoses", "serving_cells"):
        rows = told[name][["ticket_id", "rank"]]
        pd.testing.assert_frame_equal(rows, rows.sort_values(["ticket_id", "rank"]))


def test_an_incident_counts_its_tickets_and_joins_its_cells(told: dict[str, pd.DataFrame]) -> None:
    (incident,) = told["incidents"].to_dict("records")
    assert incident["complaints"] == 1
    assert incident["cells"] == "H1-G|H1-L"
    assert pd.isna(incident["ended_at"])


def test_a_caller_whose_place_had_a_notice_counts_as_intercepted(
    told: dict[str, pd.DataFrame],
) -> None:
    rates = told["rates"].set_index("county")
    assert rates.at["Hill", "intercepted"] == 1
    assert rates.at["Hill", "per_10k"] == 0.0
    assert rates.at["Hill", "per_10k_without"] == 1.0
    assert rates.at["Vale", "intercepted"] == 0
    assert pd.isna(rates.at["Vale", "per_10k"])
    assert set(told["rates"]["day"]) == {"2026-03-10"}


def test_a_run_of_nothing_gives_every_table_empty_with_its_columns() -> None:
    told = laid_out(fresh_state(), Issued())
    for name in set(OUTPUTS) - {"rejected", "repairs"}:
        assert told[name].empty
        assert list(told[name].columns) == list(OUTPUTS[name].column_names)
