"""Rows that are listed as rejected or repaired show no number of a customer, and are found by their row."""

from pathlib import Path

import pytest

from contract.bundles import read_bundle
from contract.mapping_files import load_mapping
from contract.mappings import convert_files
from contract.settings import Settings

NUMBER, MASKED = "15900002291", "159****2291"
SITES = "site_id,site_name,lon,lat\nS1,one,100.1,25.1\n"
CELLS = "cell_id,site_id,rat,freq_mhz\nC1,S1,LTE,1850\n"
COMPLAINTS = "ticket_id,created_at,text,msisdn,lon,lat\n"
BAD = {
    "no time": f"T1,someday,call {NUMBER} back,{NUMBER},,\n",
    "longitude": f"T1,2026-03-01,call {NUMBER} back,{NUMBER},400,25\n",
    "too many fields": f"T1,2026-03-01,call {NUMBER}, please,{NUMBER},,,\n",
    "open quote": f'T1,2026-03-01,"call {NUMBER} back,{NUMBER},,\n',
    "shifted": f"T1,,{NUMBER},x,{NUMBER},\n",
}


def saved(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / f"{name}.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("row", list(BAD.values()), ids=list(BAD))
def test_a_bundle_quotes_no_number(row: str, tmp_path: Path) -> None:
    saved(tmp_path, "sites", SITES)
    saved(tmp_path, "cells", CELLS)
    saved(tmp_path, "complaints", COMPLAINTS + "T0,2026-03-01,ok,1,,\n" + row)
    found = read_bundle(tmp_path, Settings(zone="UTC"))
    listed = [*found.rejected.to_dict("records"), *found.repairs.to_dict("records")]
    assert {one["row"] for one in listed} == {3}
    assert NUMBER not in str(listed)


def test_a_number_alone_in_its_column_is_masked_however_short(tmp_path: Path) -> None:
    saved(tmp_path, "sites", SITES)
    saved(tmp_path, "cells", CELLS)
    saved(tmp_path, "locations", "msisdn,seen_at,cell_id\n63120000,2026-03-01,GONE\n")
    (rejected,) = read_bundle(tmp_path, Settings(zone="UTC")).rejected.to_dict("records")
    assert "msisdn=631*0000" in rejected["content"]


MAPPING = """
name = "states"

[source]
zone = "UTC"

[tables.accounts.columns]
msisdn = { column = "number" }
state = { column = "state" }
"""


def test_a_conversion_writes_and_returns_no_number(tmp_path: Path) -> None:
    mapping = load_mapping(saved(tmp_path, "m", MAPPING).rename(tmp_path / "m.toml"))
    source = saved(tmp_path, "export", f"number,state\n{NUMBER},asleep\n1390000,active\n")
    made = convert_files(mapping, [source], tmp_path / "out")
    written = (tmp_path / "out" / "rejected.csv").read_text(encoding="utf-8")
    assert NUMBER not in written
    assert MASKED in written
    assert made.rejected[["file", "row"]].to_numpy().tolist() == [["export.csv", 2]]
    assert made.counts["rejected"].tolist() == [1]
    assert made.repairs.empty


def test_what_is_not_utf_8_is_noted(tmp_path: Path) -> None:
    saved(tmp_path, "sites", SITES.replace("one", "银桥双阳"), "gb18030")
    saved(tmp_path, "cells", CELLS, "utf-8-sig")
    assert read_bundle(tmp_path, Settings(zone="UTC")).encodings == {"sites": "gb18030"}
