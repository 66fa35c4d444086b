"""Every command is documented, helps at once, and says what it did."""

import argparse
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import cli
from dashboards.summary import COST_OF_MISSING
from tests.test_bad_input import TABLES

ROOT = Path(__file__).resolve().parents[1]
HEAVY = {
    *("pandas", "numpy", "pyarrow", "scipy", "sklearn", "pyproj", "shapely", "geopandas"),
    *("networkx", "pydantic", "rich", "rapidfuzz"),
}
HELP = """
import sys
import cli
for arguments in [["--help"], *([name, "--help"] for name in sys.argv[1:])]:
    try:
        cli.main(arguments)
    except SystemExit as done:
        assert not done.code, arguments
    print("=====")
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


def commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command."""
    (found,) = (
        action
        for action in cli._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    return dict(found.choices)


def options_of(command: argparse.ArgumentParser) -> set[str]:
    """Long options of a command that are its own."""
    told = {option for action in command._actions for option in action.option_strings}
    return {option for option in told if option.startswith("--")} - {"--help", "--settings"}


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small bundle without most of the optional tables."""
    monkeypatch.setenv("COLUMNS", "200")
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_commands_are_those_that_the_manual_promises() -> None:
    assert set(commands()) >= {"run", "check", "investigate", "score", "convert", "version"}


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented(name: str) -> None:
    pages = [ROOT / "README.md", ROOT / "docs" / "commands.md"]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages if page.is_file())
    if "cellcause run" not in text:
        pytest.skip("neither README.md nor docs/commands.md describes the commands yet")
    assert re.search(rf"`?cellcause {name}\b", text), name


@pytest.mark.parametrize("name", commands())
def test_every_option_is_documented(name: str) -> None:
    page = ROOT / "docs" / "commands.md"
    if not page.is_file():
        pytest.skip("docs/commands.md is not written yet")
    text = page.read_text(encoding="utf-8")
    assert [option for option in sorted(options_of(commands()[name])) if option not in text] == []


def test_help_of_every_command_answers_without_loading_what_is_heavy() -> None:
    command = [sys.executable, "-c", HELP, *commands()]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    *helps, loaded = done.stdout.split("=====\n")
    assert len(helps) == 1 + len(commands())
    for name, text in zip(commands(), helps[1:], strict=True):
        assert text.startswith(f"usage: cellcause {name}")
        assert name in helps[0]
    assert set(loaded.split()) & HEAVY == set()


def test_every_command_and_argument_explains_itself() -> None:
    for name, command in commands().items():
        assert command.description, name
        assert [action.dest for action in command._actions if not action.help] == [], name


def test_examples_of_the_help_can_be_parsed() -> None:
    lines = [line.split() for line in cli.EXAMPLES.splitlines() if "cellcause" in line]
    assert lines
    for _, *arguments in lines:
        assert cli._parser().parse_args(arguments).command in commands()


def test_no_command_prints_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main([]) == 0
    assert capsys.readouterr().out.startswith("usage: cellcause")


def test_unknown_command_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        cli.main(["rnu"])
    assert "rnu" in capsys.readouterr().err


def test_version_is_the_one_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["version"]) == 0
    assert capsys.readouterr().out == f"cellcause {version('cellcause')}\n"


def test_check_says_what_is_missing_and_what_that_costs(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (bundle / "notes.txt").write_text("call Li")
    assert cli.main(["check", str(bundle)]) == 0
    told = capsys.readouterr().out
    missing = set(COST_OF_MISSING) - set(TABLES)
    assert {line.split()[1].rstrip(":") for line in told.splitlines() if "missing " in line} == (
        missing
    )
    for name in missing:
        assert f"missing {name}: {COST_OF_MISSING[name]}" in told
    assert "ignored: notes.txt" in told
    assert "Asia/Shanghai" in told


def test_every_optional_table_has_a_cost_when_missing() -> None:
    from contract.tables import TABLES as declared

    assert set(COST_OF_MISSING) == {n for n, table in declared.items() if not table.is_required}


def test_check_counts_rows_and_reasons(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (bundle / "alarms.csv").open("a", encoding="utf-8") as file:
        file.write("A2,S99,2026-03-01 10:05:00,NE Is Disconnected\n")
    assert cli.main(["check", str(bundle)]) == 0
    told = capsys.readouterr().out
    assert re.search(r"alarms\W+2\W+1\W+1\W+0", told)
    assert "object_id is unknown" in told


def test_run_tells_what_it_came_to(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = bundle.parent / f"{bundle.name} out"
    assert cli.main(["run", str(bundle), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "1 tickets diagnosed" in told
    assert out.name in told
    assert cli.main(["run", str(bundle), "--out", str(out), "--quiet"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_case_is_told_in_the_language_asked_for(
    bundle: Path,
    language: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(bundle / "cache"))
    assert cli.main(["investigate", str(bundle), "T1", "--lang", language]) == 0
    has_chinese = re.search(r"[\u4e00-\u9fff]", capsys.readouterr().out)
    assert bool(has_chinese) == (language == "zh")
