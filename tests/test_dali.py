"""The worked example of Dali says what its README says, in every variant."""

import re
import sys
from pathlib import Path
from subprocess import run

import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.settings import Settings
from examples.dali_bundle import VARIANTS, dali_tables, main, write_bundle

FOLDER = Path(__file__).resolve().parents[1] / "examples" / "dali"
CASE = "2010062801365464"
CASE_CREATED = pd.Timestamp("2010-06-28 13:45:37")
ONSET = pd.Timestamp("2010-06-24 17:00:00")
CASE_CELLS = ["8740-4419", "8740-4420", "8740-4421"]
TEXT = (
    "159****2291来电反映从前天开始在大理银桥镇双阳村出现不能主被叫的问题,提示:网络忙,其它功能也有影响,"
    "用户手机诺基亚SN,周围用户存在同样情况(159****4261),请贵部查询处理,谢谢!(联系方式:本机,随时)"
)
TABLES = {
    *("sites", "cells", "links", "neighbours", "places", "subscribers", "alarms", "kpi"),
    *("changes", "complaints", "locations", "accounts", "verdicts"),
}


@pytest.fixture(scope="module")
def variants() -> dict[str, dict[str, pd.DataFrame]]:
    """All variants, built once."""
    return {variant: dali_tables(variant) for variant in VARIANTS}


def case_sums(tables: dict[str, pd.DataFrame], since: pd.Timestamp) -> pd.Series:
    """Sums of the counters at the site of the case, from `since` until the ticket was written."""
    kpi = tables["kpi"]
    seen = kpi["cell_id"].isin(CASE_CELLS) & (kpi["start"] >= since)
    seen &= kpi["start"] + pd.Timedelta(hours=1) <= CASE_CREATED
    return kpi.loc[seen].sum(numeric_only=True)


def week_before(tables: dict[str, pd.DataFrame], column: str) -> tuple[float, float]:
    """Sum of a counter at the site in the last four days, and in the same four a week earlier."""
    now = case_sums(tables, ONSET)[column]
    kpi = tables["kpi"].assign(start=lambda d: d["start"] + pd.Timedelta(days=7))
    return now, case_sums({"kpi": kpi}, ONSET)[column]


def alarms_7745(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of alarm 7745 at the site of the case."""
    alarms = tables["alarms"]
    return alarms[(alarms["code"] == "7745") & alarms["object_id"].str[:9].isin(CASE_CELLS)]


def test_builder_reproduces_the_committed_files_byte_for_byte(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 0
    built = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in FOLDER.glob("*.csv")}
    assert set(built) == set(kept) == {f"{name}.csv" for name in TABLES}
    assert [name for name in built if built[name] != kept[name]] == []


def test_folder_is_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 3_000_000


def test_no_row_is_rejected_or_repaired() -> None:
    read = read_bundle(FOLDER, Settings())
    assert read.rejected.empty
    assert read.repairs.empty
    assert read.missing == ()
    assert read.ignored == ("README.md",)


def test_ticket_stands_word_for_word() -> None:
    complaints = pd.read_csv(FOLDER / "complaints.csv", dtype=str).set_index("ticket_id")
    ticket = complaints.loc[CASE]
    assert ticket["text"] == TEXT
    assert ticket["created_at"] == "2010-06-28 13:45:37"
    assert ticket["msisdn"] == "159****2291"
    assert ticket["previous_opinion"]


def test_no_full_number_stands_anywhere() -> None:
    for path in FOLDER.parent.rglob("*"):
        if path.suffix in {".csv", ".md", ".toml", ".py"}:
            found = re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", path.read_text(encoding="utf-8"))
            assert found == [], path.name


def test_every_number_is_masked(variants: dict[str, dict[str, pd.DataFrame]]) -> None:
    tables = variants["as_found"]
    for name in ("complaints", "locations", "accounts"):
        assert tables[name]["msisdn"].str.fullmatch(r"1\d{2}\*{4}\d{4}").all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_keys_are_unique_and_references_resolve(
    variants: dict[str, dict[str, pd.DataFrame]], variant: str
) -> None:
    tables = variants[variant]
    keys = {
        "sites": ["site_id"],
        "cells": ["cell_id"],
        "links": ["node", "parent", "kind"],
        "neighbours": ["cell_id", "neighbour_id"],
        "alarms": ["alarm_id"],
        "kpi": ["cell_id", "start"],
        "complaints": ["ticket_id"],
    }
    for name, key in keys.items():
        assert not tables[name].duplicated(key).any(), name
    cells, sites = set(tables["cells"]["cell_id"]), set(tables["sites"]["site_id"])
    assert set(tables["cells"]["site_id"]) <= sites
    assert set(tables["neighbours"].stack()) <= cells
    assert set(tables["kpi"]["cell_id"]) == cells
    known = cells | sites | set(tables["links"]["parent"])
    assert set(tables["alarms"]["object_id"].str.split("/").str[0]) <= known


@pytest.mark.parametrize("variant", VARIANTS)
def test_counters_never_contradict_each_other(
    variants: dict[str, dict[str, pd.DataFrame]], variant: str
) -> None:
    kpi = variants[variant]["kpi"]
    assert (kpi.select_dtypes("int64") >= 0).all(axis=None)
    assert (kpi["setup_successes"] + kpi["congestion_failures"] <= kpi["setup_attempts"]).all()
    assert (kpi["sd_congestion"] <= kpi["sd_attempts"]).all()
    assert (kpi["drops"] <= kpi["setup_successes"]).all()
    assert (kpi["ho_successes"] <= kpi["ho_attempts"]).all()


def test_main_carriers_of_the_site_are_3_8_and_11() -> None:
    cells = pd.read_csv(FOLDER / "cells.csv").set_index("cell_id")
    assert cells.loc[CASE_CELLS, "bcch_trx"].tolist() == [3, 8, 11]
    assert cells.loc[CASE_CELLS, "site_id"].unique().tolist() == ["DL4419"]


def test_nothing_changed_at_the_site_and_the_number_was_not_located(
    variants: dict[str, dict[str, pd.DataFrame]],
) -> None:
    tables = variants["as_found"]
    assert not tables["changes"]["object_id"].isin(["DL4419", *CASE_CELLS]).any()
    assert tables["changes"]["changed_at"].max() < ONSET
    assert "159****2291" not in set(tables["locations"]["msisdn"])


def test_7745_repeats_on_the_three_main_carriers_in_supervised_hours_only(
    variants: dict[str, dict[str, pd.DataFrame]],
) -> None:
    found = alarms_7745(variants["as_found"])
    carriers = ["8740-4419/TRX-3", "8740-4420/TRX-8", "8740-4421/TRX-11"]
    assert sorted(found["object_id"].unique()) == carriers
    assert found.groupby("object_id")["raised_at"].min().tolist() == [ONSET] * 3
    assert found.groupby("object_id").size().min() >= 15
    assert found["raised_at"].dt.hour.between(8, 17).all()
    assert (found["cleared_at"].dt.hour < 18).all()
    assert found["detail"].str.fullmatch(r"0[12]( [01]){8} [0-7] [0-7]").all()


def test_traffic_fell_and_calls_fail_without_congestion(
    variants: dict[str, dict[str, pd.DataFrame]],
) -> None:
    tables = variants["as_found"]
    now, before = week_before(tables, "traffic_erl")
    assert now < 0.3 * before
    seen = case_sums(tables, ONSET)
    assert seen["setup_successes"] / seen["setup_attempts"] < 0.3
    assert seen["congestion_failures"] == 0
    assert seen["sd_congestion"] == 0
    assert seen["drops"] / seen["setup_successes"] > 0.05


def test_neighbours_of_the_site_carry_slightly_more(
    variants: dict[str, dict[str, pd.DataFrame]],
) -> None:
    tables = variants["as_found"]
    kpi = tables["kpi"].merge(tables["cells"][["cell_id", "site_id"]], on="cell_id")
    near = kpi[kpi["site_id"] == "DL4413"].groupby("start")["traffic_erl"].sum()
    now = near.loc["2010-06-25":"2010-06-27"].sum()
    before = near.loc["2010-06-18":"2010-06-20"].sum()
    assert 1.03 < now / before < 1.15


def test_traffic_up_congested_has_eight_percent_congestion_and_no_alarm(
    variants: dict[str, dict[str, pd.DataFrame]],
) -> None:
    tables = variants["traffic_up_congested"]
    seen = case_sums(tables, ONSET)
    now, before = week_before(tables, "traffic_erl")
    assert now > 1.5 * before
    assert 0.07 < seen["congestion_failures"] / seen["setup_attempts"] < 0.09
    assert alarms_7745(tables).empty


def test_non_bcch_trx_hurts_one_sector_in_part(
    variants: dict[str, dict[str, pd.DataFrame]],
) -> None:
    tables = variants["non_bcch_trx"]
    assert alarms_7745(tables)["object_id"].unique().tolist() == ["8740-4419/TRX-2"]
    kpi = tables["kpi"][tables["kpi"]["start"] >= ONSET].groupby("cell_id").sum(numeric_only=True)
    success = kpi["setup_successes"] / kpi["setup_attempts"]
    assert 0.8 < success["8740-4419"] < 0.9
    assert success[["8740-4420", "8740-4421"]].min() > 0.97


def test_alarm_after_ticket_leaves_the_past_healthy(
    variants: dict[str, dict[str, pd.DataFrame]],
) -> None:
    tables = variants["alarm_after_ticket"]
    assert alarms_7745(tables)["raised_at"].min() > CASE_CREATED
    seen = case_sums(tables, ONSET)
    assert seen["setup_successes"] / seen["setup_attempts"] > 0.97
    late = tables["kpi"].query("cell_id in @CASE_CELLS and start >= '2010-06-28 14:00'")
    assert late["setup_successes"].sum() / late["setup_attempts"].sum() < 0.3


def test_neighbour_down_leaves_the_site_healthy_and_crowded(
    variants: dict[str, dict[str, pd.DataFrame]],
) -> None:
    tables = variants["neighbour_down"]
    outage = tables["alarms"].query("object_id == 'DL4413' and name == 'BCF FAULTY'")
    assert outage["raised_at"].lt(CASE_CREATED).all()
    assert outage["cleared_at"].isna().all()
    down = tables["kpi"].query(
        "cell_id in ['8740-4413', '8740-4414'] and start >= '2010-06-26 08:00'"
    )
    assert (down[["traffic_erl", "availability"]] == 0).all(axis=None)
    seen = case_sums(tables, pd.Timestamp("2010-06-26 08:00"))
    assert 0.05 < seen["congestion_failures"] / seen["setup_attempts"] < 0.10
    assert seen["availability"] == 54 * 3 - 3 * 1
    assert alarms_7745(tables).empty


@pytest.mark.parametrize("variant", VARIANTS[1:])
def test_variants_differ_in_alarms_and_counters_alone(
    variants: dict[str, dict[str, pd.DataFrame]], variant: str
) -> None:
    base, other = variants["as_found"], variants[variant]
    differing = {name for name in base if not base[name].equals(other[name])}
    assert differing == {"alarms", "kpi"}


def test_unknown_variant_is_named() -> None:
    with pytest.raises(ValueError, match=r"`variant` needs one of .* got 'as_lost'"):
        dali_tables("as_lost")


def test_command_without_a_folder_tells_how_to_use_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "dali_bundle.py FOLDER" in capsys.readouterr().out


def test_builder_runs_as_a_script_from_any_folder(tmp_path: Path) -> None:
    script = FOLDER.parent / "dali_bundle.py"
    command = [sys.executable, str(script), "out", "neighbour_down"]
    done = run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    assert "BCF FAULTY" in (tmp_path / "out" / "alarms.csv").read_text(encoding="utf-8")


def test_every_variant_is_explained_in_the_readme() -> None:
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [variant for variant in VARIANTS if f"`{variant}`" not in readme] == []


def test_writing_keeps_other_files_and_the_tables(tmp_path: Path) -> None:
    table = pd.DataFrame({"county": ["大理市"], "users": [3]})
    (tmp_path / "README.md").write_text("kept", encoding="utf-8")
    write_bundle(tmp_path, {"subscribers": table})
    assert (tmp_path / "subscribers.csv").read_text(encoding="utf-8") == "county,users\n大理市,3\n"
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "kept"
    assert table.columns.tolist() == ["county", "users"]
