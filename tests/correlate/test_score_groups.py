"""Groups of alarms are judged as defined."""

import math
from pathlib import Path

import pandas as pd
import pytest

from correlate.score_details import Truth
from correlate.score_groups import alarm_faults, group_figures, rooted_faults, touched
from correlate.scoring import score_run
from tests.correlate.fake_world import tiny_world, write_pair

DAY = pd.Timestamp("2026-03-02", tz="UTC")


def clock(text: str) -> pd.Timestamp:
    return DAY + pd.Timedelta(f"{text}:00")


def truth(*faults: tuple[str, str, str, str, bool, str, str]) -> Truth:
    """Return faults (id, cause, object, cells, visible, start, end) of sites A, B, C with two cells each."""
    columns = ["fault_id", "cause", "object_id", "cells", "visible", "start", "end"]
    planted = pd.DataFrame(list(faults), columns=columns)
    for name in ("start", "end"):
        planted[name] = pd.Series([clock(t) for t in planted[name]], dtype="datetime64[us, UTC]")
    cells = [f"{site}{number}" for site in "ABC" for number in (1, 2)]
    site_of = pd.Series([cell[0] for cell in cells], index=cells)
    empty = pd.DataFrame()
    return Truth(empty, planted, empty, site_of, planted["end"].max())


def groups(*rows: tuple[str, str, str, str, str], merged: str = "") -> pd.DataFrame:
    """Return groups (id, root, effect, sites, start); `merged` names those that ended in another."""
    table = pd.DataFrame(
        list(rows), columns=["group_id", "object_id", "service_effect", "site_ids", "started_at"]
    )
    at = pd.Series([clock(t) for t in table["started_at"]], dtype="datetime64[us, UTC]")
    into = ["X" if name in merged.split() else None for name in table["group_id"]]
    return table.assign(started_at=at, merged_into=pd.Series(into, dtype="str"))


def alarms(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    """Return alarms (id, object, raised, group)."""
    table = pd.DataFrame(list(rows), columns=["alarm_id", "object_id", "raised_at", "group_id"])
    at = pd.Series([clock(t) for t in table["raised_at"]], dtype="datetime64[us, UTC]")
    return table.assign(raised_at=at, group_id=table["group_id"].astype("str"))


OUTAGE = ("F1", "site_outage", "A", "A1|A2", True, "08:00", "12:00")
CUT = ("F2", "transmission_break", "H", "B1|B2|C1|C2", True, "09:00", "10:00")
HIDDEN = ("F3", "external_interference", "C1", "C1", False, "14:00", "20:00")
NONE = alarms(("X", "Z", "00:00", None))


def test_a_group_counts_if_it_says_down_or_degraded_and_stands() -> None:
    found = groups(
        ("G1", "A", "down", "A", "08:00"),
        ("G2", "A1", "degraded", "A", "08:00"),
        ("G3", "A", "threat", "A", "08:00"),
        ("G4", "A", "down", "A", "08:00"),
        merged="G4",
    )
    assert group_figures(truth(OUTAGE), found, NONE)["groups"] == 2


@pytest.mark.parametrize(
    ("start", "is_touching"),
    [("07:44", False), ("07:45", True), ("12:30", True), ("12:31", False)],
    ids=["too early", "just before", "just after", "too late"],
)
def test_a_group_touches_a_fault_that_it_began_with(start: str, is_touching: bool) -> None:
    pairs = touched(truth(OUTAGE), groups(("G1", "A", "down", "A", start)))
    assert len(pairs) == int(is_touching)


def test_a_group_elsewhere_touches_nothing() -> None:
    assert touched(truth(OUTAGE), groups(("G1", "B", "down", "B", "09:00"))).empty


def test_a_group_at_the_object_touches_without_a_site() -> None:
    assert len(touched(truth(CUT), groups(("G1", "H", "degraded", "", "09:30")))) == 1


@pytest.mark.parametrize(
    ("root", "is_rooted"),
    [("A", True), ("A2", True), ("A1/TRX-2", True), ("H", False), ("B", False)],
    ids=["site", "cell", "carrier", "node", "other site"],
)
def test_a_cell_or_carrier_counts_for_its_site(root: str, is_rooted: bool) -> None:
    pairs = touched(truth(OUTAGE), groups(("G1", root, "down", "A|B", "09:00")))
    assert pairs["is_rooted"].tolist() == [is_rooted]


def test_rooted_groups_are_of_those_that_touch_a_visible_fault() -> None:
    found = groups(
        ("G1", "H", "down", "B|C", "09:00"),
        ("G2", "B", "down", "B", "09:10"),
        ("G3", "C1", "degraded", "C", "15:00"),
        ("G4", "A", "down", "A", "23:00"),
    )
    figures = group_figures(truth(OUTAGE, CUT, HIDDEN), found, NONE)
    assert (figures["groups_true"], figures["groups_rooted"]) == (0.75, 0.5)


def test_a_visible_fault_needs_a_root_of_its_beginning() -> None:
    known = truth(OUTAGE, CUT, HIDDEN)
    found = groups(("G1", "A1", "threat", "A", "10:00"), ("G2", "H", "down", "B", "11:01"))
    assert rooted_faults(known, found).tolist() == [True, False]


def test_planned_work_is_not_asked_for() -> None:
    work = ("F4", "planned_work", "B", "B1|B2", True, "01:00", "04:00")
    assert rooted_faults(truth(OUTAGE, work), groups()).tolist() == [False]


def test_alarms_of_one_visible_fault_are_told() -> None:
    rows = alarms(
        ("at the site", "A", "08:00", None),
        ("on a cell", "A1", "08:00", None),
        ("on a carrier", "A1/TRX-3", "08:00", None),
        ("at the node", "H", "09:00", None),
        ("at a site below", "B", "09:00", None),
        ("elsewhere", "Z", "09:00", None),
        ("too late", "A", "12:31", None),
        ("hidden", "C1", "15:00", None),
    )
    owners = alarm_faults(truth(OUTAGE, CUT, HIDDEN), rows).set_index("alarm_id")["fault_id"]
    assert owners.to_dict() == {
        "at the site": "F1", "on a cell": "F1", "on a carrier": "F1", "at the node": "F2",
        "at a site below": "F2",
    }  # fmt: skip


def test_an_alarm_of_two_faults_is_left_out() -> None:
    other = ("F5", "cell_outage", "A1", "A1", True, "08:00", "09:00")
    rows = alarms(("both", "A1", "08:10", None), ("one", "A", "08:10", None))
    assert alarm_faults(truth(OUTAGE, other), rows)["alarm_id"].tolist() == ["one"]


def test_a_site_is_not_of_the_fault_of_its_cell() -> None:
    cell = ("F5", "cell_outage", "A1", "A1", True, "08:00", "09:00")
    assert alarm_faults(truth(cell), alarms(("site", "A", "08:10", None))).empty


def test_groups_that_are_the_faults_agree_wholly() -> None:
    rows = alarms(
        ("1", "A", "08:00", "G1"), ("2", "A1", "08:01", "G1"), ("3", "B", "09:00", "G2"),
        ("4", "C", "09:00", "G2"), ("5", "C1", "09:00", None),
    )  # fmt: skip
    figures = group_figures(truth(OUTAGE, CUT), groups(("G1", "A", "down", "A", "08:00")), rows)
    assert (figures["alarm_ari"], figures["alarms_grouped"]) == (1.0, 0.8)


def test_an_alarm_long_after_the_start_counts_in_one_figure_only() -> None:
    rows = alarms(
        ("1", "A", "08:00", "G1"), ("2", "A1", "08:01", "G1"), ("3", "B", "09:00", "G2"),
        ("4", "C", "09:00", "G2"), ("5", "A1", "11:50", "G3"),
    )  # fmt: skip
    figures = group_figures(truth(OUTAGE, CUT), groups(("G1", "A", "down", "A", "08:00")), rows)
    assert figures["alarm_ari_onset"] == 1.0
    assert figures["alarm_ari"] < 1.0


def test_nothing_to_measure_on_is_no_number() -> None:
    figures = group_figures(truth(HIDDEN), groups(), NONE)
    assert figures.pop("groups") == 0
    assert all(math.isnan(value) for value in figures.values())


def test_the_daybook_of_a_run_is_measured(tmp_path: Path) -> None:
    world, out = write_pair(tiny_world(), tmp_path)
    assert "groups" not in score_run(world, out)
    (out / "daybook").mkdir()
    found = groups(("G1", "A", "down", "A", "00:30"))
    found.to_parquet(out / "daybook" / "alarm_groups.parquet")
    rows = alarms(("1", "A", "00:30", "G1"))
    rows.to_parquet(out / "daybook" / "grouped_alarms.parquet")
    scores = score_run(world, out)
    assert (scores["groups"], scores["groups_rooted"], scores["visible_rooted"]) == (1, 1.0, 1.0)
