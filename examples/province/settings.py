"""Hold what a province is made from, and deal out its randomness.

Simple so far: a province has one language and one length of counter periods.
"""

import datetime as dt
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

FEWEST_CELLS = 50
MOST_CELLS = 500_000
PERIODS = (5, 15, 30, 60)
LANGUAGES = ("zh", "en")


@dataclass(frozen=True)
class Settings:
    """What a province is made from.

    Attributes
    ----------
    cells : int
        Cells on air, about; 50 to 500,000.
    days : int
        Days of feeds, 1 to 366.
    seed : int
        Same settings, same bytes.
    language : str
        zh or en: of names, texts and, for some makers, alarms.
    kpi_minutes : int
        Length of a counter period: 5, 15, 30 or 60.
    is_dirty : bool
        Whether the feeds are spoilt as real ones are; land, faults and tickets stay the same.
    start : date
        First day, local.
    silent : float
        Share, 0 to 1, of the faults that would raise an alarm and yet raise none.

    Raises
    ------
    ValueError
        If a value is out of its range.
    """

    cells: int = 600
    days: int = 14
    seed: int = 1
    language: str = "zh"
    kpi_minutes: int = 60
    is_dirty: bool = False
    start: dt.date = dt.date(2026, 3, 2)
    silent: float = 0.0

    def __post_init__(self) -> None:
        if not FEWEST_CELLS <= self.cells <= MOST_CELLS:
            message = f"`cells` must be {FEWEST_CELLS} to {MOST_CELLS}; got {self.cells}"
            raise ValueError(message)
        if not 1 <= self.days <= 366:
            message = f"`days` must be 1 to 366; got {self.days}"
            raise ValueError(message)
        if not 0 <= self.silent <= 1:
            message = f"`silent` must be 0 to 1; got {self.silent}"
            raise ValueError(message)
        if self.language not in LANGUAGES or self.kpi_minutes not in PERIODS or self.seed < 0:
            message = "`lang` must be zh or en, `kpi_minutes` 5, 15, 30 or 60, `seed` 0 or more"
            raise ValueError(message)

    @property
    def begin(self) -> pd.Timestamp:
        """First instant, local time without offset."""
        return pd.Timestamp(self.start)

    @property
    def hours(self) -> float:
        """Hours from the first instant to the last."""
        return 24.0 * self.days


def stream(settings: Settings, name: str, *numbers: int) -> np.random.Generator:
    """Return the randomness of one purpose, whatever was drawn for others.

    Parameters
    ----------
    settings : Settings
    name : str
        The purpose.
    *numbers : int
        Which of its parts, such as a day.

    Examples
    --------
    >>> stream(Settings(), "land").integers(9) == stream(Settings(), "land").integers(9)
    np.True_
    """
    return np.random.default_rng([settings.seed, zlib.crc32(name.encode()), *numbers])


def instants(settings: Settings, hours: Any) -> pd.Series:
    """Return local instants, to the second, from hours since the first instant."""
    seconds = np.round(np.asarray(hours, dtype=float) * 3600)
    index = hours.index if isinstance(hours, pd.Series) else None
    moments = settings.begin + pd.to_timedelta(seconds, unit="s")
    return pd.Series(moments, index=index).astype("datetime64[us]")
