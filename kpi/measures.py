"""Turn the counters of cells and periods into measures.

Terms: a *ratio* is a ratio of sums, unknown where its denominator is zero; a *count* is given per
hour, whatever the length of the period; a *level* is a mean over the period. `attempts` is the
number of trials behind a ratio, or the number of independent events that a count stands for.

Simple so far: one definition serves all radio technologies, and events per erlang, user and
megabyte are assumed.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from contract.errors import InputError

Floats = npt.NDArray[np.float32]

FORMS = ("ratio", "count", "level")
SCALES = ("plain", "log", "log10")
DIRECTIONS = ("high", "low", "either")
BER_LEAST = 1e-12  # a bit error ratio of zero means "below what can be measured"
LOG_LEAST = 1e-3


@dataclass(frozen=True)
class Measure:
    """One measure: what it is made of, and what of it is bad."""

    name: str
    form: str
    numerator: str
    denominator: str
    events: float
    is_rate: bool
    scale: str
    bad: str
    is_common: bool
    unit: str
    family: str
    floor: float
    source: str
    verified: str

    @property
    def counters(self) -> tuple[str, ...]:
        """Names of the counters the measure is made of."""
        return tuple(name for name in (self.numerator, self.denominator) if name)


def read_measures(path: Path) -> tuple[Measure, ...]:
    """Return the measures of a file.

    Parameters
    ----------
    path : Path
        TOML with an array of tables `measure`.

    Returns
    -------
    tuple of Measure
        In the order of the file.

    Raises
    ------
    InputError
        If a row lacks a key, or a form, scale or direction is not known, or a name comes twice.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8")).get("measure", [])
    measures = tuple(_measure(row) for row in rows)
    names = [measure.name for measure in measures]
    if not names or len(set(names)) != len(names):
        message = f"`measure` needs distinct names, got {names}; rename one."
        raise InputError(message)
    return measures


def _measure(row: Mapping[str, Any]) -> Measure:
    """Return one measure of the file, or say what is wrong with it."""
    name = str(row.get("name", "?"))
    lacking = [key for key in ("name", "form", "bad", "floor", "source") if key not in row]
    if lacking:
        message = f"`measure` {name!r} needs keys {lacking}; add them."
        raise InputError(message)
    form, scale, bad = str(row["form"]), str(row.get("scale", "plain")), str(row["bad"])
    _check("form", form, FORMS)
    _check("scale", scale, SCALES)
    _check("bad", bad, DIRECTIONS)
    return Measure(
        name=name,
        form=form,
        numerator=str(row.get("numerator", row.get("counter", ""))),
        denominator=str(row.get("denominator", "")),
        events=float(row.get("events", 1.0)),
        is_rate=bool(row.get("is_rate", False)),
        scale=scale,
        bad=bad,
        is_common=bool(row.get("common", False)),
        unit=str(row.get("unit", "1")),
        family=str(row.get("family", "")),
        floor=float(row["floor"]),
        source=str(row["source"]),
        verified=str(row.get("verified", "")),
    )


def _check(key: str, value: str, allowed: Sequence[str]) -> None:
    """Raise where a word of the file is not one of those known."""
    if value not in allowed:
        message = f"`{key}` must be one of {list(allowed)}, got {value!r}; correct it."
        raise InputError(message)


MEASURES: tuple[Measure, ...] = read_measures(Path(__file__).with_name("measures.toml"))
MEASURE_INDEX: Mapping[str, int] = {measure.name: i for i, measure in enumerate(MEASURES)}
RATIOS = np.array([i for i, m in enumerate(MEASURES) if m.form == "ratio"])
COUNTS = np.array([i for i, m in enumerate(MEASURES) if m.form == "count"])
GAUGES = np.array(
    [i for i, m in enumerate(MEASURES) if m.form != "ratio" and m.family != "availability"]
)
AVAILABILITY = np.array([i for i, m in enumerate(MEASURES) if m.family == "availability"])
FLOORS: Floats = np.array([measure.floor for measure in MEASURES], dtype=np.float32)
COUNTERS: tuple[str, ...] = tuple(dict.fromkeys(c for m in MEASURES for c in m.counters))


def measure_values(
    rows: Mapping[str, npt.NDArray[Any]], minutes: npt.NDArray[Any]
) -> tuple[Floats, Floats]:
    """Return the measures of some rows of counters.

    Parameters
    ----------
    rows : mapping of counter to array [n]
        Counters absent from it are unknown.
    minutes : array of int [n]
        Length of each period.

    Returns
    -------
    values : array [n, M]
        In the order of `MEASURES`. Ratios 0 to 1, counts per hour, levels in their own unit. NaN
        where unknown.
    attempts : array [n, M]
        Trials behind a ratio, independent events behind a count, 1 for a level, 0 where unknown.

    Examples
    --------
    >>> rows = {"setup_attempts": np.array([30.0]), "setup_successes": np.array([15.0])}
    >>> values, attempts = measure_values(rows, np.array([15]))
    >>> [float(values[0, MEASURE_INDEX[name]]) for name in ("setup_success", "attempts")]
    [0.5, 120.0]
    """
    size = len(minutes)
    hours = np.asarray(minutes, dtype=np.float32) / np.float32(60.0)
    values = np.full((size, len(MEASURES)), np.nan, dtype=np.float32)
    attempts = np.zeros((size, len(MEASURES)), dtype=np.float32)
    for i, measure in enumerate(MEASURES):
        if measure.name == "present":
            values[:, i], attempts[:, i] = 1.0, 1.0
        elif all(counter in rows for counter in measure.counters):
            values[:, i], attempts[:, i] = _column(measure, rows, hours)
    return values, attempts


def _column(
    measure: Measure, rows: Mapping[str, npt.NDArray[Any]], hours: Floats
) -> tuple[Floats, Floats]:
    """Return the values and attempts of one measure."""
    amount = np.asarray(rows[measure.numerator], dtype=np.float32)
    if measure.form == "ratio":
        trials = np.asarray(rows[measure.denominator], dtype=np.float32)
        known = (trials > 0) & (amount >= 0)
        share = np.divide(amount, trials, out=np.full_like(amount, np.nan), where=known)
        return np.minimum(share, np.float32(1.0)), np.where(known, trials, np.float32(0.0))
    if measure.form == "count":
        amount = np.where(amount >= 0, amount, np.float32(np.nan))
        per_hour = amount if measure.is_rate else amount / hours
        events = per_hour * hours * np.float32(measure.events)
        return per_hour, np.nan_to_num(events, nan=0.0)
    return amount, np.isfinite(amount).astype(np.float32)


def scaled_values(values: Floats) -> Floats:
    """Return the measures on the scale on which they are compared.

    Ratios stay shares. Counts become the logarithm of events per hour (plus a half), levels go to
    the scale their row names.

    Parameters
    ----------
    values : array [n, M]
        As `measure_values` returns them.

    Returns
    -------
    array [n, M]
        NaN where unknown.
    """
    out = values.copy()
    for i, measure in enumerate(MEASURES):
        if measure.form == "count":
            out[:, i] = np.log(values[:, i] * np.float32(measure.events) + np.float32(0.5))
        elif measure.scale == "log":
            out[:, i] = np.log(np.maximum(values[:, i], np.float32(LOG_LEAST)))
        elif measure.scale == "log10":
            out[:, i] = np.log10(np.maximum(values[:, i], np.float32(BER_LEAST)))
    return out


def wilson_interval(
    successes: npt.NDArray[Any], attempts: npt.NDArray[Any], *, sigmas: float = 1.96
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the interval that holds a share, honest for few attempts.

    Parameters
    ----------
    successes, attempts : arrays [n]
        Counts.
    sigmas : float, default 1.96
        Half width in standard deviations; 1.96 is 95 %.

    Returns
    -------
    low, high : arrays [n]
        Between 0 and 1; NaN where there was no attempt.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
           JASA 22 (1927).

    Examples
    --------
    >>> low, high = wilson_interval(np.array([9]), np.array([10]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (0.6, 0.98)
    """
    trials = np.asarray(attempts, dtype=np.float64)
    trials = np.where(trials > 0, trials, np.nan)
    share = np.asarray(successes, dtype=np.float64) / trials
    square = sigmas**2
    middle = (share + square / (2 * trials)) / (1 + square / trials)
    half = np.sqrt(share * (1 - share) / trials + square / (4 * trials**2)) * sigmas
    half = half / (1 + square / trials)
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)
