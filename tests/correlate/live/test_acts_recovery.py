"""Acts among the arrivals reach the model the same, however often the run is killed between them."""

from pathlib import Path
from typing import Any

import pytest

from contract.bundles import read_bundle
from contract.ledger import schema
from contract.ledger.acts import Deed
from contract.ledger.store import open_ledger
from contract.settings import Settings
from correlate.knowledge import gather
from correlate.live.views import acts
from tests.correlate.live.killing import FAR, Play, contents
from tests.correlate.live.small_bundle import write_bundle
from tests.correlate.small_network import HOUR, NOON

INCIDENT, MADE, NOTICE = "INC-20260310-00001", "INC-20260310-00002", "NT-000001"
DUE = NOON + 8 * HOUR
DEEDS = (
    Deed("c1", "li", "comment", "incident", INCIDENT, {"text": "on the way"}),
    Deed("e1", "li", "edit", "notice", NOTICE, {"scripts": {"agent_zh": "抢修。"}, "text": ""}),
    Deed("d1", "li", "repair_time", "incident", INCIDENT, {"due_at": DUE, "text": ""}),
    Deed("s1", "li", "split", "incident", INCIDENT, {"sites": [], "cells": ["H1-G"], "text": ""}),
    Deed("m1", "wang", "merge", "incident", MADE, {"into": INCIDENT, "text": ""}),
    Deed("u2", "wang", "undo", "incident", MADE, {"undoes": "m1", "text": ""}),
    Deed("u3", "li", "undo", "incident", INCIDENT, {"undoes": "s1", "text": ""}),
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
    schema.INCIDENT_STATES,
    schema.INCIDENT_ALARMS,
    schema.INCIDENT_EVIDENCE,
    schema.FAULT_INCIDENTS,
)
KILLS = 8


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """One afternoon with what people did in it."""
    bundle = read_bundle(write_bundle(tmp_path_factory.mktemp("bundle")), Settings())
    return Play(bundle, gather(bundle.tables, Settings()), DEEDS)


@pytest.fixture(scope="module")
def unbroken(
    tmp_path_factory: pytest.TempPathFactory, play: Play
) -> dict[str, list[dict[str, Any]]]:
    """What a run that was never broken issued."""
    home = tmp_path_factory.mktemp("unbroken")
    ledger = open_ledger(f"sqlite:///{home}/ledger.db")
    play.into(ledger, home, every_s=FAR)
    found = contents(ledger, ISSUED)
    with ledger.reading() as connection:
        assert [one["outcome"] for one in acts(connection, "incident", INCIDENT)] == [
            None,
            "done",
            "undone",
            "done",
            "undone",
            "done",
        ]
    ledger.close()
    return found


def test_acts_reach_the_model(unbroken: dict[str, list[dict[str, Any]]]) -> None:
    outcomes = {row["act_id"]: row["outcome"] for row in unbroken["act_outcomes"]}
    assert outcomes == {
        "e1": "done", "d1": "done", "s1": "undone", "m1": "undone", "u2": "done", "u3": "done",
        "w1": "done", "x1": "undone", "v1": "done", "u1": "done",
    }  # fmt: skip
    sheet = next(row for row in unbroken["notice_sheets"] if row["notice_id"] == NOTICE)
    assert sheet["state"] == "withdrawn"
    assert "power is back" in sheet["content"]
    assert "抢修。" in {row["script"] for row in unbroken["notices"]}
    rules = [r["rule"] for r in unbroken["incident_changes"] if r["incident_id"] == INCIDENT]
    assert {"END-7", "AGAIN-4", "SPLIT-4", "MERGE-4", "MERGE-6", "SPLIT-6"} <= set(rules)
    rules = [r["rule"] for r in unbroken["incident_changes"] if r["incident_id"] == MADE]
    assert [rule for rule in rules if rule.startswith(("SPLIT", "MERGE"))] == [
        "SPLIT-3", "MERGE-3", "MERGE-5", "SPLIT-5",
    ]  # fmt: skip
    states = {row["incident_id"]: row for row in unbroken["incident_states"]}
    assert (states[MADE]["merged_into"], states[MADE]["split_from"]) == (INCIDENT, INCIDENT)


def test_acts_come_to_the_same_over_many_kills(
    tmp_path: Path, play: Play, unbroken: dict[str, list[dict[str, Any]]]
) -> None:
    address = f"sqlite:///{tmp_path}/ledger.db"
    assert play.killed_often(address, tmp_path, kills=KILLS, seed=11) > 0
    ledger = open_ledger(address)
    assert contents(ledger, ISSUED) == unbroken
    ledger.close()
