"""Common roots: the parent that explains its children, and none where chance or smaller parents do better."""

from typing import Any

import pandas as pd
import pytest

from alarms.catalogue import Catalogue, read_meanings
from alarms.roots import root_groups
from sites.inventory import Network, build_network
from sites.topology import Topology, build_topology

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")
GONE, MAINS, OML = "NE Is Disconnected", "Mains Input Out of Range", "OML Fault"


@pytest.fixture(scope="module")
def wide() -> tuple[Network, Topology]:
    """Ring R over hubs H0 to H5 of 6 sites each; controller B over all, feeder F over half the sites of H0 and H1."""
    sites = [f"S{number}" for number in range(36)]
    tables = {
        "sites": pd.DataFrame(
            {
                "site_id": sites,
                "site_name": sites,
                "lon": [100 + 0.02 * number for number in range(36)],
                "lat": 25.0,
            }
        ),
        "cells": pd.DataFrame(
            [
                {"cell_id": f"{site}-{rat}{at}", "site_id": site, "rat": rat, "freq_mhz": 900.0,
                 "azimuth_deg": 120.0 * at, "cell_name": "cell", "bcch_trx": None}
                for site in sites for rat in ("GSM", "LTE") for at in range(3)
            ]
        ),
    }  # fmt: skip
    network = build_network(tables)
    links = [(site, f"H{number // 6}", "hub") for number, site in enumerate(sites)]
    links += [(f"H{number}", "R", "ring") for number in range(6)]
    links += [(site, "B", "controller") for site in sites]
    links += [(f"S{number}", "F", "power") for number in (0, 1, 2, 6, 7, 8)]
    return network, build_topology(pd.DataFrame(links, columns=["node", "parent", "kind"]), network)


def told(
    catalogue: Catalogue,
    wide: tuple[Network, Topology],
    *rows: tuple[str, str, float],
    after_min: float = 1440,
    serving: tuple[str, ...] = (),
) -> Any:
    """Return the groups of alarms: object, name, minutes after the start."""
    network, topology = wide
    raised = [START + pd.Timedelta(minutes=row[2]) for row in rows]
    alarms = pd.DataFrame(
        {
            "alarm_id": [f"A{number}" for number in range(len(rows))],
            "object_id": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "raised_at": pd.DatetimeIndex(raised).as_unit("us"),
        }
    )
    alarms = pd.concat([alarms, read_meanings(catalogue, alarms)], axis=1)
    cells = [at for name, at in network.cell_position.items() if name.split("-")[0] in serving]
    service = pd.DataFrame({"cell": cells, "is_serving": True})
    now = START + pd.Timedelta(minutes=after_min)
    return root_groups(alarms, topology, network, now, service=service)


def sites(*numbers: int) -> list[str]:
    return [f"S{number}" for number in numbers]


def test_a_hub_stays_the_root_when_some_alarms_got_lost(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    groups = told(catalogue, wide, *((site, GONE, 1.0) for site in sites(0, 1, 2, 4)))
    assert groups["object_id"].tolist() == ["H0"]
    assert len(groups["cells"].iloc[0]) == 36, "the silent sites count as hit"


def test_two_hubs_of_a_ring_out_together_are_two_breaks_and_not_the_ring(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    groups = told(catalogue, wide, *((f"S{number}", GONE, 1.0) for number in range(12)))
    assert sorted(groups["object_id"]) == ["H0", "H1"]


def test_all_hubs_of_a_ring_out_together_are_the_ring(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    groups = told(catalogue, wide, *((f"S{number}", GONE, 1.0) for number in range(36)))
    assert groups["object_id"].tolist() == ["R"]


def test_a_few_sites_scattered_below_a_ring_have_no_common_root(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    groups = told(catalogue, wide, *((site, GONE, 1.0) for site in sites(0, 9, 20)))
    assert len(groups) == 3


def test_counters_that_show_service_speak_against_a_parent(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    alarms = [(site, GONE, 1.0) for site in sites(0, 1, 2, 4)]
    groups = told(catalogue, wide, *alarms, serving=("S3", "S5"))
    assert len(groups) == 4
    assert set(groups["rule"]) == {"SITE-1"}


def test_links_to_the_controller_lost_below_several_hubs_are_the_controller(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    group = told(catalogue, wide, *((f"S{number}", OML, 0.1 * number) for number in range(30)))
    assert group["object_id"].tolist() == ["B"]
    assert {name.split("-")[1][:3] for name in _cells(wide, group)} == {"GSM"}


def test_a_controller_shows_before_its_last_site_has_told(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    alarms = [(f"S{number}", OML, 0.2 * number) for number in range(14)]
    group = told(catalogue, wide, *alarms, after_min=3)
    assert group["object_id"].tolist() == ["B"]


def test_mains_lost_at_two_sites_in_the_same_minute_are_their_feeder(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    alarms = [(site, MAINS, 0.1) for site in sites(0, 1, 2, 6)]
    alarms += [("S7", GONE, 200.0), ("S0", GONE, 240.0)]
    groups = told(catalogue, wide, *alarms)
    assert groups["object_id"].tolist() == ["F"]
    assert next(iter(groups["causes"].iloc[0])) == "power_failure"


def test_outages_after_lost_mains_are_no_cut_of_the_hub(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    alarms = [(site, MAINS, 0.0) for site in sites(0, 1, 2, 6, 7, 8)]
    alarms += [(site, GONE, 180.0) for site in sites(0, 1, 2)]
    assert told(catalogue, wide, *alarms)["object_id"].tolist() == ["F"]


def test_the_same_alarms_in_another_order_have_the_same_roots(
    catalogue: Catalogue, wide: tuple[Network, Topology]
) -> None:
    alarms = [(f"S{number}", GONE, 1.0) for number in range(12)]
    first = told(catalogue, wide, *alarms)
    second = told(catalogue, wide, *reversed(alarms))
    assert first["object_id"].tolist() == second["object_id"].tolist()


def _cells(wide: tuple[Network, Topology], groups: Any) -> list[str]:
    """Return the ids of the cells of the first group."""
    return [str(wide[0].cells["cell_id"].iat[at]) for at in groups["cells"].iloc[0]]
