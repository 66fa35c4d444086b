"""Acts among the arrivals reach the model the same, however often the run is killed between them."""

import os
import signal
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from contract.bundles import Bundle, read_bundle
from contract.ledger import schema
from contract.ledger.acts import Deed
from contract.ledger.arrivals import latest_us
from contract.ledger.store import Ledger, open_ledger
from contract.settings import Settings
from correlate.knowledge import Knowledge, gather
from correlate.live.driver import Driver
from correlate.live.intake import Intake
from correlate.live.replay import SOURCE, US, batches
from correlate.live.views import acts
from tests.correlate.live.small_bundle import STEP_S, write_bundle
from tests.correlate.small_network import HOUR, NOON

FAR = 2**50
INCIDENT, NOTICE = "INC-20260310-00001", "NT-000001"
DUE = NOON + 8 * HOUR
DEEDS = (
    Deed("c1", "li", "comment", "incident", INCIDENT, {"text": "on the way"}),
    Deed("e1", "li", "edit", "notice", NOTICE, {"scripts": {"agent_zh": "抢修。"}, "text": ""}),
    Deed("d1", "li", "repair_time", "incident", INCIDENT, {"due_at": DUE, "text": ""}),
    Deed("w1", "wang", "withdraw", "notice", NOTICE, {"text": "power is back"}),
    Deed("x1", "li", "close", "incident", INCIDENT, {"cause": "power_failure", "text": ""}),
    Deed("v1", "li", "verdict", "ticket", "T0", {"cause": "power_failure", "reply": "back"}),
    Deed("u1", "wang", "undo", "incident", INCIDENT, {"undoes": "x1", "text": ""}),
)
ISSUED = (
    schema.DIAGNOSES,
    schema.INCIDENTS,
    schema.NOTICES,
    schema.TICKETS,
    schema.VERSIONS,
    schema.CHANGES,
    schema.NOTICE_SHEETS,
    schema.ACT_OUTCOMES,
)
KILLS = 8


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The bundle of one afternoon."""
    return read_bundle(write_bundle(tmp_path_factory.mktemp("bundle")), Settings())


@pytest.fixture(scope="module")
def known(bundle: Bundle) -> Knowledge:
    """What a run over it knows."""
    return gather(bundle.tables, Settings())


def play(ledger: Ledger, home: Path, bundle: Bundle, known: Knowledge, every_s: float) -> None:
    """Send what was not sent yet, an act with each batch from the fourth on, and take all steps."""
    intake = Intake(ledger, home, Settings(), bundle.tables)
    driver = Driver(ledger, known, home, "this version", time.time, snapshot_every_s=every_s)
    driver.recover()
    with ledger.reading() as connection:
        reached = latest_us(connection, SOURCE)
    after = 0 if reached is None else -(-reached // (STEP_S * US))
    whole = list(batches(bundle.tables, step_s=STEP_S))
    deeds = dict(zip([batch.number for batch in whole[3:]], DEEDS, strict=False))
    assert len(deeds) == len(DEEDS)
    for batch in whole:
        if batch.number <= after:
            continue
        own = [deeds[batch.number]] if batch.number in deeds else []
        intake.take([*batch.submissions, *own], now_us=batch.at * US)
        while driver.advance(batch.at) is not None:
            pass
    while driver.advance(FAR) is not None:
        pass


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
) -> dict[str, list[dict[str, Any]]]:
    """What a run that was never broken issued."""
    home = tmp_path_factory.mktemp("unbroken")
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    play(ledger, home, bundle, known, every_s=FAR)
    found = contents(ledger)
    with ledger.reading() as connection:
        assert [one["outcome"] for one in acts(connection, "incident", INCIDENT)] == [
            None,
            "done",
            "undone",
            "done",
        ]
    ledger.close()
    return found


def test_acts_reach_the_model(unbroken: dict[str, list[dict[str, Any]]]) -> None:
    outcomes = {row["act_id"]: row["outcome"] for row in unbroken["act_outcomes"]}
    assert outcomes == {
        "e1": "done", "d1": "done", "w1": "done", "x1": "undone", "v1": "done", "u1": "done",
    }  # fmt: skip
    sheet = next(row for row in unbroken["notice_sheets"] if row["notice_id"] == NOTICE)
    assert sheet["state"] == "withdrawn"
    assert "power is back" in sheet["content"]
    assert "抢修。" in {row["script"] for row in unbroken["notices"]}
    rules = [r["rule"] for r in unbroken["incident_changes"] if r["incident_id"] == INCIDENT]
    assert {"END-7", "AGAIN-4"} <= set(rules)


def test_acts_come_to_the_same_over_many_kills(
    tmp_path: Path, bundle: Bundle, known: Knowledge, unbroken: dict[str, list[dict[str, Any]]]
) -> None:
    rng = np.random.default_rng(11)
    address, kills = f"sqlite:///{tmp_path}/ledger.db", 0
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
    assert contents(ledger) == unbroken
    ledger.close()


def child_plays(address: str, home: Path, bundle: Bundle, known: Knowledge) -> int:
    """Play in a process of its own, a snapshot after every few steps; return its exit code."""
    try:
        play(open_ledger(address), home, bundle, known, every_s=0.2)
    except BaseException as error:  # noqa: BLE001 - a child of a test must never go on as the test
        os.write(2, repr(error).encode())
        return 1
    return 0
