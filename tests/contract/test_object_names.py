"""Names that vendors give objects are brought to the inventory: the lowest surely known, else nothing."""

import pandas as pd
import pytest

from contract.cell_identities import cell_identities
from contract.object_names import ObjectNames, object_names, resolve_objects

SITES = pd.DataFrame(
    {
        "site_id": ["E5001", "E5002", "S77", "T1", "T2", "BGZ049"],
        "site_name": ["Hill Top", "Mill", "甲站", "Twin", "Twin", "Port"],
    }
)
CELLS = pd.DataFrame(
    [
        ("5001-L11", "E5001", "Hill-1800-1", "LTE", None),
        ("5001-L12", "E5001", "Hill-1800-2", "LTE", None),
        ("5001-G11", "E5001", "Hill-900-1", "GSM", None),
        ("5002-L11", "E5002", "Mill-1", "LTE", None),
        ("K1", "S77", "甲站_1", "LTE", str(500123 << 8 | 49)),
        ("K2", "S77", "same", "LTE", str(500123 << 8 | 50)),
        ("K3", "T1", "same", "LTE", None),
    ],
    columns=["cell_id", "site_id", "cell_name", "rat", "ci"],
).astype("str")
NODES = pd.Index(["BSC-401", "AG05"], dtype="str")


@pytest.fixture(scope="module")
def names() -> ObjectNames:
    return object_names(SITES, CELLS, NODES, cell_identities(CELLS))


def found(names: ObjectNames, text: str, beside: str | None = None) -> tuple[object, str]:
    one = pd.Series([text], dtype="str")
    got = resolve_objects(one, names, beside=pd.Series([beside], dtype="str")).iloc[0]
    return (None if pd.isna(got["object_id"]) else got["object_id"]), got["form"]


@pytest.mark.parametrize(
    ("text", "object_id"),
    [
        ("NE=HILL  top", "E5001"),
        ("Hill Top(5001)", "E5001"),
        ("LTE_E5001__S_Hill", "E5001"),
        ("eNodeB Function Name=LBGZ049, Slot No.=3", "BGZ049"),
        ("eNodeB Function Name=x, Cell Name=Hill-1800-2, Slot No.=0", "5001-L12"),
        ("Hill Top, Local Cell ID=12", "5001-L12"),
        ("eNodeB名称=甲站, 本地小区标识=1, eNodeB标识=500123, 小区标识=49", "K1"),
        ("/LteSystem=X/Voder=1/eNodeB=5001/RRU=60", "E5001"),
        ("PLMN-PLMN/MRBTS-5001/LNBTS-5001/LNCEL-11", "5001-L11"),
        ("PLMN-PLMN/MRBTS-500123/LNBTS-500123/LNCEL-50", "K2"),
        ("PLMN-PLMN/MRBTS-5001/RMOD-1", "E5001"),
        ("PLMN-PLMN/BSC-401/BCF-12/BTS-36/TRX-5", "BSC-401"),
        ("PLMN-PLMN/BSC_401/BCF-12", None),
        ("SubNetwork=A,MeContext=E5001,ManagedElement=1,ENodeBFunction=1,EUtranCellFDD=5001-L11", "5001-L11"),
        ("SubNetwork=A,MeContext=E5001,ManagedElement=1,Equipment=1", "E5001"),
        ("SubNetwork=4,MEID=500123,ENBFunctionFDD=500123,EUtranCellFDD=50", "K2"),
        ("Cell Name=Hill-900-1, TRX No.=3", "5001-G11/TRX-3"),
        ("NE=ag05", "AG05"),
        ("网元名称=甲站, 小区名称=甲站_1, 基站ID=500123", "K1"),
        ("网元名称=甲站, 小区名称=射频单元3, 基站ID=500123", "S77"),
        ("NE=甲站, Cell Name=same", "K2"),
        ("eNodeB名称=Twin, Slot=1", "T1"),
    ],
    ids=["name", "name and number", "code in a name", "letter before a code", "cell name", "site and local cell",
         "number on the air", "dispatch", "NetAct cell", "NetAct by number", "radio unit", "controller",
         "controller of another name", "ENM cell", "ENM site", "ZTE cell", "carrier", "node", "operator's cell",
         "operator's board", "shared name in its site", "shared name of a technology"],
)  # fmt: skip
def test_lowest_object_that_is_known_wins(
    names: ObjectNames, text: str, object_id: str | None
) -> None:
    assert found(names, text)[0] == object_id


@pytest.mark.parametrize(
    ("text", "object_id", "form"),
    [
        ("NE=Twin", None, "ambiguous"),
        ("Cell Name=same", None, "ambiguous"),
        ("NE=Mill, Cell Name=same", "E5002", "name of a site"),
        ("NE=Mill, Cell Name=Hill-1800-1", "E5002", "name of a site"),
        ("NE=Hill Top, Local Cell ID=11", "E5001", "name of a site"),
        ("NE=Hill Top, Site Name=Mill", None, "ambiguous"),
        ("NE=Gone, Slot No.=1", None, "unknown"),
        ("ManagedElement=1", None, "unknown"),
    ],
    ids=["two sites of a name", "two cells of a name", "shared cell name below a site", "cell of another site",
         "number of two technologies", "two sites", "unknown", "short number"],
)  # fmt: skip
def test_what_may_mean_two_means_none(
    names: ObjectNames, text: str, object_id: str | None, form: str
) -> None:
    assert found(names, text) == (object_id, form)


def test_text_beside_names_a_cell_of_the_site_and_of_no_other(names: ObjectNames) -> None:
    detail = "eNodeB名称=x, 本地小区标识=12, 具体问题=射频单元异常, 累计时长(s)=90"
    assert found(names, "/LteSystem=X/eNodeB=5001/RRU=1", detail)[0] == "5001-L12"
    assert found(names, "NE=Mill", "Cell Name=Hill-1800-1")[0] == "E5002"
    assert found(names, "NE=Gone", "Site Name=Mill")[0] is None


def test_order_of_texts_and_their_index_do_not_matter(names: ObjectNames) -> None:
    texts = pd.Series(["NE=Mill", "NE=Gone", "Cell Name=Mill-1"], index=[5, 3, 9])
    none = pd.Series(None, index=texts.index, dtype="str")
    before = texts.copy()
    forward = resolve_objects(texts, names, beside=none)
    backward = resolve_objects(texts[::-1], names, beside=none)
    pd.testing.assert_frame_equal(forward, backward[::-1])
    assert forward["object_id"].fillna("").to_dict() == {5: "E5002", 3: "", 9: "5002-L11"}
    pd.testing.assert_series_equal(texts, before)


def test_nothing_to_look_at_gives_nothing(names: ObjectNames) -> None:
    empty = pd.Series([], dtype="str")
    assert resolve_objects(empty, names, beside=empty).empty
