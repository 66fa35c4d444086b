"""Files are read as what they are, or refused in one clear line."""

import datetime
import gzip
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from contract import surveys
from contract.errors import UnreadableFileError
from contract.files import read_table_file
from contract.rows import Layout

HEADER = "ticket_id,text\n"


def saved(folder: Path, content: bytes | str, name: str = "complaints.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030"], ids=["utf-8", "with mark", "gb18030"]
)
def test_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    path = saved(tmp_path, (HEADER + "2010062801365464,银桥双阳没信号\n").encode(encoding))
    frame = read_table_file(path).frame
    assert frame.iloc[0].to_dict() == {"ticket_id": "2010062801365464", "text": "银桥双阳没信号"}
    assert frame.index.tolist() == [2]


def test_ragged_rows_are_set_aside_with_their_numbers(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER + "1,a\n2\n3,c\n4,d,e\n5,f\n")
    raw = read_table_file(path)
    assert raw.frame.index.tolist() == [2, 4, 6]
    assert raw.unreadable["row"].tolist() == [3, 5]
    assert raw.unreadable["reason"].tolist() == [
        "1 fields where the header has 2",
        "3 fields where the header has 2",
    ]
    assert raw.unreadable["content"].tolist() == ["2", "4,d,e"]


def test_quoted_line_breaks_and_commas_stay_in_the_text(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER + '1,"no signal,\nno data"\n2,b\n')
    assert read_table_file(path).frame["text"].tolist() == ["no signal,\nno data", "b"]


def test_quote_that_never_closes_spoils_its_row_only(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER + '1,a\n2,"b\n3,c\n4\n5,e\n')
    raw = read_table_file(path)
    assert raw.frame["ticket_id"].tolist() == ["1", "3", "5"]
    assert raw.frame.index.tolist() == [2, 4, 6]
    assert raw.unreadable["row"].tolist() == [3, 5]
    assert "never closed" in raw.unreadable["reason"][0]


def test_row_with_broken_bytes_is_set_aside(tmp_path: Path) -> None:
    sound = "".join(f"{i},没有信号打不通电话\n" for i in range(20))
    path = saved(tmp_path, (HEADER + sound).encode() + b"20,\xe6\x97\n21,b\n")
    raw = read_table_file(path)
    assert len(raw.frame) == 21
    assert raw.unreadable["row"].tolist() == [22]
    assert "not UTF-8" in raw.unreadable["reason"][0]


def test_row_with_nul_bytes_is_set_aside(tmp_path: Path) -> None:
    raw = read_table_file(saved(tmp_path, HEADER + "1,a\n2,b\0\n3,c\n"))
    assert raw.frame["ticket_id"].tolist() == ["1", "3"]
    assert raw.unreadable["reason"].tolist() == ["holds NUL bytes"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n \n", "only blanks"),
        (b"PK\x03\x04rest", "zip archive or an Excel workbook"),
        (b"PAR1rest", "Parquet file"),
        (gzip.compress(b"ticket_id,text\n"), "gzip"),
        ("ticket_id,text\n".encode("utf-16"), "UTF-16"),
        (b"\xd0\xcf\x11\xe0old", "old Excel"),
        (b"a,b\n\xff\xff\xff\xff\xff\xff\n", "neither"),
    ],
    ids=["empty", "blank", "zip", "parquet", "gzip", "utf-16", "xls", "binary"],
)
def test_what_is_no_csv_is_named(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(UnreadableFileError, match=message) as caught:
        read_table_file(saved(tmp_path, content))
    assert "\n" not in str(caught.value)


def test_endless_line_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, HEADER.encode() + b"x" * 3 * 2**20)
    with pytest.raises(UnreadableFileError, match="lines of at most 1048576 bytes"):
        read_table_file(path)


def test_endless_line_is_found_in_a_stream(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "kpi.csv"
    with path.open("wb") as file:
        file.truncate(2**30)
    taken: list[int] = []
    check = surveys._check_lines

    def counted(path: Path, chunk: bytes, open_length: int) -> int:
        taken.append(len(chunk))
        return check(path, chunk, open_length)

    monkeypatch.setattr(surveys, "_check_lines", counted)
    with pytest.raises(UnreadableFileError, match="one is longer"):
        read_table_file(path)
    assert sum(taken) <= 3 * surveys.CHUNK


@pytest.mark.parametrize("name", ["sites.parquet", "sites.xlsx"])
def test_text_under_another_name_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFileError, match="it is not"):
        read_table_file(saved(tmp_path, "site_id,lon\nS1,1\n", name))


def test_zip_named_xlsx_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "sites.xlsx", "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableFileError, match="Excel workbook"):
        read_table_file(tmp_path / "sites.xlsx")


def test_workbook_keeps_ids_of_sixteen_digits(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    moment = datetime.datetime(2010, 6, 28, 13, 45, 37)  # noqa: DTZ001
    for line in (
        ["complaints of June"],
        ["ticket_id", "created_at", "lon"],
        [2010062801365464.0, moment, 100.25],
        ["X1", 40357.5, None],
    ):
        book.active.append(line)
    book.save(tmp_path / "complaints.xlsx")
    frame = read_table_file(tmp_path / "complaints.xlsx", Layout(header_marker="ticket_id")).frame
    assert frame["ticket_id"].tolist() == ["2010062801365464", "X1"]
    assert frame["created_at"].tolist() == ["2010-06-28 13:45:37", "40357.5"]
    assert frame["lon"].isna().tolist() == [False, True]
    assert frame.index.tolist() == [3, 4]


def test_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    folder = tmp_path / "kpi"
    folder.mkdir()
    pd.DataFrame({"cell_id": ["C1"], "drops": [1]}).to_parquet(folder / "a.parquet")
    pd.DataFrame({"cell_id": ["C2"], "drops": [2.5]}).to_parquet(folder / "b.parquet")
    frame = read_table_file(folder).frame
    assert frame["cell_id"].tolist() == ["C1", "C2"]
    assert frame["drops"].tolist() == [1, 2.5]
    assert frame.index.tolist() == [1, 2]


def test_folder_without_parquet_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFileError, match="must hold Parquet files"):
        read_table_file(tmp_path)


def test_parquet_ids_with_gaps_keep_their_digits(tmp_path: Path) -> None:
    ids = pd.array([2**60 + 1, None], dtype="Int64")
    pd.DataFrame({"msisdn": ids}).to_parquet(tmp_path / "accounts.parquet")
    frame = read_table_file(tmp_path / "accounts.parquet").frame
    assert frame["msisdn"].iloc[0] == str(2**60 + 1)


def test_title_rows_and_other_delimiters_are_passed(tmp_path: Path) -> None:
    path = saved(tmp_path, "export of June\n\nid;name\n1;a\n")
    frame = read_table_file(path, Layout(header_marker="id", delimiter=";")).frame
    assert frame.to_dict("list") == {"id": ["1"], "name": ["a"]}
