"""Make the values of a column from the rows of an export, as its rule says.

Simple so far: a rule looks at one row at a time; nothing is looked up in other rows or files.
"""

from collections.abc import Mapping as Dictionary

import numpy as np
import pandas as pd

from contract.expressions import as_number, as_text, evaluate, expression_columns
from contract.headers import plain_header
from contract.mapping_files import UNITS, ColumnRule, Condition, TableRule, as_names
from contract.spreadsheets import lost_digits
from contract.word_lists import WordList

Lists = Dictionary[str, WordList]


def with_names(frame: pd.DataFrame, rule: TableRule) -> pd.DataFrame:
    """Return the rows of a source with the columns a rule names, where they are written otherwise.

    A column that differs in blanks, width, case or marks only stands under the rule's name too.
    """
    spelling: dict[str, str] = {}
    for name in frame.columns:
        spelling.setdefault(plain_header(name), name)
    wanted = dict.fromkeys(name for names in _groups(rule) for name in names)
    added = {
        name: frame[spelling[plain_header(name)]]
        for name in wanted
        if name not in frame.columns and plain_header(name) in spelling
    }
    return frame.assign(**added) if added else frame


def lacking(frame: pd.DataFrame, rule: ColumnRule) -> tuple[str, ...]:
    """Return the alternatives of a column that a rule needs and a source lacks; empty when none."""
    groups = expression_columns(rule.expression) if rule.expression else rule.sources
    absent = [group for group in groups if not any(name in frame for name in group)]
    is_partial = bool(rule.join or rule.sum)
    if not absent or (is_partial and len(absent) < len(groups)):
        return ()
    return absent[0]


def is_lacking(frame: pd.DataFrame, rule: ColumnRule) -> bool:
    """Tell whether a source has none of the columns of a rule, so that it gives nothing."""
    parts = list(rule.chain())
    has_default = any(part.default is not None for part in parts)
    return not has_default and all(lacking(frame, part) for part in parts)


def ruled_values(frame: pd.DataFrame, rule: ColumnRule, lists: Lists) -> pd.Series | None:
    """Return the values a rule gives; None where the source has none of its columns.

    Parameters
    ----------
    frame : DataFrame
        Rows of a source as text.
    rule : ColumnRule
    lists : mapping of WordList
        Lists of words by name.
    """
    found: pd.Series | None = None
    for part in rule.chain():
        if lacking(frame, part):
            continue
        values = _changed(_origin(frame, part), part, lists)
        found = values if found is None else as_text(found).fillna(as_text(values))
    default = next((part.default for part in rule.chain() if part.default is not None), None)
    if default is None:
        return found
    if found is None:
        return pd.Series(str(default), index=frame.index, dtype="str")
    return as_text(found).fillna(str(default))


def condition_holds(frame: pd.DataFrame, condition: Condition) -> np.ndarray:
    """Return in which rows a condition holds; a column that is not there is empty."""
    text = pd.Series(None, index=frame.index, dtype="str")
    for name in as_names(condition.column):
        if name in frame:
            text = text.fillna(as_text(frame[name]).str.strip())
    holds = np.ones(len(frame), bool)
    if condition.any_of:
        holds &= text.isin(condition.any_of).to_numpy(bool)
    if condition.matches:
        holds &= text.str.contains(condition.matches, regex=True).fillna(False).to_numpy(bool)
    if condition.is_empty is not None:
        holds &= text.isna().to_numpy(bool) == condition.is_empty
    return holds


def _groups(rule: TableRule) -> list[tuple[str, ...]]:
    """Return every source column that a table's rules name, with its alternatives."""
    groups = [as_names(condition.column) for condition in rule.where]
    groups.append(rule.only_with)
    for column in [*rule.rules().values(), *rule.extra_rules().values()]:
        for part in column.chain():
            groups.extend(expression_columns(part.expression) if part.expression else part.sources)
    return groups


def _origin(frame: pd.DataFrame, rule: ColumnRule) -> pd.Series:
    """Return the values a rule begins with."""
    if rule.expression:
        return evaluate(rule.expression, frame)
    if not rule.sources:
        return pd.Series(rule.value, index=frame.index)
    present = [[name for name in group if name in frame] for group in rule.sources]
    parts = [_first_given(frame, names) for names in present if names]
    if rule.sum:
        return pd.concat([as_number(part) for part in parts], axis=1).sum(axis=1, min_count=1)
    joined = parts[0]
    for part in parts[1:]:
        both = joined + rule.separator + part
        joined = both.fillna(joined).fillna(part)
    return joined


def _first_given(frame: pd.DataFrame, names: list[str]) -> pd.Series:
    """Return of several columns the first value of each row."""
    values = as_text(frame[names[0]])
    for name in names[1:]:
        values = values.fillna(as_text(frame[name]))
    return values


def _changed(values: pd.Series, rule: ColumnRule, lists: Lists) -> pd.Series:
    """Return values after the changes a rule names, in the order of its fields."""
    if rule.regex:
        values = _extracted(as_text(values), rule)
    if rule.map:
        values = _mapped(as_text(values).str.strip(), rule.map)
    if rule.words:
        values = lists[rule.words].replaced(as_text(values))
    if rule.format:
        values = _instants(as_text(values), as_names(rule.format))
    if rule.unit == "W":
        watts = as_number(values)
        values = 10 * np.log10(watts.where(watts > 0)) + 30
    elif rule.unit:
        values = as_number(values) * UNITS[rule.unit]
    if rule.prefix or rule.suffix:
        text = as_text(values)
        values = (rule.prefix + text + rule.suffix).mask(lost_digits(text), text)
    return values if pd.api.types.is_numeric_dtype(values.dtype) else values.astype("str")


def _mapped(text: pd.Series, words: Dictionary[str, str | int | float]) -> pd.Series:
    """Return words put for words; where none is the same, one of the same plain form counts."""
    plain = {plain_header(word): str(meaning) for word, meaning in words.items()}
    meanings = {word: plain.get(plain_header(word), word) for word in text.dropna().unique()}
    meanings |= {word: str(meaning) for word, meaning in words.items()}
    values = text.map(meanings).astype("str")
    return values.mask(values == "")


def _extracted(text: pd.Series, rule: ColumnRule) -> pd.Series:
    """Return what the first pattern that fits takes out of each text.

    Digits that a spreadsheet cut pass as they are, so that the row is rejected for that.
    """
    codes, distinct = pd.factorize(text)
    found = _taken_out(pd.Series(distinct, dtype="str"), rule)
    return pd.Series(found.array.take(codes, allow_fill=True), index=text.index, dtype="str")


def _taken_out(text: pd.Series, rule: ColumnRule) -> pd.Series:
    """Return what the first pattern that fits takes out of distinct texts."""
    found = text.where(lost_digits(text))
    for pattern in as_names(rule.regex):
        left = text[found.isna()]
        groups = left.str.extract(pattern).astype("str")
        taken = groups[0]
        for position in range(1, groups.shape[1]):
            taken = taken + rule.separator + groups[position]
        found = found.fillna(taken)
    return found


def _instants(text: pd.Series, forms: tuple[str, ...]) -> pd.Series:
    """Return times in the form that is read everywhere; those of no form named stay."""
    codes, distinct = pd.factorize(text)
    given = pd.Series(distinct, dtype="str")
    written = pd.Series(None, index=given.index, dtype="str")
    for form in forms:
        parsed = pd.to_datetime(given.where(written.isna()), format=form, errors="coerce")
        written = written.fillna(parsed.dt.strftime("%Y-%m-%dT%H:%M:%S").astype("str"))
    found = written.fillna(given).array.take(codes, allow_fill=True)
    return pd.Series(found, index=text.index, dtype="str")
