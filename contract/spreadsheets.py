"""Undo what spreadsheets do to identifiers, and find what cannot be undone.

A spreadsheet holds 15 significant digits. A longer number is shown, and saved as CSV, in the form
`2.01007E+15`: its digits are lost. Exporters guard against that by wrapping: `="2010..."`, a
leading `'`, a tab.

Simple so far: a last digit that was rounded to 0 without a trace cannot be told from a true 0.
"""

from typing import Any

import pandas as pd

_CUT = r"^\d(?:\.\d+)?[Ee]\+\d{2,}$"
_WRAPPED = r'^(?:="(.*)"|\'(\d.*))$'


def lost_digits(text: pd.Series) -> Any:
    """Return where text is a number of which a spreadsheet kept only the first digits.

    Returns
    -------
    array of bool

    Examples
    --------
    >>> lost_digits(pd.Series(["2.01007E+15", "2010070112345678", None])).tolist()
    [True, False, False]
    """
    return text.str.match(_CUT).fillna(False).to_numpy(bool)


def unwrapped(text: pd.Series) -> pd.Series:
    r"""Return text without blanks around and without what keeps a spreadsheet from reading it.

    Examples
    --------
    >>> unwrapped(pd.Series(['="0123"', "'0123", "\t0123 ", " "])).tolist()
    ['0123', '0123', '0123', nan]
    """
    text = text.str.strip()
    is_wrapped = text.str.match(_WRAPPED).fillna(False).to_numpy(bool)
    if is_wrapped.any():
        parts = text[is_wrapped].str.extract(_WRAPPED)
        text = text.copy()
        text[is_wrapped] = parts[0].fillna(parts[1]).str.strip()
    return text.mask(text == "")


def whole_digits(text: pd.Series) -> pd.Series:
    """Return text, whole numbers without the `.0` that a spreadsheet added.

    Examples
    --------
    >>> whole_digits(pd.Series(["552451.0", "1.50", "A.0"])).tolist()
    ['552451', '1.50', 'A.0']
    """
    return text.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
