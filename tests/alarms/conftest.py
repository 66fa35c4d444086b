"""Build the small network the tests of roots use."""

import pandas as pd
import pytest

from alarms.catalogue import Catalogue, load_catalogue
from sites.inventory import Network, build_network
from sites.topology import Topology, build_topology


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return load_catalogue()


@pytest.fixture(scope="session")
def network() -> Network:
    sites = [f"S{number}" for number in range(1, 9)]
    cells = [
        {"cell_id": f"{site}-{rat[0]}{sector}", "site_id": site, "rat": rat, "freq_mhz": freq,
         "azimuth_deg": 120.0 * sector, "bcch_trx": 3 if rat == "GSM" else None}
        for site in sites
        for rat, freq in (("GSM", 900.0), ("LTE", 1800.0))
        for sector in (0, 1)
    ]  # fmt: skip
    tables = {
        "sites": pd.DataFrame(
            {
                "site_id": sites,
                "site_name": sites,
                "lon": [100.0 + 0.02 * number for number in range(8)],
                "lat": [25.0] * 8,
            }
        ),
        "cells": pd.DataFrame(cells).assign(cell_name="cell"),
    }
    return build_network(tables)


@pytest.fixture(scope="session")
def topology(network: Network) -> Topology:
    """Hub H1 over S1 to S4, hub H2 over S5 and S6; S7 behind S6; ring, controller and feeder."""
    rows = [("S1", "H1"), ("S2", "H1"), ("S3", "H1"), ("S4", "H1"), ("S5", "H2"), ("S6", "H2")]
    links = [(node, parent, "hub") for node, parent in rows] + [("S7", "S6", "hub")]
    links += [("H1", "R1", "ring"), ("H2", "R1", "ring"), ("R1", "CORE", "core")]
    links += [(f"S{number}", "BSC1", "controller") for number in range(1, 9)]
    links += [("S1", "F1", "power"), ("S5", "F1", "power"), ("S8", "F1", "power")]
    return build_topology(pd.DataFrame(links, columns=["node", "parent", "kind"]), network)
