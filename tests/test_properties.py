"""A run keeps its promises on random bundles: nothing of the future, nothing of row order."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.daybook import DAYBOOK
from contract.outputs import write_outputs
from contract.settings import Settings
from contract.tables import OUTPUTS, TABLES
from correlate.feed import build_feed
from correlate.knowledge import gather
from correlate.run import Result, play, run_bundle, run_to_folder
from correlate.state import start_state
from correlate.step import step
from tests.bundles import Tables, random_bundle, write_bundle

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(__file__).resolve().parents[2] / "shared"
ZONE = "Asia/Shanghai"
SEEDS = (2, 5)
DIRTY = (12,)
CLOCKS = {
    "alarms": ("raised_at",),
    "changes": ("announced_at", "changed_at"),
    "complaints": ("created_at",),
    "locations": ("seen_at",),
    "accounts": ("since",),
    "verdicts": ("closed_at",),
}
NO_INCIDENT = {
    *("weak_coverage", "indoor_coverage", "border_roaming", "account_barred", "sms_blacklisted"),
    *("sms_centre_setting", "terminal_fault", "value_added_service"),
}


@dataclass(frozen=True)
class Played:
    """A bundle, where it was written, and what its run came to."""

    given: Tables
    folder: Path
    result: Result


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Played]:
    """Run the bundle of a seed, once for the whole module."""

    @cache
    def run(seed: int) -> Played:
        rng = np.random.default_rng(seed)
        given = random_bundle(rng, sites=6, days=1, complaints=14, dirt=seed in DIRTY)
        folder = write_bundle(tmp_path_factory.mktemp("bundle") / "full", given)
        return Played(given, folder, run_bundle(folder, Settings()))

    return run


def local(instants: pd.Series) -> pd.Series:
    """Instants as the bundle writes them: local and naive."""
    return instants.dt.tz_convert(ZONE).dt.tz_localize(None)


def arrivals(name: str, rows: pd.DataFrame) -> pd.Series:
    """When each row of a table becomes known, by the rules of the contract."""
    received = rows.get("received_at", pd.Series(pd.NaT, index=rows.index))
    if name == "kpi":
        return received.fillna(rows["start"] + pd.to_timedelta(rows["minutes"] + 20, unit="min"))
    for clock in CLOCKS[name]:
        received = received.fillna(rows.get(clock, received))
    return received


def cut_tables(tables: Tables, at: pd.Timestamp) -> Tables:
    """What had arrived by a moment, and nothing else."""
    kept = dict(tables)
    for name in (*CLOCKS, "kpi"):
        arrived = arrivals(name, tables[name])
        timeless = arrived.isna() & (name == "accounts")
        kept[name] = tables[name][(arrived <= at) | timeless].reset_index(drop=True)
    cleared = kept["alarms"]["cleared_at"]
    kept["alarms"] = kept["alarms"].assign(cleared_at=cleared.mask(cleared > at))
    return kept


def issued_by(tables: Tables, at: pd.Timestamp) -> Tables:
    """What a run had said by a moment, without what may be revised later."""
    diagnoses = tables["diagnoses"]
    diagnoses = diagnoses[local(diagnoses["diagnosed_at"]) <= at].drop(columns="incident_id")
    serving = tables["serving_cells"]
    incidents = tables["incidents"][["incident_id", "detected_at", "first_alert"]]
    notices = tables["interceptions"]
    notices = notices[local(notices["issued_at"]) <= at]
    is_over = local(notices["valid_until"]) <= at
    return {
        "diagnoses": diagnoses,
        "serving_cells": serving[serving["ticket_id"].isin(diagnoses["ticket_id"])],
        "incidents": incidents[local(incidents["detected_at"]) <= at],
        "interceptions": notices.assign(
            valid_until=notices["valid_until"].where(is_over),
            end_reason=notices["end_reason"].where(is_over),
        ),
    }


def assert_same_tables(first: Tables, second: Tables) -> None:
    """The same rows in the same order, whatever their index."""
    assert set(first) == set(second)
    for name, table in first.items():
        one, other = (
            each.astype(object).where(each.notna(), None).reset_index(drop=True)
            for each in (table, second[name])
        )
        pd.testing.assert_frame_equal(one, other, obj=name)


def moments(given: Tables) -> dict[str, pd.Timestamp]:
    """Moments to cut at: in a hold, between two steps, right at a step."""
    arrived = arrivals("complaints", given["complaints"]).sort_values()
    middle = arrived.iloc[len(arrived) // 2]
    late = arrived.iloc[-2].ceil("5min")
    return {
        "in a hold": middle + pd.Timedelta(minutes=14),
        "between steps": middle.floor("5min") + pd.Timedelta(hours=3, minutes=2, seconds=13),
        "at a step": late,
    }


@pytest.mark.parametrize(
    ("seed", "moment"),
    [
        (SEEDS[0], "in a hold"),
        (SEEDS[0], "between steps"),
        (SEEDS[0], "at a step"),
        (SEEDS[1], "in a hold"),
        (SEEDS[1], "between steps"),
    ],
)
def test_cut_bundle_issues_what_the_full_one_issued_by_then(
    played: Callable[[int], Played], seed: int, moment: str, tmp_path: Path
) -> None:
    full = played(seed)
    at = moments(full.given)[moment]
    part = write_bundle(tmp_path / "part", cut_tables(full.given, at))
    said = issued_by(full.result.tables, at)
    assert len(said["diagnoses"])
    assert_same_tables(issued_by(run_bundle(part, Settings()).tables, at), said)


def test_cut_agrees_with_the_shared_program_that_cuts(
    played: Callable[[int], Played], tmp_path: Path
) -> None:
    script = SHARED / "evaluate" / "cut.py"
    if not script.is_file():
        pytest.skip(f"the shared program {script.name} does not lie beside this checkout")
    full = played(SEEDS[0])
    write_outputs(tmp_path / "full", full.result.tables, ZONE)
    at = moments(full.given)["in a hold"]
    shared(script, str(full.folder), str(tmp_path / "part"), str(at))
    run_to_folder(tmp_path / "part", tmp_path / "out", Settings())
    told = shared(script, "same", str(tmp_path / "full"), str(tmp_path / "out"), str(at))
    assert told.count(" 0 differ") == 4, told


def shared(script: Path, *arguments: str) -> str:
    """What the shared program prints."""
    command = [sys.executable, str(script), *arguments]
    done = subprocess.run(
        command, cwd=script.parent, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr[-800:]
    return done.stdout


@pytest.mark.parametrize("seed", DIRTY)
def test_order_of_rows_changes_row_numbers_alone(
    played: Callable[[int], Played], seed: int, tmp_path: Path
) -> None:
    first = played(seed)
    mixed = {n: t.sample(frac=1, random_state=seed) for n, t in first.given.items()}
    second = run_bundle(write_bundle(tmp_path / "mixed", mixed), Settings()).tables
    assert_same_tables(without_rows(first.result.tables), without_rows(second))


def without_rows(tables: Tables) -> Tables:
    """The output tables, lists of rejected and repaired rows without their row numbers."""
    lists = {}
    for name in ("rejected", "repairs"):
        told = ["table", "reason", "content"]
        lists[name] = tables[name][told].sort_values(told, kind="stable")
    return tables | lists


@pytest.mark.parametrize("seed", [*SEEDS, *DIRTY])
def test_rows_in_are_rows_used_and_rows_rejected(
    played: Callable[[int], Played], seed: int
) -> None:
    run = played(seed)
    bundle = run.result.bundle
    counts = bundle.counts
    assert counts["rows"].to_dict() == {name: len(table) for name, table in run.given.items()}
    assert (counts["rows"] == counts["used"] + counts["rejected"]).all()
    listed = bundle.rejected.groupby("table").size().reindex(counts.index, fill_value=0)
    assert listed.to_dict() == counts["rejected"].to_dict()
    assert not bundle.rejected.duplicated(["table", "row"]).any()
    used = {
        name: int(table["superseded_at"].isna().sum()) if "superseded_at" in table else len(table)
        for name, table in bundle.tables.items()
    }
    assert used == counts["used"].to_dict()
    assert (seed in DIRTY) == bool(counts["rejected"].sum())
    assert (seed in DIRTY) == bool(counts["repaired"].sum())


def test_running_twice_writes_the_same_bytes(
    played: Callable[[int], Played], tmp_path: Path
) -> None:
    run = played(DIRTY[0])
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "cli", "run", str(run.folder), "--quiet"]
        subprocess.run(
            [*command, "--out", str(tmp_path / seed)],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            timeout=120,
            check=True,
        )
    first, second = (tmp_path / seed for seed in ("1", "2"))
    tables = {f"{name}.{suffix}" for name in OUTPUTS for suffix in ("csv", "parquet")}
    daybook = {f"{name}.parquet" for name in DAYBOOK}
    assert {path.name for path in first.iterdir()} == tables | {"daybook"}
    assert {path.name for path in (first / "daybook").iterdir()} == daybook
    for path in sorted(first.glob("*.csv")):
        assert path.read_bytes() == (second / path.name).read_bytes(), path.name
    for path in sorted((first / "daybook").iterdir()):
        told, again = (
            pd.read_parquet(folder / "daybook" / path.name) for folder in (first, second)
        )
        pd.testing.assert_frame_equal(told, again)


@pytest.mark.parametrize("seed", [*SEEDS, *DIRTY])
def test_rankings_keep_the_contract(played: Callable[[int], Played], seed: int) -> None:
    run = played(seed)
    for name, most, what in (("diagnoses", 5, "cause"), ("serving_cells", 6, "cell_id")):
        table = run.result.tables[name]
        by_ticket = table.groupby("ticket_id")
        assert (table["rank"] == by_ticket.cumcount() + 1).all(), name
        assert table["rank"].between(1, most).all()
        assert not table.duplicated(["ticket_id", what]).any()
        assert table["probability"].between(0, 1).all()
        assert (by_ticket["probability"].sum() <= 1.001).all()
        assert (by_ticket["probability"].diff().fillna(0) <= 1e-9).all()
    cells = run.result.bundle.tables["cells"]["cell_id"]
    assert run.result.tables["serving_cells"]["cell_id"].isin(cells).all()


@pytest.mark.parametrize("seed", [*SEEDS, *DIRTY])
def test_every_ticket_is_diagnosed_once_within_its_hold(
    played: Callable[[int], Played], seed: int
) -> None:
    run = played(seed)
    tickets = run.result.bundle.tables["complaints"]
    arrived = tickets.groupby("ticket_id")["arrived_at"].min()
    diagnosed = run.result.tables["diagnoses"].groupby("ticket_id")["diagnosed_at"]
    assert (diagnosed.nunique() == 1).all()
    assert set(diagnosed.groups) == set(arrived.index)
    held = diagnosed.first() - arrived
    assert held.between(pd.Timedelta(0), pd.Timedelta(minutes=30)).all()


@pytest.mark.parametrize("seed", [*SEEDS, *DIRTY])
def test_incidents_are_faults_of_the_network_and_never_precede_their_first_sign(
    played: Callable[[int], Played], seed: int
) -> None:
    run = played(seed)
    incidents = run.result.tables["incidents"]
    known = run.result.bundle.tables
    assert not incidents["incident_id"].duplicated().any()
    assert not incidents["cause"].isin(NO_INCIDENT).any()
    told = set(run.result.tables["diagnoses"]["incident_id"].dropna())
    assert told <= set(incidents["incident_id"])
    assert set(incidents["cells"].str.split("|").explode()) <= set(known["cells"]["cell_id"])
    ended = incidents.dropna(subset="ended_at")
    assert (ended["ended_at"] >= ended["started_at"]).all()
    signs = first_signs(known)
    sign = incidents.assign(arrived=incidents["first_alert"].map(signs)).dropna(subset="arrived")
    assert len(sign)
    assert (sign["detected_at"] >= sign["arrived"]).all()


def first_signs(tables: Tables) -> dict[str, pd.Timestamp]:
    """When each alarm and ticket first became known, and each counter period ended.

    A period may give a fault away by not arriving, so its arrival is no bound.
    """
    kpi = tables["kpi"]
    periods = kpi["start"] + pd.to_timedelta(kpi["minutes"], unit="min")
    starts = kpi["start"].dt.tz_convert(ZONE).map(pd.Timestamp.isoformat)
    signs = pd.concat(
        [
            tables["alarms"].set_index("alarm_id")["arrived_at"],
            tables["complaints"].set_index("ticket_id")["arrived_at"],
            periods.set_axis(kpi["cell_id"].astype(str) + "@" + starts),
        ]
    )
    found: dict[str, pd.Timestamp] = signs.groupby(level=0).min().to_dict()
    return found


@pytest.mark.parametrize("seed", [*SEEDS, *DIRTY])
def test_first_alert_of_an_incident_names_something_that_came(
    played: Callable[[int], Played], seed: int
) -> None:
    run = played(seed)
    known = run.result.bundle.tables
    incidents = run.result.tables["incidents"].set_index("first_alert")["detected_at"]
    works = set(known["changes"]["changed_at"].dt.floor("s"))
    cells = set(known["cells"]["cell_id"])
    for alert, detected in incidents.drop(first_signs(known), errors="ignore").items():
        cell, _, start = str(alert).partition("@")
        assert cell in cells, alert
        began = pd.Timestamp(start)
        assert began < detected or began in works, alert


@pytest.mark.parametrize("seed", [*SEEDS, *DIRTY])
def test_notices_keep_the_contract(played: Callable[[int], Played], seed: int) -> None:
    run = played(seed)
    notices = run.result.tables["interceptions"].set_index("interception_id")
    detected = run.result.tables["incidents"].set_index("incident_id")["detected_at"]
    assert notices.index.is_unique
    assert (notices["issued_at"] >= detected.reindex(notices["incident_id"]).to_numpy()).all()
    ended = notices.dropna(subset="valid_until")
    assert (ended["valid_until"] >= ended["issued_at"]).all()
    assert (notices["valid_until"].isna() == notices["end_reason"].isna()).all()
    assert (notices["script"].map(len) > 0).all()
    revising = notices.dropna(subset="revises")
    earlier = notices.reindex(revising["revises"])
    assert (earlier["end_reason"] == "revised").all()
    assert (earlier["valid_until"].to_numpy() == revising["issued_at"].to_numpy()).all()
    assert (earlier["incident_id"].to_numpy() == revising["incident_id"].to_numpy()).all()
    assert revising["revises"].is_unique
    assert set(notices.index[notices["end_reason"] == "revised"]) == set(revising["revises"])


@pytest.mark.parametrize("seed", [*SEEDS, *DIRTY])
def test_rates_count_every_ticket_once(played: Callable[[int], Played], seed: int) -> None:
    run = played(seed)
    rates = run.result.tables["rates"]
    assert rates["complaints"].sum() == run.result.tables["diagnoses"]["ticket_id"].nunique()
    assert not rates.duplicated(["county", "day"]).any()
    parts = rates[["repeats", "customer_side", "intercepted"]]
    assert (parts.le(rates["complaints"], axis=0) & parts.ge(0)).all(axis=None)
    with_users = rates.dropna(subset="per_10k")
    assert (with_users["low"] <= with_users["per_10k"]).all()
    assert (with_users["per_10k"] <= with_users["high"]).all()
    assert (with_users["per_10k"] <= with_users["per_10k_without"]).all()


def small_bundle() -> Tables:
    """One site with two cells, one alarm on it, one complaint beside it."""
    return {
        "sites": pd.DataFrame(
            {"site_id": ["S1"], "site_name": ["东岭"], "lon": [100.2], "lat": [25.7]}
        ),
        "cells": pd.DataFrame(
            {
                "cell_id": ["C1", "C2"],
                "site_id": ["S1", "S1"],
                "rat": ["GSM", "LTE"],
                "freq_mhz": [945, 1850],
                "users": [300, 400],
            }
        ),
        "alarms": pd.DataFrame(
            {
                "alarm_id": ["A1"],
                "object_id": ["S1"],
                "raised_at": ["2026-03-01 10:02:00"],
                "name": ["NE Is Disconnected"],
                "severity": ["critical"],
            }
        ),
        "complaints": pd.DataFrame(
            {
                "ticket_id": ["T1"],
                "created_at": ["2026-03-01 10:21:30"],
                "text": ["今天上午手机没有信号,周围用户也一样"],
                "lon": [100.201],
                "lat": [25.701],
            }
        ),
    }


def test_step_fed_by_hand_says_what_the_run_says(tmp_path: Path) -> None:
    settings = Settings()
    bundle = read_bundle(write_bundle(tmp_path / "small", small_bundle()), settings)
    knowledge = gather(bundle.tables, settings)
    feed = build_feed(bundle.tables, knowledge)
    before = {name: table.copy() for name, table in bundle.tables.items()}
    rows: list[dict[str, object]] = []
    state, number = start_state(knowledge), feed.first
    while "T1" not in {row["ticket_id"] for row in rows}:
        state, issued = step(state, knowledge, feed.at(number), now=number * feed.step_s)
        assert all(row["diagnosed_at"] == number * feed.step_s for row in issued.diagnoses)
        rows += issued.diagnoses
        number += 1
        assert number < feed.first + 20
    told = rows[0]
    arrived = pd.Timestamp("2026-03-01 10:21:30", tz=ZONE).timestamp()
    assert arrived <= told["diagnosed_at"] <= arrived + 30 * 60
    assert told["object_id"] == "S1"
    assert state.held == []
    assert rows == play(bundle, knowledge)[1].diagnoses
    for name, table in bundle.tables.items():
        pd.testing.assert_frame_equal(table, before[name])


@pytest.mark.parametrize(
    "kept",
    [
        ("sites", "cells"),
        ("sites", "cells", "complaints"),
        ("sites", "cells", "alarms"),
        ("sites", "cells", "alarms", "complaints"),
    ],
    ids=["inventory alone", "complaints alone", "alarms alone", "one of each"],
)
def test_bundle_of_one_site_gives_every_table(kept: tuple[str, ...], tmp_path: Path) -> None:
    given = {name: small_bundle()[name] for name in kept}
    result = run_to_folder(write_bundle(tmp_path / "small", given), tmp_path / "out", Settings())
    assert result.bundle.missing == tuple(name for name in TABLES if name not in kept)
    for name, table in OUTPUTS.items():
        written = pd.read_parquet(tmp_path / "out" / f"{name}.parquet")
        assert tuple(written.columns) == table.column_names
    tickets = set(result.tables["diagnoses"]["ticket_id"])
    assert tickets == ({"T1"} if "complaints" in kept else set())


WORK = pd.DataFrame(
    {
        "object_id": ["S1"],
        "changed_at": ["2026-03-01 14:00:00"],
        "parameter": ["cutover"],
        "until": ["2026-03-01 16:00:00"],
        "announced_at": ["2026-03-01 09:00:00"],
    }
)


def with_work() -> Tables:
    """The small bundle, its alarm soon cleared, and work at its site announced long before."""
    given = small_bundle()
    alarms = given["alarms"].assign(cleared_at="2026-03-01 10:40:00")
    return given | {"alarms": alarms, "changes": WORK}


def test_announced_work_is_told_within_the_hour_before_it_begins(tmp_path: Path) -> None:
    given = with_work()
    given["accounts"] = pd.DataFrame(
        {"msisdn": ["1"], "since": ["2026-03-01 18:00:00"], "state": ["active"]}
    )
    tables = run_bundle(write_bundle(tmp_path / "work", given), Settings()).tables
    works = tables["incidents"].query("cause == 'planned_work'")
    begins = pd.Timestamp("2026-03-01 14:00:00", tz=ZONE)
    assert works["object_id"].tolist() == ["S1"]
    assert works["detected_at"].between(begins - pd.Timedelta(hours=1), begins).all()
    assert (works["started_at"] == begins).all()
    notices = tables["interceptions"].query("cause == 'planned_work'")
    assert notices["issued_at"].between(begins - pd.Timedelta(hours=1), begins).all()


def test_announced_work_is_told_also_when_nothing_arrives_after(tmp_path: Path) -> None:
    tables = run_bundle(write_bundle(tmp_path / "work", with_work()), Settings()).tables
    assert "planned_work" in set(tables["incidents"]["cause"])


def test_work_that_takes_its_site_down_began_when_it_began(tmp_path: Path) -> None:
    given = with_work()
    down = {"alarm_id": "A2", "raised_at": "2026-03-01 14:06:00"}
    expected = given["alarms"].assign(**down, cleared_at="2026-03-01 15:50:00")
    given["alarms"] = pd.concat([given["alarms"], expected], ignore_index=True)
    incidents = run_bundle(write_bundle(tmp_path / "work", given), Settings()).tables["incidents"]
    begins = pd.Timestamp("2026-03-01 14:00:00", tz=ZONE)
    during = incidents[incidents["detected_at"] >= begins - pd.Timedelta(hours=1)]
    assert len(during)
    assert (during["started_at"] >= begins).all()


PLACES = {
    "a town without a site": ("Pineholt Market", "town", "Millbrook", "Pineholt"),
    "a county without a site": ("Pineholt", "village", "Far County", ""),
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_area_where_nothing_stands_does_not_stop_the_run(
    place: tuple[str, ...], tmp_path: Path
) -> None:
    name, kind, county, town = place
    given = small_bundle()
    given["places"] = pd.DataFrame(
        {"name": [name], "lon": 100.21, "lat": 25.72, "kind": kind, "county": county, "town": town}
    )
    given["complaints"] = given["complaints"].assign(
        text=f"no signal at Pineholt, {county}", lon=np.nan, lat=np.nan
    )
    tables = run_bundle(write_bundle(tmp_path / "town", given), Settings()).tables
    assert set(tables["diagnoses"]["ticket_id"]) == {"T1"}


@pytest.mark.parametrize("raised", ["1970-01-01 08:00:00", "2099-01-01 08:00:00"])
def test_time_that_cannot_be_does_not_take_the_clock_with_it(raised: str, tmp_path: Path) -> None:
    given = small_bundle()
    odd = given["alarms"].assign(alarm_id="A2", raised_at=raised)
    given["alarms"] = pd.concat([given["alarms"], odd], ignore_index=True)
    calls = []

    def watch(done: int, total: int, now: int) -> None:
        """Stop a run that walks through decades."""
        calls.append((done, total, now))
        assert len(calls) < 500

    result = run_bundle(write_bundle(tmp_path / "odd", given), Settings(), progress=watch)
    assert set(result.tables["diagnoses"]["ticket_id"]) == {"T1"}


def test_a_step_longer_than_the_hold_is_refused_and_an_equal_one_keeps_it(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "small", small_bundle())
    with pytest.raises(ValueError, match="step_min"):
        Settings(hold_min=5, step_min=10)
    diagnoses = run_bundle(folder, Settings(hold_min=10, step_min=10)).tables["diagnoses"]
    held = diagnoses["diagnosed_at"] - pd.Timestamp("2026-03-01 10:21:30", tz=ZONE)
    assert (held <= pd.Timedelta(minutes=10)).all()
