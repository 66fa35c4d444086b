"""Learn from a history of alarms which type of alarm causes which, and hand on what was learned.

Simple so far: a relation holds for the whole history and every device; maker and model don't matter.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alarms.relation_evidence import (
    claimed_relations,
    is_supported,
    load_weights,
    pair_figures,
    relation_probabilities,
)
from alarms.relation_histories import coded_history
from alarms.relation_kernels import Kernels, fitted_kernels
from alarms.relation_lags import measured_lags
from contract.errors import InputError, MissingColumnsError
from contract.files import read_table_file

COLUMNS = ("cause_code", "effect_code", "lag_s", "strength")
LEAST_STRENGTH = 0.0001
DIGITS = 4


def learned_relations(alarms: pd.DataFrame, links: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the relations between types of alarms that a history shows.

    A type causes another when its onsets explain onsets of the other better than chance, the other's
    own rate and all other types do, when it goes ahead, and when it fits the order of all types.
    Relations over a third type are claimed as well, as experts list them. The settings are the same
    for every network and were fitted on made-up ones.

    Parameters
    ----------
    alarms : DataFrame, one row per alarm, any order
        Needs `object_id`, `raised_at`, `name`; `code` is used where it is there and not empty.
    links : DataFrame, optional
        Needs `node` and `parent`: devices side by side; the direction does not matter.

    Returns
    -------
    DataFrame, one row per relation, by falling strength
        `cause_code`, `effect_code` (str): the code, or the name where there is none.
        `lag_s` (float): median time from cause to effect; that of all relations where the history has
        too few cases. `strength` (float): share of the effect's onsets that the cause explains,
        above 0, at most 1.

    Raises
    ------
    MissingColumnsError
        If a table lacks a column.

    Examples
    --------
    >>> moments = pd.Timestamp("2026-03-02") + pd.to_timedelta([0, 60, 9000, 9050], unit="s")
    >>> alarms = pd.DataFrame({"object_id": "a", "raised_at": moments, "name": ["x", "y"] * 2})
    >>> learned_relations(alarms).columns.tolist()
    ['cause_code', 'effect_code', 'lag_s', 'strength']
    """
    _check_columns(alarms, ("object_id", "raised_at", "name"), "alarms")
    if links is not None:
        _check_columns(links, ("node", "parent"), "links")
    history = coded_history(alarms, links)
    if len(history.codes) < 2:
        return _relation_table([], [], [], [])
    lags = measured_lags(history)
    kernels = fitted_kernels(history, lags)
    weights = load_weights()
    probability = relation_probabilities(pair_figures(history, lags, kernels), weights)
    probability = np.where(is_supported(history, kernels), probability, 0.0)
    cause, effect = np.nonzero(claimed_relations(probability, weights.least_probability))
    return _relation_table(
        history.codes[cause],
        history.codes[effect],
        _told_lags(kernels, cause, effect),
        _strengths(kernels, history.onsets, cause, effect),
    )


def read_relations(path: Path) -> pd.DataFrame:
    """Return the relations of a file that `cellcause learn alarms` wrote, or of one like it.

    Parameters
    ----------
    path : Path
        CSV, XLSX or Parquet file with the columns `COLUMNS`; others are ignored.

    Returns
    -------
    DataFrame
        As from `learned_relations`.

    Raises
    ------
    InputError
        If the file cannot be read, lacks a column, or has a row that cannot be used: an empty code,
        a type that causes itself, a relation twice, a negative lag, a strength outside 0 to 1.
    """
    raw = read_table_file(path)
    _check_columns(raw.frame, COLUMNS, str(path))
    frame = raw.frame[list(COLUMNS)]
    codes = {name: frame[name].astype("str").str.strip() for name in COLUMNS[:2]}
    numbers = {name: pd.to_numeric(frame[name], errors="coerce") for name in COLUMNS[2:]}
    relations = pd.DataFrame({**codes, **numbers})
    wrong = {
        "an empty code": (
            frame[list(COLUMNS[:2])].isna() | (relations[list(COLUMNS[:2])] == "")
        ).any(axis=1),
        "a type that causes itself": relations["cause_code"] == relations["effect_code"],
        "a relation that stands twice": relations.duplicated(list(COLUMNS[:2])),
        "a `lag_s` that is not 0 or more": ~(relations["lag_s"] >= 0),
        "a `strength` not above 0 and at most 1": ~relations["strength"].between(
            0, 1, inclusive="right"
        ),
    }
    problems = [
        f"row {relations.index[is_wrong][0]} has {what}"
        for what, is_wrong in wrong.items()
        if is_wrong.any()
    ]
    problems += [f"row {row} is broken" for row in raw.unreadable.index[:1]]
    if problems:
        msg = f"`{path}` must hold relations; {'; '.join(problems)}. Correct it or learn it again."
        raise InputError(msg)
    return relations.reset_index(drop=True)


def relation_strength(relations: pd.DataFrame) -> Mapping[tuple[str, str], tuple[float, float]]:
    """Return lag and strength of each relation, by cause and effect.

    Parameters
    ----------
    relations : DataFrame
        As from `learned_relations` or `read_relations`.

    Returns
    -------
    mapping of (cause_code, effect_code) to (lag_s, strength)

    Examples
    --------
    >>> row = {"cause_code": ["a"], "effect_code": ["b"], "lag_s": [60.0], "strength": [0.4]}
    >>> relation_strength(pd.DataFrame(row))["a", "b"]
    (60.0, 0.4)
    """
    pairs = zip(relations["cause_code"], relations["effect_code"], strict=True)
    values = zip(relations["lag_s"].astype(float), relations["strength"].astype(float), strict=True)
    return dict(zip(pairs, values, strict=True))


def _relation_table(cause: Any, effect: Any, lag_s: Any, strength: Any) -> pd.DataFrame:
    """Return relations as a table, by falling strength."""
    table = pd.DataFrame(
        {
            "cause_code": pd.Series(list(cause), dtype="str"),
            "effect_code": pd.Series(list(effect), dtype="str"),
            "lag_s": pd.Series(lag_s, dtype="float64").round(1),
            "strength": pd.Series(strength, dtype="float64").round(DIGITS),
        }
    )
    return table.sort_values(
        ["strength", "cause_code", "effect_code"], ascending=[False, True, True], ignore_index=True
    )


def _told_lags(kernels: Kernels, cause: Any, effect: Any) -> Any:
    """Return the lags of relations, the median of all where one is not known."""
    lag_s = kernels.lag_s[cause, effect]
    is_known = np.isfinite(lag_s)
    usual = float(np.median(lag_s[is_known])) if is_known.any() else 0.0
    return np.where(is_known, lag_s, usual)


def _strengths(kernels: Kernels, onsets: Any, cause: Any, effect: Any) -> Any:
    """Return the share of an effect's onsets that a cause explains."""
    share = kernels.explained[cause, effect] / np.maximum(onsets[effect], 1)
    return np.clip(share, LEAST_STRENGTH, 1.0)


def _check_columns(table: pd.DataFrame, needed: tuple[str, ...], name: str) -> None:
    """Raise when a table lacks a column."""
    missing = [column for column in needed if column not in table]
    if missing:
        msg = f"`{name}` lacks columns {missing}; it has {list(table.columns)}. Add them."
        raise MissingColumnsError(msg)
