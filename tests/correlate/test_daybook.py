from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from contract.bundles import Bundle
from contract.daybook import DAYBOOK
from contract.outputs import output_table
from correlate.daybook import daybook_tables
from correlate.diagnosis import serving_rows
from correlate.faults import merge
from correlate.reporting import report
from correlate.state import State
from correlate.step import Issued
from correlate.tabling import output_tables
from tests.correlate.small_network import (
    HOUR,
    NOON,
    at,
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
    bundle = Bundle(Path("/data/small"), bundle_tables(subscribers=users), EMPTY, EMPTY, EMPTY)
    told = output_tables(state, KNOWN, issued, bundle)
    return daybook_tables(state, KNOWN, told["diagnoses"], bundle)


@pytest.fixture
def book() -> dict[str, pd.DataFrame]:
    """Lay out an outage of H1 with its notice, and three tickets of two callers, one elsewhere."""
    state = fresh_state()
    sure_outage(state, "H1")
    report(state, KNOWN, now=NOON + 600)
    place: dict[str, Any] = {"x_m": 0.0, "y_m": 0.0, "names": ("Hilltop", "Hill")}
    tickets = [
        make_ticket(msisdn="15900002291", text="call 15900004261", **place),
        make_ticket("T2", msisdn="15900002291", created_at=NOON + 2 * HOUR),
        make_ticket("T3", cell="V1-L", msisdn="15900004261", county="", arrived_at=NOON + 2 * HOUR),
    ]
    state.tickets = {t.ticket_id: t for t in tickets}
    state.held = list(tickets)
    rows = diagnose_held(state, KNOWN, now=NOON + 3 * HOUR)
    return laid_out(state, Issued(rows, serving_rows(KNOWN, tickets)))


def test_every_table_fits_its_declaration(book: dict[str, pd.DataFrame]) -> None:
    assert list(book) == list(DAYBOOK)
    for name, frame in book.items():
        written = output_table(frame, DAYBOOK[name], "Asia/Shanghai")
        assert list(written.columns) == list(DAYBOOK[name].column_names)


def test_a_caller_is_a_running_number_and_a_mask(book: dict[str, pd.DataFrame]) -> None:
    tickets = book["tickets"]
    assert tickets["caller"].tolist() == ["P000001", "P000001", "P000002"]
    assert tickets["number"].tolist() == ["159****2291", "159****2291", "159****4261"]


def test_no_number_stands_anywhere(book: dict[str, pd.DataFrame]) -> None:
    for frame in book.values():
        assert "1590000" not in frame.to_csv()


def test_a_ticket_has_its_place_rounded_and_in_words(book: dict[str, pd.DataFrame]) -> None:
    first, second, third = book["tickets"].to_dict("records")
    assert (first["place"], second["place"], third["place"]) == (
        "Hilltop",
        "H1 station",
        "V1 station",
    )
    assert first["lon"] == round(first["lon"], 3)
    assert pd.isna(second["lon"])
    assert pd.isna(third["county"])


def test_a_ticket_says_when_its_incident_and_cover_were_known(
    book: dict[str, pd.DataFrame],
) -> None:
    first, _, third = book["tickets"].to_dict("records")
    assert first["incident_id"] == book["versions"]["incident_id"].iat[0]
    assert first["incident_at"] == first["covered_at"] == at(NOON + 3 * HOUR)
    assert (first["covered_by"], first["lead_min"]) == ("N-000001", 50.0)
    assert pd.isna(third["incident_id"])
    assert pd.isna(third["covered_by"])


def test_a_version_names_its_sites(book: dict[str, pd.DataFrame]) -> None:
    (version,) = book["versions"].to_dict("records")
    assert (version["site_ids"], version["sites"], version["cells"]) == ("H1", 1, 2)


def test_the_run_is_named_without_its_path(book: dict[str, pd.DataFrame]) -> None:
    (about,) = book["about"].to_dict("records")
    assert about["bundle"] == "small"
    assert pd.isna(about["first_arrival"])


def test_a_merged_incident_says_into_which_and_when() -> None:
    state = fresh_state()
    first, other = sure_outage(state, "H1", "H2"), sure_outage(state, "V1")
    report(state, KNOWN, now=NOON + 600)
    merge(state.faults, first, other, now=NOON + HOUR)
    report(state, KNOWN, now=NOON + HOUR)
    (row,) = laid_out(state, Issued())["merges"].to_dict("records")
    ids = {n: i.incident_id for n, i in state.incidents.items()}
    assert (row["incident_id"], row["into"]) == (ids[other.number], ids[first.number])
    assert row["at"] == at(NOON + HOUR)


def test_a_run_of_nothing_has_every_table() -> None:
    book = laid_out(fresh_state(), Issued())
    assert book["tickets"].empty
    assert len(book["sites"]) == 6
