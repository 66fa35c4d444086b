"""The daybook is written with the other tables, whole or not at all, and read back as declared."""

from pathlib import Path

import pandas as pd
import pytest

from contract.daybook import DAYBOOK, read_daybook
from contract.errors import InputError, OutputError
from contract.outputs import OUTPUT_NAMES, WRITTEN_NAMES, write_outputs
from contract.tables import OUTPUTS, Table, empty_table

ZONE = "Asia/Shanghai"


def empty(declared: dict[str, Table]) -> dict[str, pd.DataFrame]:
    return {name: empty_table(table) for name, table in declared.items()}


def written(folder: Path, **changes: pd.DataFrame) -> Path:
    daybook = empty(dict(DAYBOOK)) | changes
    write_outputs(folder, empty(dict(OUTPUTS)), ZONE, daybook=daybook)
    return folder


def merge() -> pd.DataFrame:
    at = pd.to_datetime(["2026-03-10T00:00:00Z"])
    return pd.DataFrame({"incident_id": ["I1"], "into": ["I2"], "at": at})


def test_the_daybook_comes_back_as_it_was_written(tmp_path: Path) -> None:
    before = merge()
    back = read_daybook(written(tmp_path / "out", merges=before))
    assert set(back) == set(DAYBOOK)
    assert back["merges"].to_dict("records") == merge().to_dict("records")
    assert str(back["merges"]["at"].dtype) == "datetime64[us, UTC]"
    assert str(back["tickets"]["cause"].dtype) == "str"
    pd.testing.assert_frame_equal(before, merge())


def test_the_folder_holds_what_it_says_and_is_replaced_whole(tmp_path: Path) -> None:
    out = written(written(tmp_path / "out"))
    files = {str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()}
    assert files == WRITTEN_NAMES
    write_outputs(out, empty(dict(OUTPUTS)), ZONE)
    assert {p.name for p in out.iterdir()} == OUTPUT_NAMES


def test_a_file_of_another_in_the_daybook_is_refused_and_left_alone(tmp_path: Path) -> None:
    out = written(tmp_path / "out")
    (out / "daybook" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"daybook/notes.txt"):
        written(out)
    assert (out / "daybook" / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_of_another_by_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out" / "daybook").mkdir(parents=True)
    (tmp_path / "out" / "daybook" / "diary.md").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"daybook/diary.md"):
        written(tmp_path / "out")


def test_a_missing_table_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    daybook = empty(dict(DAYBOOK))
    del daybook["gaps"]
    with pytest.raises(OutputError, match=r"`daybook` must be exactly .*'gaps'"):
        write_outputs(tmp_path / "out", empty(dict(OUTPUTS)), ZONE, daybook=daybook)
    assert list(tmp_path.iterdir()) == []


def test_a_run_without_daybook_is_named(tmp_path: Path) -> None:
    write_outputs(tmp_path / "out", empty(dict(OUTPUTS)), ZONE)
    with pytest.raises(InputError, match=r"`out`.*daybook/tickets.parquet. Run the bundle again"):
        read_daybook(tmp_path / "out")


def test_a_table_of_another_form_is_named(tmp_path: Path) -> None:
    out = written(tmp_path / "out")
    pd.DataFrame({"incident_id": ["I1"]}).to_parquet(out / "daybook" / "merges.parquet")
    with pytest.raises(InputError, match=r"merges.parquet lacks \['into', 'at'\]"):
        read_daybook(out)
    (out / "daybook" / "merges.parquet").write_bytes(b"no table")
    with pytest.raises(InputError, match="cannot be read"):
        read_daybook(out)


def test_no_table_holds_a_text_or_number_of_a_customer() -> None:
    names = {column for table in DAYBOOK.values() for column in table.column_names}
    assert names.isdisjoint({"text", "msisdn", "address", "previous_opinion"})
