"""No command but `score` looks into a world's `truth/`."""

import ast
import importlib
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from cli import main
from tests.test_bad_input import TABLES

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("contract", "sites", "alarms", "kpi", "correlate", "dashboards")
SCORING = {"correlate/scoring.py", "correlate/score_details.py", "dashboards/score_sheet.py"}
SCORING |= {
    "correlate/score_groups.py",
    "correlate/score_episodes.py",
    "correlate/score_notices.py",
}
LOOKING = ("open", "os.listdir", "os.scandir", "sqlite3.connect", "shutil.copyfile")


class TruthOpenedError(Exception):
    """Report that something looked into `truth/`."""


@dataclass
class Trap:
    """What springs when a path below a folder `truth` is looked at, while it is set."""

    is_set: bool = False
    seen: list[str] = field(default_factory=list)

    def watch(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Look at an event of the interpreter."""
        if self.is_set and event in LOOKING and arguments:
            self.look(arguments[0])

    def look(self, path: object) -> None:
        """Spring when the path has a part `truth`."""
        if isinstance(path, str | bytes | os.PathLike) and "truth" in Path(os.fsdecode(path)).parts:
            self.seen.append(os.fsdecode(path))
            raise TruthOpenedError(os.fsdecode(path))


TRAP = Trap()
sys.addaudithook(TRAP.watch)


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    """Set the trap for one test, for Arrow's own readers too."""
    for module, name in (("pyarrow.parquet", "ParquetFile"), ("pyarrow.csv", "read_csv")):
        monkeypatch.setattr(
            f"{module}.{name}", guarded(getattr(importlib.import_module(module), name))
        )
    TRAP.seen.clear()
    TRAP.is_set = True
    yield TRAP
    TRAP.is_set = False


def guarded(reader: Any) -> Any:
    """Return a reader that looks at its first argument before it reads."""

    def read(source: Any, *arguments: Any, **options: Any) -> Any:
        """Read what is no truth."""
        TRAP.look(source)
        return reader(source, *arguments, **options)

    return read


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bundle beside its truth, which holds tables of the names that a bundle has."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "world"
    (folder / "truth").mkdir(parents=True)
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        (folder / "truth" / f"{name}.csv").write_text("a trap", encoding="utf-8")
    pd.DataFrame({"fault_id": ["F1"]}).to_parquet(folder / "truth" / "faults.parquet")
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "{world}"),
        ("run", "{world}", "--out", "{world}/../out"),
        ("investigate", "{world}", "T1", "--json"),
        ("investigate", "{world}", "T1", "--at", "2026-03-01 10:45:00"),
        ("convert", "{mapping}", "{world}/cells.csv", "--out", "{world}/../converted"),
        ("version",),
    ],
    ids=["check", "run", "investigate", "investigate at", "convert", "version"],
)
def test_command_leaves_the_truth_alone(
    world: Path, trap: Trap, arguments: tuple[str, ...]
) -> None:
    mapping = sorted((ROOT / "contract" / "mappings").glob("*.toml"))[0]
    told = [argument.format(world=world, mapping=mapping) for argument in arguments]
    assert main(told) == (2 if arguments[0] == "convert" else 0)
    assert trap.seen == []


def test_answers_do_not_depend_on_the_truth(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = ["investigate", str(world), "T1", "--json"]
    assert main(question) == 0
    first = capsys.readouterr().out
    for path in (world / "truth").iterdir():
        path.unlink()
    (world / "truth").rmdir()
    assert main(question) == 0
    assert capsys.readouterr().out == first


def test_score_springs_the_trap(world: Path, trap: Trap) -> None:
    out = world.parent / "out"
    assert main(["run", str(world), "--out", str(out), "--quiet"]) == 0
    assert main(["score", str(world), str(out)]) == 1
    assert trap.seen


@pytest.mark.parametrize(
    "look",
    [
        lambda folder: (folder / "sites.csv").read_text(),
        lambda folder: io.open(folder / "sites.csv"),  # noqa: SIM115, UP020
        lambda folder: os.open(folder / "sites.csv", os.O_RDONLY),
        lambda folder: list(folder.iterdir()),
        lambda folder: list(folder.rglob("*")),
        lambda folder: pd.read_csv(folder / "sites.csv"),
        lambda folder: pq.ParquetFile(folder / "faults.parquet"),
    ],
    ids=["Path", "io", "os", "list", "glob", "pandas", "Arrow"],
)
def test_trap_springs_on_every_way_to_look(world: Path, trap: Trap, look: Any) -> None:
    with pytest.raises(TruthOpenedError):
        look(world / "truth")
    assert len(trap.seen) == 1


def words_of(source: str) -> list[str]:
    """Text constants of a source that name `truth` as a path, documentation left out."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in told
        and "truth" in Path(node.value).parts
    ]


def test_scoring_alone_names_the_folder() -> None:
    naming = {
        str(path.relative_to(ROOT)): words_of(path.read_text(encoding="utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }
    found = {name: words for name, words in naming.items() if words}
    # The casebook names the folder to leave it out of what it looks at.
    assert found.pop("correlate/case/casebook.py", ["truth"]) == ["truth"]
    assert set(found) == {"correlate/scoring.py"}


def test_scoring_is_imported_by_the_score_command_alone() -> None:
    modules = {name.removesuffix(".py").replace("/", ".") for name in SCORING}
    short = {name.rpartition(".")[2] for name in modules}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if str(path.relative_to(ROOT)) in SCORING:
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.ImportFrom):
                    assert node.module not in modules, path
                    assert not short & {alias.name for alias in node.names}, path
    tree = ast.parse((ROOT / "cli.py").read_text(encoding="utf-8"))
    importing = {
        function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and node.module in modules
    }
    assert importing == {"_score"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('folder / "truth"', ["truth"]),
        ('read("truth/faults")', ["truth/faults"]),
        ('"""Leave truth/ alone."""', []),
        ('say("the truth of it")', []),
    ],
    ids=["folder", "file", "documentation", "prose"],
)
def test_paths_to_the_truth_are_read_from_the_syntax(source: str, expected: list[str]) -> None:
    assert words_of(source) == expected
