"""A made-up province is whole, true to its own truth and the same each time."""

import ast
import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.causes import CAUSES
from contract.settings import Settings as Options
from examples.province.__main__ import main
from examples.province.bundle import write_province
from examples.province.faults import Fault, draw_faults, effect_of, growth, read_causes, strengths
from examples.province.saving import awake_share, saving_changes, saving_of
from examples.province.settings import Settings
from examples.province.strain import loads_of
from examples.province.world import build_world

FOLDER = Path(__file__).resolve().parents[2] / "examples" / "province"
PROGRAM = {"contract", "sites", "alarms", "kpi", "correlate", "dashboards", "cli"}
SMALL = Settings(cells=300, days=14, seed=3)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small clean province."""
    out = tmp_path_factory.mktemp("province") / "clean"
    write_province(SMALL, out)
    return out


@pytest.fixture(scope="session")
def hamlet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the smallest province, of two days, in English."""
    out = tmp_path_factory.mktemp("province") / "hamlet"
    write_province(Settings(cells=50, days=2, language="en", kpi_minutes=15), out)
    return out


def table(world: Path, name: str) -> pd.DataFrame:
    """Return a table of a world as text."""
    return pd.read_csv(world / f"{name}.csv", dtype=str, keep_default_na=False)


def digests(world: Path) -> dict[str, str]:
    """Return what identifies the bytes of each file."""
    return {
        str(path.relative_to(world)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(world.rglob("*"))
        if path.is_file()
    }


def test_nothing_is_imported_from_the_program() -> None:
    found = set()
    for path in FOLDER.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module).split(".")[0])
    assert found & PROGRAM == set()


def test_nothing_is_rejected_or_repaired_in_a_clean_province(world: Path) -> None:
    bundle = read_bundle(world, Options())
    assert len(bundle.rejected) == 0
    assert len(bundle.repairs) == 0


def test_every_cause_occurs(world: Path) -> None:
    codes = set(CAUSES) - {"unknown"}
    found = set(table(world, "truth/complaints")["cause"]) | set(
        table(world, "truth/faults")["cause"]
    )
    assert codes - found == set()
    assert found - codes == set()


def test_truth_speaks_of_what_exists(world: Path) -> None:
    cells = set(table(world, "cells")["cell_id"])
    tickets, faults = table(world, "truth/complaints"), table(world, "truth/faults")
    assert list(tickets["ticket_id"]) == list(table(world, "complaints")["ticket_id"])
    assert set(tickets["cell_id"]) - {""} <= cells
    assert set(tickets["fault_id"]) - {""} <= set(faults["fault_id"])
    assert {cell for row in faults["cells"] for cell in row.split("|")} <= cells
    assert (faults["start"] <= faults["end"]).all()


def test_no_complaint_comes_before_its_fault(world: Path) -> None:
    tickets = table(world, "truth/complaints").merge(table(world, "complaints"), on="ticket_id")
    both = tickets.merge(table(world, "truth/faults"), on="fault_id")
    assert len(both)
    assert (both["created_at"] >= both["start"]).all()


def test_broken_objects_are_known(world: Path) -> None:
    links = table(world, "links")
    known = {*table(world, "sites")["site_id"], *table(world, "cells")["cell_id"]}
    known |= {*links["node"], *links["parent"]}
    broken = set(table(world, "truth/faults")["object_id"].str.split("/").str[0])
    raised = set(table(world, "alarms")["object_id"].str.split("/").str[0])
    assert broken - known == set()
    assert raised - known == set()


def test_a_dead_site_carries_nothing_and_its_neighbours_more(world: Path) -> None:
    faults = table(world, "truth/faults")
    dead = faults[faults["cause"].isin(["power_failure", "site_outage", "transmission_break"])]
    kpi = pd.read_parquet(world / "kpi")
    for fault in dead.itertuples():
        start, end = pd.Timestamp(fault.start), pd.Timestamp(fault.end)
        inside = (kpi["start"] >= start) & (kpi["start"] + pd.Timedelta("1h") <= end)
        rows = kpi[inside & kpi["cell_id"].isin(fault.cells.split("|"))]
        assert rows["data_attempts"].sum() == 0
        assert (rows["availability"] == 0).all()


def test_successes_never_exceed_attempts(world: Path) -> None:
    kpi = pd.read_parquet(world / "kpi")
    for name in ("setup", "data", "ho"):
        assert not (kpi[f"{name}_successes"] > kpi[f"{name}_attempts"]).any()


def test_forms_take_turns_and_the_silent_ones_raise_no_alarm(world: Path) -> None:
    faults = table(world, "truth/faults")
    silent = faults["form"].isin(["sleeping", "lost"])
    assert silent.any()
    assert (faults.loc[silent, "visible"] == "0").all()
    assert {"growth", "constant"} & set(faults["form"])


def test_silence_takes_the_alarms_of_all_faults_and_leaves_the_faults(
    world: Path, tmp_path: Path
) -> None:
    write_province(replace(SMALL, silent=1.0), tmp_path / "silent")
    faults, silent = table(world, "truth/faults"), table(tmp_path / "silent", "truth/faults")
    assert set(silent["visible"]) == {"0"}
    assert silent.drop(columns="visible").equals(faults.drop(columns="visible"))


def test_a_sleeping_cell_is_up_and_carries_next_to_nothing() -> None:
    causes = read_causes()
    fault = Fault(
        "", "cell_outage", "", np.array([0]), np.ones(1), 0, 0.0, 9.0, False, 1, "sleeping"
    )
    assert set(strengths(fault, effect_of(causes, fault))) == {"carried"}
    assert strengths(fault, effect_of(causes, fault))["carried"] <= 0.03


def test_a_lost_clock_is_heard_by_cells_that_share_time_alone() -> None:
    world = build_world(SMALL)
    fault = next(fault for fault in draw_faults(world) if fault.cause == "sync_fault")
    load = loads_of(world, [fault])[0]
    band = world.network.layers["freq_mhz"].to_numpy()[world.network.cells["layer"]][fault.cells]
    assert load.is_noisy.tolist() == (band > 2300).tolist()


def test_what_grows_begins_at_nothing() -> None:
    fault = Fault("", "data_congestion", "", np.array([0]), np.ones(1), 0, 0.0, 10.0, False, 1)
    grown = growth(fault, {"grows": 0.5}, np.array([0.0, 2.5, 5.0, 9.0]))
    assert grown.tolist() == [0, 0.5, 1, 1]
    assert growth(fault, {}, np.array([0.0, 9.0])).tolist() == [1, 1]


def test_carriers_that_sleep_by_night_are_no_faults() -> None:
    world = build_world(SMALL)
    saving = saving_of(world)
    rows, share = awake_share(saving, range(len(world.network.cells)), np.arange(48.0), 1.0)
    assert len(saving.cells)
    assert rows.tolist() == saving.cells.tolist()
    always = ~np.isfinite(saving.since)
    assert (share[always, 3] == 0).all()
    assert (share[:, 12] == 1).all()
    begun = saving_changes(world)
    assert len(begun) == np.isfinite(saving.since).sum()
    assert set(begun["new_value"]) <= {"ON"}


@pytest.mark.parametrize("minutes", [5, 15, 30, 60])
def test_periods_of_each_length_fill_a_day(minutes: int, tmp_path: Path) -> None:
    write_province(Settings(cells=50, days=1, kpi_minutes=minutes), tmp_path / "day")
    kpi = pd.read_parquet(tmp_path / "day" / "kpi")
    assert set(kpi["minutes"]) == {minutes}
    assert kpi["start"].nunique() == 1440 // minutes


def test_visible_means_that_an_alarm_came_and_some_faults_are_silent(world: Path) -> None:
    faults = table(world, "truth/faults")
    assert set(faults["visible"]) == {"0", "1"}
    assert (faults.loc[faults["cause"] == "overshoot", "visible"] == "0").all()


def test_the_same_seed_gives_the_same_bytes(hamlet: Path, tmp_path: Path) -> None:
    write_province(Settings(cells=50, days=2, language="en", kpi_minutes=15), tmp_path / "again")
    assert digests(tmp_path / "again") == digests(hamlet)


def test_another_seed_gives_another_province(hamlet: Path, tmp_path: Path) -> None:
    out = tmp_path / "other"
    write_province(Settings(cells=50, days=2, language="en", kpi_minutes=15, seed=2), out)
    same = {name for name, value in digests(out).items() if digests(hamlet).get(name) == value}
    assert same == set()


def test_fifty_cells_are_enough(hamlet: Path) -> None:
    bundle = read_bundle(hamlet, Options())
    assert len(bundle.rejected) == 0
    assert len(bundle.repairs) == 0
    assert len(table(hamlet, "truth/faults")) >= 1
    assert len(table(hamlet, "complaints")) >= 8
    about = json.loads((hamlet / "truth" / "about.json").read_text(encoding="utf-8"))
    assert about["kpi_minutes"] == 15


def test_the_dirty_twin_has_the_same_truth_and_tickets(world: Path, tmp_path: Path) -> None:
    out = tmp_path / "dirty"
    write_province(Settings(**{**vars(SMALL), "is_dirty": True}), out)
    for name in ("truth/complaints", "truth/faults"):
        assert (out / f"{name}.csv").read_bytes() == (world / f"{name}.csv").read_bytes()
    spoilt = pd.read_csv(out / "complaints.csv", dtype=str, encoding="gb18030")
    assert set(table(world, "complaints")["ticket_id"]) <= set(spoilt["ticket_id"].str.strip())
    assert len(table(out, "truth/dirt"))
    shutil.rmtree(out)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--cells", "10"], "`cells` must be"),
        (["--days", "0"], "`days` must be"),
        (["--seed", "-1"], "`seed`"),
        (["--silent", "2"], "`silent` must be"),
    ],
    ids=["too few cells", "no day", "negative seed", "more than all silent"],
)
def test_bad_options_are_named(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path / "out"), *arguments])
    assert said in capsys.readouterr().err


def test_a_folder_with_files_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SystemExit, match="2"):
        main([str(tmp_path)])
    assert "empty folder" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
