"""The figures are those of their definition, and the tables add up to the figures."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.errors import (
    InputError,
    MissingColumnsError,
    MissingTableError,
    OutputError,
    UnreadableFileError,
)
from correlate.scoring import (
    calibration_table,
    cause_table,
    detail_tables,
    false_incidents,
    fault_table,
    locating_by_source,
    missed_faults,
    render_scores,
    score_run,
    scores_markdown,
)
from tests.correlate.fake_world import (
    FakeWorld,
    changed,
    clock,
    random_world,
    tiny_world,
    write_pair,
)

ROOT = Path(__file__).resolve().parents[2]
MEASURE = Path(__file__).resolve().parents[3] / "shared" / "evaluate" / "score.py"
ZONE = "Asia/Shanghai"
needs_measure = pytest.mark.skipif(
    not MEASURE.exists(), reason="../shared/evaluate/score.py is missing: figures not compared"
)
BATCH = """
import json, sys, warnings
warnings.simplefilter("ignore")
sys.path.insert(0, sys.argv[1])
from score import score
for folder in sys.argv[2:]:
    try:
        print(json.dumps(score(folder + "/world", folder + "/out"), default=float))
    except SystemExit as refusal:
        print(json.dumps(str(refusal)))
"""


def measured(*folders: Path) -> list[dict[str, float] | str]:
    """Return what the shared measure says of each folder: figures, or why it refuses."""
    command = [sys.executable, "-c", BATCH, str(MEASURE.parent), *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def assert_same_figures(own: dict[str, float], theirs: dict[str, float]) -> None:
    assert list(own) == list(theirs)
    for name, value in theirs.items():
        assert own[name] == pytest.approx(value, abs=1e-9, nan_ok=True), name


def after_first_call(minutes: float) -> pd.Timestamp:
    return clock("08:30") + pd.Timedelta(minutes=minutes)


def without(made: FakeWorld, *names: str) -> FakeWorld:
    return replace(made, **dict.fromkeys(names))


def emptied(made: FakeWorld, *names: str) -> FakeWorld:
    return replace(made, **{name: getattr(made, name).head(0) for name in names})


def edges() -> dict[str, FakeWorld]:
    """Return the plain world, changed at one edge each."""
    made, optional = tiny_world(), ("serving_cells", "incidents", "interceptions")
    changes: dict[str, tuple[str, int, dict[str, object]]] = {
        "nothing": ("incidents", 0, {}),
        "incident without cells": ("incidents", 0, {"cells": None}),
        "incident of unknown cells": ("incidents", 1, {"cells": "X1|B1|X2"}),
        "incident of all cells": ("incidents", 2, {"cells": "A1|A2|B1|B2|C1"}),
        "open incident": ("incidents", 1, {"ended_at": pd.NaT}),
        "incident with no start": ("incidents", 0, {"started_at": pd.NaT}),
        "incident over before it was seen": ("incidents", 2, {"ended_at": clock("01:30")}),
        "notice at a call": ("interceptions", 0, {"issued_at": clock("08:30")}),
        "notice until a call": ("interceptions", 0, {"valid_until": clock("09:30")}),
        "notice without an incident": ("interceptions", 1, {"incident_id": None}),
        "fewer complaints than are rated": ("truth", 0, {"fault_id": "F2"}),
        "no hidden fault": ("faults", 1, {"visible": 1}),
        "diagnosis after half an hour": ("diagnoses", 0, {"diagnosed_at": after_first_call(30)}),
    }
    worlds = {
        name: changed(made, table, row, **values) for name, (table, row, values) in changes.items()
    }
    worlds["diagnoses only"] = without(made, *optional)
    worlds["empty tables"] = emptied(made, *optional)
    worlds["no diagnosis"] = emptied(made, "diagnoses")
    return worlds


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_figures_of_a_plain_world_are_those_worked_out_by_hand(tmp_path: Path, suffix: str) -> None:
    scores = score_run(*write_pair(tiny_world(), tmp_path, suffix=suffix), ZONE)
    expected = {
        "answered": 4 / 5,
        "cause_top1": 2 / 5,
        "cause_top3": 3 / 5,
        "cause_macro_f1": (2 * 2 / (3 + 2)) / 3,
        "calibration_error": (0.2 + 0.6 + 0.5) / 5,
        "object_hit": 3 / 4,
        "incident_ari": 1.0,
        "cell_top1": 1 / 5,
        "site_top1": 2 / 5,
        "site_top3": 3 / 5,
        "intercept_recall": 2 / 4,
        "intercept_precision": 1 / 2,
        "faults_rated": 1,
        "faults_before_first": 0.0,
        "faults_before_third": 1.0,
        "median_lead_min": 90.0,
        "incidents": 3,
        "faults_found": 1.0,
        "faults_named": 1 / 2,
        "hidden_found": 1.0,
        "hidden_named": 0.0,
        "hidden_delay_min": 120.0,
        "incident_precision": 2 / 3,
    }
    assert {name: scores[name] for name in expected} == pytest.approx(expected)


@needs_measure
def test_figures_are_those_of_the_shared_measure_on_its_command_line(tmp_path: Path) -> None:
    world, out = write_pair(random_world(np.random.default_rng(1)), tmp_path)
    command = [sys.executable, str(MEASURE), str(world), str(out), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert_same_figures(score_run(world, out, ZONE), json.loads(done.stdout))


@needs_measure
def test_figures_are_those_of_the_shared_measure_at_every_edge(tmp_path: Path) -> None:
    made = edges()
    for seed in range(6):
        rng = np.random.default_rng(seed)
        made[f"random {seed}"] = random_world(rng, tickets=[20, 300][seed % 2])
    pairs = {
        name: write_pair(tables, tmp_path / name, suffix=["csv", "parquet"][number % 2])
        for number, (name, tables) in enumerate(made.items())
    }
    folders = [tmp_path / name for name in made]
    for (name, pair), theirs in zip(pairs.items(), measured(*folders), strict=True):
        assert isinstance(theirs, dict), name
        assert_same_figures(score_run(*pair, ZONE), theirs)


BREACHES: dict[str, tuple[str, int, dict[str, object]]] = {
    "diagnoses: rank outside 1 to 5": ("diagnoses", 0, {"rank": 6}),
    "diagnoses: a rank twice for one ticket": ("diagnoses", 3, {"rank": 1}),
    "diagnoses: a cause twice for one ticket": ("diagnoses", 3, {"cause": "site_outage"}),
    "diagnoses: negative probability": ("diagnoses", 4, {"probability": -0.1}),
    "serving_cells: rank outside 1 to 6": ("serving_cells", 0, {"rank": 0}),
    "serving_cells: a cell_id twice": ("serving_cells", 1, {"cell_id": "A1"}),
    "serving_cells: probabilities of a ticket sum": ("serving_cells", 0, {"probability": 0.7}),
    "serving_cells: unknown ticket": ("serving_cells", 2, {"ticket_id": "T9"}),
    "not within 30 minutes": ("diagnoses", 0, {"diagnosed_at": after_first_call(30.1)}),
    "diagnosed_at empty or not": ("diagnoses", 0, {"diagnosed_at": after_first_call(-1)}),
    "diagnosed_at empty": ("diagnoses", 0, {"diagnosed_at": pd.NaT}),
    "interceptions: issued after": ("interceptions", 1, {"valid_until": clock("01:00")}),
}


@pytest.mark.parametrize("reason", BREACHES)
def test_run_that_breaks_the_contract_is_refused_in_one_line(tmp_path: Path, reason: str) -> None:
    table, row, values = BREACHES[reason]
    pair = write_pair(changed(tiny_world(), table, row, **values), tmp_path)
    with pytest.raises(OutputError, match=reason) as refusal:
        score_run(*pair, ZONE)
    assert str(refusal.value).startswith("`out` must keep the contract")
    assert len(str(refusal.value).splitlines()) == 1


@needs_measure
def test_shared_measure_refuses_the_same_runs(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(len(BREACHES))]
    for folder, (table, row, values) in zip(folders, BREACHES.values(), strict=True):
        write_pair(changed(tiny_world(), table, row, **values), folder)
    assert all(isinstance(said, str) and "refused" in said for said in measured(*folders))


def test_all_breaches_are_named_at_once(tmp_path: Path) -> None:
    made = changed(tiny_world(), "serving_cells", 2, ticket_id="T9")
    made = changed(made, "diagnoses", 0, diagnosed_at=after_first_call(45))
    with pytest.raises(OutputError, match="serving_cells: unknown ticket; diagnoses: diagnosed_at"):
        score_run(*write_pair(made, tmp_path), ZONE)


def test_missing_diagnoses_are_named(tmp_path: Path) -> None:
    world, out = write_pair(without(tiny_world(), "diagnoses"), tmp_path)
    with pytest.raises(MissingTableError, match=r"needs diagnoses\.csv or diagnoses\.parquet"):
        score_run(world, out, ZONE)


def test_world_without_truth_is_refused(tmp_path: Path) -> None:
    world, out = write_pair(tiny_world(), tmp_path)
    (world / "truth" / "faults.csv").unlink()
    with pytest.raises(MissingTableError, match=r"needs truth/faults\.csv"):
        score_run(world, out, ZONE)


def test_missing_column_is_named(tmp_path: Path) -> None:
    made = tiny_world()
    made = replace(made, diagnoses=made.diagnoses.drop(columns="object_id"))
    with pytest.raises(MissingColumnsError, match=r"lacks columns \['object_id'\]"):
        score_run(*write_pair(made, tmp_path), ZONE)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x81"], ids=["empty", "no text"])
def test_unreadable_table_is_refused(tmp_path: Path, content: bytes) -> None:
    world, out = write_pair(tiny_world(), tmp_path)
    (out / "incidents.csv").write_bytes(content)
    with pytest.raises(UnreadableFileError, match="must be a table"):
        score_run(world, out, ZONE)


def test_time_that_is_none_is_refused(tmp_path: Path) -> None:
    made = tiny_world()
    world, out = write_pair(made, tmp_path)
    made.incidents.assign(ended_at="soon").to_csv(out / "incidents.csv", index=False)  # type: ignore[union-attr]
    with pytest.raises(InputError, match=r"times in \['ended_at'\]"):
        score_run(world, out, ZONE)


def test_parquet_counts_where_both_files_are_there(tmp_path: Path) -> None:
    world, out = write_pair(tiny_world(), tmp_path, suffix="parquet")
    (out / "diagnoses.csv").write_text("nothing\n", encoding="utf-8")
    assert score_run(world, out, ZONE)["cause_top1"] == pytest.approx(0.4)


def test_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    made = tiny_world()
    names = ("cells", "complaints", "truth", "diagnoses", "serving_cells", "interceptions")
    turned = replace(made, **{name: getattr(made, name).iloc[::-1] for name in names})
    plain = score_run(*write_pair(made, tmp_path / "plain"), ZONE)
    assert score_run(*write_pair(turned, tmp_path / "turned"), ZONE) == pytest.approx(plain)


def test_files_are_left_as_they_were(tmp_path: Path) -> None:
    world, out = write_pair(tiny_world(), tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    score_run(world, out, ZONE)
    detail_tables(world, out)
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


def test_offset_of_the_output_need_not_be_that_of_the_world(tmp_path: Path) -> None:
    world, out = write_pair(tiny_world(), tmp_path, suffix="parquet")
    expected = score_run(world, out, ZONE)
    for path in out.glob("*.parquet"):
        table = pd.read_parquet(path)
        times = table.select_dtypes("datetimetz").columns
        table.assign(**{name: table[name].dt.tz_convert("UTC") for name in times}).to_parquet(path)
    assert score_run(world, out, ZONE) == pytest.approx(expected)


def test_quiet_world_has_claims_but_nothing_to_find(tmp_path: Path) -> None:
    made = tiny_world()
    truth = made.truth.assign(fault_id="", object_id="", cause="weak_coverage")
    made = replace(made, truth=truth, faults=made.faults.head(0))
    scores = score_run(*write_pair(made, tmp_path), ZONE)
    assert np.isnan(scores["faults_found"])
    assert np.isnan(scores["intercept_recall"])
    assert scores["incident_precision"] == 0.0


def test_causes_are_told_apart_with_what_they_are_taken_for(tmp_path: Path) -> None:
    table = cause_table(*write_pair(tiny_world(), tmp_path))
    power = table.loc["power_failure"]
    assert table.index[0] == "power_failure"
    assert power[["tickets", "confused_with"]].tolist() == [3, "site_outage 1"]
    assert power[["top1", "top3", "precision"]].tolist() == pytest.approx([2 / 3, 1.0, 1.0])
    assert np.isnan(table.loc["weak_coverage", "object_hit"])
    assert table.loc["weak_coverage", "confused_with"] == "none 1"


def test_faults_are_counted_by_cause_and_visibility(tmp_path: Path) -> None:
    table = fault_table(*write_pair(tiny_world(), tmp_path))
    seen, hidden = table.loc[("power_failure", True)], table.loc[("external_interference", False)]
    assert seen[["faults", "found", "named", "rated"]].tolist() == [1, 1, 1, 1]
    assert seen[["delay_min", "before_first", "before_third", "lead_min"]].tolist() == [
        10,
        0,
        1,
        90,
    ]
    assert hidden[["faults", "found", "named", "rated"]].tolist() == [1, 1, 0, 0]
    assert np.isnan(hidden["before_first"])


def test_locating_is_told_by_what_was_known_of_the_place(tmp_path: Path) -> None:
    table = locating_by_source(*write_pair(tiny_world(), tmp_path))
    known = {("address", False): 3, ("coordinates", True): 1, ("neither", False): 1}
    assert table["tickets"].to_dict() == known
    assert table.loc[("coordinates", True), "cell_top1"] == 1.0
    assert table.loc[("address", False), "site_top1"] == pytest.approx(1 / 3)


def test_without_sightings_no_ticket_is_sighted(tmp_path: Path) -> None:
    world, out = write_pair(tiny_world(), tmp_path)
    (world / "locations.csv").write_text("msisdn,seen_at\n", encoding="utf-8")
    assert not locating_by_source(world, out).index.get_level_values("is_sighted").any()


def test_gaps_of_the_bins_add_up_to_the_calibration_error(tmp_path: Path) -> None:
    world, out = write_pair(random_world(np.random.default_rng(3)), tmp_path)
    table, scores = calibration_table(world, out), score_run(world, out, ZONE)
    for answer, figure in (("cause", "calibration_error"), ("site", "site_calibration_error")):
        bins = table.loc[answer]
        error = (bins["gap"].abs() * bins["tickets"]).sum() / bins["tickets"].sum()
        assert error == pytest.approx(scores[figure])


def test_false_incidents_are_told_by_what_they_claim(tmp_path: Path) -> None:
    table = false_incidents(*write_pair(tiny_world(), tmp_path))
    false = table.loc["site_outage"]
    assert false[["incidents", "unmatched", "baseless"]].tolist() == [1, 1, 1]
    assert false[["unmatched_h", "site_h", "false_site_h"]].tolist() == [2.0, 2.0, 2.0]
    assert table.loc["power_failure", "unmatched"] == 0


def test_incidents_of_the_table_add_up_to_the_figures(tmp_path: Path) -> None:
    world, out = write_pair(random_world(np.random.default_rng(4)), tmp_path)
    total, scores = false_incidents(world, out).sum(), score_run(world, out, ZONE)
    assert 1 - total["unmatched"] / total["incidents"] == pytest.approx(
        scores["incident_precision"]
    )
    right = 1 - total["false_site_h"] / total["site_h"]
    assert right == pytest.approx(scores["incident_area_precision"])


def test_missed_fault_is_listed_with_the_reason(tmp_path: Path) -> None:
    table = missed_faults(*write_pair(tiny_world(), tmp_path))
    assert table[["fault_id", "outcome", "incident_id", "said"]].to_numpy().tolist() == [
        ["F2", "misnamed", "I2", "data_congestion"]
    ]


def test_fault_whose_incident_stands_for_another_is_taken(tmp_path: Path) -> None:
    made = tiny_world()
    twin = made.faults.iloc[[0]].assign(fault_id="F3", cells="A2")
    other = made.faults.iloc[[0]].assign(fault_id="F4", cells="C1")
    made = replace(made, faults=pd.concat([made.faults, twin, other], ignore_index=True))
    table = missed_faults(*write_pair(made, tmp_path)).set_index("fault_id")
    assert table["outcome"].to_dict() == {"F2": "misnamed", "F3": "taken", "F4": "nothing"}
    assert table["incident_id"].fillna("").to_dict() == {"F2": "I2", "F3": "I1", "F4": ""}


def test_tables_can_be_made_of_a_run_that_claims_nothing(tmp_path: Path) -> None:
    made = without(tiny_world(), "serving_cells", "incidents", "interceptions", "locations")
    tables = detail_tables(*write_pair(made, tmp_path))
    assert tables["missed faults"]["outcome"].tolist() == ["nothing", "nothing"]
    assert tables["false incidents"].empty
    assert "false incidents: none" in render_scores({}, tables)


def test_scores_are_rendered_with_their_tables(tmp_path: Path) -> None:
    pair = write_pair(tiny_world(), tmp_path)
    text = render_scores(score_run(*pair, ZONE), detail_tables(*pair))
    assert "cause_top1                0.400" in text
    assert "missed faults\n" in text
    assert "nan" not in text.lower()


def test_markdown_leaves_open_what_a_column_lacks() -> None:
    text = scores_markdown({"one": {"a": 0.5, "b_min": float("nan")}, "two": {"c": 3}})
    assert text.splitlines()[2:] == ["| `a` | 0.500 |  |", "| `b_min` | - |  |", "| `c` |  | 3 |"]


def test_every_figure_is_explained_in_the_manual(tmp_path: Path) -> None:
    manual = (ROOT / "docs" / "scores.md").read_text(encoding="utf-8")
    scores = score_run(*write_pair(tiny_world(), tmp_path), ZONE)
    assert [name for name in scores if f"`{name}`" not in manual] == []


def test_no_other_module_of_the_program_names_the_truth_folder() -> None:
    packages = ("contract", "sites", "alarms", "kpi", "correlate", "dashboards")
    modules = [path for package in packages for path in (ROOT / package).rglob("*.py")]
    naming = {path.name for path in modules if "truth/" in path.read_text(encoding="utf-8")}
    assert naming <= {"scoring.py", "score_details.py"}
