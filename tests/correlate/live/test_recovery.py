"""Whatever moment a live run is killed at, it comes back with all it acknowledged and issues nothing twice."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from contract.bundles import Bundle, read_bundle
from contract.ledger import schema
from contract.ledger.arrivals import head, latest_us
from contract.ledger.store import Ledger, open_ledger
from contract.settings import Settings
from correlate.knowledge import Knowledge, gather
from correlate.live.driver import Driver
from correlate.live.intake import Intake
from correlate.live.replay import SOURCE, US, batches
from correlate.run import run_bundle
from tests.contract.ledger.postgres import binaries, postgres
from tests.correlate.live.small_bundle import STEP_S, write_bundle

FAR = 2**50
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
def bundle(folder: Path) -> Bundle:
    """That bundle as read."""
    return read_bundle(folder, Settings())


@pytest.fixture(scope="module")
def known(bundle: Bundle) -> Knowledge:
    """What a run over it knows."""
    return gather(bundle.tables, Settings())


def play(ledger: Ledger, home: Path, bundle: Bundle, known: Knowledge, every_s: float) -> Driver:
    """Send what was not sent yet, and take all steps, from wherever the ledger stands."""
    intake = Intake(ledger, home, Settings(), bundle.tables)
    driver = Driver(ledger, known, home, "this version", time.time, snapshot_every_s=every_s)
    driver.recover()
    with ledger.reading() as connection:
        reached = latest_us(connection, SOURCE)
    after = 0 if reached is None else -(-reached // (STEP_S * US))
    for batch in batches(bundle.tables, step_s=STEP_S, after=after):
        intake.take(batch.submissions, now_us=batch.at * US)
        while driver.advance(batch.at) is not None:
            pass
    while driver.advance(FAR) is not None:
        pass
    return driver


def contents(ledger: Ledger) -> dict[str, list[dict[str, Any]]]:
    """Return all that was issued."""
    with ledger.reading() as connection:
        return {
            table.name: sorted(
                (dict(row) for row in connection.execute(select(table)).mappings()), key=str
            )
            for table in ISSUED
        }


@pytest.fixture(scope="module")
def unbroken(
    tmp_path_factory: pytest.TempPathFactory, bundle: Bundle, known: Knowledge
) -> Iterator[Ledger]:
    """A ledger of a run that was never broken."""
    home = tmp_path_factory.mktemp("unbroken")
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    play(ledger, home, bundle, known, every_s=FAR)
    yield ledger
    ledger.close()


def test_a_live_run_issues_what_a_run_over_the_bundle_does(folder: Path, unbroken: Ledger) -> None:
    issued = contents(unbroken)
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
    tmp_path: Path, bundle: Bundle, known: Knowledge, unbroken: Ledger
) -> None:
    rng = np.random.default_rng(7)
    address = f"sqlite:///{tmp_path}/ledger.db"
    kills = 0
    while True:
        child = os.fork()
        if child == 0:
            os._exit(child_plays(address, tmp_path, bundle, known))
        if kills < KILLS:
            time.sleep(float(rng.uniform(0.05, 1.5)))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            break
        kills += 1
    assert kills > 0
    ledger = open_ledger(address)
    assert contents(ledger) == contents(unbroken)
    with ledger.reading() as connection, unbroken.reading() as other:
        assert head(connection) == head(other)
    ledger.close()


def child_plays(address: str, home: Path, bundle: Bundle, known: Knowledge) -> int:
    """Play in a process of its own, a snapshot after every few steps; return its exit code."""
    try:
        play(open_ledger(address), home, bundle, known, every_s=0.2)
    except BaseException as error:  # noqa: BLE001 - a child of a test must never go on as the test
        os.write(2, repr(error).encode())
        return 1
    return 0


def test_a_state_of_another_version_is_not_used(
    tmp_path: Path, bundle: Bundle, known: Knowledge, unbroken: Ledger
) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    driver = play(ledger, tmp_path, bundle, known, every_s=FAR)
    driver.save()
    other = Driver(ledger, known, tmp_path, "another version", time.time)
    with ledger.reading() as connection:
        steps = len(connection.execute(select(schema.STEPS)).all())
    assert other.recover() == steps
    assert (other.number, other.seq) == (driver.number, driver.seq)
    assert Driver(ledger, known, tmp_path, "another version", time.time).recover() == 0
    assert contents(ledger) == contents(unbroken)
    ledger.close()


def test_postgresql_gives_what_sqlite_gives(
    tmp_path: Path, bundle: Bundle, known: Knowledge, unbroken: Ledger
) -> None:
    if binaries() is None:
        pytest.skip(
            "PostgreSQL is NOT tested: its server is not installed (apt-get install postgresql)"
        )
    with postgres(tmp_path) as address:
        ledger = open_ledger(address)
        play(ledger, tmp_path, bundle, known, every_s=FAR)
        assert contents(ledger) == contents(unbroken)
        ledger.close()
