"""Rows of many requests are judged as one table, and each sender is told of his own."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.ledger.store import open_ledger
from contract.settings import Settings
from correlate.live.intake import Intake
from correlate.live.inventories import INVENTORY
from correlate.live.submissions import Outcome, Submission, joined, kind_of, of_records, parted
from tests.correlate.live.small_bundle import write_inventory

US = 1_000_000
NOW_US = 1_772_600_000 * US


@pytest.fixture
def intake(tmp_path: Path) -> Intake:
    """Where rows go in, judged against the small network."""
    write_inventory(tmp_path / "inventory")
    settings = Settings()
    tables = read_bundle(tmp_path / "inventory", settings, tables=INVENTORY).tables
    return Intake(open_ledger(f"sqlite:///{tmp_path}/ledger.db"), tmp_path, settings, tables)


def alarm(alarm_id: str, object_id: str = "H1", **more: Any) -> dict[str, Any]:
    """An alarm as it is sent."""
    given = {"alarm_id": alarm_id, "object_id": object_id, "name": "Mains off"}
    return given | {"raised_at": "2026-03-04T01:00:00Z"} | more


def requests() -> list[Submission]:
    """Requests of one feed: good, with a strange row, empty, with columns of its own, and the first once more."""
    sent: list[list[dict[str, Any]]] = [
        [alarm("A1"), alarm("A2")],
        [alarm("A3"), alarm("A4", raised_at="soon"), alarm("A5", severity=7)],
        [],
        [alarm("A6", cleared_at="2026-03-04T02:00:00Z", detail=None)],
        [alarm("A1")],
        [{"alarm_id": "A7"}],
    ]
    return [of_records("alarms", rows, source="nms") for rows in sent]


def test_requests_judged_together_are_told_what_each_is_told_alone(
    intake: Intake, tmp_path: Path
) -> None:
    other = replace(intake, ledger=open_ledger(f"sqlite:///{tmp_path}/other.db"))
    together, fresh = intake.take(requests(), now_us=NOW_US)
    alone = [other.take([one], now_us=NOW_US) for one in requests()]
    assert together == [outcomes[0] for outcomes, _ in alone]
    assert [(e.stream, e.key, e.digest, e.payload) for e in fresh] == [
        (e.stream, e.key, e.digest, e.payload) for _, put_down in alone for e in put_down
    ]
    assert together[1].accepted == [1, 3]
    assert [row for row, _ in together[1].rejected] == [2]
    assert together[4].repeated == [1]
    assert together[5].accepted == []


def test_requests_of_others_and_of_other_forms_are_not_joined() -> None:
    mine = of_records("alarms", [alarm("A1")], source="nms")
    framed = Submission("alarms", "nms", rows=pd.DataFrame({"alarm_id": ["A1"]}), sent=1)
    kinds = {kind_of(mine), kind_of(framed), kind_of(replace(mine, source="other"))}
    assert len(kinds) == 3


def test_rows_that_only_some_requests_have_values_for_are_null_in_the_others() -> None:
    rows = joined(requests()[:4]).rows
    assert rows is not None
    assert rows.index.tolist() == [1, 2, 3, 4, 5, 6]
    assert rows["severity"].tolist() == [None, None, None, None, "7", None]
    assert rows["alarm_id"].tolist() == ["A1", "A2", "A3", "A4", "A5", "A6"]


def test_an_outcome_is_parted_by_the_rows_each_sent() -> None:
    sent = [Submission("alarms", "nms", sent=n) for n in (2, 0, 3)]
    whole = Outcome(5, [1, 3], [2], [(5, "odd")], [(4, "mended"), (-1, "known before")])
    first, empty, last = parted(whole, sent)
    assert first == Outcome(2, [1], [2])
    assert empty == Outcome(0)
    assert last == Outcome(3, [1], [], [(3, "odd")], [(2, "mended")])
