"""Tell what the values of a column of an unknown export look like.

Each form gives the share of the values that have it, 0 to 1: times, mobile numbers, longitudes,
azimuths, words of a list, flags and so on.

Simple so far: mobile numbers are those of 8 to 15 digits, best when eleven that begin with 1.
"""

from collections.abc import Callable, Mapping
from functools import partial

import pandas as pd

from contract.instants import parse_instants
from contract.spreadsheets import whole_digits
from contract.tables import Column
from contract.validation import FALSE, TRUE
from contract.word_lists import WordList

KIND_FORMS = {
    "instant": "time",
    "date": "time",
    "number": "number",
    "count": "number",
    "flag": "flag",
    "choice": "choice",
    "month": "month",
    "id": "id",
    "text": "text",
}
STRICT = ("key", "time", "lon", "lat", "mobile", "flag", "choice", "number", "azimuth", "month")
"""Forms that values of another kind cannot have: their absence speaks against a column."""
_MOBILE = r"^(?:\+|00)?(?:86[- ]?)?1[3-9]\d{9}$"
_PHONE = r"^\+?\d{8,15}$"
_CODE = r"^(?=.*\d{4})[A-Za-z0-9][A-Za-z0-9_-]{7,}$"
_PROSE = r"[\u4e00-\u9fff]{4,}.*[,,。;;!?]|(?:[A-Za-z']+[ ,.:]+){4,}"
_NUMBER = r"^[-+]?\d*\.?\d+(?:[eE][-+]?\d+)?\s*(?:%|[°度米]|m|dBm|MHz)?$"
_CGI = r"^\d{3}-?\d{2,3}[-_ ]\d{1,8}[-_ ]\d{1,9}$"


def form_of(column: Column, declared: str = "") -> str:
    """Return the form that the values of a column of the contract have."""
    return declared or KIND_FORMS[column.kind]


def form_share(
    values: pd.Series, form: str, *, column: Column | None = None, words: WordList | None = None
) -> float:
    """Return the share of values that have a form; a half where there are none to judge by.

    Parameters
    ----------
    values : Series of str
    form : str
        One of the forms of `KIND_FORMS`, or lon, lat, azimuth, mobile, cgi, key (tells the rows of
        a table apart), code (an identifier of eight signs and more), prose (sentences).
    column : Column, optional
        Whose choices and range count.
    words : WordList, optional
        Words that stand for choices.

    Examples
    --------
    >>> form_share(pd.Series(["2026-03-01 08:00", "soon"]), "time")
    0.5
    """
    given = values.dropna()
    if given.empty:
        return 0.5
    tests: Mapping[str, Callable[[pd.Series], pd.Series]] = {
        "time": _times,
        "mobile": _mobiles,
        "cgi": lambda text: text.str.match(_CGI),
        "lon": partial(_between, low=-180.0, high=180.0),
        "lat": partial(_between, low=-90.0, high=90.0),
        "azimuth": partial(_between, low=0.0, high=360.0),
        "number": lambda text: text.str.match(_NUMBER),
        "month": lambda text: text.str.match(r"^\d{4}[-/.年]?(?:0?[1-9]|1[0-2])(?:月|$)"),
        "flag": partial(_words, column=None, words=words),
        "choice": partial(_words, column=column, words=words),
        "id": lambda text: text.str.len() <= 64,
        "key": _keys,
        "code": lambda text: text.str.match(_CODE) & ~text.duplicated(),
        "prose": lambda text: (
            (text.str.len() >= 10) & text.str.contains(_PROSE) & ~text.duplicated()
        ),
        "text": lambda text: pd.to_numeric(text, errors="coerce").isna(),
    }
    return float(tests[form](given).fillna(False).mean())


def _times(text: pd.Series) -> pd.Series:
    """Return which texts are times; plain numbers are none but in full."""
    is_plain = text.str.match(r"^\d{1,7}(?:\.\d+)?$").fillna(False)
    return parse_instants(text, "UTC").notna() & ~is_plain


def _mobiles(text: pd.Series) -> pd.Series:
    """Return how far texts are mobile numbers: 1 for eleven digits, 0.6 for other numbers."""
    plain = whole_digits(text)
    exact = plain.str.match(_MOBILE).fillna(False)
    return exact.astype("float64").where(exact, plain.str.match(_PHONE).fillna(False) * 0.6)


def _keys(text: pd.Series) -> pd.Series:
    """Return how far texts tell rows apart: each its first time; numbers of a sector hardly."""
    is_sector = bool(text.str.match(r"^\d{1,3}$").fillna(False).all())
    return (~text.duplicated()).astype("float64") * (0.3 if is_sector else 1.0)


def _between(text: pd.Series, *, low: float, high: float) -> pd.Series:
    """Return which texts are numbers within a range."""
    return pd.to_numeric(text.str.rstrip("°度"), errors="coerce").between(low, high)


def _words(text: pd.Series, *, column: Column | None, words: WordList | None) -> pd.Series:
    """Return which texts are choices of a column, flags, or words that stand for one."""
    choices = {*TRUE, *FALSE} if column is None else {c.lower() for c in column.choices}
    known = text.str.lower().isin(choices)
    if words is None:
        return known
    found = {word: words.find(word) is not None for word in text.unique()}
    return known | text.map(found)
