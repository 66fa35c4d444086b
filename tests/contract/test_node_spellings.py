"""The inventory may spell a site or node in several ways; it is one all the same."""

from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import Bundle, read_bundle
from contract.node_spellings import respelled
from contract.references import Known
from contract.settings import Settings

SITES = "site_id,site_name,lon,lat\nKM-S1,one,100.1,25.1\nKM-S2,two,100.2,25.2\n"
CELLS = "cell_id,site_id,rat,freq_mhz\nC1,km-s1,LTE,1850\nC2,KM-S2,LTE,1850\n"
LINKS = "node,parent,kind\n"
KNOWN = Known(pd.Index(["KM-S1", "KM-S2"]), pd.Index([]), pd.Index([]))


def read(folder: Path, **tables: str) -> Bundle:
    for name, text in {"sites": SITES, "cells": CELLS, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_bundle(folder, Settings(zone="UTC"))


def links_of(*rows: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["node", "parent", "kind"]).astype("str")
    return frame.assign(row=range(2, 2 + len(frame)))


def test_a_cell_whose_site_is_in_another_case_is_used_and_listed(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert found.tables["cells"]["site_id"].tolist() == ["KM-S1", "KM-S2"]
    assert found.counts.loc["cells", ["used", "rejected", "repaired"]].tolist() == [2, 0, 1]
    assert found.repairs["content"].tolist() == ["site_id=km-s1; read as KM-S1; rows 1"]


def test_a_cell_that_fits_two_sites_is_rejected_and_told(tmp_path: Path) -> None:
    text = SITES + "km-S1,three,100.3,25.3\n"
    more = CELLS + "".join(f"D{n},KM-S2,LTE,1850\n" for n in range(9))
    found = read(tmp_path, sites=text, cells=more)
    assert found.rejected["reason"].tolist() == ["site_id fits several sites"]
    assert found.unresolved["why"].tolist() == ["ambiguous"]


def test_a_cell_of_an_unknown_site_stays_rejected(tmp_path: Path) -> None:
    more = CELLS + "".join(f"D{n},KM-S2,LTE,1850\n" for n in range(9)) + "E,GONE,LTE,1850\n"
    found = read(tmp_path, cells=more)
    assert found.rejected["reason"].tolist() == ["site_id is unknown"]
    assert found.unresolved["identity"].tolist() == ["GONE"]


def test_a_link_of_a_site_in_another_case_hangs_that_site_on_its_parent(tmp_path: Path) -> None:
    found = read(tmp_path, links=LINKS + "km-s1,HUB,hub\nKM-S2,HUB,hub\n")
    assert found.tables["links"]["node"].tolist() == ["KM-S1", "KM-S2"]
    assert found.unresolved.empty


def test_a_node_in_two_cases_is_one_node_in_its_commonest_spelling() -> None:
    links = links_of(
        ("KM-S1", "HUB-1", "hub"), ("KM-S2", "HUB-1", "hub"), ("hub-1", "CORE", "core")
    )
    before = links.copy()
    out, tried = respelled(links, "links", KNOWN)
    assert out["node"].tolist() == ["KM-S1", "KM-S2", "HUB-1"]
    assert [t["value"].tolist() for t in tried if len(t)] == [["hub-1"]]
    pd.testing.assert_frame_equal(links, before)


def test_two_children_of_one_kind_that_differ_in_case_stay_two() -> None:
    links = links_of(("RING-a", "CORE", "ring"), ("RING-A", "CORE", "ring"))
    out, tried = respelled(links, "links", KNOWN)
    assert out["node"].tolist() == ["RING-a", "RING-A"]
    assert all(part.empty for part in tried)


@pytest.mark.parametrize("name", ["cells", "links"])
def test_no_rows_give_no_rows(name: str) -> None:
    empty = links_of().assign(site_id=pd.Series([], dtype="str"))
    out, tried = respelled(empty, name, KNOWN)
    assert out.empty
    assert tried == []
