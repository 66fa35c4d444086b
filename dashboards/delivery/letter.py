"""Hold what a report is sent as: a few sentences, the figures of its headline, and its files.

It is written beside the files of the report when that is drawn up, in both languages.

Simple so far: files are read into memory when they are sent.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from contract.errors import InputError

FILE = "letter.json"
KINDS = {
    "pdf": ("application", "pdf"),
    "xlsx": ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


@dataclass(frozen=True)
class Letter:
    """What a report says in short, in one language.

    Attributes
    ----------
    title, known, note, open
        Its name with the day, as of when it is known, how it may be used, and the words of the link to it.
    lines
        What matters, in a few sentences.
    figures
        Name, value, interval and change of each figure of the headline.
    """

    title: str
    known: str
    note: str
    open: str
    lines: tuple[str, ...]
    figures: tuple[tuple[str, str, str, str], ...]


def save_letters(letters: Mapping[str, Letter], folder: Path) -> None:
    """Write what a report is sent as, by language, into its folder."""
    told = {language: asdict(letter) for language, letter in letters.items()}
    (folder / FILE).write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def load_letter(folder: Path, language: str) -> Letter:
    """Return what a report is sent as in a language.

    Raises
    ------
    InputError
        If the report is not in its folder.
    """
    try:
        told = json.loads((folder / FILE).read_text(encoding="utf-8"))[language]
    except (OSError, ValueError, KeyError) as error:
        msg = f"the report {folder.name!r} must be drawn up before it is sent: {error}."
        raise InputError(msg) from error
    figures = tuple((str(a), str(b), str(c), str(d)) for a, b, c, d in told["figures"])
    texts = {name: str(told[name]) for name in ("title", "known", "note", "open")}
    return Letter(**texts, lines=tuple(told["lines"]), figures=figures)


def file_of(folder: Path, language: str, suffix: str) -> Path:
    """Return where a document of a report is.

    >>> file_of(Path("2026-03-10"), "zh", "pdf").name
    'report-zh.pdf'
    """
    return folder / f"report-{language}.{suffix}"


def attachments(folder: Path, language: str) -> list[tuple[str, bytes]]:
    """Return the documents that go with a report, PDF before workbook: the suffix and the content of each."""
    found = [(suffix, file_of(folder, language, suffix)) for suffix in KINDS]
    return [(suffix, path.read_bytes()) for suffix, path in found if path.is_file()]
