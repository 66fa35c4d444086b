"""Rules of a mapping make the values they say, whatever state the export is in."""

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from contract.errors import InputError, MappingError
from contract.expressions import evaluate, expression_columns
from contract.mapping_files import ColumnRule, SourceForm, full_rule, load_mapping
from contract.mapping_values import ruled_values
from contract.mappings import convert

ROWS = pd.DataFrame(
    {
        "road": ["一路", None, None],
        "house": ["2号", "3号", None],
        "mech": ["3", None, "x"],
        "elec": ["4", "5", None],
        "cgi": ["460-00-9362-4421", "9362_4422", "2.01E+15"],
        "id": ["552451.0", "552452", "5.52E+15"],
        "when": ["28/06/2010", "06-2010-29", "soon"],
        "state": ["Not Satisfied", "满 意", "?"],
    }
).astype("str")


def values(rule: ColumnRule) -> list[object]:
    before = ROWS.copy()
    found = ruled_values(ROWS, rule, {})
    pd.testing.assert_frame_equal(ROWS, before)
    assert found is not None
    return [None if pd.isna(value) else value for value in found]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (ColumnRule(join=("road", "house")), ["一路2号", "3号", None]),
        (ColumnRule(join=(("street", "road"), "house"), separator=" "), ["一路 2号", "3号", None]),
        (ColumnRule(sum=("mech", "elec")), [7, 5, None]),
        (ColumnRule(sum=("mech", "total")), [3, None, None]),
        (
            ColumnRule(column="cgi", regex=(r"^460-00-(\d+)-(\d+)$", r"^(\d+)_(\d+)$"), separator="-", prefix="G"),
            ["G9362-4421", "G9362-4422", "2.01E+15"],
        ),
        (ColumnRule(expression="concat('L', anyof('nothing', 'id'))"), ["L552451", "L552452", "5.52E+15"]),
        (
            ColumnRule(column="when", format=("%d/%m/%Y", "%m-%Y-%d")),
            ["2010-06-28T00:00:00", "2010-06-29T00:00:00", "soon"],
        ),
        (ColumnRule(column="state", map={"not satisfied": 0, "满意": 1, "?": ""}), ["0", "1", None]),
        (ColumnRule(column="nothing", otherwise=full_rule("house")), ["2号", "3号", None]),
        (ColumnRule(column="road", otherwise=full_rule("house"), default="-"), ["一路", "3号", "-"]),
        (ColumnRule(column="nothing", default="GSM"), ["GSM"] * 3),
    ],
    ids=[
        "join", "join alternatives", "sum", "sum of some", "patterns", "anyof", "forms of time", "map",
        "otherwise", "otherwise by row", "default",
    ],
)  # fmt: skip
def test_rule_gives(rule: ColumnRule, expected: list[object]) -> None:
    assert values(rule) == expected


def test_rule_without_its_columns_gives_nothing() -> None:
    for rule in (
        full_rule("nothing"),
        ColumnRule(join=("nothing",)),
        ColumnRule(expression="nothing + 1"),
    ):
        assert ruled_values(ROWS, rule, {}) is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("arfcn_mhz(60)", 947.0),
        ("arfcn_mhz(1000)", 930.2),
        ("arfcn_mhz(512)", 1805.2),
        ("arfcn_mhz(300)", None),
        ("nrarfcn_mhz(504990)", 2524.95),
        ("nrarfcn_mhz(636666)", 3549.99),
        ("nrarfcn_mhz(5000000)", None),
    ],
)
def test_channel_numbers_become_frequencies(expression: str, expected: float | None) -> None:
    found = evaluate(expression, pd.DataFrame(index=[0])).iloc[0]
    assert found == pytest.approx(expected) if expected else pd.isna(found)


def test_columns_of_an_expression_are_known_before_it_is_evaluated() -> None:
    assert expression_columns("concat(a, col('b c'), floor(anyof('d', 'e') / 256))") == (
        ("a",), ("b c",), ("d", "e"),
    )  # fmt: skip


RULES = """
name = "x"
[source]
header_marker = ["Nummer", "工单 编号"]
nulls = ["NULL"]
[tables.complaints]
columns = { ticket_id = "工单编号", created_at = "受理时间", text = "内容", address = ["地址", "地点"] }
extra = { level = "级别", nothing = "没有" }
"""


def saved(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_names_differing_in_blanks_and_width_are_found_and_extra_columns_kept(
    tmp_path: Path,
) -> None:
    source = saved(
        tmp_path,
        "x.csv",
        '投诉清单\n"工单\n编号*",受理 时间,内容,地址,地点,级别\n'
        '"=""0017""",2026-03-01 09:00,没信号,NULL,某村,高\n\'18,2026-03-01 09:01,掉话,,,\n',
    )
    convert(load_mapping(saved(tmp_path, "m.toml", RULES)), [source], tmp_path / "out")
    found = pd.read_csv(tmp_path / "out" / "complaints.csv", dtype="str")
    assert list(found) == ["ticket_id", "created_at", "text", "address", "level"]
    assert found["ticket_id"].tolist() == ["0017", "18"]
    assert found["address"].fillna("").tolist() == ["某村", ""]
    assert found["level"].fillna("").tolist() == ["高", ""]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("extra = {", 'extra = { Text = "x",', "`complaints.extra.Text` must be no column"),
        ("ticket_id =", "tikcet =", "beside the contract stands in `tables.complaints.extra`"),
        ('text = "内容"', 'text = { column = "内容", regex = "x(" }', "cannot be read"),
        ('text = "内容"', 'text = { column = "内容", regex = "x" }', "must have a group"),
        ('text = "内容"', 'text = { join = ["a"], sum = ["b"] }', "exactly one of"),
        ("[source]", "[source]\nheader_rows = 9", "header_rows"),
    ],
    ids=["extra", "name", "pattern", "group", "origins", "rows"],
)
def test_bad_rule_is_one_clear_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        load_mapping(saved(tmp_path, "m.toml", RULES.replace(old, new)))


def test_table_without_its_sign_is_left_out_and_none_at_all_is_an_error(tmp_path: Path) -> None:
    rules = RULES + '[tables.verdicts]\nonly_with = ["归档"]\n' + (
        'columns = { ticket_id = "工单编号", cause = "原因", closed_at = "归档" }\n'
    )  # fmt: skip
    source = saved(tmp_path, "x.csv", "工单编号,受理时间,内容\n1,2026-03-01,没信号\n")
    counts = convert(load_mapping(saved(tmp_path, "m.toml", rules)), [source], tmp_path / "out")
    assert counts["table"].tolist() == ["complaints"]
    alone = rules.replace("[tables.complaints]", '[tables.complaints]\nonly_with = ["无"]')
    with pytest.raises(MappingError, match="must have one of the columns of a table"):
        convert(load_mapping(saved(tmp_path, "n.toml", alone)), [source], tmp_path / "other")
    assert not (tmp_path / "other").exists()


def workbook(folder: Path) -> Path:
    book = openpyxl.Workbook()
    book.active.append(["说明"])
    for name, text in (("三月", "没信号"), ("四月", "掉话")):
        sheet = book.create_sheet(name)
        sheet.append(["标题"])
        sheet.append(["工单编号", "受理时间", "内容"])
        sheet.append([2010062801365464123, "2026-03-01 09:00", text])
        sheet.append(["7", "2026-03-01 09:00", text])
    path = folder / "book.xlsx"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("sheet", "text"),
    [("", "没信号"), ("#3", "掉话"), ("四月", "掉话")],
    ids=["marker", "#", "name"],
)
def test_sheet_is_found_and_numbers_too_long_are_rejected(
    tmp_path: Path, sheet: str, text: str
) -> None:
    rules = RULES.replace("[source]", f'[source]\nsheet = "{sheet}"')
    convert(load_mapping(saved(tmp_path, "m.toml", rules)), [workbook(tmp_path)], tmp_path / "out")
    found = pd.read_csv(tmp_path / "out" / "complaints.csv", dtype="str")
    assert found[["ticket_id", "text"]].to_numpy().tolist() == [["7", text]]
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv")
    assert rejected["reason"].tolist() == ["ticket_id lost digits in a spreadsheet"]


def test_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    rules = RULES.replace("[source]", '[source]\nsheet = "#9"')
    with pytest.raises(InputError, match="must have the sheet '#9'; it has"):
        convert(
            load_mapping(saved(tmp_path, "m.toml", rules)), [workbook(tmp_path)], tmp_path / "out"
        )


def test_form_of_a_source_has_every_field_of_a_layout() -> None:
    from contract.rows import Layout

    assert set(Layout.__dataclass_fields__) <= set(SourceForm.model_fields)
