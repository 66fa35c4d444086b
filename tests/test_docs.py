"""The pages a newcomer follows are true: their commands run and say what the pages show."""

import argparse
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

import cli
from contract.causes import CAUSES
from contract.daybook import DAYBOOK
from contract.settings import Settings
from contract.tables import OUTPUTS, TABLES
from correlate.daily.report import day_report
from correlate.run import run_to_folder
from dashboards.summary import COST_OF_MISSING

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
FOLLOWED = ["README.md", "docs/tutorial.md", "docs/your_data.md"]
PAGES = sorted(
    [*ROOT.glob("*.md"), *DOCS.glob("*.md"), *ROOT.glob("examples/*/*.md")]
    + [ROOT / "benchmarks" / "README.md"]
)
BLOCK = re.compile(
    r"(?:^`(?P<file>[^`\n]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", re.M | re.S
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
MAX_PICTURE_BYTES = 150_000


@dataclass(frozen=True)
class Said:
    """A command of a page and the lines it is shown to print."""

    command: str
    shown: tuple[str, ...]


def said_by(page: str) -> list[Said | tuple[str, str]]:
    """Commands and files (path, text) of a page, in order."""
    found: list[Said | tuple[str, str]] = []
    for block in BLOCK.finditer(page):
        if block["kind"] == "console":
            found += commands_of(block["body"])
        elif block["file"]:
            found.append((block["file"], block["body"]))
    return found


def commands_of(body: str) -> list[Said]:
    """Commands of a block, each with the lines below it."""
    parts = re.split(r"^\$ ", body, flags=re.M)[1:]
    split = [part.splitlines() for part in parts]
    return [Said(lines[0], tuple(line for line in lines[1:] if line.strip())) for lines in split]


def plain(line: str) -> str:
    """A line without what may differ: blanks, shares and decimals."""
    return re.sub(r"[<>]?\d+(?:\.\d+)? ?%|\d+\.\d+", "#", " ".join(line.split()))


def missing_lines(shown: tuple[str, ...], printed: str) -> list[str]:
    """The first line shown that was not printed, or not in this order; `...` stands for whatever comes."""
    lines = iter([plain(line) for line in printed.splitlines()])
    wanted = [line for line in shown if line.strip() != "..."]
    return [line for line in wanted if not any(is_shown(line, there) for there in lines)][:1]


def is_shown(shown: str, printed: str) -> bool:
    """Whether a line printed is the one shown, which may end in dots."""
    start, dots, _ = shown.partition("...")
    return printed.startswith(plain(start)) if dots else printed == plain(shown)


def carried_out(command: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Carry a command out and return what it printed; several may be joined by `&&`."""
    printed = ""
    for one in command.split(" && "):
        program, *arguments = shlex.split(one)
        if program == "cellcause":
            assert cli.main(arguments) == 0, one
            printed += capsys.readouterr().out
        else:
            assert program == "python", one
            done = subprocess.run(
                [sys.executable, *arguments], capture_output=True, text=True, check=True
            )
            printed += done.stdout
    return printed


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of casebooks for all pages: a bundle is played once."""
    return tmp_path_factory.mktemp("cache")


@pytest.mark.parametrize("name", FOLLOWED)
def test_commands_of_the_page_say_what_it_shows(
    name: str,
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    monkeypatch.setenv("COLUMNS", "80")
    steps = said_by((ROOT / name).read_text(encoding="utf-8"))
    assert any(isinstance(step, Said) for step in steps)
    for step in steps:
        if isinstance(step, Said):
            printed = carried_out(step.command, capsys)
            assert missing_lines(step.shown, printed) == [], step.command
        else:
            file = Path(step[0])
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step[1], encoding="utf-8")


@pytest.mark.parametrize(
    ("shown", "printed", "missing"),
    [
        (("a 97 %", "b"), "a  96 %\nx\nb", []),
        (("b", "a"), "a\nb", ["a"]),
        (("...", "since 1 ..."), "x\nsince 1 day", []),
        (("cause power",), "cause fibre", ["cause power"]),
    ],
    ids=["shares may move", "order counts", "dots", "words count"],
)
def test_shown_lines_are_compared_by_what_is_stable(
    shown: tuple[str, ...], printed: str, missing: list[str]
) -> None:
    assert missing_lines(shown, printed) == missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    targets = [link for link in LINK.findall(text) if not re.match(r"https?:|#", link)]
    lost = [link for link in targets if not (page.parent / link.split("#")[0]).exists()]
    assert lost == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_pages_hit_a_heading(page: Path) -> None:
    links = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "#" in link]
    local = [link.split("#") for link in links if not link.startswith("http")]
    lost = [f"{file}#{part}" for file, part in local if part not in anchors(page, file)]
    assert lost == []


def anchors(page: Path, file: str) -> set[str]:
    """Anchors of the headings of a page that another (or itself) links to."""
    target = page.parent / file if file else page
    headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_notice_of_the_tutorial_was_out_before_its_complaint(tmp_path: Path) -> None:
    settings = Settings()
    run_to_folder(ROOT / "examples" / "dali", tmp_path / "out", settings)
    report = day_report(tmp_path / "out", date(2010, 6, 28), settings)
    first = report.to_intercept.iloc[0]
    assert (first["cause"], first["area"]) == ("bcch_trx_fault", "大理银桥双阳")
    assert f"{first['detected_at']:%m-%d %H:%M}" == "06-24 17:10"
    assert f"{first['issued_at']:%m-%d}" == "06-24"
    assert round(first["late_h"] / 24, 1) == 3.3


def test_files_that_the_readme_says_the_demo_leaves_are_made_by_it() -> None:
    made = (ROOT / "Makefile").read_text(encoding="utf-8")
    demo = re.search(r"^demo:.*?\n(.*?)^\S", made, re.M | re.S)
    told = re.findall(r"`(out/[\w./-]+)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert demo
    assert told
    assert [name for name in told if name not in demo[1].split()] == []


def test_cost_of_each_missing_table_is_told_as_the_program_tells_it() -> None:
    page = (DOCS / "your_data.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \| .* \| (.+) \|$", page, re.M)
    told = {name: cost for names, cost in rows for name in re.findall(r"\w+", names)}
    assert {name: told.get(name) for name in COST_OF_MISSING} == COST_OF_MISSING
    assert set(told) >= set(TABLES)


def test_every_option_stands_in_the_section_of_its_command() -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## `cellcause (\w+)`\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    lacking = [
        f"{name} {option}"
        for name, command in parsers().items()
        for action in command._actions
        for option in action.option_strings
        if option.startswith("--") and option not in {"--help", "--settings"}
        if option not in sections.get(name, "")
    ]
    assert lacking == []
    assert set(sections) == set(parsers())


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command."""
    (action,) = (found for found in cli._parser()._actions if found.dest == "command")
    return dict(action.choices or {})


def test_every_page_of_the_docs_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [page.name for page in DOCS.glob("*.md") if f"(docs/{page.name})" not in readme] == []


def test_every_command_stands_in_the_table_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    known = set(re.findall(r"^\| `cellcause (\w+)", readme, re.M))
    assert known == set(parsers())


def test_every_table_and_column_is_documented() -> None:
    page = (DOCS / "tables.md").read_text(encoding="utf-8")
    found = re.findall(r"^### ([^\n]+)\n(.*?)(?=^##|\Z)", page, re.M | re.S)
    sections = dict(found)
    assert len(sections) == len(found), "two sections bear one name"
    lacking = [
        f"{head}.{column.name}"
        for within, tables in (("", TABLES), ("", OUTPUTS), ("daybook: ", DAYBOOK))
        for table in tables.values()
        for head in [f"{within}`{table.name}`"]
        for column in table.columns
        if f"| `{column.name}` |" not in sections.get(head, "")
    ]
    assert lacking == []


def test_every_cause_is_explained() -> None:
    page = (DOCS / "causes.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^\| `(\w+)` \|", page, re.M)) == sorted(CAUSES)
    assert [cause.code for cause in CAUSES.values() if cause.zh not in page] == []


def test_every_shipped_mapping_is_named() -> None:
    page = (DOCS / "mappings.md").read_text(encoding="utf-8")
    shipped = [path.stem for path in (ROOT / "contract" / "mappings").glob("*.toml")]
    words = [path.stem for path in (ROOT / "contract" / "mappings").glob("*_words.csv")]
    assert [name for name in [*shipped, *words] if f"`{name}`" not in page] == []


def test_pictures_are_small_and_used() -> None:
    pages = [ROOT / "README.md", *DOCS.glob("*.md")]
    shown = {
        Path(at).name
        for page in pages
        for at in re.findall(r"pictures/[\w-]+\.png", page.read_text("utf-8"))
    }
    pictures = sorted((DOCS / "pictures").iterdir())
    assert {path.name for path in pictures} == shown
    assert [path.name for path in pictures if path.stat().st_size > MAX_PICTURE_BYTES] == []
