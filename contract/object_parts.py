"""Take the names that vendors give an object apart: which part is a cell, a site, a controller.

A text may be pairs (`eNodeB Function Name=X, Local Cell ID=1`, `小区标识：1`), a path of pairs
(`/LteSystem=X/eNodeB=5`), a distinguished name (`PLMN-PLMN/MRBTS-5/LNCEL-1`), a full name
(`SubNetwork=A,MeContext=B`), or a name with such pairs behind it. `object_names.toml` says what a word stands for.

Simple so far: a value that holds a comma is cut there; words not in the list are passed over.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from contract.errors import InputError
from contract.headers import plain_header

FILE = Path(__file__).with_name("object_names.toml")
ROLES = ("cell", "air", "local", "node", "function", "site", "controller", "carrier")
TECHNOLOGIES = ("", "GSM", "UMTS", "LTE", "NR")
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
PARTS = ("text", "role", "technology", "value")
_SUBJECT = (r"/[^,;=/:|\n]{1,20}:([^,;=/:|\n]{1,40}=)", r",\1")
"""The kind of object that some exports put before its first pair: `X/Cell:eNodeB Function Name=Y`."""
_STEP = (r"/([^,;|\n/=:]{1,40}=)", r",\1")
_NAMED = (r"(^|/)([A-Z][A-Z0-9_]*)-([^/])", r"\1\2=\3")
_SEPARATORS = r"[,;|\n]"
_PAIR = r"^\s*(?P<word>[^=:]{1,40}?)\s*[=:]\s*(?P<value>.*?)\s*$"


@cache
def load_object_words() -> Mapping[str, tuple[str, str]]:
    """Return the role and technology of each word, by its plain form.

    Raises
    ------
    InputError
        If a row of the shipped list has a role or technology there is not, or a word stands twice.
    """
    found: dict[str, tuple[str, str]] = {}
    for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["keys"]:
        role, technology = row["role"], row.get("technology", "")
        if role not in ROLES or technology not in TECHNOLOGIES:
            msg = f"`role` in {FILE.name} must be one of {list(ROLES)}; it has {role!r}."
            raise InputError(msg)
        for word in row["words"]:
            if found.setdefault(plain_header(word), (role, technology)) != (role, technology):
                msg = f"`words` in {FILE.name} must say one thing of {word!r}; it says two."
                raise InputError(msg)
    return found


def mentions(texts: pd.Series, roles: tuple[str, ...]) -> Flags:
    """Return which texts, none null, may have parts of some roles: cheap, to pass over the others.

    Examples
    --------
    >>> mentions(pd.Series(["Slot No.=1", "Cabinet No.=0, Cell Name=A"]), ("cell",)).tolist()
    [False, True]
    """
    array = pc.utf8_normalize(pa.array(texts, type=pa.large_string()), form="NFKC")
    return np.asarray(pc.match_substring_regex(array, _mention_pattern(roles)), bool)


@cache
def _mention_pattern(roles: tuple[str, ...]) -> str:
    """Return a pattern that finds the words of roles before a value."""
    rows = tomllib.loads(FILE.read_text(encoding="utf-8"))["keys"]
    words = [word for row in rows if row["role"] in roles for word in row["words"]]
    spelled = (re.escape(word).replace(r"\ ", r"[\s_-]*") for word in sorted(words))
    return rf"(?i)(?:{'|'.join(spelled)})[\s.]*[=:]|PLMN-"


def object_parts(texts: pd.Series) -> pd.DataFrame:
    """Return the parts of objects that texts name, in the order of the text.

    Parameters
    ----------
    texts : Series of str, n rows
        Null has no parts.

    Returns
    -------
    DataFrame, one row per part
        `text` (position in `texts`), `role` (one of `ROLES`), `technology` (empty where the word
        does not say), `value`; that of a controller known by a number is `BSC-4`. What stands before
        the first pair is a `site`.

    Examples
    --------
    >>> found = object_parts(pd.Series(["NE=Hill, Slot No.=0", "PLMN-PLMN/MRBTS-5/LNCEL-11"]))
    >>> found[["text", "role", "value"]].values.tolist()
    [[0, 'site', 'Hill'], [1, 'node', '5'], [1, 'local', '11']]
    """
    named, position, first = _segments(texts)
    pairs = pc.extract_regex(named, _PAIR)
    is_pair = np.asarray(pairs.is_valid())
    words, values = (
        pd.Series(pairs.field(name).to_pandas(), dtype="str") for name in ("word", "value")
    )
    codes, distinct = pd.factorize(words[is_pair])
    known = load_object_words()
    said = [known.get(plain_header(str(word)), ("", "")) for word in distinct]
    meaning = pd.DataFrame(said, columns=["role", "technology"], dtype="str")
    found = meaning.iloc[codes].assign(text=position[is_pair], value=values[is_pair].array)
    is_counted = (found["role"] == "controller") & found["value"].str.fullmatch(r"\d+")
    whole = found["value"].where(
        ~is_counted, words[is_pair].set_axis(found.index) + "-" + found["value"]
    )
    is_bare = first & ~is_pair
    name = pd.Series(named.filter(pa.array(is_bare)).to_pandas(), dtype="str").str.strip()
    before = pd.DataFrame(
        {"role": "site", "technology": "", "text": position[is_bare], "value": name}
    )
    both = pd.concat([before, found.assign(value=whole)], ignore_index=True)
    both = both[(both["role"] != "") & (both["value"].fillna("") != "")]
    return both.sort_values("text", kind="stable", ignore_index=True)[list(PARTS)]


def _segments(texts: pd.Series) -> tuple[Any, Ints, Flags]:
    """Return the segments of texts, the position of the text of each, and whether it is the first."""
    array = pa.array(texts, type=pa.large_string(), from_pandas=True)
    array = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    array = pc.replace_substring_regex(pc.utf8_normalize(array, form="NFKC"), *_SUBJECT)
    is_named = pc.and_(
        pc.match_substring(array, "/"),
        pc.or_(pc.invert(pc.match_substring(array, "=")), pc.starts_with(array, "PLMN-")),
    )
    array = pc.if_else(is_named, pc.replace_substring_regex(array, *_NAMED), array)
    array = pc.replace_substring_regex(array, *_STEP)
    lists = pc.split_pattern_regex(array, _SEPARATORS)
    position = np.asarray(pc.list_parent_indices(lists), np.int64)
    return lists.flatten(), position, np.append(True, np.diff(position) > 0)[: len(position)]
