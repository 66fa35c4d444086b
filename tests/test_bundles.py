"""The random bundles hold what they promise, so that a property test on them means something."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.settings import Settings
from tests.bundles import TABLES, random_bundle, write_bundle

KEYS = {
    "sites": ["site_id"],
    "cells": ["cell_id"],
    "links": ["node", "parent", "kind"],
    "neighbours": ["cell_id", "neighbour_id"],
    "alarms": ["alarm_id"],
    "kpi": ["cell_id", "start"],
    "complaints": ["ticket_id"],
    "locations": ["msisdn", "seen_at"],
    "accounts": ["msisdn", "since"],
    "verdicts": ["ticket_id"],
}
REQUIRED = {
    "sites": {"site_id", "site_name", "lon", "lat"},
    "cells": {"cell_id", "site_id", "rat", "freq_mhz"},
    "links": {"node", "parent", "kind"},
    "neighbours": {"cell_id", "neighbour_id"},
    "places": {"name", "lon", "lat"},
    "subscribers": {"county", "users"},
    "alarms": {"alarm_id", "object_id", "raised_at", "name"},
    "kpi": {"cell_id", "start", "minutes"},
    "changes": {"object_id", "changed_at", "parameter"},
    "complaints": {"ticket_id", "created_at", "text"},
    "locations": {"msisdn", "seen_at", "cell_id"},
    "accounts": {"msisdn", "state"},
    "verdicts": {"ticket_id", "cause"},
}
SEEDS = range(12)
Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def bundles() -> list[Tables]:
    """A dozen clean bundles."""
    return [random_bundle(np.random.default_rng(seed)) for seed in SEEDS]


def down_site(bundle: Tables) -> pd.Series:
    """The outage alarm of the bundle: at a site, and cleared more than an hour later."""
    alarms = bundle["alarms"]
    lasted = alarms["cleared_at"] - alarms["raised_at"]
    names = [
        "NE Is Disconnected",
        "网元断链告警",
        "基站退出服务",
        "Heartbeat Failure",
        "BCF FAULTY",
    ]
    found = alarms[alarms["name"].isin(names) & (lasted > pd.Timedelta(hours=1))]
    assert len(found) == 1
    return found.iloc[0]


def test_every_table_stands_with_its_required_columns(bundles: list[Tables]) -> None:
    for bundle in bundles:
        assert tuple(bundle) == TABLES
        for name, columns in REQUIRED.items():
            assert columns <= set(bundle[name].columns), name
            assert bundle[name][list(columns)].notna().all(axis=None), name
            assert len(bundle[name]) > 0, name


def test_keys_are_unique_and_references_resolve(bundles: list[Tables]) -> None:
    for bundle in bundles:
        for name, key in KEYS.items():
            assert not bundle[name].duplicated(key).any(), name
        cells, sites = set(bundle["cells"]["cell_id"]), set(bundle["sites"]["site_id"])
        assert set(bundle["cells"]["site_id"]) <= sites
        assert set(bundle["kpi"]["cell_id"]) <= cells
        assert set(bundle["neighbours"].stack()) <= cells
        assert set(bundle["locations"]["cell_id"]) <= cells
        assert set(bundle["verdicts"]["ticket_id"]) <= set(bundle["complaints"]["ticket_id"])
        known = cells | sites | set(bundle["links"]["parent"])
        assert set(bundle["alarms"]["object_id"].str.split("/").str[0]) <= known


def test_every_kind_of_link_and_a_hub_ring_and_controller_are_there(bundles: list[Tables]) -> None:
    for bundle in bundles:
        kinds = {"hub", "ring", "core", "controller", "power"}
        assert set(bundle["links"]["kind"]) == kinds


def test_one_site_goes_down_with_its_counters_zero_or_missing(bundles: list[Tables]) -> None:
    missing = []
    for bundle in bundles:
        alarm = down_site(bundle)
        own = bundle["cells"].query("site_id == @alarm.object_id")["cell_id"]
        first = alarm["raised_at"].ceil("h")
        last = alarm["cleared_at"].floor("h")
        kpi = bundle["kpi"]
        during = kpi[kpi["cell_id"].isin(own) & (kpi["start"] >= first)]
        during = during[during["start"] + pd.Timedelta(hours=1) <= last]
        assert (during["setup_attempts"] == 0).all()
        missing.append(during.empty and last > first)
    assert 0 < sum(missing) < len(missing)


def test_alarms_are_cleared_or_not_and_some_arrive_late(bundles: list[Tables]) -> None:
    for bundle in bundles:
        alarms = bundle["alarms"]
        assert alarms["cleared_at"].notna().mean() > 0.5
        assert (
            alarms["cleared_at"].dropna() >= alarms["raised_at"][alarms["cleared_at"].notna()]
        ).all()
        late = alarms["received_at"].notna()
        assert 0 < late.mean() < 0.6
        assert (alarms["received_at"][late] >= alarms["raised_at"][late]).all()
    assert any(bundle["alarms"]["cleared_at"].isna().any() for bundle in bundles)
    assert all(bundle["alarms"]["object_id"].str.contains("/TRX-").any() for bundle in bundles)


def test_planned_work_is_announced_before_it_begins_and_ends_after(bundles: list[Tables]) -> None:
    for bundle in bundles:
        work = bundle["changes"].dropna(subset=["until"])
        assert len(work) == 1
        assert (work["announced_at"] < work["changed_at"]).all()
        assert (work["changed_at"] < work["until"]).all()


def test_tickets_come_in_both_languages_and_some_arrive_late(bundles: list[Tables]) -> None:
    for bundle in bundles:
        tickets = bundle["complaints"]
        assert len(tickets) == 20
        assert 0 < tickets["received_at"].notna().sum() < 20
        late = tickets.dropna(subset=["received_at"])
        assert (late["received_at"] >= late["created_at"]).all()
    texts = pd.concat([bundle["complaints"]["text"] for bundle in bundles])
    assert 0.3 < texts.str.contains("来电反映").mean() < 0.7


def test_complaints_gather_at_the_outage_after_it_began(bundles: list[Tables]) -> None:
    shares = []
    for bundle in bundles:
        alarm = down_site(bundle)
        town = bundle["sites"].set_index("site_id")
        tickets = bundle["complaints"]
        soon = tickets["created_at"].between(
            alarm["raised_at"], alarm["raised_at"] + pd.Timedelta(hours=6)
        )
        shares.append(soon.mean())
        assert alarm["object_id"] in town.index
    assert np.mean(shares) > 0.25


def test_verdicts_close_after_their_ticket(bundles: list[Tables]) -> None:
    for bundle in bundles:
        both = bundle["verdicts"].merge(bundle["complaints"], on="ticket_id")
        assert (both["closed_at"] > both["created_at"]).all()


def test_counters_never_contradict_each_other(bundles: list[Tables]) -> None:
    for bundle in bundles:
        kpi = bundle["kpi"]
        for part, whole in (("setup_successes", "setup_attempts"), ("ho_successes", "ho_attempts")):
            assert kpi[part].between(0, kpi[whole]).all()
        assert kpi["minutes"].eq(60).all()


def test_late_counters_come_after_the_usual_delay(bundles: list[Tables]) -> None:
    late = [bundle["kpi"] for bundle in bundles if "received_at" in bundle["kpi"]]
    assert 0 < len(late) < len(bundles)
    for kpi in late:
        assert (kpi["received_at"] >= kpi["start"] + pd.Timedelta(minutes=80)).all()


def test_same_seed_gives_the_same_bundle_and_another_seed_another() -> None:
    one, same, other = (random_bundle(np.random.default_rng(seed)) for seed in (7, 7, 8))
    for name in TABLES:
        pd.testing.assert_frame_equal(one[name], same[name])
    assert not one["complaints"].equals(other["complaints"])


def test_bundles_vary_in_columns_cells_and_days(bundles: list[Tables]) -> None:
    assert len({tuple(bundle["cells"].columns) for bundle in bundles}) > 1
    assert len({len(bundle["cells"]) for bundle in bundles}) > 4
    assert len({bundle["kpi"]["start"].min() for bundle in bundles}) > 6
    assert any(bundle["cells"]["azimuth_deg"].isna().any() for bundle in bundles)


@pytest.mark.parametrize("dirt", [False, True], ids=["clean", "dirty"])
def test_smallest_bundle_still_has_every_table(dirt: bool) -> None:
    for seed in range(5):
        rng = np.random.default_rng(seed)
        bundle = random_bundle(rng, sites=1, days=1, complaints=0, dirt=dirt)
        assert tuple(bundle) == TABLES
        assert len(bundle["sites"]) == 1
        assert bundle["complaints"].empty
        assert not bundle["kpi"].empty


def test_dirt_doubles_rows_and_spoils_values_but_leaves_required_tables_usable() -> None:
    for seed in SEEDS:
        bundle = random_bundle(np.random.default_rng(seed), dirt=True)
        for name in ("sites", "cells", "alarms", "complaints", "kpi"):
            table = bundle[name]
            assert table.duplicated(KEYS[name]).any(), name
        for name in ("sites", "cells"):
            assert bundle[name].duplicated(KEYS[name]).mean() < 0.2
            assert (bundle[name][list(REQUIRED[name])] != "").all(axis=None)
        assert (bundle["complaints"]["created_at"] == "yesterday-ish").any()
        assert (bundle["cells"]["azimuth_deg"] == "400").any()
        assert (bundle["kpi"]["drops"] < 0).sum() in {1, 2}
        assert bundle["kpi"]["start"].isna().any()
        assert "网管来源" in bundle["alarms"]


def test_written_bundle_reads_back(tmp_path: Path, bundles: list[Tables]) -> None:
    bundle = bundles[0]
    folder = write_bundle(tmp_path / "bundle", bundle)
    names = {path.name for path in folder.iterdir()}
    assert names == {f"{name}.csv" for name in TABLES if name != "kpi"} | {"kpi.parquet"}
    kpi = pd.read_parquet(folder / "kpi.parquet")
    pd.testing.assert_frame_equal(kpi, bundle["kpi"])
    assert kpi["start"].dt.tz is None
    alarms = pd.read_csv(folder / "alarms.csv", dtype=str, keep_default_na=False)
    raised = pd.to_datetime(alarms["raised_at"])
    assert raised.tolist() == bundle["alarms"]["raised_at"].tolist()
    assert (alarms["cleared_at"] == "").sum() == bundle["alarms"]["cleared_at"].isna().sum()


def test_counters_can_be_written_as_csv(tmp_path: Path, bundles: list[Tables]) -> None:
    folder = write_bundle(tmp_path, bundles[1], parquet_kpi=False)
    assert (folder / "kpi.csv").exists()
    assert not (folder / "kpi.parquet").exists()


def test_no_row_of_a_clean_bundle_is_rejected_or_repaired(
    tmp_path: Path, bundles: list[Tables]
) -> None:
    for number, bundle in enumerate(bundles[:2]):
        read = read_bundle(write_bundle(tmp_path / str(number), bundle), Settings())
        assert read.rejected.empty
        assert read.repairs.empty
        assert read.missing == ()
        assert read.counts["used"].to_dict() == {name: len(bundle[name]) for name in TABLES}


def test_a_dirty_bundle_is_read_with_every_row_used_or_rejected(tmp_path: Path) -> None:
    for seed in range(2):
        bundle = random_bundle(np.random.default_rng(seed), dirt=True)
        read = read_bundle(write_bundle(tmp_path / str(seed), bundle), Settings())
        assert (read.counts["rows"] == read.counts["used"] + read.counts["rejected"]).all()
        assert read.counts["rows"].to_dict() == {name: len(bundle[name]) for name in TABLES}
        assert len(read.rejected) >= 10
        assert len(read.repairs) >= 3
