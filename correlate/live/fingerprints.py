"""Say which code, settings and inventory a state was made with.

A state is read back only by what wrote it: positions of cells and forms of records are not told in it.

Simple so far: any change of a source file counts, also of a comment.
"""

from __future__ import annotations

import hashlib
import platform
from functools import cache, lru_cache
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

from contract.settings import Settings
from contract.tables import TABLES

PACKAGES = ("contract", "sites", "alarms", "kpi", "correlate")
LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "networkx")
SUFFIXES = (".py", ".toml", ".csv")
NOT_OF_THE_STEP = ("ledger", "history", "inventory")


def fingerprint(settings: Settings, inventory: Path) -> str:
    """Return a digest of the code, the libraries, the settings of the step and the inventory."""
    parts = [code_fingerprint(), platform.python_version(), inventory_fingerprint(inventory)]
    parts += [version(name) for name in LIBRARIES]
    own = {
        name: value
        for name, value in settings.model_dump().items()
        if name not in NOT_OF_THE_STEP and not name.startswith("serve_")
    }
    parts += [f"{name}={own[name]}" for name in sorted(own)]
    parts += [_content(value) for value in own.values() if _is_file(value)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@cache
def code_fingerprint() -> str:
    """Return a digest of the source files of the packages that the step rests on."""
    digest = hashlib.sha256()
    for name in PACKAGES:
        root = Path(str(import_module(name).__file__)).parent
        for path in sorted(p for p in root.rglob("*") if p.suffix in SUFFIXES):
            digest.update(str(path.relative_to(root)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def inventory_fingerprint(folder: Path) -> str:
    """Return a digest of the files of an inventory by name and content; a file that did not change is read once."""
    names = [name for name, table in TABLES.items() if not table.arrives]
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.stem in names:
            inside = sorted(path.rglob("*")) if path.is_dir() else [path]
            found += [f"{p.name} {_digest(p)}" for p in inside if p.is_file()]
    return hashlib.sha256("\n".join(found).encode()).hexdigest()


def _digest(path: Path) -> str:
    """Return a digest of a file as it is now."""
    known = path.stat()
    return _digest_as_of(path, known.st_size, known.st_mtime_ns)


@lru_cache(maxsize=1024)
def _digest_as_of(path: Path, size: int, changed_ns: int) -> str:
    """Return a digest of a file of a size, changed last at a moment."""
    del size, changed_ns
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_file(value: object) -> bool:
    """Tell whether a setting is the address of a file."""
    return isinstance(value, Path) and value.is_file()


def _content(path: Path) -> str:
    """Return a digest of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
