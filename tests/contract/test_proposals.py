"""An unknown export gets a mapping that a person can read, and that says where it is unsure."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from contract.errors import MappingError, OutputError, UnreadableFileError
from contract.mapping_files import load_mapping
from contract.mappings import convert
from contract.proposal_files import proposal_toml, save_proposal
from contract.proposals import NOT_FOUND, Proposal, Suggestion, propose_mapping
from tests.contract.export_forms import HELD_OUT, KNOWN, PUBLIC, VARIANTS, Column, export_rows

SETS = {"known": KNOWN, "public": PUBLIC, "variants": VARIANTS, "held out": HELD_OUT}


def saved(folder: Path, columns: list[Column]) -> Path:
    path = folder / "export.csv"
    export_rows(columns).to_csv(path, index=False)
    return path


def right_and_all(proposal: Proposal, columns: list[Column]) -> tuple[int, int]:
    fed: dict[str, set[str]] = {}
    for found in proposal.tables.values():
        for one in found:
            for source in one.sources:
                fed.setdefault(source, set()).add(f"{one.table}.{one.column}")
    told = [column for column in columns if column[2] != "?"]
    right = sum(
        expected in fed.get(header, set()) if expected else header not in fed
        for header, _, expected in told
    )
    return right, len(told)


def suggestion(proposal: Proposal, table: str, column: str) -> Suggestion:
    return next(one for one in proposal.tables[table] if one.column == column)


@pytest.mark.parametrize(
    ("name", "least"), [("known", 0.98), ("public", 0.95), ("variants", 0.9), ("held out", 0.9)]
)
def test_most_columns_are_brought_where_they_belong(
    tmp_path: Path, name: str, least: float
) -> None:
    right = count = 0
    for columns in SETS[name].values():
        proposal = propose_mapping(saved(tmp_path, columns))
        some_right, some = right_and_all(proposal, columns)
        right, count = right + some_right, count + some
    assert right / count >= least, f"{right} of {count}"


@pytest.mark.parametrize("name", SETS)
def test_proposals_are_mapping_files_that_convert_takes(tmp_path: Path, name: str) -> None:
    for place, columns in enumerate(SETS[name].values()):
        path = saved(tmp_path, columns)
        mapping = tmp_path / f"{place}.toml"
        save_proposal(propose_mapping(path), mapping)
        counts = convert(load_mapping(mapping), [path], tmp_path / f"out {place}")
        parts = counts[["left_out", "merged", "used", "rejected"]].sum(axis=1)
        assert counts["rows"].tolist() == parts.tolist()


def test_proposed_mapping_brings_the_rows_it_was_proposed_from(tmp_path: Path) -> None:
    path = saved(tmp_path, KNOWN["agent's list, Chinese"])
    mapping = tmp_path / "mine.toml"
    save_proposal(propose_mapping(path), mapping)
    counts = convert(load_mapping(mapping), [path], tmp_path / "out").set_index("table")
    assert counts.loc["complaints", ["used", "rejected"]].tolist() == [12, 0]
    assert "?" not in "".join(
        line for line in mapping.read_text("utf-8").splitlines() if not line.startswith("#")
    )


def test_cells_bring_their_sites_under_one_id(tmp_path: Path) -> None:
    path = saved(tmp_path, VARIANTS["cells, vendor's sheet"])
    proposal = propose_mapping(path)
    assert suggestion(proposal, "sites", "site_id").rule == {
        "expression": "concat('L', col('eNodeB Identity'))"
    }
    assert suggestion(proposal, "cells", "site_id").rule["expression"].startswith("concat('L'")
    assert suggestion(proposal, "cells", "downtilt_deg").rule == {"sum": ["Mech. Tilt", "Elec. Tilt"]}  # fmt: skip
    save_proposal(proposal, tmp_path / "m.toml")
    counts = convert(load_mapping(tmp_path / "m.toml"), [path], tmp_path / "out").set_index("table")
    assert counts.loc["sites", ["used", "merged"]].tolist() == [4, 8]
    assert counts.loc["cells", "used"] == 12


def test_answers_of_an_order_are_not_brought_to_the_complaint(tmp_path: Path) -> None:
    columns: list[Column] = [
        ("工单号", "id", ""), ("受理时间", "time", ""), ("投诉内容", "zh", ""),
        ("处理意见", "zh", ""), ("回单内容", "zh", ""), ("原因定位", "path", ""), ("归档时间", "time", ""),
    ]  # fmt: skip
    proposal = propose_mapping(saved(tmp_path, columns))
    sources = {source for one in proposal.tables["complaints"] for source in one.sources}
    assert sources == {"工单号", "受理时间", "投诉内容"}
    assert {"处理意见", "回单内容"} <= set(proposal.unused)
    assert suggestion(proposal, "verdicts", "cause").rule["words"] == "cause_words"
    assert 'where = [{ column = "归档时间", is_empty = false }]' in proposal_toml(proposal)


def test_header_below_titles_on_another_sheet_is_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    sheet = book.create_sheet("明细")
    sheet.append(["投诉报表"])
    sheet.append([None])
    rows = export_rows(KNOWN["agent's list, Chinese"])
    sheet.append(list(rows.columns))
    for row in rows.itertuples(index=False):
        sheet.append(list(row))
    path = tmp_path / "report.xlsx"
    book.save(path)
    proposal = propose_mapping(path)
    assert proposal.source == {"header_marker": "投诉工单编号", "zone": "Asia/Shanghai"}
    save_proposal(proposal, tmp_path / "m.toml")
    counts = convert(load_mapping(tmp_path / "m.toml"), [path], tmp_path / "out")
    assert counts["used"].tolist() == [12]


def test_header_of_two_rows_is_read_as_one(tmp_path: Path) -> None:
    path = tmp_path / "cells.csv"
    path.write_text(
        "小区名称,基站名称,CGI,天线,,位置,,频段,制式\n,,,方位角,挂高,经度,纬度,,\n"
        "甲1,甲,460-00-500123-1,0,30,100.1,25.6,B3,4G\n甲2,甲,460-00-500123-2,120,30,100.1,25.6,B3,4G\n",
        encoding="utf-8",
    )
    proposal = propose_mapping(path)
    assert proposal.source["header_rows"] == 2
    assert suggestion(proposal, "cells", "azimuth_deg").rule == {"column": "方位角"}
    save_proposal(proposal, tmp_path / "m.toml")
    counts = convert(load_mapping(tmp_path / "m.toml"), [path], tmp_path / "out").set_index("table")
    assert counts.loc["cells", "used"] == 2


def test_required_column_without_a_source_says_so_and_its_rows_are_rejected(tmp_path: Path) -> None:
    columns: list[Column] = [("工单号", "id", ""), ("投诉内容", "zh", ""), ("联系人", "person", "")]
    path = saved(tmp_path, columns)
    proposal = propose_mapping(path, table="complaints")
    lacking = suggestion(proposal, "complaints", "created_at")
    assert (lacking.score, lacking.doubts) == (0.0, (NOT_FOUND,))
    save_proposal(proposal, tmp_path / "m.toml")
    convert(load_mapping(tmp_path / "m.toml"), [path], tmp_path / "out")
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv")
    assert set(rejected["reason"]) == {"created_at is missing"}


@pytest.mark.parametrize(
    ("header", "values", "table", "column", "doubt"),
    [
        ("MSISDN", ["2.01E+15", "13800000001"], "accounts", "msisdn", "cut digits"),
        ("用户状态", ["正常", "外星"], "accounts", "state", "words without meaning: 外星"),
        ("变更时间", ["05/06/2026 10:00", "07/08/2026 11:00"], "accounts", "since", "other way round"),
        ("变更时间", ["昨天", "前天"], "accounts", "since", "no form known"),
        ("本机号", ["13800000001", "13800000002"], "accounts", "msisdn", "by its values alone"),
    ],
    ids=["digits", "words", "day and month", "time", "values"],
)  # fmt: skip
def test_what_is_unsure_is_told(
    tmp_path: Path, header: str, values: list[str], table: str, column: str, doubt: str
) -> None:
    rows = {"MSISDN": ["13800000001", "13800000002"], "用户状态": ["正常", "停机"]}
    if header == "本机号":
        del rows["MSISDN"]
    path = tmp_path / "x.csv"
    pd.DataFrame({**rows, header: values}).to_csv(path, index=False)
    proposal = propose_mapping(path, table=table)
    found = suggestion(proposal, table, column)
    assert doubt in "; ".join(found.doubts)
    assert f"# ?? {'; '.join(found.doubts)}" in proposal_toml(proposal)


def test_two_columns_that_fit_are_both_named(tmp_path: Path) -> None:
    columns: list[Column] = [
        ("工单号", "id", ""), ("投诉时间", "time", ""), ("受理时间", "time", ""), ("投诉内容", "zh", ""),
    ]  # fmt: skip
    found = suggestion(propose_mapping(saved(tmp_path, columns)), "complaints", "created_at")
    assert found.sources == ("受理时间",)
    assert "could also be '投诉时间'" in found.doubts


def test_units_and_percent_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "kpi.csv"
    pd.DataFrame(
        {
            "Start Time": ["2026-03-01 00:00", "2026-03-01 00:15", "2026-03-01 00:30"],
            "Cell ID": ["460-00-1-1"] * 3,
            "DL PRB Utilization (%)": [12.5, 80, 3],
            "Data Volume (GB)": [1, 2, 3],
        }
    ).to_csv(path, index=False)
    proposal = propose_mapping(path)
    assert suggestion(proposal, "kpi", "prb_utilisation").rule["unit"] == "percent"
    assert suggestion(proposal, "kpi", "data_mb").rule["unit"] == "GB"
    assert suggestion(proposal, "kpi", "minutes").rule == {"value": 15.0}


def test_odd_names_and_words_survive_the_file(tmp_path: Path) -> None:
    columns: list[Column] = [
        ('工单号 "新"\\n', "id", ""), ("受理时间", "time", ""), ("投诉内容]", "zh", ""), ("= sum", "word", ""),
    ]  # fmt: skip
    path = saved(tmp_path, columns)
    save_proposal(propose_mapping(path, table="complaints"), tmp_path / "m.toml")
    counts = convert(load_mapping(tmp_path / "m.toml"), [path], tmp_path / "out")
    assert counts["used"].tolist() == [12]


def test_numbers_of_people_do_not_reach_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    pd.DataFrame({"号码": ["13800000001"], "状态": ["13900000002"]}).to_csv(path, index=False)
    told = proposal_toml(propose_mapping(path, table="accounts"))
    assert "13900000002" not in told
    assert "139****0002" in told


def test_what_is_no_export_or_no_table_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, KNOWN["alarms, English"])
    with pytest.raises(MappingError, match="`table` must be one of.*'alarm' is none"):
        propose_mapping(path, table="alarm")
    strange = tmp_path / "strange.csv"
    strange.write_text("colour,taste\nred,sweet\n")
    with pytest.raises(MappingError, match="speak for none.*--table"):
        propose_mapping(strange)
    with pytest.raises(UnreadableFileError, match="must be a file"):
        propose_mapping(tmp_path / "nowhere.csv")


def test_mapping_file_that_exists_is_never_overwritten(tmp_path: Path) -> None:
    proposal = propose_mapping(saved(tmp_path, KNOWN["alarms, English"]))
    out = tmp_path / "mine.toml"
    out.write_text("mine")
    with pytest.raises(OutputError, match="must be a new file"):
        save_proposal(proposal, out)
    assert out.read_text() == "mine"


def test_export_is_not_changed(tmp_path: Path) -> None:
    path = saved(tmp_path, KNOWN["alarms, Chinese"])
    before = path.read_bytes()
    propose_mapping(path)
    assert path.read_bytes() == before
