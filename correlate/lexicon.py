"""Load the lexicon of complaint wordings and bring a text to the form its patterns read.

A view is a text as the patterns see it: the Chinese view without blanks inside, the English view
with one blank before each word and a comma for any stop. Simple so far: two languages, one Chinese
script table of common characters.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from contract.errors import InputError
from contract.knowledge_files import check_keys, read_knowledge

LEXICON_FILE = Path(__file__).with_name("lexicon.toml")
TABLES = (
    "about",
    "words",
    "normalise",
    "vocabulary",
    "negation",
    "stress",
    "minor",
    "symptoms",
    "flags",
    "handsets",
    "numbers",
    "categories",
    "places",
)
_CHINESE = r"\u3400-\u9fff"
_BLANK_INSIDE = re.compile(rf"(?<=[{_CHINESE}])\s+(?=[{_CHINESE}])")
_BLANK_BESIDE = re.compile(rf"(?<=[{_CHINESE}])\s+|\s+(?=[{_CHINESE}])")
_CHINESE_STOP = re.compile(r"[,;.!?、。:/|()\[\]【】<>\"“”…~\n\r\t—-]+")
_ENGLISH_STOP = re.compile(r"[^a-z0-9\s]+")
_APOSTROPHE = re.compile(r"(?<=[a-z])['’`´‘](?=[a-z])")
_HYPHEN = re.compile(r"(?<=[a-z0-9])-(?=[a-z0-9])")
_DIGIT_STOP = re.compile(r"(?<=[0-9])[.,](?=[0-9])")
_ENGLISH_WORD = re.compile(r"[a-z]{2}")
_CHINESE_CHARACTER = re.compile(rf"[{_CHINESE}]")
_LATIN_RUN = re.compile(r"(?<![a-z0-9])[a-z]+(?![a-z0-9])")
_DRAWN_OUT = re.compile(r"([a-vx-z])\1{2,}")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True)
class View:
    """A text as the patterns of each language see it; empty where the language is absent."""

    plain: str
    zh: str
    en: str


@dataclass(frozen=True)
class Family:
    """Wordings of one idea in both languages, and the look-alikes blanked before they are read."""

    zh: re.Pattern[str] | None = None
    en: re.Pattern[str] | None = None
    not_zh: re.Pattern[str] | None = None
    not_en: re.Pattern[str] | None = None

    def position(self, view: View) -> float | None:
        """Return where the family is first said, as a share of the text, or None."""
        places = (
            _position(self.zh, self.not_zh, view.zh),
            _position(self.en, self.not_en, view.en),
        )
        said = [place for place in places if place is not None]
        return min(said) if said else None


@dataclass(frozen=True)
class Symptom:
    """A symptom code: sure wordings, weaker ones, and what it outranks."""

    code: str
    service: str
    sure: Family
    hint: Family
    wins_over: frozenset[str]


@dataclass(frozen=True)
class Lexicon:
    """The wordings of complaints, compiled; made by `load_lexicon`."""

    symptoms: tuple[Symptom, ...]
    flags: Mapping[str, Family]
    negation: Family
    stress: Family
    minor: Family
    handsets: Mapping[str, re.Pattern[str]]
    categories: tuple[tuple[re.Pattern[str], Mapping[str, float]], ...]
    number: re.Pattern[str]
    number_before: re.Pattern[str]
    number_after: re.Pattern[str]
    phrases: tuple[tuple[str, str], ...]
    place_endings: Mapping[str, tuple[str, ...]]
    characters: Mapping[int, str] = field(repr=False)
    rewrites: Mapping[str, str] = field(repr=False)
    shorthand: Mapping[str, Mapping[str, str]] = field(repr=False)
    vocabulary: Mapping[str, tuple[str, ...]] = field(repr=False)

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the symptom codes in the order of the file."""
        return tuple(symptom.code for symptom in self.symptoms)


def load_lexicon(override: Path | None = None) -> Lexicon:
    """Return the lexicon of the package, with a user's file merged over it.

    Parameters
    ----------
    override : Path, optional
        A file of the same form. Its lists are added to the package's; a table with `replace =
        true` takes its place.

    Returns
    -------
    Lexicon
        Every pattern compiled.

    Raises
    ------
    InputError
        If the file can't be read, has an unknown table, lacks `source` or `verified`, or holds a
        bad pattern.

    Examples
    --------
    >>> load_lexicon().codes[:3]
    ('NOSIG', 'WEAK', 'NOCALL')
    """
    content = _read(LEXICON_FILE)
    if override is not None:
        content = merge_tables(content, _read(override))
    return _compile_lexicon(content)


@cache
def default_lexicon() -> Lexicon:
    """Return the package's own lexicon, loaded once."""
    return load_lexicon()


def merge_tables(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` merged in: tables key by key, lists added, others replaced."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and not value.get("replace"):
            merged[key] = merge_tables(old, value)
        elif isinstance(value, list) and isinstance(old, list):
            merged[key] = [*old, *value]
        else:
            merged[key] = value
    return merged


def normalise(text: str, lexicon: Lexicon) -> str:
    """Return a text half-width, lower case, in simplified characters, usual slips mended.

    Examples
    --------
    >>> normalise("５Ｇ沒訊號!", load_lexicon())
    '5g没信号!'
    """
    plain = unicodedata.normalize("NFKC", text).lower().translate(dict(lexicon.characters))
    for written, meant in lexicon.rewrites.items():
        if written in plain:
            plain = plain.replace(written, meant)
    return plain


def view_of(text: str, lexicon: Lexicon) -> View:
    """Return a text as the patterns of each language see it.

    Examples
    --------
    >>> view_of("Can't call - 没 信号", load_lexicon())
    View(plain="can't call - 没 信号", zh="can't call ,没,信号", en=' cant call ,')
    """
    plain = normalise(text, lexicon)
    zh = en = ""
    if _CHINESE_CHARACTER.search(plain):
        zh = _BLANK_BESIDE.sub("", _BLANK_INSIDE.sub(",", plain))
        zh = _in_full(_CHINESE_STOP.sub(",", zh), lexicon.shorthand["zh"])
    if _ENGLISH_WORD.search(plain):
        words = _HYPHEN.sub(" ", _APOSTROPHE.sub("", _DIGIT_STOP.sub("", plain)))
        words = _DRAWN_OUT.sub(r"\1", " ".join(_ENGLISH_STOP.sub(" , ", words).split()))
        words = _in_full(words, lexicon.shorthand["en"])
        en = f" {words} ,".replace(" , ,", " ,").replace(" , ,", " ,")
    return View(plain, zh, en)


def _in_full(text: str, shorthand: Mapping[str, str]) -> str:
    """Write out the words of a text that are commonly shortened."""
    return _LATIN_RUN.sub(lambda match: shorthand.get(match[0], match[0]), text)


def without_negated(view: View, lexicon: Lexicon) -> View:
    """Return a view with what the customer says is not wrong blanked out."""
    return View(
        view.plain,
        _blanked(lexicon.negation.zh, view.zh),
        _blanked(lexicon.negation.en, view.en),
    )


def _read(path: Path) -> dict[str, Any]:
    """Read a lexicon file and check its tables."""
    content = read_knowledge(path, "lexicon")
    if unknown := sorted(set(content) - set(TABLES)):
        msg = f"`lexicon` has unknown tables {unknown}; {path.name} may hold {list(TABLES)}."
        raise InputError(msg)
    for name, table in _entries(content):
        check_keys(table, f"[{name}] of {path.name}", argument="lexicon")
    return content


def _entries(content: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Yield every table that must carry a source, with its name."""
    for name, table in content.items():
        if name in ("symptoms", "flags"):
            yield from ((f"{name}.{key}", entry) for key, entry in table.items())
        elif name == "categories":
            yield from ((f"{name}[{row}]", entry) for row, entry in enumerate(table))
        else:
            yield name, table


def _compile_lexicon(content: Mapping[str, Any]) -> Lexicon:
    """Compile every pattern of a merged lexicon."""
    words = {
        key: "(?:" + "|".join(value) + ")"
        for key, value in content["words"].items()
        if isinstance(value, list)
    }
    families = {
        name: _family(name, content[name], words) for name in ("negation", "stress", "minor")
    }
    numbers = {
        key: _compiled(f"numbers.{key}", [content["numbers"][key]], "")
        for key in ("number", "before", "after")
    }
    old, new = content["normalise"]["traditional"], content["normalise"]["simplified"]
    if len(old) != len(new):
        raise InputError("`lexicon` needs as many `simplified` as `traditional` characters.")
    return Lexicon(
        symptoms=tuple(_symptom(code, table, words) for code, table in content["symptoms"].items()),
        flags={name: _family(name, table, words) for name, table in content["flags"].items()},
        **families,
        handsets=_handsets(content["handsets"]),
        categories=tuple(
            (re.compile(row["pattern"]), dict(row["codes"])) for row in content["categories"]
        ),
        number=_needed(numbers["number"]),
        number_before=_needed(numbers["before"]),
        number_after=_needed(numbers["after"]),
        phrases=tuple(
            (code, phrase)
            for code, table in content["symptoms"].items()
            for phrase in table.get("phrases", [])
        ),
        place_endings={key: tuple(content["places"][key]) for key in ("zh", "en")},
        characters=dict(zip(map(ord, old), new, strict=True)),
        rewrites=dict(content["normalise"]["rewrites"]),
        shorthand={key: dict(content["normalise"]["shorthand"][key]) for key in ("zh", "en")},
        vocabulary={key: tuple(content["vocabulary"][key]) for key in ("zh", "en")},
    )


def _needed(pattern: re.Pattern[str] | None) -> re.Pattern[str]:
    """Return a pattern that must be there."""
    if pattern is None:
        raise InputError("`lexicon` needs a pattern for numbers; the entry is empty.")
    return pattern


def _handsets(table: Mapping[str, Any]) -> dict[str, re.Pattern[str]]:
    """Compile the names of handset makers."""
    return {
        maker: re.compile("|".join(names), re.ASCII)
        for maker, names in table.items()
        if isinstance(names, list)
    }


def _symptom(code: str, table: Mapping[str, Any], words: Mapping[str, str]) -> Symptom:
    """Compile one symptom."""
    masks = {key: table[key] for key in ("not_zh", "not_en") if key in table}
    hints = {key[5:]: table[key] for key in ("hint_zh", "hint_en") if key in table}
    return Symptom(
        code=code,
        service=str(table.get("service", "")),
        sure=_family(code, table, words),
        hint=_family(code, {**hints, **masks}, words),
        wins_over=frozenset(table.get("wins_over", ())),
    )


def _family(name: str, table: Mapping[str, Any], words: Mapping[str, str]) -> Family:
    """Compile the wordings of one idea."""
    return Family(
        **{
            key: _compiled(
                f"{name}.{key}",
                [_filled(pattern, words) for pattern in table.get(key, [])],
                " " if key.endswith("en") else "",
            )
            for key in ("zh", "en", "not_zh", "not_en")
        }
    )


def _filled(pattern: str, words: Mapping[str, str]) -> str:
    """Put the words of [words] in the place of their names in braces."""
    return _PLACEHOLDER.sub(lambda match: words.get(match[1], match[0]), pattern)


def _compiled(name: str, patterns: list[str], lead: str) -> re.Pattern[str] | None:
    """Compile a list of patterns into one, or None when the list is empty."""
    for pattern in patterns:
        try:
            re.compile(pattern, re.ASCII)
        except re.error as error:
            msg = f"`lexicon` needs regular expressions; {name} has {pattern!r}: {error}."
            raise InputError(msg) from error
    if not patterns:
        return None
    return re.compile(f"{lead}(?:{'|'.join(patterns)})", re.ASCII)


def _position(
    wanted: re.Pattern[str] | None, mask: re.Pattern[str] | None, text: str
) -> float | None:
    """Return where a pattern first matches outside the look-alikes, as a share of the text."""
    if wanted is None or not text or (match := wanted.search(text)) is None:
        return None
    if mask is not None and mask.search(text):
        match = wanted.search(_blanked(mask, text))
    return None if match is None else match.start() / len(text)


def _blanked(pattern: re.Pattern[str] | None, text: str) -> str:
    """Return a text of the same length with the matches made into stops."""
    if pattern is None or not text:
        return text
    return pattern.sub(lambda match: " " + "," * (len(match[0]) - 1), text)
