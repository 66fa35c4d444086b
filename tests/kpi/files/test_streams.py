"""Files are read safely: nothing is fetched, limits hold, a broken file is told with its place."""

import gzip
from pathlib import Path

import pytest

from kpi.files import streams
from tests.kpi.files.made import attempts, cell, collected, fault, info, read

GOOD = attempts(10, 20)
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/none.dtd">',
        f'<!DOCTYPE r [<!ENTITY l0 "lol">{LAUGHS}]>',
        "<!-- before --> <!DOCTYPE r>",
    ],
    ids=["external entity", "external subset", "billion laughs", "after a comment"],
)
def test_document_type_is_refused(tmp_path: Path, declared: str) -> None:
    text = GOOD.replace("?>\n", f"?>\n{declared}\n", 1).replace(">10<", ">&l9;<")
    assert "document type" in str(fault(tmp_path / "a.xml", text))


def test_document_type_in_another_encoding_is_refused_too(tmp_path: Path) -> None:
    text = GOOD.replace("UTF-8", "UTF-16").replace("?>\n", "?>\n<!DOCTYPE r>\n", 1)
    assert fault(tmp_path / "a.xml", text.encode("utf-16")).reason


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"just text", "no XML"),
        (b"<html><body/></html>", "root is html"),
        (b"<a>" * 10 + b"</a>" * 10, "root is a"),
        (b"\x1f\x8b\x08broken", "gzip"),
        (gzip.compress(GOOD.encode())[:-12], "gzip"),
        (gzip.compress(GOOD.encode())[:200], "gzip"),
    ],
    ids=[
        "zero bytes",
        "blanks",
        "text",
        "other root",
        "nonsense",
        "no gzip",
        "gzip end",
        "gzip cut",
    ],
)
def test_what_is_no_measurement_file_is_told(tmp_path: Path, content: bytes, what: str) -> None:
    assert what in str(fault(tmp_path / "a.xml.gz", content))


def test_place_of_a_fault_is_told(tmp_path: Path) -> None:
    lines = GOOD.splitlines()
    lines[9] = lines[9].replace("</r>", "<r>")
    found = fault(tmp_path / "a.xml", "\n".join(lines))
    assert lines[found.line - 1] == "</measValue>"
    assert found.column > 0
    assert "mismatch" in found.reason


def test_cut_file_gives_nothing(tmp_path: Path) -> None:
    cut = GOOD[: GOOD.index("</measInfo>")]
    assert fault(tmp_path / "a.xml", cut).line == cut.count("\n") + 1


def test_gzip_reads_as_the_plain_file(tmp_path: Path) -> None:
    packed = read(tmp_path / "a.xml", gzip.compress(GOOD.encode()))
    assert packed.rows.equals(read(tmp_path / "b.xml", GOOD).rows)


def test_what_stands_before_the_declaration_is_passed_over_and_told(tmp_path: Path) -> None:
    text = '<?xml-stylesheet type="text/xsl" href="a.xsl"?>\n' + GOOD
    found = read(tmp_path / "a.xml", text)
    assert found.rows.equals(read(tmp_path / "b.xml", GOOD).rows)
    assert "before the XML declaration" in found.entry.note
    assert fault(tmp_path / "c.xml", text[:-30]).line == text[:-30].count("\n") + 1


def test_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    found = read(tmp_path / "a.xml", b"\xef\xbb\xbf" + GOOD.encode())
    assert (len(found.rows), found.entry.note) == (2, "")


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    deep = "<x>" * 400 + "</x>" * 400
    assert fault(tmp_path / "a.xml", GOOD.replace("<measType", deep + "<measType", 1)).reason


def test_text_without_end_is_refused(tmp_path: Path) -> None:
    huge = "9" * 11_000_000
    assert fault(tmp_path / "a.xml", GOOD.replace(">10<", f">{huge}<", 1)).reason


def test_record_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_WAITING", 1 << 20)
    many = {cell(): ["1"] * 200_000}
    text = collected(info(many, names=[f"A{n}" for n in range(200_000)]))
    assert "without the end of a record" in str(fault(tmp_path / "a.xml", text))


def test_file_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MOST_BYTES", 100)
    monkeypatch.setattr(streams, "PROLOG_BYTES", 64)
    assert "longer than" in str(fault(tmp_path / "a.xml", gzip.compress(GOOD.encode())))


def test_entities_of_xml_itself_are_read(tmp_path: Path) -> None:
    text = attempts(10).replace("5001-1", "50&#48;1-1")
    assert read(tmp_path / "a.xml", text).rows["cell_id"].tolist() == ["5001-1"]
