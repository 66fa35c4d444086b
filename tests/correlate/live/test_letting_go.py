"""A live run lets go of what is over for good, by the clock of its steps, and issues what a run that keeps all does."""

from dataclasses import replace
from pathlib import Path

import pytest

from contract.bundles import Bundle
from contract.ledger import schema
from contract.ledger.store import open_ledger
from correlate.feed import build_feed
from correlate.live import driver as driver_module
from correlate.live.driver import Driver
from correlate.live.outputs import Written
from correlate.run import play_feed
from correlate.tabling import output_tables
from tests.correlate.live.killing import FAR, Play, contents
from tests.correlate.test_purging import KNOWN, NONE, months

WRITTEN = (schema.INCIDENTS, schema.NOTICES, schema.TICKETS, schema.DIAGNOSES, schema.VERSIONS)


def played(home: Path) -> tuple[Driver, dict[str, list[dict[str, object]]]]:
    """Play two months and a half into a ledger; return what plays and what was written."""
    home.mkdir()
    bundle = Bundle(home, months(), NONE, NONE, NONE)
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    return Play(bundle, KNOWN).into(ledger, home, every_s=FAR), contents(ledger, WRITTEN)


def test_what_is_let_go_of_live_was_written_and_nothing_else_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live, told = played(tmp_path / "live")
    monkeypatch.setattr(driver_module, "is_purge_due", lambda *_, **__: False)
    keeping, expected = played(tmp_path / "keeping")
    assert told == expected
    assert 0 < len(live.state.incidents) < len(keeping.state.incidents)
    assert len(live.state.tickets) < len(keeping.state.tickets)
    assert live.state.purged.incidents + len(live.state.incidents) == len(told["incidents"])
    for name, rows in live.written.rows.items():
        assert len(rows) <= len(keeping.written.rows[name])
    assert live.written.rows["incidents"].keys() == {
        incident.incident_id for incident in live.state.incidents.values()
    }
    assert live.written.rows["tickets"].keys() == live.state.tickets.keys()
    state, issued = play_feed(build_feed(months(), KNOWN), KNOWN)
    bundle = Bundle(tmp_path, months(), NONE, NONE, NONE)
    whole = output_tables(state, KNOWN, issued, bundle)
    assert {row["incident_id"] for row in told["incidents"]} == set(
        whole["incidents"]["incident_id"]
    )
    for driver in (live, keeping):
        driver.ledger.close()


def test_a_driver_that_starts_anew_lets_go_of_the_same(tmp_path: Path) -> None:
    live, told = played(tmp_path / "live")
    again = replace(live)
    again.recover()
    assert again.number == live.number
    assert again.state.incidents.keys() == live.state.incidents.keys()
    assert again.state.tickets.keys() == live.state.tickets.keys()
    assert again.state.purged == live.state.purged
    assert contents(live.ledger, WRITTEN) == told
    live.ledger.close()


def test_what_stands_no_longer_is_forgotten_and_what_changed_is_told() -> None:
    written = Written()
    assert written.changed("t", {1: {"a": 1}, 2: {"a": 2}}) == [{"a": 1}, {"a": 2}]
    assert written.changed("t", {2: {"a": 3}}) == [{"a": 3}]
    assert written.rows["t"] == {2: (3,)}
    assert written.changed("t", {4: {"a": 4}}, held={2, 4}) == [{"a": 4}]
    assert written.changed("t", {}, held={4}) == []
    assert written.rows["t"] == {4: (4,)}
