"""Whatever moment a live run is killed at, it comes back with all it acknowledged and issues nothing twice."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from contract.bundles import read_bundle
from contract.ledger import schema
from contract.ledger.arrivals import head
from contract.ledger.store import Ledger, open_ledger
from contract.settings import Settings
from correlate.knowledge import gather
from correlate.live.driver import Driver
from correlate.run import run_bundle
from tests.contract.ledger.postgres import binaries, postgres
from tests.correlate.live.killing import FAR, Play, contents
from tests.correlate.live.small_bundle import write_bundle

ISSUED = (
    schema.DIAGNOSES,
    schema.SERVING_CELLS,
    schema.INCIDENTS,
    schema.NOTICES,
    schema.TICKETS,
    schema.VERSIONS,
    schema.CHANGES,
    schema.FAULT_INCIDENTS,
    schema.NOTICE_SHEETS,
)
KILLS = 12


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of one afternoon."""
    return write_bundle(tmp_path_factory.mktemp("bundle"))


@pytest.fixture(scope="module")
def play(folder: Path) -> Play:
    """That bundle as read."""
    bundle = read_bundle(folder, Settings())
    return Play(bundle, gather(bundle.tables, Settings()))


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, play: Play) -> Iterator[Ledger]:
    """A ledger of a run that was never broken."""
    home = tmp_path_factory.mktemp("unbroken")
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    play.into(ledger, home, every_s=FAR)
    yield ledger
    ledger.close()


def test_a_live_run_issues_what_a_run_over_the_bundle_does(folder: Path, unbroken: Ledger) -> None:
    issued = contents(unbroken, ISSUED)
    expected = run_bundle(folder, Settings()).tables
    assert len(expected["incidents"]) > 0
    assert len(expected["diagnoses"]) > 0
    told = {(r["ticket_id"], r["rank"], r["cause"]): r["probability"] for r in issued["diagnoses"]}
    due = expected["diagnoses"].set_index(["ticket_id", "rank", "cause"])["probability"]
    assert told == pytest.approx(due.to_dict(), rel=1e-12), "but for the last digit of a processor"
    for name, key in (("incidents", "incident_id"), ("notices", "interception_id")):
        table = expected["interceptions" if name == "notices" else name]
        assert {r[key] for r in issued[name]} == set(table[key])
        assert {(r[key], r["cells"]) for r in issued[name]} == set(
            zip(table[key], table["cells"], strict=True)
        )


def test_nothing_is_lost_nor_issued_twice_over_many_kills(
    tmp_path: Path, play: Play, unbroken: Ledger
) -> None:
    address = f"sqlite:///{tmp_path}/ledger.db"
    assert play.killed_often(address, tmp_path, kills=KILLS, seed=7) > 0
    ledger = open_ledger(address)
    assert contents(ledger, ISSUED) == contents(unbroken, ISSUED)
    with ledger.reading() as connection, unbroken.reading() as other:
        assert head(connection) == head(other)
    ledger.close()


def test_a_state_of_another_version_is_not_used(
    tmp_path: Path, play: Play, unbroken: Ledger
) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    driver = play.into(ledger, tmp_path, every_s=FAR)
    driver.save()
    other = Driver(ledger, play.known, tmp_path, "another version", time.time)
    with ledger.reading() as connection:
        steps = len(connection.execute(select(schema.STEPS)).all())
    assert other.recover() == steps
    assert (other.number, other.seq) == (driver.number, driver.seq)
    assert Driver(ledger, play.known, tmp_path, "another version", time.time).recover() == 0
    assert contents(ledger, ISSUED) == contents(unbroken, ISSUED)
    ledger.close()


def test_a_recovery_that_is_broken_off_goes_on_where_it_was(
    tmp_path: Path, play: Play, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    driver = play.into(ledger, tmp_path, every_s=FAR)
    with ledger.reading() as connection:
        steps = len(connection.execute(select(schema.STEPS)).all())
    broken = Driver(ledger, play.known, tmp_path, "new", time.time, 0.0)
    taken: list[int] = []
    work = Driver._work

    def works(self: Driver, *given: Any) -> Any:
        """Take a step, but for the fifth."""
        taken.append(self.number)
        if len(taken) == 5:
            raise KeyboardInterrupt
        return work(self, *given)

    monkeypatch.setattr(Driver, "_work", works)
    with pytest.raises(KeyboardInterrupt):
        broken.recover()
    monkeypatch.setattr(Driver, "_work", work)
    after = Driver(ledger, play.known, tmp_path, "new", time.time)
    assert after.recover() == steps - 4
    assert (after.number, after.seq) == (driver.number, driver.seq)
    ledger.close()


def test_postgresql_gives_what_sqlite_gives(tmp_path: Path, play: Play, unbroken: Ledger) -> None:
    if binaries() is None:
        pytest.skip(
            "PostgreSQL is NOT tested: its server is not installed (apt-get install postgresql)"
        )
    with postgres(tmp_path) as address:
        ledger = open_ledger(address)
        play.into(ledger, tmp_path, every_s=FAR)
        assert contents(ledger, ISSUED) == contents(unbroken, ISSUED)
        ledger.close()
