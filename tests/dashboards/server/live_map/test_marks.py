"""What a view draws: the worst wins, few complainants stay hidden, and there are never too many marks."""

import numpy as np
import pandas as pd
import pytest

from dashboards.server.live_map.grounds import Ground, KeptGround
from dashboards.server.live_map.marks import (
    MOST_APART,
    Marks,
    bounded,
    complaint_marks,
    fault_marks,
    names_in,
    placed_faults,
    site_marks,
    site_severities,
)
from dashboards.server.live_map.views import View
from tests.correlate.small_network import small_tables

WIDE = View(90.0, 20.0, 110.0, 30.0, 5.0)
CLOSE = View(99.0, 24.5, 101.0, 26.0, 16.0)


def faults(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Faults as the ledger tells them: number, severity, sites."""
    told = pd.DataFrame(rows, columns=["incident_id", "severity", "site_ids"])
    return told.assign(users=100.0, is_noticed=False)


def complaints(*spots: tuple[float, float]) -> pd.DataFrame:
    """Complaints from some places, one a minute, the latest first."""
    rows = pd.DataFrame(list(spots), columns=["lon", "lat"])
    numbers = [f"T{i}" for i in range(len(rows))]
    return rows.assign(
        ticket_id=numbers, created_at=1000 - 60 * np.arange(len(rows)), cause="trx_fault"
    )


def test_faults_stand_at_a_site_of_theirs_or_nowhere(ground: Ground) -> None:
    told = faults(("I1", "major", "H1|H2|H3"), ("I2", "minor", "gone"), ("I3", "minor", ""))
    before = told.copy()
    placed = placed_faults(told, ground)
    spots = ground.sites.set_index("site_id").loc[["H1", "H2", "H3"]]
    assert placed["lon"].iloc[0] in spots["lon"].tolist()
    assert placed["lon"].isna().tolist() == [False, True, True]
    pd.testing.assert_frame_equal(told, before)


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_the_worst_severity_wins_in_a_cluster(ground: Ground, order: list[int]) -> None:
    rows = [("I1", "minor", "H1"), ("I2", "critical", "H2"), ("I3", "warning", "H3")]
    marks = fault_marks(placed_faults(faults(*[rows[i] for i in order]), ground), WIDE)
    assert marks["severity"].tolist() == ["critical"]
    assert marks["count"].tolist() == [3]
    assert marks["incident_id"].tolist() == ["I2"]
    assert set(marks["ids"].iloc[0].split("|")) == {"I1", "I2", "I3"}
    assert marks["users"].tolist() == [300.0]


def test_close_by_every_fault_has_its_mark_the_worst_on_top(ground: Ground) -> None:
    rows = [("I1", "minor", "H1"), ("I2", "critical", "H1"), ("I3", "warning", "V1")]
    marks = fault_marks(placed_faults(faults(*rows), ground), CLOSE)
    assert marks["severity"].tolist() == ["warning", "minor", "critical"]


def test_nothing_open_draws_nothing(ground: Ground) -> None:
    assert len(fault_marks(placed_faults(faults(), ground), WIDE)) == 0
    assert len(site_severities(faults(), ground)) == 0


def test_sites_take_the_worst_severity_of_their_faults(ground: Ground) -> None:
    told = faults(("I1", "minor", "H1|H2"), ("I2", "critical", "H2"))
    marks = site_marks(ground.sites, site_severities(told, ground), WIDE, counties=[])
    by_site = marks.set_index("site_id")["severity"]
    assert by_site[["H1", "H2", "V1"]].tolist() == ["minor", "critical", "none"]
    own = site_marks(ground.sites, site_severities(told, ground), WIDE, counties=["Vale"])
    assert set(own["county"]) == {"Vale"}


def test_many_sites_are_joined_and_none_is_lost(ground: Ground) -> None:
    many = MOST_APART + 1
    sites = pd.concat([ground.sites.iloc[:1]] * many, ignore_index=True)
    sites["lon"] = 95 + np.arange(many) * 10 / many
    worst = pd.Series({0: "critical"})
    marks = site_marks(sites, worst, WIDE, counties=[])
    assert len(marks) < many / 10
    assert marks["count"].sum() == many
    assert (marks["severity"] == "critical").sum() == 1
    assert marks["severity"].iloc[-1] == "critical"


def test_few_complainants_are_hidden_outside_the_network_team() -> None:
    near = [(100.0 + i * 1e-5, 25.0) for i in range(4)]
    few, enough = complaints(*near), complaints(*near, (100.0, 25.0), (105.0, 25.0))
    assert len(complaint_marks(few, WIDE, now=1000, is_team=False)) == 0
    marks = complaint_marks(enough, WIDE, now=1000, is_team=False)
    assert marks["count"].tolist() == [5]
    assert marks[["ticket_id", "cause"]].to_numpy().tolist() == [["", ""]]
    shown = complaint_marks(enough, WIDE, now=1000, is_team=True)
    assert shown["count"].sum() == 6


def test_the_latest_complaint_is_on_top() -> None:
    marks = complaint_marks(complaints((95.0, 25.0), (105.0, 25.0)), WIDE, now=1000, is_team=True)
    assert marks["ticket_id"].tolist() == ["T1", "T0"]
    assert marks["age_s"].tolist() == [60, 0]


def test_marks_are_bounded_and_what_is_cut_is_counted(ground: Ground) -> None:
    marks = Marks(
        faults=pd.DataFrame({"n": range(3)}),
        sites=pd.DataFrame({"n": range(50)}),
        complaints=pd.DataFrame({"n": range(10)}),
        names=ground.names,
    )
    kept = bounded(marks, most=20)
    assert (len(kept.faults), len(kept.complaints), len(kept.sites)) == (3, 10, 7)
    assert kept.cut == 43
    assert kept.sites["n"].tolist() == list(range(43, 50)), "those with faults are last"
    assert len(bounded(marks, most=5).sites) == 0
    assert bounded(marks).cut == 0


def test_names_come_with_the_zoom(ground: Ground) -> None:
    far, near = names_in(ground, WIDE, counties=[]), names_in(ground, CLOSE, counties=[])
    assert "Vale town" not in far["name"].tolist()
    assert "Vale town" in near["name"].tolist()


def test_ground_is_made_anew_when_the_inventory_is_another(ground: Ground) -> None:
    tables = small_tables() | {"places": ground.names.assign(kind="poi").drop(columns="rank")}
    tables["subscribers"] = pd.DataFrame({"county": ["Hill"], "users": [1], "month": ["2026-03"]})
    kept, other = KeptGround(), dict(tables)
    assert kept.of(tables) is kept.of(tables)
    assert kept.of(tables) is not kept.of(other)


def test_counties_have_land_and_bounds(ground: Ground) -> None:
    assert {f["id"] for f in ground.counties["features"]} == {"Hill", "Vale"}
    west, south, east, north = ground.bounds(["Vale"])
    vale = ground.sites[ground.sites["county"] == "Vale"]
    assert west < vale["lon"].min() <= vale["lon"].max() < east
    assert south < vale["lat"].min() <= vale["lat"].max() < north
    assert south > ground.bounds()[1]
