"""Look words of an export up in lists: words of causes, of account states, of bands.

A list is a CSV file with the columns `word`, `value`, `match` (`whole`: the text is the word;
`part`: the word stands in the text), `source` and `verified`. A text may be a path such as
`/网络侧故障/无线网络/基站/小区退服/`: its last part is looked up first, then the one before it.
Within a part a whole match wins, then the longest word.

Simple so far: a word after 无, 非, 排除 and the like does not count; other ways to deny are not read.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from contract.errors import MappingError
from contract.headers import plain_header

COLUMNS = ("word", "value", "match", "source", "verified")
MATCHES = ("whole", "part")
_SEPARATORS = re.compile(
    r"[/→>\\|;；,，、+]+|->|--+|(?<=[\u4e00-\u9fff])\s*[-—]\s*(?=[\u4e00-\u9fff])"
)
_DENIED = re.compile(r"(?:未发现|未见|没有|不是|并非|不存在|排除|未|不|无|非|not|no)$")
"""What stands before a word that is denied. Judgement, not verified."""


@dataclass(frozen=True)
class WordList:
    """Words and what they stand for.

    Attributes
    ----------
    name
        Name of the list.
    whole, part
        Plain word to value: words that are the whole text, words that stand in it, longest first.
    """

    name: str
    whole: Mapping[str, str]
    part: Mapping[str, str]

    @property
    def values(self) -> set[str]:
        """Return every value of the list."""
        return {*self.whole.values(), *self.part.values()}

    def find(self, text: str) -> str | None:
        """Return what a text stands for; null where no word of the list is in it.

        Examples
        --------
        >>> causes = WordList("", {}, {"小区退服": "cell_outage", "退服": "site_outage"})
        >>> causes.find("/网络侧故障/无线网络/小区退服/"), causes.find("无小区退服")
        ('cell_outage', None)
        """
        parts = [plain_header(part) for part in _SEPARATORS.split(text)]
        for part in reversed([part for part in parts if part]):
            found = self.whole.get(part) or self._within(part)
            if found:
                return found
        return self.whole.get(plain_header(text))

    def _within(self, part: str) -> str | None:
        """Return what the longest word within a part stands for."""
        for word, value in self.part.items():
            at = part.find(word)
            if at < 0:
                continue
            if not _DENIED.search(part[:at]):
                return value
            part = part[:at] + "\0" + part[at + len(word) :]
        return None

    def replaced(self, text: pd.Series) -> pd.Series:
        """Return a column with every text that is known replaced by its value; others stay."""
        found = {word: self.find(word) for word in text.dropna().unique()}
        known = {word: value for word, value in found.items() if value is not None}
        return text.map(known).astype("str").fillna(text)


def load_word_list(path: Path) -> WordList:
    """Return the words of a list.

    Raises
    ------
    MappingError
        If the file cannot be read, lacks a column, or a row is wrong or contradicts another.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
    except (OSError, UnicodeDecodeError) as error:
        msg = f"`words` must name a list of words; {str(path)!r} cannot be read: {error}."
        raise MappingError(msg) from None
    found: dict[str, dict[str, str]] = {match: {} for match in MATCHES}
    for number, row in enumerate(rows, start=2):
        word = plain_header(row.get("word") or "")
        if set(row) != set(COLUMNS) or not word or row["match"] not in MATCHES or not row["value"]:
            msg = (
                f"`{path}` row {number} must have {list(COLUMNS)} with `match` one of "
                f"{list(MATCHES)}; it has {row}."
            )
            raise MappingError(msg)
        if found[row["match"]].setdefault(word, row["value"]) != row["value"]:
            msg = f"`{path}` must say one thing of {row['word']!r}; row {number} says another."
            raise MappingError(msg)
    longest = sorted(found["part"].items(), key=lambda item: (-len(item[0]), item[0]))
    return WordList(path.stem, found["whole"] | found["part"], dict(longest))
