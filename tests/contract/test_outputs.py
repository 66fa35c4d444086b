"""Results are written whole or not at all, in the form of the contract."""

import datetime
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from contract.errors import OutputError
from contract.folders import replace_folder
from contract.outputs import OUTPUT_NAMES, write_outputs
from contract.tables import OUTPUTS, empty_table

ZONE = "Asia/Shanghai"
MOMENT = pd.Timestamp("2010-06-28T05:45:37Z")


def results(**changes: object) -> dict[str, pd.DataFrame]:
    tables = {name: empty_table(table) for name, table in OUTPUTS.items()}
    row = {
        "ticket_id": "2010062801365464",
        "rank": 1,
        "cause": "trx_fault",
        "probability": 0.75,
        "object_id": "C1",
        "cell_id": None,
        "fault_started_at": pd.NaT,
        "incident_id": None,
        "diagnosed_at": MOMENT,
        **changes,
    }
    tables["diagnoses"] = pd.DataFrame([row])
    tables["rates"] = (
        tables["rates"]
        .reindex([0])
        .assign(county="大理", day=datetime.date(2010, 6, 28), complaints=3)
    )
    return tables


def test_csv_has_offsets_and_empty_cells(tmp_path: Path) -> None:
    write_outputs(tmp_path / "out", results(), ZONE)
    lines = (tmp_path / "out" / "diagnoses.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(OUTPUTS["diagnoses"].column_names)
    assert lines[1] == "2010062801365464,1,trx_fault,0.75,C1,,,,2010-06-28T13:45:37+08:00"
    rates = (tmp_path / "out" / "rates.csv").read_text(encoding="utf-8").splitlines()
    assert rates[1].startswith("大理,2010-06-28,3,")


def test_parquet_has_text_ids_and_the_zone(tmp_path: Path) -> None:
    write_outputs(tmp_path / "out", results(), ZONE)
    schema = pq.read_schema(tmp_path / "out" / "diagnoses.parquet")
    assert str(schema.field("ticket_id").type) in ("string", "large_string")
    assert str(schema.field("diagnosed_at").type) == f"timestamp[us, tz={ZONE}]"
    assert str(schema.field("rank").type) == "int64"
    back = pd.read_parquet(tmp_path / "out" / "diagnoses.parquet")
    assert back.loc[0, "diagnosed_at"] == MOMENT


def test_every_table_stands_twice_and_the_input_stays(tmp_path: Path) -> None:
    tables = results()
    before = {name: table.copy() for name, table in tables.items()}
    write_outputs(tmp_path / "a" / "out", tables, ZONE)
    assert {path.name for path in (tmp_path / "a" / "out").iterdir()} == OUTPUT_NAMES
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[name])


def test_earlier_result_is_replaced(tmp_path: Path) -> None:
    write_outputs(tmp_path / "out", results(), ZONE)
    write_outputs(tmp_path / "out", results(probability=0.5), ZONE)
    assert ",0.5," in (tmp_path / "out" / "diagnoses.csv").read_text(encoding="utf-8")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_foreign_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"holds \['thesis.txt'\]"):
        write_outputs(tmp_path, results(), ZONE)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="is a file"):
        write_outputs(tmp_path / "out", results(), ZONE)


def test_failure_leaves_nothing_half_written(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "a.csv").write_text("x", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="No space left"):
        replace_folder(tmp_path / "out", write, ours=())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cause": "gremlins"}, r"diagnoses.cause.*gremlins"),
        ({"diagnosed_at": pd.NaT}, r"diagnoses.diagnosed_at.*value in every row"),
        ({"probability": "high"}, r"diagnoses.probability.*kind number"),
        ({"mood": 1}, r"extra \['mood'\]"),
    ],
    ids=["cause", "missing", "kind", "extra"],
)
def test_result_outside_the_contract_is_refused(
    tmp_path: Path, changes: dict[str, object], message: str
) -> None:
    with pytest.raises(OutputError, match=message):
        write_outputs(tmp_path / "out", results(**changes), ZONE)
    assert list(tmp_path.iterdir()) == []


def test_missing_table_is_named(tmp_path: Path) -> None:
    tables = results()
    del tables["rates"]
    with pytest.raises(OutputError, match=r"\['rates'\]"):
        write_outputs(tmp_path / "out", tables, ZONE)


def test_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    tables = results()
    tables["diagnoses"] = pd.concat([tables["diagnoses"]] * 2)
    with pytest.raises(OutputError, match="stands twice"):
        write_outputs(tmp_path / "out", tables, ZONE)
