import json
import re
from copy import deepcopy
from html.parser import HTMLParser
from pathlib import Path

import pytest

import cli
from contract.errors import OutputError
from dashboards.work_order_page import check_target, save_work_order, work_order_page
from tests.dashboards.full_case import full_case

VOID = {"meta", "link", "br", "hr", "img", "input"}
SECTIONS = (
    *("ticket", "causes", "excluded", "steps", "place", "alarms", "counters", "surroundings"),
    *("previous", "reply"),
)


class Outline(HTMLParser):
    """Reads a page: elements closed in order, ids, links, text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.tags.append(tag)
        self.language = given.get("lang", "") if tag == "html" else self.language
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[k] for k in ("src", "href") if k in given]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def outline(page: str) -> Outline:
    """A page as it was read."""
    read = Outline()
    read.feed(page)
    read.close()
    assert read.open == []
    return read


@pytest.fixture(scope="module", params=["zh", "en"])
def page(request: pytest.FixtureRequest) -> str:
    """The page of a full case in each language."""
    return work_order_page(full_case(request.param))


def test_page_is_well_formed_with_every_section_once(page: str) -> None:
    read = outline(page)
    assert len(read.ids) == len(set(read.ids))
    assert set(SECTIONS) <= set(read.ids)
    assert read.language in ("zh-CN", "en")
    assert {"#" + section for section in SECTIONS if section != "ticket"} <= set(read.links)
    assert "#content" in read.links


def test_place_and_cells_say_why_and_names_are_text() -> None:
    page = work_order_page(full_case("en"))
    text = " ".join(outline(page).text)
    assert "taken from the whole network" in text
    assert text.count("the words name its site; in its beam, 420 m") == 4
    assert "<b>双阳</b>" not in page


def test_a_case_without_reasons_has_no_column_for_them() -> None:
    case = full_case("en")
    case["place"].pop("why")
    case["place"]["cells"] = [
        {key: value for key, value in cell.items() if key != "why"}
        for cell in case["place"]["cells"]
    ]
    page = work_order_page(case)
    assert 'class="why"' not in page
    assert "words why" not in page


def test_page_is_one_offline_file_without_scripts(page: str) -> None:
    read = outline(page)
    assert "script" not in read.tags
    assert all(link.startswith(("#", "data:")) for link in read.links)
    assert not re.search(r"@import|url\((?!data:|#)", page)
    assert len(page.encode()) < 700_000


def test_text_of_others_is_escaped_and_still_told(page: str) -> None:
    assert "<script>" not in page
    text = "".join(outline(page).text)
    assert '<script>alert("x")</script> [bold]打不通[/bold]' in text
    assert "[TRX] <FAULTY>" in text
    assert "Hill <one>" in text
    assert "T<1>" in text


def test_only_masked_numbers_are_shown(page: str) -> None:
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", page.replace(full_case()["ticket_id"], ""))
    assert page.count("159****2291") >= 3


def test_every_figure_has_a_title_that_names_it(page: str) -> None:
    drawings = re.findall(r'<svg [^>]*role="img"[^>]*>.*?</svg>', page, flags=re.DOTALL)
    assert len(drawings) == 1 + 1 + 5
    for drawing in drawings:
        named = re.search(r'aria-labelledby="([^" ]+)', drawing)
        assert named
        assert re.search(rf'<title id="{named[1]}">[^<]+</title>', drawing)


def test_words_of_the_other_language_do_not_show() -> None:
    text = "".join(outline(work_order_page(full_case("en"))).text)
    own = text.replace("打不通", "").replace("双阳村", "").replace("双阳", "").replace("大理", "")
    assert not re.search(r"[\u4e00-\u9fff]", own)


def test_status_is_told_by_mark_and_word() -> None:
    text = " ".join("".join(outline(work_order_page(full_case())).text).split())
    for told in ("✓ found", "○ nothing found", "∅ not queried", "× down", "39.1 % ▼"):
        assert told in text


@pytest.mark.parametrize(
    "lacking",
    ["ticket", "place", "alarms", "counters", "changes", "around", "neighbourhood", "previous"],
)
def test_a_case_without_a_section_says_so_calmly(lacking: str) -> None:
    case = full_case()
    del case[lacking]
    read = outline(work_order_page(case))
    assert set(SECTIONS) <= set(read.ids)
    assert "None" not in "".join(read.text)


def test_a_case_of_the_least_has_a_page() -> None:
    case = {k: v for k, v in full_case().items() if k in ("ticket_id", "asked_at", "language")}
    case |= {"causes": [], "steps": [], "excluded": [], "questions": [], "reply": {}}
    assert "No cause could be ranked" in "".join(outline(work_order_page(case)).text)


def test_the_case_is_left_alone_and_the_page_is_the_same_again() -> None:
    case = full_case()
    before = deepcopy(case)
    assert work_order_page(case) == work_order_page(case)
    assert case == before


def test_page_is_written_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "case.html"
    path.write_text("old", encoding="utf-8")
    save_work_order(full_case(), path)
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [p.name for p in tmp_path.iterdir()] == ["case.html"]


def test_a_folder_or_an_absent_parent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="`html` must be a file"):
        check_target(tmp_path)
    with pytest.raises(OutputError, match="`html` must lie in a folder that is there"):
        save_work_order(full_case(), tmp_path / "no" / "case.html")
    assert list(tmp_path.iterdir()) == []


def test_command_writes_the_page_and_says_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "_case", lambda *_: full_case())
    path = tmp_path / "case.html"
    assert cli.main(["investigate", "bundle", "T<1>", "--html", str(path)]) == 0
    assert capsys.readouterr().out == f"page written to {path}\n"
    assert path.is_file()
    assert cli.main(["investigate", "bundle", "T<1>", "--json", "--html", str(path)]) == 0
    told = capsys.readouterr()
    assert json.loads(told.out)["ticket_id"] == "T<1>"
    assert "page written to" in told.err


def test_command_refuses_a_folder_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["investigate", "bundle", "T1", "--html", str(tmp_path)]) == 2
    assert re.fullmatch(r"cellcause: `html` must be a file.*\n", capsys.readouterr().err)
