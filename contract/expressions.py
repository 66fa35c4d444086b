"""Evaluate the small expressions of mapping files on whole columns.

An expression has column names, numbers, texts, `+ - * / %`, parentheses and the functions of
`FUNCTIONS`. It is taken apart by Python's own grammar and nothing else is let through: no
attributes, no subscripts, no calls of anything not listed.

Simple so far: no conditions; `map` and alternatives in the mapping file stand in for them.
"""

import ast
import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contract.errors import MappingError
from contract.spreadsheets import lost_digits, whole_digits

EARFCN_FILE = Path(__file__).with_name("mappings") / "earfcn.csv"
EARFCN_STEP_MHZ = 0.1
LONGEST = 1000
GSM_ARFCN = ((0, 124, 935.0, 0), (975, 1023, 935.0, 1024), (512, 885, 1805.2, 512))
"""First and last number, MHz of the number in the last field: 3GPP TS 45.005, 2 (P-, E-GSM, DCS)."""
GSM_STEP_MHZ = 0.2
NR_ARFCN = ((0, 0.0, 0.005), (600_000, 3000.0, 0.015), (2_016_667, 24_250.08, 0.06))
"""First number, its MHz, step in MHz: 3GPP TS 38.104, table 5.4.2.1-1."""
NR_LAST = 3_279_165
_OPERATORS: Mapping[type[ast.AST], Callable[[pd.Series, pd.Series], pd.Series]] = {
    ast.Add: lambda left, right: left + right,
    ast.Sub: lambda left, right: left - right,
    ast.Mult: lambda left, right: left * right,
    ast.Div: lambda left, right: left / right.where(right != 0),
    ast.Mod: lambda left, right: left % right.where(right != 0),
}


def evaluate(expression: str, frame: pd.DataFrame) -> pd.Series:
    """Return the value of an expression in every row.

    Parameters
    ----------
    expression : str
        For example `concat(lower(site), '-', floor(ECI / 256))`; a column whose name is no
        identifier is written `col('Cell Name')`; of alternatives, `anyof('CI', 'Cell ID')` is the
        first with a value.
    frame : DataFrame
        Columns of text.

    Returns
    -------
    Series of float64 or str, index of `frame`
        Null where an operand is null or no number.

    Raises
    ------
    MappingError
        If the expression has anything else in it, or names a column that is not there.

    References
    ----------
    .. [1] 3GPP TS 36.101, 5.7.3: F_DL = F_DL_low + 0.1 (N_DL - N_Offs-DL), for `earfcn_mhz`.

    Examples
    --------
    >>> cells = pd.DataFrame({"ECI": ["131073", None], "net": ["A", "B"]})
    >>> evaluate("concat(net, '-', floor(ECI / 256))", cells).tolist()
    ['A-512', nan]
    >>> evaluate("col('ECI') % 256", cells).tolist()
    [1.0, nan]
    """
    return _value(_parsed(expression), frame, expression)


def expression_columns(expression: str) -> tuple[tuple[str, ...], ...]:
    """Return the columns that an expression needs, each with its alternatives.

    Examples
    --------
    >>> expression_columns("concat(net, '-', anyof('CI', 'Cell ID'))")
    (('net',), ('CI', 'Cell ID'))
    """
    found: dict[tuple[str, ...], None] = {}
    waiting: list[ast.AST] = [_parsed(expression)]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.Name):
            found[(node.id,)] = None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("col", "anyof"):
                found[_constants(node.args)] = None
            else:
                waiting = [*node.args, *waiting]
        else:
            waiting = [*ast.iter_child_nodes(node), *waiting]
    return tuple(names for names in found if names)


def _parsed(expression: str) -> ast.expr:
    """Return an expression taken apart."""
    if len(expression) > LONGEST:
        msg = f"`expression` must have at most {LONGEST} signs; it has {len(expression)}."
        raise MappingError(msg)
    try:
        return ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        msg = f"`expression` must be one formula; {expression!r} is none. See docs/mappings.md."
        raise MappingError(msg) from None


def _constants(arguments: list[ast.expr]) -> tuple[str, ...]:
    """Return the texts among arguments."""
    return tuple(
        part.value
        for part in arguments
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    )


def as_number(values: pd.Series) -> pd.Series:
    """Return values as numbers, null where they are none."""
    return pd.to_numeric(values, errors="coerce").astype("float64")


def as_text(values: pd.Series) -> pd.Series:
    """Return values as text, whole numbers without decimals."""
    if not pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype("str")
    is_whole = (values % 1 == 0) & (values.abs() < 2**53)
    whole = values.where(is_whole).astype("Int64").astype("str")
    return whole.where(is_whole, values.astype("str")).mask(values.isna()).astype("str")


def _value(node: ast.expr, frame: pd.DataFrame, expression: str) -> pd.Series:
    """Return the value of a part of an expression."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, str):
        return pd.Series(node.value, index=frame.index)
    if isinstance(node, ast.Name):
        return _column(node.id, frame)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -as_number(_value(node.operand, frame, expression))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = (_value(side, frame, expression) for side in (node.left, node.right))
        return _OPERATORS[type(node.op)](as_number(left), as_number(right))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        return _called(node.func.id, node.args, frame, expression)
    msg = (
        f"`expression` {expression!r} may hold columns, numbers, texts, + - * / % and "
        f"{sorted(FUNCTIONS)} only; {ast.unparse(node)!r} is none of them."
    )
    raise MappingError(msg)


def _column(name: str, frame: pd.DataFrame) -> pd.Series:
    """Return a column."""
    if name not in frame:
        msg = f"`expression` names the column {name!r}; the file has {list(frame.columns)[:40]}."
        raise MappingError(msg)
    return frame[name]


def _first_column(names: tuple[str, ...], frame: pd.DataFrame) -> pd.Series:
    """Return of several columns, those that are there, the first value of each row."""
    present = [name for name in names if name in frame] or [names[0]]
    values = _column(present[0], frame)
    for name in present[1:]:
        values = values.fillna(frame[name])
    return values


def _called(
    name: str, arguments: list[ast.expr], frame: pd.DataFrame, expression: str
) -> pd.Series:
    """Return the value of a function of the expression language."""
    if name in ("col", "anyof") and arguments and len(_constants(arguments)) == len(arguments):
        return _first_column(_constants(arguments), frame)
    if name not in FUNCTIONS:
        msg = f"`expression` {expression!r} calls {name!r}; there are {sorted(FUNCTIONS)}."
        raise MappingError(msg)
    low, high, function = FUNCTIONS[name]
    if not low <= len(arguments) <= high:
        msg = (
            f"`{name}` in {expression!r} takes {low} to {high} arguments; it got {len(arguments)}."
        )
        raise MappingError(msg)
    return function(*(_value(argument, frame, expression) for argument in arguments))


def _concat(*parts: pd.Series) -> pd.Series:
    """Return texts joined; digits that a spreadsheet cut stay alone, so that they are rejected."""
    texts = [whole_digits(as_text(part)) for part in parts]
    joined = texts[0]
    for text in texts[1:]:
        joined = joined + text
    for text in texts:
        joined = joined.mask(lost_digits(text), text)
    return joined


def _part(text: pd.Series, mark: pd.Series, position: pd.Series) -> pd.Series:
    """Return the part of a text at a position, from 0, between marks."""
    if text.empty:
        return as_text(text)
    parts = as_text(text).str.split(str(mark.iloc[0]), regex=False)
    return parts.str.get(int(as_number(position).iloc[0])).astype("str")


def _first(*choices: pd.Series) -> pd.Series:
    """Return the first that is not null."""
    found = as_text(choices[0])
    for choice in choices[1:]:
        found = found.fillna(as_text(choice))
    return found


def _round(values: pd.Series, digits: pd.Series | None = None) -> pd.Series:
    """Return numbers rounded."""
    count = 0 if digits is None or digits.empty else int(as_number(digits).iloc[0])
    return as_number(values).round(count)


def _hex(values: pd.Series) -> pd.Series:
    """Return whole numbers in base 16, upper case."""
    return (
        as_number(values).map(lambda number: f"{int(number):X}", na_action="ignore").astype("str")
    )


def _from_hex(values: pd.Series) -> pd.Series:
    """Return numbers written in base 16."""
    text = as_text(values).str.extract(r"^(?:0[xX])?([0-9A-Fa-f]{1,13})$")[0]
    return text.map(lambda digits: float(int(digits, 16)), na_action="ignore").astype("float64")


def _earfcn_mhz(values: pd.Series) -> pd.Series:
    """Return the downlink carrier of LTE channel numbers, MHz."""
    with EARFCN_FILE.open(encoding="utf-8", newline="") as lines:
        bands = list(csv.DictReader(lines))
    number = as_number(values).to_numpy("float64")
    carrier = np.full(len(number), np.nan)
    for band in bands:
        low, high = float(band["low_earfcn"]), float(band["high_earfcn"])
        is_in = (number >= low) & (number <= high)
        carrier[is_in] = float(band["low_mhz"]) + EARFCN_STEP_MHZ * (number[is_in] - low)
    return pd.Series(np.round(carrier, 1), index=values.index)


def _arfcn_mhz(values: pd.Series) -> pd.Series:
    """Return the downlink carrier of GSM channel numbers of 900 and 1800, MHz."""
    number = as_number(values).to_numpy("float64")
    carrier = np.full(len(number), np.nan)
    for low, high, low_mhz, origin in GSM_ARFCN:
        is_in = (number >= low) & (number <= high)
        carrier[is_in] = low_mhz + GSM_STEP_MHZ * (number[is_in] - origin)
    return pd.Series(np.round(carrier, 1), index=values.index)


def _nrarfcn_mhz(values: pd.Series) -> pd.Series:
    """Return the frequency of NR channel numbers, MHz."""
    number = as_number(values).to_numpy("float64")
    carrier = np.full(len(number), np.nan)
    for low, low_mhz, step in NR_ARFCN:
        is_in = (number >= low) & (number <= NR_LAST)
        carrier[is_in] = low_mhz + step * (number[is_in] - low)
    return pd.Series(np.round(carrier, 3), index=values.index)


FUNCTIONS: Mapping[str, tuple[int, int, Callable[..., Any]]] = {
    "concat": (1, 20, _concat),
    "lower": (1, 1, lambda text: as_text(text).str.lower()),
    "upper": (1, 1, lambda text: as_text(text).str.upper()),
    "strip": (1, 1, lambda text: as_text(text).str.strip()),
    "part": (3, 3, _part),
    "first": (1, 20, _first),
    "number": (1, 1, as_number),
    "floor": (1, 1, lambda number: np.floor(as_number(number))),
    "round": (1, 2, _round),
    "hex": (1, 1, _hex),
    "from_hex": (1, 1, _from_hex),
    "earfcn_mhz": (1, 1, _earfcn_mhz),
    "arfcn_mhz": (1, 1, _arfcn_mhz),
    "nrarfcn_mhz": (1, 1, _nrarfcn_mhz),
}
