"""Made-up histories are what their settings say, and the same every time."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from examples.province.alarm_histories import (
    HistorySettings,
    alarm_history,
    history_networks,
    main,
)
from examples.province.alarm_histories_drawn import drawn_history
from examples.province.alarm_histories_graph import drawn_graph

SMALL = HistorySettings("small", types=8, devices=12, days=20, alarms=2000)


def test_at_least_twenty_networks_differ_widely() -> None:
    networks = history_networks()
    assert len(networks) >= 20
    assert {network.part for network in networks} == {"development", "held_out"}
    assert {network.topology for network in networks} == {"tree", "ring", "mesh", "none"}
    assert min(network.types for network in networks) <= 10
    assert max(network.types for network in networks) >= 38
    assert max(network.alarms for network in networks) >= 140_000


def test_the_same_settings_give_the_same_history() -> None:
    first, second = alarm_history(SMALL), alarm_history(SMALL)
    pd.testing.assert_frame_equal(first.alarms, second.alarms)
    pd.testing.assert_frame_equal(first.relations, second.relations)
    other = alarm_history(replace(SMALL, seed=2))
    assert not first.alarms["raised_at"].equals(other.alarms["raised_at"])


@pytest.mark.parametrize("topology", ["tree", "ring", "mesh", "none"])
def test_links_join_known_devices_once(topology: str) -> None:
    links = alarm_history(replace(SMALL, topology=topology)).links
    ends = np.sort(links[["node", "parent"]].to_numpy(dtype=str), axis=1)
    assert (ends[:, 0] != ends[:, 1]).all()
    assert len(np.unique(ends, axis=0)) == len(ends)
    assert (len(links) == 0) == (topology == "none")


def test_direct_relations_are_listed_and_indirect_ones_by_closure() -> None:
    rng = np.random.default_rng
    direct = drawn_graph(replace(SMALL, closure=0.0), rng(1))
    closed = drawn_graph(replace(SMALL, closure=1.0), rng(1))
    assert ((direct.chance > 0) == direct.listed).all()
    assert closed.listed[direct.listed].all()
    way = closed.listed.astype(int) @ closed.listed.astype(int) > 0
    assert closed.listed[way & ~np.eye(8, dtype=bool)].all()


def test_alarms_fit_the_contract() -> None:
    alarms = alarm_history(SMALL).alarms
    assert alarms["alarm_id"].is_unique
    assert (alarms["cleared_at"] >= alarms["raised_at"]).all()
    assert alarms["code"].nunique() <= 8
    assert alarms.notna().all().all()


def test_coarse_clocks_show() -> None:
    alarms = alarm_history(replace(SMALL, tick_s=60.0)).alarms
    assert (alarms["raised_at"].dt.second == 0).all()


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"part": "both"}, "`part` must be"),
        ({"topology": "star"}, "`topology` must be"),
        ({"types": 1}, "`types` must be 2"),
    ],
    ids=["part", "topology", "types"],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, object], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        replace(SMALL, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ('[[network]]\nname = "a"\ncolour = 1\n', r"it has \['colour'\]"),
        ('[[network]]\nname = "a"\n[[network]]\nname = "a"\n', "each network once"),
    ],
    ids=["unknown setting", "name twice"],
)
def test_a_file_of_networks_is_checked(tmp_path: Path, text: str, match: str) -> None:
    path = tmp_path / "networks.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=match):
        history_networks(path)


def test_drawn_settings_are_the_same_for_the_same_number() -> None:
    assert drawn_history(5) == drawn_history(5) != drawn_history(6)


def test_a_history_is_written_with_its_graph(tmp_path: Path) -> None:
    assert main(["few-types", str(tmp_path / "out")]) == 0
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["alarms.csv", "links.csv", "relations.csv"]
