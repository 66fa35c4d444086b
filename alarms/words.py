"""Read what an alarm means from the words of its name.

A rule is a family of words in Chinese and English with a meaning; of the rules that hold the one
with the greatest specificity decides. The rules are data (`patterns.toml`), so are the spellings
of vendors and the probable causes of X.733.

Simple so far: the words are matched one rule at a time, without learning from closed orders.
"""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.errors import InputError

PATTERNS_FILE = Path(__file__).with_name("patterns.toml")

# UtranCell_ServiceUnavailable, HWFault: two small letters protect pRRU and similar names.
_CAMEL = re.compile(r"(?<=[a-z]{2})(?=[A-Z])|(?<=[A-Z]{2})(?=[A-Z][a-z]{2})")
_PUNCTUATION = re.compile(r"[^\w&]+|_+")
_SCRIPT_CHANGE = re.compile(r"(?<=[a-z0-9])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[a-z0-9])")
# A long number or an identifier such as E684762 says where, not what.
# Only 1588 is a word of its own, the standard of clocks over Ethernet.
_WHERE = re.compile(r"\b(?!1588\b)[a-z]{0,4}\d{4,}[a-z]{0,4}\b|\b0x[0-9a-f]+\b")
_LOCATION_FIELD = re.compile(
    r"(?:位置|location|additional info\w*)\s*[:：]|"
    r"[\w./ -]*?(?:no|号|id|rack|shelf|slot|subrack|cabinet|port|rru|subnetwork|mecontext|index"
    r"|element|equipment|sn|ip|type|类型|标识|编号|版本|version|名|名称|\bname|dn|时长\(s\))\.?"
    r"\s*[=＝]\s*[^,;，；\s]*",
    re.IGNORECASE,
)
_SPECIFIC_PROBLEM = re.compile(
    r"(?:specific ?problem|具体问题|故障原因|告警原因|problem ?text)\s*[=:：]\s*([^,;，；]+)",
    re.IGNORECASE,
)


# What tells one text from a million alike: numbers, serial numbers, addresses. No look-around, so that
# the engine behind columns of text can use it; letters with one or two figures (S1, X2, 2M) stay.
NUMBERS = r"(?i)\b[a-z]{0,4}\d{4,}[0-9a-z]*\b|\b\d+(?:[.:]\d+)*\b"


@dataclass(frozen=True)
class Rule:
    """A family of words and what it means.

    Attributes
    ----------
    rule_id
        Shown with every alarm the rule has read.
    meaning
        A meaning of `meanings.toml`.
    specificity
        Of the rules that hold the greatest decides.
    words, also, unless
        Held when `words` and `also` (where given) are found in the text and `unless` is not.
    """

    rule_id: str
    meaning: str
    specificity: int
    words: re.Pattern[str]
    also: re.Pattern[str] | None
    unless: re.Pattern[str] | None

    def holds(self, text: str) -> bool:
        """Return whether the rule holds for a text made by `plain_text`."""
        if self.words.search(text) is None:
            return False
        if self.also is not None and self.also.search(text) is None:
            return False
        return self.unless is None or self.unless.search(text) is None


@dataclass(frozen=True)
class Words:
    """All that is known about words.

    Attributes
    ----------
    rules
        The most specific first.
    vendors
        Spelling of a vendor, as `plain_text` leaves it, to its one name here.
    probable_causes
        Probable cause of X.733, as `standard_key` leaves it, to a meaning.
    event_types
        Event type of X.733, as `alarms.x733` names it, to a meaning.
    engineering
        Words that say the object is being worked on.
    """

    rules: tuple[Rule, ...]
    vendors: Mapping[str, str]
    probable_causes: Mapping[str, str]
    event_types: Mapping[str, str]
    engineering: re.Pattern[str]


def plain_text(text: str) -> str:
    """Return a text as the rules compare it.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Lower case, full width made narrow, CamelCase opened, punctuation as blanks, a blank
        between Latin and Chinese, without identifiers and numbers of four digits or more.

    Examples
    --------
    >>> plain_text("UtranCell_ServiceUnavailable")
    'utran cell service unavailable'
    >>> plain_text("S1用户面路径不可用 (E684762)")
    's1 用户面路径不可用'
    """
    narrow = unicodedata.normalize("NFKC", text)
    opened = _CAMEL.sub(" ", narrow).lower()
    spaced = _SCRIPT_CHANGE.sub(" ", _PUNCTUATION.sub(" ", opened))
    return " ".join(_WHERE.sub(" ", spaced).split())


def plain_detail(detail: str) -> str:
    """Return the supplementary text of an alarm without what says only where.

    Parameters
    ----------
    detail : str
        For example "Cabinet No.=0, Slot No.=3, Specific Problem=RF Unit Abnormal".

    Returns
    -------
    str
        The specific problem where one is named, else what is left without location fields, as
        `plain_text`.

    Examples
    --------
    >>> plain_detail("Cabinet No.=0, Slot No.=3, Specific Problem=RF Unit Abnormal, Time(s)=90")
    'rf unit abnormal'
    >>> plain_detail("SubNetwork=RAN,MeContext=E607597,HWFault=7 FanUnit")
    'hw fault 7 fan unit'
    """
    named = _SPECIFIC_PROBLEM.search(detail)
    if named is not None:
        return plain_text(named.group(1))
    return plain_text(_LOCATION_FIELD.sub(" ", detail).replace("=", " "))


def matching_rule(text: str, words: Words) -> Rule | None:
    """Return the most specific rule that holds for a text, or None.

    Parameters
    ----------
    text : str
        Made by `plain_text`.
    words : Words

    Returns
    -------
    Rule or None

    Examples
    --------
    >>> matching_rule(plain_text("射频单元驻波告警"), load_words()).meaning
    'vswr'
    """
    if not text:
        return None
    return next((rule for rule in words.rules if rule.holds(text)), None)


def vendor_name(vendor: str, words: Words) -> str:
    """Return the one name a vendor has here.

    Parameters
    ----------
    vendor : str
        Any spelling; an unknown one comes back in lower case.
    words : Words

    Returns
    -------
    str

    Examples
    --------
    >>> vendor_name("华为", load_words())
    'huawei'
    """
    plain = plain_text(vendor)
    first = plain.split(" ", maxsplit=1)[0]
    return words.vendors.get(plain, words.vendors.get(first, plain))


def standard_key(text: str) -> str:
    """Return a probable cause as the table of `patterns.toml` names it.

    Parameters
    ----------
    text : str
        In any of the ways the standards and their users write it.

    Returns
    -------
    str
        Lower case letters without anything between them.

    Examples
    --------
    >>> standard_key("lossOfSignal (29)"), standard_key("LOSS_OF_SIGNAL")
    ('lossofsignal', 'lossofsignal')
    """
    return re.sub(r"[\W\d_]+", "", text).lower()


def load_words(path: Path = PATTERNS_FILE) -> Words:
    """Read and check the word families.

    Parameters
    ----------
    path : Path
        A TOML file in the form of `patterns.toml`.

    Returns
    -------
    Words

    Raises
    ------
    InputError
        If the file is no TOML, or a rule lacks a part or holds no regular expression.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        msg = f"`path` must be a TOML file; {path.name} is none: {error}. Correct it."
        raise InputError(msg) from error
    fragments = content.get("fragments", {})
    rules = [_rule(row, fragments, path.name) for row in content.get("rule", [])]
    rules.sort(key=lambda rule: -rule.specificity)
    spellings = {
        plain_text(spelling): name
        for name, row in content.get("vendors", {}).items()
        for spelling in row
    }
    engineering = _compiled(content["engineering"]["words"], {}, path.name)
    causes, events = content.get("probable_causes", {}), content.get("event_types", {})
    return Words(tuple(rules), spellings, causes, events, engineering)


def _rule(row: Mapping[str, Any], fragments: Mapping[str, str], file_name: str) -> Rule:
    """Return a rule from its row."""
    missing = [key for key in ("id", "meaning", "specificity", "words") if key not in row]
    if missing:
        msg = f"`rule` {row.get('id', '?')} of {file_name} lacks {missing}; add them."
        raise InputError(msg)
    also, unless = (
        _compiled(row[key], fragments, file_name) if key in row else None
        for key in ("also", "unless")
    )
    return Rule(
        rule_id=row["id"],
        meaning=row["meaning"],
        specificity=int(row["specificity"]),
        words=_compiled(row["words"], fragments, file_name),
        also=also,
        unless=unless,
    )


def _compiled(text: str, fragments: Mapping[str, str], file_name: str) -> re.Pattern[str]:
    """Return a regular expression with its fragments put in."""
    for name, fragment in fragments.items():
        text = text.replace("{" + name + "}", fragment)
    try:
        return re.compile(text)
    except re.error as error:
        msg = f"`words` must be a regular expression; {file_name} has {text!r}: {error}."
        raise InputError(msg) from error
