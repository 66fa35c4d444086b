"""Write what was learned as files of their own, readable and versioned, and read them again.

A file is JSON: what it is, its version, when and from which bundle (by content) it was learned, from how many orders
closed when, how orders it never saw were scored before and after, and entries with the counts behind each, one a line.

Simple so far: a file of another version is refused, not converted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import InputError

FORMAT = "cellcause learned"
VERSION = 1
ABOUT = "about"
PIECES: Mapping[str, str] = {
    "background": "orders that no fault explains, by cause; circumstances of orders by cause",
    "symptoms": "what callers of each cause complain of: chances of symptoms and flags",
    "hours": "when callers of each cause come: log ratio of each part of the day to that of all",
    "words": "what wordings say of causes: weight of each piece of words, log likelihood",
    "signs": "how strongly signs of a fault speak for causes: log odds added to the signature catalogue",
    "ages": "how long after a fault began its callers come: log ratio of each age to that of all causes",
    "rates": "how readily users of a fault complain: complaints, and those our first estimates expected",
    "calibration": "how far stated probabilities come true: a temperature, or a curve of the likeliest cause",
}
"""What can be learned from closed orders, in the order in which it is, and what an entry says."""
COUNTED = "counted"
"""The file of keys of the orders and faults that were counted, so that no run counts them again."""
NAMES = (*PIECES, COUNTED, ABOUT)
WRITTEN = frozenset(f"{name}.json" for name in NAMES)

Entries = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class LearnedFile:
    """One file: its name, what it says of itself, its entries."""

    name: str
    about: Mapping[str, Any]
    entries: Entries


def learned_text(file: LearnedFile) -> str:
    """Return the text of a file.

    Examples
    --------
    >>> print(learned_text(LearnedFile("rates", {"orders": 3}, [{"cause": "site_outage"}])), end="")
    {
     "format": "cellcause learned",
     "version": 1,
     "piece": "rates",
     "orders": 3,
     "entries": [
      {"cause": "site_outage"}
     ]
    }
    """
    head = {"format": FORMAT, "version": VERSION, "piece": file.name, **file.about}
    lines = [f" {_json(key)}: {_json(value)}," for key, value in head.items()]
    entries = ",\n".join(f"  {_json(entry)}" for entry in file.entries)
    body = f"[\n{entries}\n ]" if file.entries else "[]"
    return "\n".join(["{", *lines, f' "entries": {body}', "}"]) + "\n"


def write_learned(folder: Path, files: Sequence[LearnedFile]) -> None:
    """Write files into a folder that is there."""
    for file in files:
        (folder / f"{file.name}.json").write_text(learned_text(file), encoding="utf-8")


def read_learned(folder: Path) -> dict[str, Entries]:
    """Return the entries of every file of a folder that `learn verdicts` wrote, by name.

    Raises
    ------
    InputError
        If the folder is none of ours, or a file can't be read or is of another version.
    """
    if not (folder / f"{ABOUT}.json").is_file():
        message = (
            f"`learned` must be a folder that `cellcause learn verdicts` wrote; {str(folder)!r} has no "
            f"{ABOUT}.json. Give that folder, or leave the setting out."
        )
        raise InputError(message)
    return {name: _entries(folder / f"{name}.json") for name in NAMES if _is_there(folder, name)}


def _is_there(folder: Path, name: str) -> bool:
    """Tell whether a folder has a file; without one nothing of its kind was learned."""
    return (folder / f"{name}.json").is_file()


def _entries(path: Path) -> Entries:
    """Return the entries of a file of ours, of our version."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        message = f"`learned`: {path} can't be read as JSON: {error}. Learn anew."
        raise InputError(message) from error
    is_ours = isinstance(content, dict) and content.get("format") == FORMAT
    if not is_ours or content.get("piece") != path.stem:
        message = f"`learned`: {path} is no file of {path.stem!r} that was learned. Take it out, or learn anew."
        raise InputError(message)
    if content.get("version") != VERSION:
        message = (
            f"`learned`: {path} is of version {content.get('version')!r}; this program reads version {VERSION}. "
            "Learn anew with `cellcause learn verdicts`."
        )
        raise InputError(message)
    entries = content.get("entries")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        message = f"`learned`: {path} needs a list of entries; learn anew."
        raise InputError(message)
    return entries


def _json(value: object) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
