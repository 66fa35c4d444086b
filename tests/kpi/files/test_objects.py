"""Objects are found in the inventory as the vendors name them; what is no cell, or no cell of ours, is told apart."""

import pytest

from kpi.files.objects import NO_CELL, UNKNOWN, cells_of, part_class
from tests.kpi.files.made import inventory


@pytest.mark.parametrize(
    ("name", "cell", "part"),
    [
        ("SubNetwork=A,ManagedElement=5001,ENodeBFunction=1,EUtranCellTDD=5001-2", "5001-2", ""),
        ("ManagedElement=5001,ENodeBFunction=1,EUtranCellFDD=1", "5001-1", ""),
        ("PLMN-PLMN/MRBTS-5001/LNBTS-5001/LNCEL-1", "5001-1", ""),
        ("PLMN-PLMN/MRBTS-5001/LNBTS-5001/LNCEL-1/LNREL-4", "5001-1", "lnrel"),
        ("PLMN-PLMN/MRBTS-5001/LNBTS-5001/LNCEL-1|PLMN-PLMN/MCC-460/MNC-0", "5001-1", "mnc"),
        ("ManagedElement=6001,GNBDUFunction=1,NRCellDU=1", "6001-1", ""),
        (
            "ManagedElement=5001,ENodeBFunction=1,EUtranCellFDD=5001-1,EUtranCellRelation=2",
            "5001-1",
            "eutrancellrelation",
        ),
        (
            "Site 5001/Cell:eNodeB Function Name=Site 5001, Local Cell ID=2, Cell Name=5001-2, "
            "Cell FDD TDD indication=CELL_FDD",
            "5001-2",
            "",
        ),
    ],
    ids=["FDN", "number", "DN", "relation of Nokia", "dimension", "NR", "relation", "Huawei"],
)  # fmt: skip
def test_cell_is_found(name: str, cell: str, part: str) -> None:
    found = cells_of([name], inventory()).iloc[0]
    assert (found["cell_id"], found["part"], found["why"]) == (cell, part, "")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ManagedElement=5001,Equipment=1,EthernetPort=3", NO_CELL),
        ("ManagedElement=5001,ENodeBFunction=1", NO_CELL),
        ("", NO_CELL),
        ("some measObjLdn", NO_CELL),
        ("ManagedElement=5001,EUtranCellFDD=5001-9", UNKNOWN),
        ("PLMN-PLMN/MRBTS-9999/LNBTS-9999/LNCEL-1", UNKNOWN),
    ],
    ids=["port", "node", "nothing", "words", "cell", "DN"],
)
def test_object_without_a_cell_says_why(name: str, why: str) -> None:
    found = cells_of([name], inventory()).iloc[0]
    assert found.isna()["cell_id"]
    assert found["why"] == why


def test_class_is_that_of_the_last_part() -> None:
    assert part_class("GNBDUFunction=1,NRCellDU=1") == ""
    assert (
        part_class("A=1,EUtranCellTDD=C-1,EUtranFreqRelation=1300,EUtranCellRelation=7")
        == "eutrancellrelation"
    )
