"""Check which sites fall with what."""

from typing import Any

import pandas as pd
import pytest

from contract.errors import InputError
from sites.inventory import build_network
from sites.topology import build_topology

NAMES = ["A", "B", "C", "D", "E"]


@pytest.fixture(scope="module")
def network() -> Any:
    sites = pd.DataFrame({"site_id": NAMES, "site_name": NAMES, "lon": 100.0, "lat": 25.0})
    cells = pd.DataFrame({"cell_id": NAMES, "site_id": NAMES, "rat": "LTE", "freq_mhz": 1800.0})
    return build_network({"sites": sites, "cells": cells})


def links(*rows: Any) -> Any:
    return pd.DataFrame(rows, columns=["node", "parent", "kind"])


WHOLE = links(
    ("A", "HUB1", "hub"),
    ("B", "A", "hub"),
    ("C", "B", "hub"),
    ("HUB1", "RING1", "ring"),
    ("D", "RING2", "ring"),
    ("RING2", "HUB1", "hub"),
    ("RING1", "CORE1", "core"),
    ("IMS1", "CORE1", "core"),
    ("A", "BSC1", "controller"),
    ("BSC1", "MSC1", "core"),
    ("B", "FEED1", "power"),
)


def below(topology: Any, node: Any) -> Any:
    return "".join(NAMES[i] for i in topology.sites_below(node))


@pytest.mark.parametrize(
    ("node", "sites"),
    [
        ("CORE1", "ABCD"),
        ("RING1", "ABCD"),
        ("HUB1", "ABCD"),
        ("RING2", "D"),
        ("A", "ABC"),
        ("C", "C"),
        ("E", "E"),
        ("BSC1", "A"),
        ("MSC1", "A"),
        ("FEED1", "BC"),
        ("IMS1", ""),
        ("nowhere", ""),
    ],
)
def test_sites_below_are_what_falls_along(network: Any, node: Any, sites: Any) -> None:
    assert below(build_topology(WHOLE, network), node) == sites


def test_sites_behind_leave_out_the_site_itself(network: Any) -> None:
    topology = build_topology(WHOLE, network)
    assert [NAMES[i] for i in topology.sites_behind("A")] == ["B", "C"]


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        ("A", "site"),
        ("HUB1", "hub"),
        ("RING1", "ring"),
        ("RING2", "ring"),
        ("CORE1", "core"),
        ("IMS1", "core"),
        ("MSC1", "core"),
        ("BSC1", "controller"),
        ("FEED1", "power"),
        ("nowhere", "unknown"),
    ],
)
def test_the_kind_of_a_node_follows_from_its_links(network: Any, node: Any, kind: Any) -> None:
    topology = build_topology(WHOLE, network)
    assert topology.kind_of(node) == kind
    assert topology.is_ring(node) == (kind == "ring")


def test_a_node_of_two_parents_falls_only_with_both(network: Any) -> None:
    table = links(("A", "HUB1", "hub"), ("A", "HUB2", "hub"), ("HUB1", "R", "ring"))
    one = build_topology(table, network)
    assert below(one, "HUB1") == ""
    assert below(one, "R") == ""
    both = build_topology(pd.concat([table, links(("HUB2", "R", "ring"))]), network)
    assert below(both, "R") == "A"


def test_parents_of_different_kinds_fell_each_alone(network: Any) -> None:
    table = links(("A", "HUB1", "hub"), ("A", "FEED1", "power"))
    topology = build_topology(table, network)
    assert below(topology, "HUB1") == below(topology, "FEED1") == "A"


def test_a_cycle_is_allowed_and_ends(network: Any) -> None:
    table = links(("A", "B", "ring"), ("B", "C", "ring"), ("C", "A", "ring"), ("D", "A", "hub"))
    assert below(build_topology(table, network), "B") == "ABCD"


def test_row_order_doubles_gaps_and_self_links_change_nothing(network: Any) -> None:
    rows = [*WHOLE.itertuples(index=False, name=None)][::-1]
    messy = links(*rows, rows[0], ("A", "A", "hub"), (None, "HUB1", "hub"))
    first, second = build_topology(WHOLE, network), build_topology(messy, network)
    for node in first.graph:
        assert below(first, node) == below(second, node)
        assert first.parents(node) == second.parents(node)


def test_nodes_above_are_nearest_first(network: Any) -> None:
    topology = build_topology(WHOLE, network)
    assert topology.nodes_above(2) == ("B", "FEED1", "A", "CORE1", "HUB1", "RING1")
    assert topology.nodes_above(4) == ()


def test_parents_can_be_asked_for_by_kind(network: Any) -> None:
    topology = build_topology(WHOLE, network)
    assert topology.parents("A") == ("BSC1", "HUB1")
    assert topology.parents("A", "hub") == ("HUB1",)
    assert topology.parents("nowhere") == ()


def test_a_tree_holds_its_kinds_only(network: Any) -> None:
    topology = build_topology(WHOLE, network)
    assert set(topology.tree("power").edges) == {("B", "FEED1")}
    with pytest.raises(InputError, match="`name` needs one of"):
        topology.tree("water")


@pytest.mark.parametrize("table", [None, links()], ids=["none", "empty"])
def test_without_links_a_site_is_below_itself(network: Any, table: Any) -> None:
    topology = build_topology(table, network)
    assert below(topology, "C") == "C"
    assert topology.kind_of("C") == "site"


def test_a_missing_column_is_named(network: Any) -> None:
    with pytest.raises(InputError, match=r"`links` lacks columns \['kind'\]"):
        build_topology(WHOLE.drop(columns="kind"), network)


def test_the_input_stays_as_it_was(network: Any) -> None:
    table = WHOLE.copy()
    build_topology(table, network)
    pd.testing.assert_frame_equal(table, WHOLE)
