"""Say in a customer's words since when something is wrong.

Simple so far: holidays and market days are not used as landmarks, only clock, day, week and date.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from examples.province.phrasing import Texts, Wording, as_texts, fill, pick, pick_by

_NOTICED_LATER = 0.08
_PART_BEGINS_H = (0, 6, 9, 12, 14, 18)
_ORDINALS = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}


def onset_words(intents: pd.DataFrame, wording: Wording, rng: np.random.Generator) -> Texts:
    """Return the words for the beginning of each trouble, as told when the complaint is made.

    The nearer the beginning the finer the words: minutes, hours, parts of the day, weekdays, dates. Some notice late
    and name a moment between the beginning and the call. Some say nothing.

    Parameters
    ----------
    intents : DataFrame
        Needs `created_at`, `onset_at` (local, naive; NaT = not known) and `is_chronic`.
    wording : Wording
        The phrases of the language.
    rng : Generator
        The only source of chance.

    Returns
    -------
    array of str, one a row
    """
    created = pd.Series(pd.to_datetime(intents["created_at"]).to_numpy())
    onset = _noticed(created, pd.Series(pd.to_datetime(intents["onset_at"]).to_numpy()), rng)
    kinds = _kinds(created, onset, intents["is_chronic"].to_numpy(dtype=bool), rng)
    templates = pick_by(wording.sections["onset"], kinds, rng)
    said = rng.random(len(kinds)) < wording.chance("onset")
    texts = fill(templates, _slots(created, onset, wording, rng))
    return np.where(said, texts, "").astype(object)


def _noticed(created: pd.Series, onset: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Return the moment named: the beginning, for a few a later one, never after the call."""
    later = rng.random(len(onset)) < _NOTICED_LATER
    share = np.where(later, rng.random(len(onset)), 0.0)
    named = onset + (created - onset) * share
    return named.where(~(named > created), created)


def _kinds(
    created: pd.Series, onset: pd.Series, chronic: np.ndarray, rng: np.random.Generator
) -> Texts:
    """Return the kind of words each row uses, a key of the section `onset`."""
    minutes = ((created - onset) / pd.Timedelta(minutes=1)).to_numpy()
    days = (created.dt.normalize() - onset.dt.normalize()).dt.days.to_numpy(dtype=float)
    hour = onset.dt.hour.to_numpy(dtype=float)
    prefers_hours = (minutes <= 420) & (rng.random(len(onset)) < 0.45)
    return np.select(
        [
            chronic,
            np.isnan(days),
            minutes < 15,
            minutes < 60,
            prefers_hours & (minutes >= 120),
            (days == 0) & (hour < 9) & (hour >= 4),
            days == 0,
            (days == 1) & (hour >= 18),
            days == 1,
            days == 2,
            days == 3,
            days <= 6,
            days <= 14,
        ],
        [
            "chronic",
            "none",
            "now",
            "minutes",
            "hours",
            "early",
            "today",
            "last_night",
            "yesterday",
            "two_days",
        ]
        + ["three_days", "week", "fortnight"],
        default="long",
    ).astype(object)


def _slots(
    created: pd.Series, onset: pd.Series, wording: Wording, rng: np.random.Generator
) -> Mapping[str, Texts]:
    """Return what the words of time are filled with."""
    when = onset.fillna(created)
    hour, day = when.dt.hour.to_numpy(), when.dt.day.to_numpy()
    parts = wording.sections["parts"]
    part = np.searchsorted(_PART_BEGINS_H, hour, side="right") - 1
    age = created - when
    ordinal = [f"{number}{_ORDINALS.get(number, 'th')}" for number in range(32)]
    names = [str(number) for number in range(1, 13)]
    return {
        "part": np.array(parts["names"], dtype=object)[part],
        "clock": _clocks(hour, parts, rng),
        "clock24": np.array([str(number) for number in range(24)], dtype=object)[hour],
        "hours": np.rint(age / pd.Timedelta(hours=1))
        .to_numpy()
        .astype(int)
        .astype(str)
        .astype(object),
        "days": np.maximum(age.dt.days.to_numpy(), 1).astype(str).astype(object),
        "weekday": np.array(parts["weekdays"], dtype=object)[when.dt.day_of_week.to_numpy()],
        "month": np.array(parts.get("months", names), dtype=object)[when.dt.month.to_numpy() - 1],
        "day": day.astype(str).astype(object),
        "ordinal": np.array(ordinal, dtype=object)[day],
    }


def _clocks(hour: np.ndarray, parts: Mapping[str, list[str]], rng: np.random.Generator) -> Texts:
    """Return the hours as they are said: by word or by digits of twelve."""
    digits: Texts = np.where(hour % 12 == 0, 12, hour % 12).astype(str).astype(object)
    if "clocks" not in parts:
        return as_texts(digits + np.where(hour < 12, " am", " pm").astype(object))
    words = np.array(parts["clocks"], dtype=object)[hour % 12]
    plain = pick(["word", "digit", "word"], len(hour), rng) == "digit"
    return np.where(plain, digits, words).astype(object)
