"""The house stands as docs/design.md draws it: few packages, imports one way, light to start."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from subprocess import run

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAY_IMPORT = {
    "contract": set[str](),
    "sites": {"contract"},
    "alarms": {"contract", "sites"},
    "kpi": {"contract", "sites"},
    "correlate": {"contract", "sites", "alarms", "kpi"},
    "dashboards": {"contract", "sites", "alarms", "kpi", "correlate"},
    "cli": {"contract", "sites", "alarms", "kpi", "correlate", "dashboards"},
}
BESIDE = {"tests", "examples", "benchmarks"}
MAX_LINES = 400
HEAVY = {"pandas", "numpy", "scipy", "geopandas", "shapely", "networkx", "sklearn", "pyarrow"}


def is_ours(path: Path) -> bool:
    """Whether a top-level entry belongs to the project: not hidden, no virtual environment."""
    return not path.name.startswith((".", "_")) and not (path / "pyvenv.cfg").exists()


def python_files(*names: str) -> list[Path]:
    """Python files of some top-level names, in order."""
    found = [ROOT / f"{name}.py" for name in names if (ROOT / f"{name}.py").exists()]
    return found + sorted(path for name in names for path in (ROOT / name).rglob("*.py"))


def owner(path: Path) -> str:
    """Top-level name a file belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(nodes: Iterator[ast.AST]) -> Iterator[str]:
    """Top-level names that some nodes import; a relative import gives a dot."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level else str(node.module).split(".")[0]


def module_level(tree: ast.Module) -> Iterator[ast.AST]:
    """Nodes that run when the module is imported: all but the insides of functions."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting.extend(ast.iter_child_nodes(node))


def wrong_imports(package: str, tree: ast.Module) -> list[str]:
    """Names of ours that a module of the package imports but may not, anywhere in its code."""
    forbidden = (set(MAY_IMPORT) | BESIDE) - MAY_IMPORT[package] - {package}
    return [name for name in imports(ast.walk(tree)) if name in forbidden]


def parsed(path: Path) -> ast.Module:
    """Syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_only_the_packages_of_the_design_stand_at_the_top() -> None:
    entries = [path for path in ROOT.iterdir() if is_ours(path)]
    folders = {path.name for path in entries if path.is_dir() and any(path.rglob("*.py"))}
    modules = {path.stem for path in entries if path.suffix == ".py"}
    assert folders == set(MAY_IMPORT) - {"cli"} | (folders & BESIDE)
    assert modules == {"cli"}


def test_the_wheel_holds_these_packages_and_nothing_else() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert {name.removesuffix(".py") for name in included} == set(MAY_IMPORT)


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_imports_point_one_way(package: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in python_files(package)
        for name in wrong_imports(package, parsed(path))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("package", "source", "expected"),
    [
        ("alarms", "from kpi.measures import measures", ["kpi"]),
        ("kpi", "def f():\n    import alarms.words", ["alarms"]),
        ("contract", "import sites", ["sites"]),
        ("correlate", "from tests.bundles import random_bundle", ["tests"]),
        ("sites", "import pandas\nfrom contract.errors import InputError", []),
    ],
    ids=["alarms of kpi", "kpi of alarms, late", "upwards", "of tests", "allowed"],
)
def test_imports_the_other_way_are_seen(package: str, source: str, expected: list[str]) -> None:
    assert wrong_imports(package, ast.parse(source)) == expected


def test_the_way_of_imports_has_no_circle() -> None:
    for package, allowed in MAY_IMPORT.items():
        assert all(package not in MAY_IMPORT[name] for name in allowed)


def test_no_import_is_relative() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for path in python_files(*MAY_IMPORT, *BESIDE)
        if "." in imports(ast.walk(parsed(path)))
    ]
    assert wrong == []


def test_no_other_distribution_owns_one_of_our_names() -> None:
    owners = packages_distributions()
    others = {name: set(owners.get(name, [])) - {"cellcause"} for name in MAY_IMPORT}
    assert {name: found for name, found in others.items() if found} == {}


def test_each_package_says_what_it_is_for() -> None:
    for package in set(MAY_IMPORT) - {"cli"}:
        assert ast.get_docstring(parsed(ROOT / package / "__init__.py")), package


def test_entry_module_imports_the_standard_library_alone() -> None:
    found = set(imports(module_level(parsed(ROOT / "cli.py"))))
    assert found <= set(sys.stdlib_module_names)


def test_no_file_is_longer_than_a_reader_bears() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(*MAY_IMPORT, *(BESIDE - {"tests"}))
    }
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_help_answers_without_loading_what_is_heavy() -> None:
    command = [sys.executable, "-X", "importtime", "cli.py", "--help"]
    done = run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-500:]
    timed = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in timed}
    assert timed
    assert loaded & HEAVY == set()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import pandas as pd", ["pandas"]),
        ("from contract.errors import InputError", ["contract"]),
        ("from . import tables", ["."]),
        ("try:\n    import numpy\nexcept ImportError:\n    pass", ["numpy"]),
        ("def f():\n    import numpy", []),
    ],
    ids=["plain", "from", "relative", "in try", "in a function"],
)
def test_module_level_imports_are_read_from_the_syntax(source: str, expected: list[str]) -> None:
    assert list(imports(module_level(ast.parse(source)))) == expected


def test_files_of_the_project_are_found() -> None:
    owners = {owner(path) for path in python_files(*MAY_IMPORT)}
    assert owners == set(MAY_IMPORT)
