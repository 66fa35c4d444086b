"""The part of the trees around what is broken tells what hangs on it and whether the incident reaches it."""

import pytest

from dashboards.incident_tree import MOST_CHILDREN, Branch, branch_of
from tests.correlate.small_network import small_tables, table


def branch(object_id: str, *hit: str) -> Branch:
    """Return the part of the trees of the small network."""
    found = branch_of(small_tables(), object_id, hit)
    assert found is not None
    return found


def test_a_hub_that_is_hit_has_its_sites_hit_first() -> None:
    found = branch("HUB", "H1", "H2")
    assert (found.here.state, found.here.sites, found.here.hit) == ("part", 4, 2)
    assert [(n.name, n.state) for n in found.children] == [
        ("H1", "hit"),
        ("H2", "hit"),
        ("H3", "well"),
        ("H4", "well"),
    ]


def test_a_site_hangs_on_its_hub_and_controller() -> None:
    found = branch("H1", "H1")
    assert {(n.name, n.kind, n.state) for n in found.parents} == {
        ("HUB", "hub", "part"),
        ("BSC", "controller", "part"),
    }
    assert (found.here.state, found.children) == ("hit", ())


@pytest.mark.parametrize("name", ["H1-G", "H1-G/TRX-2"])
def test_of_a_cell_the_site_is_taken(name: str) -> None:
    assert branch(name, "H1").here.name == "H1"


def test_what_stands_in_no_tree_has_none() -> None:
    assert branch_of(small_tables(), "", ()) is None
    assert branch_of(small_tables(), "NOWHERE", ()) is None


def test_of_many_children_the_rest_is_counted_and_a_circle_ends() -> None:
    links = [(f"N{i:02}", "TOP", "hub") for i in range(MOST_CHILDREN + 3)] + [("TOP", "N00", "hub")]
    node, parent, kind = (list(column) for column in zip(*links, strict=True))
    tables = small_tables() | {"links": table("links", node=node, parent=parent, kind=kind)}
    found = branch_of(tables, "TOP", ())
    assert found is not None
    assert (len(found.children), found.more) == (MOST_CHILDREN, 3)
