"""Claims about how the practice operator's tables are dirtied."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from examples.province.dirt import DirtPlan, dirty_table, plan_dirt
from examples.province.map_offsets import to_gcj02

Tables = dict[str, pd.DataFrame]
BEGIN = pd.Timestamp("2026-03-02")
DAYS = 6
COUNTS = ["setup_attempts", "setup_successes", "drops"]
EXPECTED_KINDS = {
    "sites": {"moved_site", "swapped_site", "zero_site", "stray_blanks"},
    "cells": {"turned_azimuth", "impossible_azimuth", "zero_height", "extra_column"},
    "alarms": {
        *("exact_duplicate", "key_duplicate", "split_alarm", "late", "alarm_silence", "clock_skew"),
        *("unknown_alarm", "mixed_times", "stray_blanks", "other_case"),
    },
    "kpi": {
        *("exact_duplicate", "key_duplicate", "late", "late_file", "kpi_gap"),
        *("reset_negative", "reset_wrapped", "reset_excess"),
    },
    "complaints": {
        *("exact_duplicate", "key_duplicate", "late", "crs_unlabelled", "crs_mislabelled"),
        *("coordinates_swapped", "coordinates_zero", "misspelt_name", "traditional", "full_width"),
        *("short_county", "mixed_times", "stray_blanks"),
    },
    "locations": {
        *("exact_duplicate", "key_duplicate", "unknown_cell", "other_case", "stray_blanks"),
    },
    "accounts": {"float_ids"},
}


def clean_tables(seed: int = 0) -> Tables:
    """Return a small clean operator: 4 counties of one vendor each, 80 sites, 240 cells."""
    rng = np.random.default_rng(seed)
    number = np.arange(80)
    county = np.array(["石桥县", "梅岭县", "青山市", "龙湾县"])[number % 4]
    sites = pd.DataFrame(
        {
            "site_id": [f"S{k:03d}" for k in number],
            "site_name": [f"{name}基站{k}" for k, name in zip(number, county, strict=True)],
            "lon": 103.0 + rng.random(80),
            "lat": 26.0 + rng.random(80),
            "county": county,
            "vendor": np.array(["Huawei", "ZTE", "Nokia", "Ericsson"])[number % 4],
        }
    )
    cells = pd.DataFrame(
        {
            "cell_id": [f"S{k // 3:03d}-c{k % 3}" for k in range(240)],
            "site_id": [f"S{k // 3:03d}" for k in range(240)],
            "azimuth_deg": np.resize([0.0, 120.0, 240.0], 240),
            "height_m": 30.0,
        }
    )
    return {
        "sites": sites,
        "cells": cells,
        "alarms": clean_alarms(cells, rng),
        "complaints": clean_complaints(sites, rng),
        "locations": clean_locations(cells, rng),
        "accounts": pd.DataFrame({"msisdn": ["139" + "0" * 8] * 5, "state": "active"}),
        "kpi": clean_kpi(cells),
    }


def moments(size: int, rng: np.random.Generator) -> pd.DatetimeIndex:
    """Return times over the whole span, to the second."""
    return BEGIN + pd.to_timedelta(rng.integers(0, DAYS * 86_400, size), unit="s")


def clean_alarms(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return 2000 alarms of cells, sites and carriers."""
    picked = cells.iloc[rng.integers(0, len(cells), 2000)]
    objects = picked["cell_id"].where(rng.random(2000) < 0.5, picked["site_id"])
    raised = moments(2000, rng)
    return pd.DataFrame(
        {
            "alarm_id": [f"A{k}" for k in range(2000)],
            "object_id": objects.where(
                rng.random(2000) < 0.9, picked["cell_id"] + "/TRX-1"
            ).to_numpy(),
            "raised_at": raised,
            "cleared_at": raised + pd.Timedelta(hours=2),
            "name": "LINK DOWN",
            "code": "301",
            "severity": "major",
            "detail": "port 3",
        }
    )


def clean_complaints(sites: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return 1000 work orders, half of them with coordinates."""
    county = sites["county"].to_numpy()[rng.integers(0, 80, 1000)]
    given = rng.random(1000) < 0.5
    return pd.DataFrame(
        {
            "ticket_id": [f"2026{k:012d}" for k in range(1000)],
            "created_at": moments(1000, rng),
            "text": "用户来电反映家里一格信号都没有,邻居也是一样,重启手机也不行,请核实处理",
            "msisdn": "13912345678",
            "address": [f"{name}梅花镇石桥村18号" for name in county],
            "county": county,
            "lon": np.where(given, 103.5, np.nan),
            "lat": np.where(given, 26.5, np.nan),
            "crs": pd.Series("wgs84", index=range(1000)).where(given),
            "channel": rng.choice(["10086热线", "掌厅APP", "营业厅", "微信"], 1000),
        }
    )


def clean_locations(cells: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return 1000 sightings."""
    return pd.DataFrame(
        {
            "msisdn": [f"139{k:08d}" for k in range(1000)],
            "seen_at": moments(1000, rng),
            "cell_id": cells["cell_id"].to_numpy()[rng.integers(0, 240, 1000)],
            "source": "mme",
        }
    )


def clean_kpi(cells: pd.DataFrame) -> pd.DataFrame:
    """Return hourly counters of every cell."""
    starts = pd.date_range(BEGIN, periods=24 * DAYS, freq="h")
    grid = pd.MultiIndex.from_product([starts, cells["cell_id"]], names=["start", "cell_id"])
    return grid.to_frame(index=False).assign(
        minutes=60, setup_attempts=100, setup_successes=98, drops=1, cqi=9.5
    )


def planned(tables: Tables, seed: int = 0) -> DirtPlan:
    """Return a plan for the tables."""
    return plan_dirt(tables, rng=np.random.default_rng(seed))


def dirtied(tables: Tables, seed: int = 0) -> tuple[Tables, DirtPlan]:
    """Return every table dirtied, and the plan with its ledger."""
    plan, rng = planned(tables, seed), np.random.default_rng(seed)
    return {name: dirty_table(name, frame, plan, rng) for name, frame in tables.items()}, plan


@pytest.fixture(scope="module")
def clean() -> Tables:
    return clean_tables()


@pytest.fixture(scope="module")
def dirty(clean: Tables) -> tuple[Tables, DirtPlan]:
    return dirtied(clean)


def rows_of(plan: DirtPlan, kind: str, table: str) -> int:
    """Return how many rows the report claims."""
    report = plan.report()
    return int(report.loc[(report["kind"] == kind) & (report["table"] == table), "rows"].sum())


@pytest.mark.parametrize("table", sorted(EXPECTED_KINDS))
def test_every_kind_appears_and_is_reported(dirty: tuple[Tables, DirtPlan], table: str) -> None:
    report = dirty[1].report()
    assert list(report.columns) == ["kind", "table", "object_id", "since", "until", "rows", "note"]
    assert set(report.loc[report["table"] == table, "kind"]) == EXPECTED_KINDS[table]
    assert (report["rows"] > 0).all()


def test_clean_tables_are_unchanged() -> None:
    tables = clean_tables()
    dirtied(tables)
    for name, frame in clean_tables().items():
        pd.testing.assert_frame_equal(tables[name], frame)


def test_same_seed_gives_same_dirt(clean: Tables, dirty: tuple[Tables, DirtPlan]) -> None:
    again, plan = dirtied(clean)
    for name, frame in again.items():
        pd.testing.assert_frame_equal(frame, dirty[0][name])
    pd.testing.assert_frame_equal(plan.report(), dirty[1].report())


def test_another_seed_gives_other_dirt(clean: Tables, dirty: tuple[Tables, DirtPlan]) -> None:
    assert not dirtied(clean, seed=1)[1].report().equals(dirty[1].report())


@pytest.mark.parametrize("hours", [1, 7, 24], ids=lambda hours: f"{hours} h")
def test_counters_are_the_same_however_they_are_cut(clean: Tables, hours: int) -> None:
    kpi, rng = clean["kpi"], np.random.default_rng(0)
    whole_plan, cut_plan = planned(clean), planned(clean)
    whole = dirty_table("kpi", kpi, whole_plan, rng)
    chunk = (kpi["start"] - BEGIN) // pd.Timedelta(hours=hours)
    parts = [dirty_table("kpi", part, cut_plan, rng) for _, part in kpi.groupby(chunk)]
    pd.testing.assert_frame_equal(
        pd.concat(parts, ignore_index=True), whole, check_index_type=False
    )
    pd.testing.assert_frame_equal(cut_plan.report(), whole_plan.report())


def test_chunks_of_counters_have_the_same_types(clean: Tables) -> None:
    plan, rng = planned(clean), np.random.default_rng(0)
    kpi = clean["kpi"]
    days = [dirty_table("kpi", part, plan, rng) for _, part in kpi.groupby(kpi["start"].dt.date)]
    assert all(day.dtypes.equals(days[0].dtypes) for day in days)


@pytest.mark.parametrize(
    ("table", "kind", "low", "high"),
    [
        pytest.param("alarms", "exact_duplicate", 0.010, 0.014, id="alarms twice"),
        pytest.param("alarms", "late", 0.04, 0.06, id="alarms late"),
        pytest.param("kpi", "exact_duplicate", 0.005, 0.011, id="counters twice"),
        pytest.param("complaints", "late", 0.02, 0.04, id="complaints late"),
        pytest.param("complaints", "misspelt_name", 0.03, 0.07, id="names misspelt"),
        pytest.param("locations", "unknown_cell", 0.008, 0.012, id="unknown cells"),
        pytest.param("sites", "moved_site", 0.01, 0.02, id="sites moved"),
        pytest.param("cells", "turned_azimuth", 0.02, 0.04, id="antennas turned"),
    ],
)
def test_shares_are_moderate(
    clean: Tables, dirty: tuple[Tables, DirtPlan], table: str, kind: str, low: float, high: float
) -> None:
    assert low <= rows_of(dirty[1], kind, table) / len(clean[table]) <= high


def test_clock_of_one_element_manager_is_off_by_a_constant(
    clean: Tables, dirty: tuple[Tables, DirtPlan]
) -> None:
    tables, plan = dirty
    alarms = tables["alarms"].drop_duplicates("alarm_id")
    both = clean["alarms"].merge(alarms, on="alarm_id", suffixes=("", "_told"))
    usual = both["raised_at_told"].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
    both = both[usual.to_numpy()]
    off = (pd.to_datetime(both["raised_at_told"]) - both["raised_at"]) / pd.Timedelta(minutes=1)
    base = both["object_id"].str.split("/").str[0]
    is_skewed = base.isin(plan.skewed.sites | plan.skewed.cells)
    assert set(off[is_skewed]) == {float(plan.skew_minutes)}
    assert set(off[~is_skewed]) == {0.0}


def test_arrival_is_true_where_the_clock_is_wrong(
    clean: Tables, dirty: tuple[Tables, DirtPlan]
) -> None:
    alarms = dirty[0]["alarms"].drop_duplicates("alarm_id")
    both = clean["alarms"].merge(alarms[["alarm_id", "received_at"]], on="alarm_id")
    delay = pd.to_datetime(both["received_at"]) - both["raised_at"]
    assert both["received_at"].notna().all()
    assert (delay >= pd.Timedelta(0)).all()
    assert delay.median() < pd.Timedelta(minutes=1)


def test_no_alarm_of_the_muted_vendor_arrives_in_the_silence(
    clean: Tables, dirty: tuple[Tables, DirtPlan]
) -> None:
    tables, plan = dirty
    window = plan.windows["alarm_gap"]
    base = tables["alarms"]["object_id"].str.strip().str.upper().str.split("/").str[0]
    vendors = {name.upper(): vendor for name, vendor in plan.vendors.items()}
    muted = base.map(vendors).eq(plan.muted_vendor)
    split = tables["alarms"]["alarm_id"].duplicated(keep=False)
    received = pd.to_datetime(tables["alarms"]["received_at"])
    assert not window.holds(received[muted & ~split]).any()
    assert rows_of(plan, "alarm_silence", "alarms") > 0
    assert len(tables["alarms"]) > len(clean["alarms"])


def test_half_a_day_of_one_element_manager_is_missing(dirty: tuple[Tables, DirtPlan]) -> None:
    tables, plan = dirty
    window = plan.windows["kpi_gap"]
    assert window.until - window.since == pd.Timedelta(hours=12)
    kpi = tables["kpi"]
    inside = window.holds(kpi["start"]) & kpi["cell_id"].isin(plan.silent.cells).to_numpy()
    assert not inside.any()
    assert rows_of(plan, "kpi_gap", "kpi") == 12 * len(plan.silent.cells)


def test_restarted_counters_are_nonsense_at_the_reset_only(
    dirty: tuple[Tables, DirtPlan],
) -> None:
    tables, plan = dirty
    kpi = tables["kpi"]
    strange = (
        (kpi[COUNTS] < 0).any(axis=1)
        | (kpi[COUNTS] > 1e9).any(axis=1)
        | (kpi["setup_successes"] > kpi["setup_attempts"])
    )
    assert strange.any()
    assert set(kpi.loc[strange, "cell_id"]) <= plan.resetting.cells
    assert set(kpi.loc[strange, "start"]) <= {moment.floor("h") for moment in plan.resets}


def test_the_last_of_doubled_counters_is_the_whole(
    clean: Tables, dirty: tuple[Tables, DirtPlan]
) -> None:
    kpi = dirty[0]["kpi"]
    end = kpi["start"] + pd.Timedelta(minutes=80)
    arrived = kpi["received_at"].fillna(end)
    last = kpi.assign(arrived=arrived).sort_values("arrived", kind="stable")
    last = last.drop_duplicates(["cell_id", "start"], keep="last")
    normal = last[(last["setup_attempts"] > 0) & (last["setup_attempts"] < 1e9)]
    assert set(normal["setup_attempts"]) == {100.0}
    assert normal["cqi"].notna().all()
    assert len(last) == len(clean["kpi"]) - rows_of(dirty[1], "kpi_gap", "kpi")


def test_each_site_moved_is_named_with_its_distance(
    clean: Tables, dirty: tuple[Tables, DirtPlan]
) -> None:
    tables, plan = dirty
    report = plan.report()
    named = report[report["kind"].isin(["moved_site", "swapped_site", "zero_site"])]
    moved = (clean["sites"]["lon"] != tables["sites"]["lon"]).to_numpy()
    assert set(named["object_id"]) == set(clean["sites"].loc[moved, "site_id"])
    assert named["note"].str.contains("km off").any()


def test_one_channel_alone_muddles_coordinate_systems(dirty: tuple[Tables, DirtPlan]) -> None:
    tables, plan = dirty
    rows = tables["complaints"].drop_duplicates("ticket_id")
    shifted = rows["lon"].between(103.5001, 103.6)
    assert set(rows.loc[shifted, "channel"]) == {plan.channel}
    assert set(rows.loc[shifted, "crs"].fillna("")) == {"", "wgs84"}
    lon, _ = to_gcj02(np.array([103.5]), np.array([26.5]))
    assert np.isclose(rows.loc[shifted, "lon"], lon[0]).any()


def test_no_ticket_is_lost_or_made_up(clean: Tables, dirty: tuple[Tables, DirtPlan]) -> None:
    assert set(dirty[0]["complaints"]["ticket_id"]) == set(clean["complaints"]["ticket_id"])
    assert set(dirty[0]["alarms"]["alarm_id"]) == set(clean["alarms"]["alarm_id"])


def test_complaints_come_at_most_twenty_minutes_late(dirty: tuple[Tables, DirtPlan]) -> None:
    rows = dirty[0]["complaints"]
    usual = rows["created_at"].str.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
    late = pd.to_datetime(rows["received_at"][usual]) - pd.to_datetime(rows["created_at"][usual])
    assert late.dropna().between(pd.Timedelta(0), pd.Timedelta(minutes=20)).all()
    assert 0 < late.notna().sum() < 60


def test_chinese_complaints_are_written_in_gb18030(clean: Tables) -> None:
    english = {**clean, "sites": clean["sites"].assign(site_name="Oak", county="Ashby County")}
    assert planned(clean).encoding("complaints") == "gb18030"
    assert planned(english).encoding("complaints") == "utf-8"
    assert planned(clean).encoding("alarms") == "utf-8-sig"


def test_numbers_of_accounts_get_a_point(dirty: tuple[Tables, DirtPlan]) -> None:
    assert set(dirty[0]["accounts"]["msisdn"]) == {"139" + "0" * 8 + ".0"}


def test_a_table_without_dirt_comes_back_as_it_is(clean: Tables) -> None:
    links = pd.DataFrame({"node": ["S001"], "parent": ["H1"], "kind": ["hub"]})
    same = dirty_table("links", links, planned(clean), np.random.default_rng(0))
    pd.testing.assert_frame_equal(same, links)


@pytest.mark.parametrize("table", sorted(EXPECTED_KINDS))
def test_empty_tables_stay_empty(clean: Tables, table: str) -> None:
    empty = clean[table].iloc[:0]
    assert dirty_table(table, empty, planned(clean), np.random.default_rng(0)).empty


@pytest.mark.parametrize(
    ("table", "thin"),
    [
        pytest.param("alarms", lambda rows: rows.drop(columns=["cleared_at", "code"]), id="alarms"),
        pytest.param(
            "complaints", lambda rows: rows[["ticket_id", "created_at", "text"]], id="complaints"
        ),
        pytest.param("cells", lambda rows: rows[["cell_id", "site_id"]], id="cells"),
        pytest.param("locations", lambda rows: rows.drop(columns="source"), id="locations"),
        pytest.param("kpi", lambda rows: rows[["cell_id", "start", "minutes", "cqi"]], id="kpi"),
        pytest.param("kpi", lambda rows: rows.iloc[:1], id="one row"),
        pytest.param("alarms", lambda rows: rows.iloc[:1], id="one alarm"),
    ],
)
def test_missing_optional_columns_are_no_hindrance(
    clean: Tables, table: str, thin: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    rows = thin(clean[table])
    done = dirty_table(table, rows, planned(clean), np.random.default_rng(0))
    assert len(done) >= 0.97 * len(rows)


def test_times_given_as_text_are_dirtied_too(clean: Tables) -> None:
    alarms = clean["alarms"].assign(raised_at=clean["alarms"]["raised_at"].astype("str"))
    plan, rng = planned(clean), np.random.default_rng(0)
    assert dirty_table("alarms", alarms, plan, rng)["received_at"].notna().all()


def test_a_plan_needs_complaints(clean: Tables) -> None:
    with pytest.raises(ValueError, match="must hold sites, cells and complaints"):
        plan_dirt({"sites": clean["sites"]}, rng=np.random.default_rng(0))
