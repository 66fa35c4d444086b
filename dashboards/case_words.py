"""Write the values of an investigated work order as a person reads them: instants, shares, distances, measures.

Simple so far: instants are shown as they come, in the zone of the case; years are left out where they are known.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from correlate.case.phrases import load_phrases
from dashboards.wording import Words, load_words

WORDS_FILE = Path(__file__).with_name("work_order_words.toml")
FORMS_FILE = Path(__file__).with_name("measure_forms.toml")
SHARED = ("symptom", "account", "measure")
"""Groups of words that the sentences of an investigation have already."""
COMPASS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")
BLOCKS = "▁▂▃▄▅▆▇█"
GAP = "·"


@dataclass(frozen=True)
class MeasureForm:
    """How a measure is written.

    Attributes
    ----------
    scale : float
        What the value is multiplied by; 100 turns a share into per cent.
    digits : int
        Digits behind the point; negative = powers of ten.
    unit : str
        Written behind the number; may be empty.
    """

    scale: float
    digits: int
    unit: str


def case_words(language: str) -> Words:
    """Return the words of a work order in a language, by group and key."""
    phrases = load_phrases()
    shared = {g: {k: row[language] for k, row in phrases[g].items()} for g in SHARED}
    return {**load_words(WORDS_FILE, language), **shared}


def worded(words: Words, group: str, key: object) -> str:
    """Return the word of a code, or the code itself where there is no word.

    Examples
    --------
    >>> worded(case_words("en"), "basis", "register")
    "by the number's last cell"
    >>> worded(case_words("en"), "basis", "star sign")
    'star sign'
    """
    text = "" if key is None else str(key)
    return words.get(group, {}).get(text.removeprefix(f"{group}.").replace(" ", "_"), text)


@cache
def details() -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the rows of the words file with what stands beside the words (arrows, limits)."""
    return tomllib.loads(WORDS_FILE.read_text(encoding="utf-8"))


def measure_form(measure: str, unit: str = "") -> MeasureForm:
    """Return how a measure is written; one not known is written plainly with its unit."""
    row = _forms().get(measure)
    if row is None:
        return MeasureForm(1.0, 2, "" if unit == "1" else unit)
    return MeasureForm(float(row["scale"]), int(row["digits"]), str(row["unit"]))


@cache
def _forms() -> Mapping[str, Mapping[str, Any]]:
    """Return how each measure is written."""
    return tomllib.loads(FORMS_FILE.read_text(encoding="utf-8"))


def quantity(value: float | None, form: MeasureForm, *, with_unit: bool = True) -> str:
    """Return a value of a measure as text; an unknown value is an en dash.

    Examples
    --------
    >>> quantity(0.0314, MeasureForm(100, 1, "%"))
    '3.1 %'
    >>> quantity(2.4e-6, MeasureForm(1, -1, ""))
    '2.4e-6'
    """
    if value is None:
        return "–"
    scaled = value * form.scale
    if form.digits < 0:
        mantissa, _, power = f"{scaled:.1e}".partition("e")
        text = f"{mantissa}e{int(power)}" if scaled else "0"
    else:
        text = f"{scaled:,.{form.digits}f}".replace("-", "−")
    return f"{text} {form.unit}" if with_unit and form.unit else text


def instant(value: object) -> dt.datetime | None:
    """Return an instant of a case (ISO 8601), or None where there is none or it can't be read."""
    if not value:
        return None
    try:
        return dt.datetime.fromisoformat(str(value))
    except ValueError:
        return None


def latest_moment(value: object) -> str:
    """Return an instant by which something had happened: to the minute, at a midnight the day that ended there.

    Examples
    --------
    >>> latest_moment("2010-06-27T00:00:00+08:00"), latest_moment("2010-06-26T20:00:00+08:00")
    ('2010-06-26', '2010-06-26 20:00')
    """
    at = instant(value)
    if at is None or (at.hour, at.minute, at.second) != (0, 0, 0):
        return moment(value)
    return f"{at - dt.timedelta(days=1):%Y-%m-%d}"


def moment(value: object, *, with_year: bool = True) -> str:
    """Return an instant to the minute; what can't be read is given back as it is.

    Examples
    --------
    >>> moment("2010-06-28T13:45:37+08:00")
    '2010-06-28 13:45'
    >>> moment("2010-06-28T13:45:37+08:00", with_year=False)
    '06-28 13:45'
    """
    at = instant(value)
    if at is None:
        return "" if value is None else str(value)
    return f"{at:%Y-%m-%d %H:%M}" if with_year else f"{at:%m-%d %H:%M}"


def window(span: object) -> str:
    """Return a window of data, `06-18 14:15 – 06-28 14:15`; empty where there is none."""
    if not isinstance(span, list | tuple) or len(span) != 2:
        return ""
    since, until = (moment(at, with_year=False) for at in span)
    if since == until or not since:
        return until
    return f"{since} – {until}" if until else since


def distance(metres: float | None) -> str:
    """Return a distance, metres below a kilometre.

    Examples
    --------
    >>> distance(224.2), distance(2817.4)
    ('220 m', '2.8 km')
    """
    if metres is None:
        return ""
    if metres < 995:
        return f"{round(metres, -1):.0f} m"
    return f"{metres / 1000:.1f} km"


def sector(bearing_deg: float) -> str:
    """Return the eighth of the compass of a bearing.

    Examples
    --------
    >>> sector(50.0), sector(350.0)
    ('ne', 'n')
    """
    return COMPASS[round(bearing_deg / 45.0) % 8]


def sparkline(values: list[float | None], *, most: int = 24) -> str:
    """Return values as a row of blocks, means of equal parts; a part without values is a dot.

    Examples
    --------
    >>> sparkline([0.0, 1.0, None, 2.0])
    '▁▅·█'
    """
    parts = min(most, len(values))
    bins = [values[i * len(values) // parts : (i + 1) * len(values) // parts] for i in range(parts)]
    known = [[v for v in part if v is not None] for part in bins]
    means = [sum(part) / len(part) if part else None for part in known]
    levels = [m for m in means if m is not None]
    if not levels:
        return GAP * parts
    low, high = min(levels), max(levels)
    step = (high - low) / (len(BLOCKS) - 1) or 1.0
    return "".join(GAP if m is None else BLOCKS[int((m - low) / step + 0.5)] for m in means)


def strength(weight: float) -> str:
    """Return the key of how strong a log weight is.

    References
    ----------
    .. [1] R. E. Kass and A. E. Raftery, "Bayes factors", JASA 90 (1995): natural logarithms of 1, 3 and 5 part
           what is hardly worth a mention from positive, strong and very strong evidence.

    Examples
    --------
    >>> strength(-0.4), strength(4.0)
    ('slight', 'strong')
    """
    rows = details()["strength"]
    reached = [key for key, row in rows.items() if abs(weight) >= float(row["least"])]
    return max(reached, key=lambda key: float(rows[key]["least"]))
