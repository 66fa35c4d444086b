"""Texts of vendors are taken apart into what names a cell, a site, a node; the rest is passed over."""

import pandas as pd
import pytest

from contract.object_parts import ROLES, load_object_words, mentions, object_parts


def parts(text: str | None) -> list[tuple[str, str, str]]:
    found = object_parts(pd.Series([text], dtype="str"))
    return list(zip(found["role"], found["technology"], found["value"], strict=True))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hill", [("site", "", "Hill")]),
        (
            "eNodeB Function Name=Hill, Local Cell ID=2, Cell Name=Hill_2, eNodeB ID=5001, Indication=FDD",
            [("function", "LTE", "Hill"), ("local", "", "2"), ("cell", "", "Hill_2"), ("node", "LTE", "5001")],
        ),
        (
            "eNodeB名称=甲站, 本地小区标识=1, PCI值=342, 小区名称=甲站_1, eNodeB标识=5001, 小区标识=49",
            [("site", "LTE", "甲站"), ("local", "", "1"), ("cell", "", "甲站_1"), ("node", "LTE", "5001"),
             ("air", "", "49")],
        ),
        ("/LteSystem=甲市/Voder=1/eNodeB=5001/RRU=60", [("node", "LTE", "5001")]),
        ("PLMN-PLMN/MRBTS-5001/LNBTS-5001/LNCEL-11",
         [("node", "", "5001"), ("node", "LTE", "5001"), ("local", "LTE", "11")]),
        ("PLMN-PLMN/BSC-401/BCF-12/BTS-36/TRX-5", [("controller", "", "BSC-401"), ("carrier", "GSM", "5")]),
        (
            "PLMN-PLMN/MRBTS-5001, Site Name=Hill",
            [("node", "", "5001"), ("site", "", "Hill")],
        ),
        (
            "SubNetwork=A,MeContext=E5001,ManagedElement=1,ENodeBFunction=1,EUtranCellFDD=C-1",
            [("site", "", "E5001"), ("site", "", "1"), ("cell", "LTE", "C-1")],
        ),
        ("Hill/Cell:eNodeB Function Name=Hill, Local Cell ID=3",
         [("site", "", "Hill"), ("function", "LTE", "Hill"), ("local", "", "3")]),
        ("小区用户标识: 甲_1, 小区标识：1：RRU异常; L eNBId:5001",
         [("cell", "", "甲_1"), ("air", "", "1:RRU异常"), ("node", "LTE", "5001")]),
        ("Cabinet No.=0, Subrack No.=60, Slot No.=0", []),
        ("Peer eNodeB ID=7, Neighbour Cell Name=Mill", []),
        (None, []),
    ],
    ids=["name", "U2000", "Chinese client", "dispatch", "NetAct", "TRX", "NetAct and name", "ENM", "subject",
         "colons", "board", "peer", "null"],
)  # fmt: skip
def test_texts_are_taken_apart(text: str | None, found: list[tuple[str, str, str]]) -> None:
    got = parts(text)
    assert [part for part in got if part[2] != "Hill" or part in found] == found


def test_every_word_of_the_list_has_one_role() -> None:
    words = load_object_words()
    assert len(words) > 80
    assert {role for role, _ in words.values()} == set(ROLES)


def test_position_counts_from_the_first_text_whatever_the_index() -> None:
    texts = pd.Series(["NE=A", None, "NE=B"], index=[7, 8, 9])
    before = texts.copy()
    assert object_parts(texts)["text"].tolist() == [0, 2]
    pd.testing.assert_series_equal(texts, before)


def test_texts_without_a_word_of_a_role_are_passed_over() -> None:
    texts = pd.Series(["Slot No.=0", "小区名称：甲", "Local  Cell ID =1", "a cell is down"])
    assert mentions(texts, ("cell", "local")).tolist() == [False, True, True, False]
