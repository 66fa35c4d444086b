"""A CSV file read in pieces is the file read whole: rows, their numbers, and what is set aside."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from contract import delimited_rows
from contract.delimited import open_delimited, read_delimited
from contract.rows import Layout, RawTable

FILES: dict[str, Callable[[], bytes]] = {
    "plain": lambda: lines(range(400)),
    "header alone": lambda: b"a,b\n",
    "empty lines": lambda: lines(range(400)).replace(b"\n7,", b"\n\n7,"),
    "ragged rows": lambda: b"a,b\n" + b"".join(
        b"only one\n" if i % 37 in (0, 1) or i > 390 else b"%d,x%d\n" % (i, i) for i in range(400)
    ),
    "all ragged": lambda: b"a,b\n" + b"x\n" * 200,
    "one open quote": lambda: lines(range(400)).replace(b"\n133,x", b'\n133,"x') + b"short\n",
    "line ends in quotes": lambda: lines(range(400)).replace(b"\n133,x133", b'\n133,"x\ny"'),
    "gb18030": lambda: lines(range(400)).decode().replace("x", "告警").encode("gb18030"),
    "damaged": lambda: lines(range(400)).replace(b"\n133,x", b"\n133,\xe5\x91").replace(
        b"\n140,x", "\n140,告警信息".encode()
    ),
    "NUL": lambda: lines(range(400)).replace(b"\n133,x", b"\n133,\0"),
}  # fmt: skip


def lines(numbers: range) -> bytes:
    return b"a,b\n" + b"".join(b"%d,x%d\n" % (number, number) for number in numbers)


def together(pieces: list[RawTable]) -> RawTable:
    aside = pd.concat([piece.unreadable for piece in pieces], ignore_index=True)
    return RawTable(pd.concat([piece.frame for piece in pieces]), aside, pieces[0].encoding)


@pytest.mark.parametrize("name", FILES)
def test_pieces_are_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(FILES[name]())
    whole = read_delimited(path, Layout())
    monkeypatch.setattr(delimited_rows, "PIECE", 300)
    names, read = open_delimited(path, Layout())
    pieces = list(read())
    found = together(pieces)
    assert names == list(whole.frame)
    assert len(pieces) > 1 or len(whole.frame) + len(whole.unreadable) < 300
    pd.testing.assert_frame_equal(found.frame, whole.frame, check_index_type=False)
    pd.testing.assert_frame_equal(found.unreadable, whole.unreadable)
    assert found.encoding == whole.encoding


def test_rows_set_aside_come_with_the_rows_around_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(FILES["ragged rows"]())
    monkeypatch.setattr(delimited_rows, "PIECE", 300)
    _, read = open_delimited(path, Layout())
    last = 0
    for piece in read():
        numbers = [*piece.frame.index, *piece.unreadable["row"]]
        assert min(numbers) > last
        last = max(numbers)
    assert last == 401


def test_a_file_can_be_read_in_pieces_again(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(lines(range(5)))
    _, read = open_delimited(path, Layout())
    assert [len(piece.frame) for piece in read()] == [len(piece.frame) for piece in read()] == [5]
