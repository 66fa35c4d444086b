"""Roots: which alarms are one fault, what it is and where."""

import pandas as pd
import pytest

from alarms.catalogue import Catalogue, read_meanings
from alarms.roots import root_groups
from contract.errors import MissingColumnsError
from sites.inventory import Network
from sites.topology import Topology

START = pd.Timestamp("2026-03-02 10:00", tz="UTC")
NOW = START + pd.Timedelta(days=1)
GONE, MAINS, CELL = "NE Is Disconnected", "Mains Input Out of Range", "Cell Unavailable"


def in_force(catalogue: Catalogue, *rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return alarms: object, name (a detail after a bar), minutes after the start."""
    alarms = pd.DataFrame(
        {
            "alarm_id": [f"A{number}" for number in range(len(rows))],
            "object_id": [row[0] for row in rows],
            "name": [row[1].split("|")[0] for row in rows],
            "detail": [row[1].split("|")[1] if "|" in row[1] else "" for row in rows],
            "raised_at": pd.DatetimeIndex(
                [START + pd.Timedelta(minutes=row[2]) for row in rows]
            ).as_unit("us"),
        }
    )
    return pd.concat([alarms, read_meanings(catalogue, alarms)], axis=1)


def only(groups: pd.DataFrame) -> pd.Series:
    assert len(groups) == 1
    return groups.iloc[0]


def likeliest(group: pd.Series) -> str:
    return str(next(iter(group["causes"])))


def test_most_sites_of_a_hub_gone_together_are_one_break(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, *((f"S{number}", GONE, number) for number in range(1, 5)))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], group["kind"], group["rule"]) == ("H1", "hub", "PARENT-1")
    assert likeliest(group) == "transmission_break"
    assert len(group["sites"]) == 4
    assert group["first_alert"] == "A0"


def test_healthy_sites_below_speak_against_the_parent(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("S1", GONE, 0), ("S2", GONE, 1))
    groups = root_groups(alarms, topology, network, NOW)
    assert groups["object_id"].tolist() == ["S1", "S2"]
    assert set(groups["rule"]) == {"SITE-1"}


def test_sites_gone_hours_apart_are_not_one_fault(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, *((f"S{number}", GONE, 90 * number) for number in range(1, 5)))
    assert len(root_groups(alarms, topology, network, NOW)) == 4


def test_the_highest_parent_that_explains_all_is_the_root(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, *((f"S{number}", GONE, 0.5 * number) for number in range(1, 8)))
    assert only(root_groups(alarms, topology, network, NOW))["object_id"] == "R1"


def test_the_first_site_of_a_chain_is_the_root_of_those_behind_it(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("S6", GONE, 0), ("S7", GONE, 1))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], len(group["sites"])) == ("S6", 2)


def test_an_alarm_of_the_node_itself_takes_what_fell_with_it(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("H1", "R_LOS", 0), ("S1", GONE, 2), ("S2", GONE, 3))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], group["rule"], len(group["sites"])) == ("H1", "PARENT-2", 2)


def test_a_ring_that_switched_over_is_no_outage(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("R1", "Ring protection switch", 0), ("R1", "R_LOS", 0))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["service_effect"], group["cells"]) == ("threat", ())


def test_sites_of_one_feeder_that_lost_mains_have_it_as_root(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(
        catalogue, ("S1", MAINS, 0), ("S5", MAINS, 1), ("S8", MAINS, 2), ("S5", GONE, 200)
    )
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], group["kind"]) == ("F1", "power")
    assert likeliest(group) == "power_failure"
    assert group["service_lost_at"] == START + pd.Timedelta(minutes=200)


def test_mains_first_and_outage_hours_later_are_one_fault_of_power(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("S3", MAINS, 0), ("S3", GONE, 190), ("S3-G0", CELL, 192))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], likeliest(group)) == ("S3", "power_failure")
    assert group["started_at"] == START


def test_an_old_standing_wave_is_not_part_of_the_outage(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("S3-L0", "VSWR Over Threshold", 0), ("S3", GONE, 600))
    assert len(root_groups(alarms, topology, network, NOW)) == 2


def test_all_cells_of_a_site_down_together_are_the_site(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    cells = ["S3-G0", "S3-G1", "S3-L0", "S3-L1"]
    alarms = in_force(catalogue, *((cell, CELL, 1.0) for cell in cells))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], group["rule"]) == ("S3", "SITE-1")
    assert group["started_at"] == START + pd.Timedelta(seconds=60 - 90)


def test_one_cell_down_is_that_cell(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    group = only(root_groups(in_force(catalogue, ("S3-L1", CELL, 0)), topology, network, NOW))
    assert (group["object_id"], likeliest(group)) == ("S3-L1", "cell_outage")
    assert group["cells"] == (network.cell_position["S3-L1"],)


@pytest.mark.parametrize(
    ("carrier", "cause"), [("TRX-3", "bcch_trx_fault"), ("TRX-5", "trx_fault")]
)
def test_the_inventory_tells_the_broadcast_carrier_from_the_others(
    catalogue: Catalogue, network: Network, topology: Topology, carrier: str, cause: str
) -> None:
    name = "CHANNEL FAILURE RATE ABOVE DEFINED THRESHOLD"
    alarms = in_force(catalogue, (f"S3-G0/{carrier}", name, 0))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], likeliest(group)) == (f"S3-G0/{carrier}", cause)


def test_broadcast_carriers_of_several_cells_are_one_fault_of_the_site(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    name = "CHANNEL FAILURE RATE ABOVE DEFINED THRESHOLD"
    alarms = in_force(catalogue, ("S3-G0/TRX-3", name, 0), ("S3-G1/TRX-3", name, 2))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], len(group["cells"])) == ("S3", 2)


@pytest.mark.parametrize(
    ("is_serving", "effect", "rule"), [(True, "none", "OM-1"), (False, "down", "SITE-1")]
)
def test_counters_decide_whether_a_lost_link_is_an_outage(
    catalogue: Catalogue,
    network: Network,
    topology: Topology,
    is_serving: bool,
    effect: str,
    rule: str,
) -> None:
    alarms = in_force(catalogue, ("S3", GONE, 0))
    cells = [network.cell_position[f"S3-{name}"] for name in ("G0", "L0")]
    service = pd.DataFrame({"cell": cells, "is_serving": is_serving})
    group = only(root_groups(alarms, topology, network, NOW, service=service))
    assert (group["service_effect"], group["rule"]) == (effect, rule)


def test_marked_work_is_planned_work(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("S3-L0", f"{CELL}|engineering state", 0))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (likeliest(group), group["rule"]) == ("planned_work", "PLAN-1")


def test_a_controller_takes_second_generation_alone(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, *((f"S{number}", "OML Fault", 1.0) for number in range(1, 9)))
    group = only(root_groups(alarms, topology, network, NOW))
    assert (group["object_id"], likeliest(group)) == ("BSC1", "controller_fault")
    assert set(network.cells["rat"].iloc[list(group["cells"])]) == {"GSM"}


def test_a_lost_core_link_leaves_second_generation(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    group = only(
        root_groups(in_force(catalogue, ("S3", "S1 Interface Fault", 0)), topology, network, NOW)
    )
    assert likeliest(group) == "data_link_fault"
    assert set(network.cells["rat"].iloc[list(group["cells"])]) == {"LTE"}


def test_noise_makes_no_group(catalogue: Catalogue, network: Network, topology: Topology) -> None:
    alarms = in_force(catalogue, ("S1", "Door Open", 0), ("S2", "License Trial", 0))
    groups = root_groups(alarms, topology, network, NOW)
    assert len(groups) == 0
    assert str(groups["started_at"].dtype) == "datetime64[us, UTC]"


def test_an_unknown_object_keeps_its_alarm(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    group = only(root_groups(in_force(catalogue, ("X9", GONE, 0)), topology, network, NOW))
    assert (group["object_id"], group["kind"], group["sites"]) == ("X9", "unknown", ())


def test_row_order_changes_nothing_and_the_input_stays(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    rows = [(f"S{number}", GONE, float(number)) for number in range(1, 5)]
    alarms = in_force(catalogue, *rows, ("S8-L0", CELL, 3), ("S8", MAINS, 5))
    before = alarms.copy(deep=True)
    groups = root_groups(alarms, topology, network, NOW)
    turned = root_groups(alarms.iloc[::-1], topology, network, NOW)
    pd.testing.assert_frame_equal(groups, turned)
    pd.testing.assert_frame_equal(alarms, before)


def test_alarms_raised_later_than_now_are_left_out(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("S3-L1", CELL, 0), ("S4-L1", CELL, 60))
    now = START + pd.Timedelta(minutes=30)
    assert len(root_groups(alarms, topology, network, now)) == 1


def test_a_missing_column_is_named(
    catalogue: Catalogue, network: Network, topology: Topology
) -> None:
    alarms = in_force(catalogue, ("S3", GONE, 0)).drop(columns="meaning")
    with pytest.raises(MissingColumnsError, match="lacks columns \\['meaning'\\]"):
        root_groups(alarms, topology, network, NOW)
