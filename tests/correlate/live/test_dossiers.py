"""The dossier of an incident is the same from the ledger of a live run as from what a run over the bundle wrote."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contract.bundles import read_bundle
from contract.ledger.store import Ledger, open_ledger
from contract.outputs import write_outputs
from contract.settings import Settings
from correlate.dossier import incident_dossier
from correlate.knowledge import gather
from correlate.live.dossiers import live_dossier
from correlate.live.driver import Driver
from correlate.live.intake import Intake
from correlate.live.replay import US, batches
from correlate.run import run_bundle
from tests.correlate.live.small_bundle import STEP_S, write_bundle

FAR = 2**50
INCIDENT = "INC-20260310-00001"
ZONE = Settings().zone


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of one afternoon."""
    return write_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[Ledger]:
    """The ledger of a live run over it."""
    home = tmp_path_factory.mktemp("live")
    tables = read_bundle(folder, Settings()).tables
    made = open_ledger(f"sqlite:///{home}/ledger.db")
    intake = Intake(made, home, Settings(), tables)
    driver = Driver(made, gather(tables, Settings()), home, "this version", time.time)
    driver.recover()
    for batch in batches(tables, step_s=STEP_S):
        intake.take(batch.submissions, now_us=batch.at * US)
        while driver.advance(batch.at) is not None:
            pass
    while driver.advance(FAR) is not None:
        pass
    yield made
    made.close()


def test_live_and_offline_tell_the_same_of_an_incident(
    ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    result = run_bundle(folder, Settings())
    write_outputs(out, result.tables, ZONE, daybook=result.daybook)
    with ledger.reading() as connection:
        live = live_dossier(connection, INCIDENT, zone=ZONE)
    offline = incident_dossier(out, INCIDENT)
    assert live is not None
    for key in (
        "cause", "object_id", "state", "started_at", "detected_at", "ended_at", "cells", "site_ids",
        "county", "area", "due_at", "complaints", "impact", "changes", "notices", "links", "past",
    ):  # fmt: skip
        assert live[key] == offline[key], key
    assert [(a["alarm_id"], a["raised_at"], a["cleared_at"]) for a in live["alarms"]] == [
        (a["alarm_id"], a["raised_at"], a["cleared_at"]) for a in offline["alarms"]
    ]
    assert [t["ticket_id"] for t in live["tickets"]] == [t["ticket_id"] for t in offline["tickets"]]
    assert (live["first"]["id"], live["first"]["name"]) == (
        offline["first"]["id"],
        offline["first"]["name"],
    )


def test_the_ledger_tells_what_speaks_for_and_against(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        told = live_dossier(connection, INCIDENT, zone=ZONE)
    assert told is not None
    evidence = told["evidence"]
    assert evidence["causes"][0][0] == told["cause"]
    assert sum(chance for _, chance in evidence["causes"]) == pytest.approx(1.0, abs=0.05)
    assert evidence["for_fault"]["counters"] > 0
    assert {one["kind"] for one in evidence["counters"]} == {"cell_lost"}
    assert [sheet["notice_id"] for sheet in told["sheets"]] == ["NT-000001"]


@pytest.mark.parametrize(
    ("incident", "counties"), [("INC-NONE", ()), (INCIDENT, ("Vale",))], ids=["none", "elsewhere"]
)
def test_what_is_not_there_for_who_asks_is_none(
    ledger: Ledger, incident: str, counties: tuple[str, ...]
) -> None:
    with ledger.reading() as connection:
        assert live_dossier(connection, incident, zone=ZONE, counties=counties) is None


def test_tickets_are_left_out_for_who_may_not_see_them(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        told = live_dossier(connection, INCIDENT, zone=ZONE, with_tickets=False)
        shown = live_dossier(connection, INCIDENT, zone=ZONE, counties=("Hill",))
    assert told is not None
    assert shown is not None
    assert (told["tickets"], len(shown["tickets"]) > 0) == ([], True)
