"""Mask what tells who a customer is: numbers of telephones, identity papers and bank cards, and mail addresses.

A number of a telephone keeps its first three and last four digits (159****2291), longer numbers keep the last four.

Simple so far: names and house numbers are not recognised; numbers spelled out in words stay.
"""

from __future__ import annotations

import re

import pandas as pd

LENGTH_WITH_COUNTRY = 13
_DATED = r"(?!20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
"""Digits that begin with a day (20100628...) number an order or tell a time, not a person."""
_MAIL = re.compile(r"\b([A-Za-z0-9])[A-Za-z0-9._%+-]*(@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)")
_LONG = re.compile(
    rf"(?<![\d*.]){_DATED}(?:\d{{17}}[Xx]|\d{{16,19}}|\d{{4}}(?:[ -]\d{{4}}){{3}})(?![\d*])"
)
_PHONE = re.compile(
    rf"(?<![\d*.])(?:{_DATED}\d{{10,13}}|1[3-9]\d[ -]\d{{4}}[ -]\d{{4}}"
    r"|0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4})(?![\d*]|\.\d)"
)

_SUSPECT = r"\d{10}|\d{3}[ -]\d{3}|@"
"""What any text that `masked_numbers` changes holds; cheap to look for in a whole column."""


def masked_number(number: str) -> str:
    """Return one number of a customer as it may be shown; one that is masked stays as it is.

    Examples
    --------
    >>> masked_number("15900002291"), masked_number("159****2291"), masked_number("2291")
    ('159****2291', '159****2291', '**91')
    """
    if "*" in number:
        return number
    digits = re.sub(r"\D", "", number)
    if len(digits) < 8:
        return "*" * max(len(digits) - 2, 0) + digits[-2:]
    country = "86" if len(digits) == LENGTH_WITH_COUNTRY and digits.startswith("86") else ""
    own = digits.removeprefix(country)
    return f"{country}{own[:3]}{'*' * (len(own) - 7)}{own[-4:]}"


def masked_numbers(text: str) -> str:
    """Return a text with every number that tells who somebody is masked.

    Masked are telephone numbers (10 to 13 digits, also with blanks or hyphens), identity and card numbers (16 to 19
    digits) and mail addresses. Numbers that begin with a day of this century are kept: they number orders.

    Parameters
    ----------
    text : str

    Examples
    --------
    >>> masked_numbers("15900002291来电,工单2010062801365464,邮箱 somebody@example.com")
    '159****2291来电,工单2010062801365464,邮箱 s***@example.com'
    >>> masked_numbers("at 2026-03-10 13:02 card 6222 0000 0000 1234")
    'at 2026-03-10 13:02 card ****1234'
    """
    text = _MAIL.sub(r"\1***\2", text)
    text = _LONG.sub(lambda found: f"****{found[0][-4:]}", text)
    return _PHONE.sub(lambda found: masked_number(found[0]), text)


def masked_texts(texts: pd.Series) -> pd.Series:
    """Return a column of texts with the numbers in them masked, as `masked_numbers` does; nulls stay.

    Examples
    --------
    >>> masked_texts(pd.Series(["row of 15900002291", "2026-03-10 13:02:11"], dtype="str")).tolist()
    ['row of 159****2291', '2026-03-10 13:02:11']
    """
    is_suspect = texts.str.contains(_SUSPECT, regex=True).fillna(False).to_numpy(bool)
    if not is_suspect.any():
        return texts
    suspect = texts[is_suspect]
    distinct = suspect.drop_duplicates()
    masked = dict(zip(distinct, map(masked_numbers, distinct), strict=True))
    out = texts.copy()
    out[is_suspect] = suspect.map(masked).astype("str")
    return out


def masked_column(numbers: pd.Series) -> pd.Series:
    """Return a column of numbers of customers with each masked as a whole; what holds no digit stays.

    Examples
    --------
    >>> masked_column(pd.Series(["15900002291", "unknown", None], dtype="str")).fillna("").tolist()
    ['159****2291', 'unknown', '']
    """
    distinct = numbers.dropna().drop_duplicates()
    with_digits = distinct[distinct.str.contains(r"\d", regex=True).to_numpy(bool)]
    masked = dict(zip(with_digits, map(masked_number, with_digits), strict=True))
    return numbers.map(lambda number: masked.get(number, number), na_action="ignore").astype("str")
