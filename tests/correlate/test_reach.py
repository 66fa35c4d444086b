import numpy as np
import pytest

from correlate.knowledge import gather
from correlate.reach import explaining_nodes, extent_of, joined, sites_below
from tests.correlate.small_network import (
    HOUR,
    NOON,
    SITES,
    cells_of,
    site_flags,
    small_knowledge,
    small_tables,
)

REACH = small_knowledge().reach


def explaining(*sites: str) -> set[str]:
    return {REACH.nodes[n] for n in explaining_nodes(REACH, site_flags(*sites))}


def grouped(*sites: str, onsets: list[int] | None = None, land: bool = False) -> list[int]:
    positions = np.array([SITES.index(s) for s in sites], dtype=np.int64)
    begun = np.array(onsets or [NOON] * len(sites), dtype=np.int64)
    group: list[int] = joined(REACH, positions, begun, land=land, window_s=HOUR).tolist()
    return group


@pytest.mark.parametrize("troubled", [("H1", "H2", "H3", "H4"), ("H1", "H2", "H4")])
def test_a_hub_explains_its_sites_when_most_are_troubled(troubled: tuple[str, ...]) -> None:
    assert explaining(*troubled) == {"HUB"}


@pytest.mark.parametrize("troubled", [("H1", "H2"), ("H1",), (), ("H1", "V1")])
def test_healthy_siblings_contradict_the_hub(troubled: tuple[str, ...]) -> None:
    assert explaining(*troubled) == set()


def test_the_controller_is_meant_when_sites_of_several_hubs_are_troubled() -> None:
    assert explaining(*SITES) == {"BSC"}


def test_explaining_leaves_the_flags_as_they_were() -> None:
    troubled = site_flags("H1", "H2", "H3")
    before = troubled.copy()
    explaining_nodes(REACH, troubled)
    assert (troubled == before).all()


def test_a_node_knows_the_sites_below_it() -> None:
    assert sites_below(REACH, REACH.nodes.index("HUB")).tolist() == [0, 1, 2, 3]


def test_trouble_below_one_hub_at_once_is_one_thing() -> None:
    assert len(set(grouped("H1", "H2", "H3"))) == 1


def test_trouble_under_no_common_node_stays_apart() -> None:
    assert len(set(grouped("H1", "V2"))) == 2


def test_trouble_a_day_later_is_another_thing() -> None:
    group = grouped("H1", "H2", "H3", "H4", onsets=[NOON, NOON, NOON, NOON + 24 * HOUR])
    assert group[0] == group[1] == group[2] != group[3]


def test_two_signals_of_one_site_belong_together() -> None:
    first, second, other = grouped("H1", "H1", "V2")
    assert first == second != other


def test_interference_joins_neighbours_on_the_land_and_equipment_faults_do_not() -> None:
    assert len(set(grouped("H1", "H2", land=True))) == 1
    assert len(set(grouped("H1", "H2", land=False))) == 2


@pytest.mark.parametrize("sites", [(), ("H1",)])
def test_few_signals_need_no_joining(sites: tuple[str, ...]) -> None:
    assert grouped(*sites) == [0] * len(sites)


def test_the_order_of_signals_does_not_matter() -> None:
    one = grouped("H1", "H2", "H3", "V1")
    other = grouped("V1", "H3", "H2", "H1")[::-1]
    alike = [[a == b for b in one] for a in one]
    assert alike == [[a == b for b in other] for a in other]


@pytest.mark.parametrize(
    ("cells", "kind", "extent"),
    [
        (("H1-L",), "", "cell"),
        (("H1",), "", "site"),
        (("H1", "H2"), "", "area"),
        (("H1", "H2"), "hub", "node"),
        (("H1", "H2"), "site", "chain"),
        (("H1",), "controller", "controller"),
        (("H1",), "core", "network"),
        (SITES, "", "network"),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, tuple) else value or "none",
)
def test_the_extent_follows_the_cells_and_the_object(
    cells: tuple[str, ...], kind: str, extent: str
) -> None:
    assert extent_of(REACH, cells_of(*cells), object_kind=kind) == extent


def test_a_hub_stays_a_node_in_a_network_where_it_carries_most_sites() -> None:
    assert extent_of(REACH, cells_of("H1", "H2", "H3", "H4"), object_kind="hub") == "node"


def test_beginnings_further_apart_than_the_window_do_not_join() -> None:
    edge = NOON - NOON % HOUR
    begun = [edge - HOUR, edge - HOUR, edge + HOUR - 1]
    assert len(set(grouped("H1", "H2", "H3", onsets=begun))) > 1


def test_sites_adjoin_each_other_mutually() -> None:
    near = REACH.near.toarray()
    assert (near == near.T).all()


def test_a_network_of_one_site_has_no_nodes_and_no_land() -> None:
    tables = small_tables()
    tables["sites"] = tables["sites"].head(1)
    tables["cells"] = tables["cells"].head(2)
    alone = gather(tables, small_knowledge().settings).reach
    assert alone.nodes == ()
    assert alone.near.nnz == 0
    assert explaining_nodes(alone, np.array([True])).tolist() == []
