"""Vendor exports come in by mapping files, without code."""

from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.errors import MappingError, OutputError
from contract.expressions import evaluate
from contract.mapping_files import load_mapping
from contract.mappings import convert
from contract.settings import Settings

SHARED = Path(__file__).resolve().parents[3] / "shared"
COMPLAINTS = """
name = "desk"
[source]
header_marker = "工单流水号"
zone = "Asia/Shanghai"
[tables.complaints]
where = [{ column = "业务类型", any_of = ["移动业务"] }]
[tables.complaints.columns]
ticket_id = ["投诉工单流水号", "工单流水号"]
created_at = "受理时间"
text = { columns = ["投诉内容", "受理内容"] }
lon = "经度"
lat = "纬度"
crs = { column = "是否为百度经纬度", map = { "是" = "bd09", "否" = "wgs84" } }
channel = { value = "desk" }
"""
EXPORT = """投诉导出,,,,,,
工单流水号,受理时间,受理内容,经度,纬度,是否为百度经纬度,业务类型
2010062801365464,2010/6/28 13:45,没信号,100.1,25.7,是,移动业务
2010062801365465,2010/6/28 13:46,宽带断了,,,,固网
2010062801365466,昨天,没信号,,,,移动业务
2010062801365467,2010-06-28 13:47:00,上不了网,400,25.7,否,移动业务
"""


def saved(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_complaint_sheet_comes_through(tmp_path: Path) -> None:
    mapping = load_mapping(saved(tmp_path, "desk.toml", COMPLAINTS))
    source = tmp_path / "export.csv"
    source.write_bytes(EXPORT.encode("gb18030"))
    counts = convert(mapping, [source], tmp_path / "out")
    assert counts.iloc[0].to_dict() == {
        "table": "complaints",
        "file": "export.csv",
        "rows": 4,
        "left_out": 1,
        "merged": 0,
        "used": 2,
        "rejected": 1,
        "repaired": 1,
    }
    lines = (tmp_path / "out" / "complaints.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "ticket_id,created_at,text,lon,lat,crs,channel"
    assert lines[1] == "2010062801365464,2010-06-28T13:45:00+08:00,没信号,100.1,25.7,bd09,desk"
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv")
    assert rejected.loc[0, ["file", "row", "reason"]].tolist() == [
        "export.csv",
        5,
        "created_at is not a time",
    ]


@pytest.mark.parametrize("network", ["23410", "23415", "23420", "23430"])
def test_british_cells_come_through(tmp_path: Path, network: str) -> None:
    source = SHARED / "data" / "cells-uk" / f"{network}_eutra.csv"
    if not source.is_file():
        pytest.skip("the files of British cells are not beside the checkout")
    counts = convert(load_mapping("cells-uk"), [source], tmp_path / "out").set_index("table")
    parts = counts[["left_out", "merged", "used", "rejected"]].sum(axis=1)
    assert counts["rows"].tolist() == parts.tolist()
    assert counts.loc["cells", "rows"] == len(pd.read_csv(source))
    assert counts.loc["cells", "used"] == counts.loc["cells", "rows"]
    (tmp_path / "out" / "rejected.csv").unlink()
    (tmp_path / "out" / "repairs.csv").unlink()
    found = read_bundle(tmp_path / "out", Settings(zone="Europe/London"))
    assert found.counts.loc["cells", "used"] == counts.loc["cells", "used"]
    assert found.tables["cells"]["freq_mhz"].between(700, 2700).all()
    assert found.tables["cells"]["azimuth_deg"].notna().all()


def test_units_words_and_forms_are_changed(tmp_path: Path) -> None:
    rules = """
name = "cells"
[tables.cells.columns]
cell_id = { column = "Cell", prefix = "X-" }
site_id = { column = "Cell", regex = "^([A-Z]+)" }
rat = { column = "Tech", map = { "4G" = "LTE" } }
freq_mhz = { column = "Band", unit = "GHz" }
height_m = { column = "Height", unit = "ft" }
eirp_dbm = { column = "Power", unit = "W" }
valid_from = { column = "Since", format = "%d/%m/%Y" }
users = { column = "Users", default = 5 }
"""
    source = saved(
        tmp_path,
        "cells.csv",
        "Cell,Tech,Band,Height,Power,Since,Users\nAB1,4G,1.8,100,20,28/06/2010,\n",
    )
    mapping = load_mapping(saved(tmp_path, "cells.toml", rules))
    convert(mapping, [source], tmp_path / "out")
    row = pd.read_csv(tmp_path / "out" / "cells.csv").iloc[0]
    assert row[["cell_id", "site_id", "rat", "freq_mhz", "users"]].tolist() == [
        "X-AB1",
        "AB",
        "LTE",
        1800,
        5,
    ]
    assert row["height_m"] == pytest.approx(30.48)
    assert row["eirp_dbm"] == pytest.approx(43.01, abs=0.01)
    assert row["valid_from"].startswith("2010-06-28")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("[tables.complaints.columns]", "[tables.complaints.colums]", "colums"),
        ("ticket_id =", "ticket =", r"no column.*closest is `ticket_id`"),
        ("tables.complaints", "tables.complaint", r"no table.*closest is `complaints`"),
        ('created_at = "受理时间"\n', "", r"must have rules for \['created_at'\]"),
        ('value = "desk"', 'value = "desk", column = "x"', "exactly one of"),
        ('name = "desk"', "name = ", "must be a TOML file"),
    ],
    ids=["field", "column", "table", "required", "origins", "toml"],
)
def test_bad_mapping_is_one_clear_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = saved(tmp_path, "desk.toml", COMPLAINTS.replace(old, new))
    with pytest.raises(MappingError, match=message) as caught:
        load_mapping(path)
    assert "\n" not in str(caught.value).strip()


def test_source_without_the_column_is_named_and_nothing_written(tmp_path: Path) -> None:
    mapping = load_mapping(saved(tmp_path, "desk.toml", COMPLAINTS))
    source = saved(tmp_path, "export.csv", EXPORT.replace("受理时间", "时间"))
    with pytest.raises(MappingError, match="must have one of the columns"):
        convert(mapping, [source], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_foreign_folder_is_refused(tmp_path: Path) -> None:
    mapping = load_mapping(saved(tmp_path, "desk.toml", COMPLAINTS))
    with pytest.raises(OutputError, match="Choose another folder"):
        convert(mapping, [tmp_path / "export.csv"], tmp_path)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("(a + 1) * 2 - b / 4", 21.0),
        ("a % 3", 1.0),
        ("-a", -10.0),
        ("a / 0", None),
        ("concat(upper(name), '-', floor(a / 4))", "N|M-2"),
        ("part(name, '|', 1)", "m"),
        ("first(empty, name)", "n|m"),
        ("hex(a)", "A"),
        ("from_hex('ff') + number(b)", 259.0),
        ("round(a / 3, 2)", 3.33),
        ("strip(col('two words'))", "x"),
        ("earfcn_mhz(1300)", 1815.0),
        ("earfcn_mhz(6300)", 806.0),
        ("earfcn_mhz(39250)", 2360.0),
        ("earfcn_mhz(70000)", None),
    ],
)
def test_expression_gives(expression: str, expected: object) -> None:
    frame = pd.DataFrame(
        {"a": ["10"], "b": ["4"], "name": ["n|m"], "empty": [None], "two words": [" x "]}
    ).astype("str")
    found = evaluate(expression, frame).iloc[0]
    assert found == expected if expected is not None else pd.isna(found)


@pytest.mark.parametrize(
    "expression",
    [
        "__import__('os')",
        "a.values",
        "a[0]",
        "a ** 9",
        "lambda: 1",
        "[x for x in a]",
        "a if b else 1",
        "concat()",
        "concat(*a)",
        "lower(text=a)",
        "unknown(a)",
        "nowhere + 1",
        "a +",
        "True",
        "(" * 500 + "a" + ")" * 500,
        "a" * 2000,
    ],
)
def test_anything_else_is_refused(expression: str) -> None:
    with pytest.raises(MappingError, match="expression|takes"):
        evaluate(expression, pd.DataFrame({"a": ["1"], "b": ["2"]}))
