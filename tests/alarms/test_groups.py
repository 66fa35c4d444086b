"""Groups of alarms keep their ids, and every change has its rule."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from alarms.catalogue import Catalogue, read_meanings
from alarms.episodes import NOT_YET
from alarms.following import follow
from alarms.group_rules import load_group_rules
from alarms.groups import NEEDED, AlarmGroup, GroupBook, regroup
from alarms.lifecycle import AlarmBook
from alarms.roots import Roots
from contract.errors import InputError
from sites.inventory import Network
from sites.topology import Topology

ALARMS = Path(__file__).resolve().parents[2] / "alarms"
START = pd.Timestamp("2026-03-02 10:00", tz="UTC").as_unit("us")
MINUTE_US = 60_000_000
GONE, CELL, QUIET = "NE Is Disconnected", "Cell Unavailable", "RF Unit VSWR Threshold Crossed"
Row = tuple[str, str, float, float | None]


@pytest.fixture(scope="module")
def roots(catalogue: Catalogue, network: Network, topology: Topology) -> Roots:
    return Roots.of(topology, network, catalogue)


def minute(value: float | None) -> Any:
    return pd.NaT if value is None else START + pd.Timedelta(minutes=value)


def table(*rows: Row) -> pd.DataFrame:
    """Return alarms A0, A1, ...: object, name, minutes after the start of raising and clearing."""
    raised = pd.Series([minute(row[2]) for row in rows], dtype="datetime64[us, UTC]")
    cleared = pd.Series([minute(row[3]) for row in rows], dtype="datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "alarm_id": [f"A{number}" for number in range(len(rows))],
            "object_id": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "raised_at": raised,
            "arrived_at": raised,
            "cleared_at": cleared,
            "clear_arrived_at": cleared,
        }
    )


def played(roots: Roots, catalogue: Catalogue, *rows: Row) -> GroupBook:
    alarms = table(*rows)
    return follow(alarms.join(read_meanings(catalogue, alarms)), roots)


def rules(book: GroupBook, group_id: str) -> list[str]:
    return [change.rule for change in book.changes if change.group_id == group_id]


def test_a_group_opens_and_ends_with_its_alarms(roots: Roots, catalogue: Catalogue) -> None:
    book = played(roots, catalogue, ("S8-L0", CELL, 1, 31))
    (group,) = book.groups.values()
    assert (group.group_id, group.row["object_id"]) == ("AG-A0", "S8-L0")
    assert rules(book, "AG-A0") == ["OPEN-1", "GROW-1", "END-1"]
    assert group.ended_at == (START + pd.Timedelta("31min")).value // 1000


def test_a_group_grows_with_what_follows(roots: Roots, catalogue: Catalogue) -> None:
    book = played(roots, catalogue, ("S8-L0", CELL, 1, None), ("S8-L1", CELL, 6, None))
    (group,) = book.groups.values()
    assert (group.row["object_id"], group.count) == ("S8", 2)
    assert rules(book, "AG-A0") == ["OPEN-1", "GROW-1"]


def test_the_id_stays_when_the_root_moves_up(roots: Roots, catalogue: Catalogue) -> None:
    rest = [(f"S{number}", GONE, 6.0, None) for number in (2, 3, 4)]
    book = played(roots, catalogue, ("S1", GONE, 1, None), *rest)
    (group,) = book.groups.values()
    assert (group.group_id, group.row["object_id"]) == ("AG-A0", "H1")
    assert book.changes[-1].detail == "S1 > H1: 1 > 4"


def test_an_alarm_that_comes_back_opens_its_group_again(roots: Roots, catalogue: Catalogue) -> None:
    book = played(roots, catalogue, ("S8-L0", QUIET, 1, 6), ("S8-L0", QUIET, 11, None))
    assert list(book.groups) == ["AG-A0"]
    assert rules(book, "AG-A0")[-1] == "AGAIN-1"
    assert book.groups["AG-A0"].ended_at is None


def test_an_old_group_takes_in_nothing_new(roots: Roots, catalogue: Catalogue) -> None:
    late: Row = ("S8-L1", CELL, 200, None)
    book = played(roots, catalogue, ("S8-L0", CELL, 1, None), ("S1-L0", CELL, 190, None), late)
    assert rules(book, "AG-A0") == ["OPEN-1", "FREEZE-1"]
    assert book.groups["AG-A0"].frozen_at is not None
    assert set(book.groups) == {"AG-A0", "AG-A1", "AG-A2"}


def test_a_frozen_group_ends_with_its_last_alarm(roots: Roots, catalogue: Catalogue) -> None:
    rows = [("S8-L0", CELL, 1, 220), ("S8-L1", CELL, 1, 240), ("S1-L0", CELL, 190, None)]
    book = played(roots, catalogue, *rows)
    assert rules(book, "AG-A0") == ["OPEN-1", "FREEZE-1", "GROW-1", "END-1"]


def test_more_alarms_than_are_listed_are_counted(roots: Roots, catalogue: Catalogue) -> None:
    small = replace(roots, rules=replace(roots.rules, most_listed=2))
    rows = [(f"S{number}", GONE, 1.0, None) for number in (1, 2, 3, 4)]
    book = played(small, catalogue, *rows)
    (group,) = book.groups.values()
    assert (len(group.row["alarm_ids"]), group.count) == (2, 4)
    assert book.changes[-1].rule == "SIZE-1"
    assert book.changes[-1].detail == "4 > 2"


def row(object_id: str, *keys: int) -> dict[str, Any]:
    """Return a row as the roots give it."""
    return {
        "object_id": object_id, "keys": np.array(keys, dtype=np.uint64), "cells": (),
        "last_cleared_at": NOT_YET, "is_planned": False, "service_effect": "down",
        "began_at": 0, "started_at": keys[0], "first_alert": f"A{keys[0]}",
        "alarm_ids": tuple(f"A{key}" for key in keys), "meanings": (),
    }  # fmt: skip


def given(roots: Roots, book: GroupBook, now: int, *rows: dict[str, Any]) -> list[AlarmGroup]:
    """Bring groups up to date by rows given instead of found."""
    columns = AlarmBook().recent_columns(since=START, names=NEEDED)
    told: Any = SimpleNamespace(
        network=roots.network, rules=roots.rules, places=roots.places, ground=roots.ground,
        rows=lambda *_, **__: list(rows),
    )  # fmt: skip
    return regroup(book, columns, told, now=now * MINUTE_US)


def test_groups_with_one_root_merge_into_the_oldest(roots: Roots) -> None:
    book = GroupBook()
    given(roots, book, 1, row("S2", 2))
    given(roots, book, 2, row("S1", 1))
    given(roots, book, 3, row("H1", 1, 2, 3))
    assert {name: group.merged_into for name, group in book.groups.items()} == {
        "AG-A2": "",
        "AG-A1": "AG-A2",
    }
    assert rules(book, "AG-A1") == ["OPEN-1", "MERGE-1"]
    assert set(book.last.values()) == {"AG-A2"}


def test_what_has_a_root_of_its_own_is_split_off(roots: Roots) -> None:
    book = GroupBook()
    given(roots, book, 1, row("H1", 1, 2, 3))
    changed = given(roots, book, 2, row("H1", 1, 2), row("S3", 3))
    assert [group.group_id for group in changed] == ["AG-A1", "AG-A3"]
    assert book.groups["AG-A3"].split_from == "AG-A1"
    assert [change.rule for change in book.changes] == ["OPEN-1", "GROW-1", "SPLIT-1"]


def test_the_id_goes_with_most_of_the_alarms(roots: Roots) -> None:
    book = GroupBook()
    given(roots, book, 1, row("H1", 1, 2, 3))
    given(roots, book, 2, row("S1", 1), row("S2", 2, 3))
    assert book.groups["AG-A1"].row["object_id"] == "S2"
    assert book.groups["AG-A1-2"].split_from == "AG-A1"


def test_of_equal_halves_the_one_with_the_root_keeps_the_id(roots: Roots) -> None:
    book = GroupBook()
    given(roots, book, 1, row("H1", 1, 2))
    given(roots, book, 2, row("S1", 1), row("H1", 2))
    assert book.groups["AG-A1"].row["object_id"] == "H1"


def test_what_is_the_same_changes_nothing(roots: Roots) -> None:
    book = GroupBook()
    given(roots, book, 1, row("H1", 1, 2))
    assert given(roots, book, 2, row("H1", 1, 2)) == []
    assert [change.rule for change in book.changes] == ["OPEN-1"]


def test_every_rule_used_has_its_text() -> None:
    numbers = re.compile(r'"([A-Z]+-\d)"')
    used = {
        number
        for name in ("groups", "roots", "parents", "site_groups", "common_roots")
        for number in numbers.findall((ALARMS / f"{name}.py").read_text(encoding="utf-8"))
    }
    assert {"OPEN-1", "SITE-1", "PARENT-1"} <= used
    assert used == set(load_group_rules())


def test_every_rule_reads_in_both_languages() -> None:
    for rule in load_group_rules().values():
        assert re.search(r"[\u4e00-\u9fff]", rule.zh), rule.rule
        assert rule.en.isascii(), rule.rule


def test_a_rule_without_a_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('[rules.X-1]\nzh = "甲"\nsource = "engineering"\nverified = "u"\n', "utf-8")
    with pytest.raises(InputError, match="`X-1` in rules.toml must have"):
        load_group_rules(path)
