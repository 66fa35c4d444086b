"""Write the rule that brings a column of an unknown export to a column of the contract.

What the values need is added: words of choices, a form of time, a unit, the prefix of a number.

Simple so far: units are read from the brackets of a header and from shares above 1.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import pandas as pd

from contract.header_matches import Match, Sample
from contract.header_words import Recipe, Wanted
from contract.headers import plain_header
from contract.instants import parse_instants
from contract.privacy import masked_numbers
from contract.tables import TABLES
from contract.validation import FALSE, TRUE
from contract.value_forms import form_of

Rule = dict[str, Any]

TIME_FORMS = (
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
    "%d-%b-%Y %H:%M:%S",
    "%d-%b-%Y %H:%M",
    "%d %b %Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%b-%Y",
    "%d.%m.%Y",
)
_UNITS: Mapping[str, Mapping[str, str]] = {
    "height_m": {"ft": "ft", "feet": "ft", "英尺": "ft"},
    "freq_mhz": {"ghz": "GHz", "khz": "kHz"},
    "throughput_mbps": {"kbps": "kbit/s", "kbit/s": "kbit/s", "kb/s": "kbit/s"},
    "data_mb": {"gb": "GB", "kb": "kB", "gbyte": "GB"},
    "minutes": {"s": "second", "sec": "second", "seconds": "second", "秒": "second", "h": "hour"},
    "eirp_dbm": {"w": "W"},
}
_WITH_UNIT = r"^(-?\d+(?:\.\d+)?)\s*(?:[°度米]|m|dBm|MHz)$"
_SHARES = ("prb_utilisation", "availability", "ber")
_MSISDN = ["^(?:\\+|00)?86[- ]?(1\\d{10})$", "^(.+)$"]
_WITH_COUNTRY = r"^(?:\+|00)?86[- ]?1\d{10}$"
_SHOWN = 5
_ODD = 0.2
"""Share of values of another form from which a match is doubted; judgement."""


def match_rule(sample: Sample, wanted: Wanted, match: Match) -> tuple[Rule, list[str]]:
    """Return the rule of a match, and what is doubtful about it.

    Returns
    -------
    rule : dict
        Fields of a rule of a mapping file.
    doubts : list of str
    """
    column = TABLES[wanted.table].column(wanted.name)
    values = sample.frame[match.header].dropna()
    rule: Rule = {"column": match.header}
    doubts: list[str] = []
    form = form_of(column, wanted.form)
    if form in ("choice", "flag"):
        more, doubts = _choice_fields(sample, wanted, values)
        rule |= more
    elif form == "time":
        more, doubts = _time_fields(values)
        rule |= more
    elif wanted.name == "msisdn":
        if values.str.match(_WITH_COUNTRY).any():
            rule["regex"] = _MSISDN
    elif column.kind in ("number", "count"):
        rule |= _unit_fields(wanted.name, match.header, values)
    if values.empty:
        doubts.append("it has no values here")
    elif match.share < 1 - _ODD and form not in ("choice", "flag"):
        doubts.append(f"{1 - match.share:.0%} of its values are no {form}")
    return rule, [*doubts, *_lost_digits(wanted.name, values)]


def recipe_rule(recipe: Recipe, headers: Mapping[str, str]) -> Rule:
    """Return the rule that a recipe gives with the columns found for its needs.

    Examples
    --------
    >>> tilt = Recipe("cells", "downtilt_deg", ("m", "e"), is_sum=True)
    >>> recipe_rule(tilt, {"m": "M tilt", "e": "E tilt"})
    {'sum': ['M tilt', 'E tilt']}
    """
    used = [headers[name] for name in recipe.needs]
    rule: Rule
    if recipe.value:
        return {"value": recipe.value}
    if recipe.is_sum:
        return {"sum": used}
    if recipe.join is not None:
        rule = {"join": used, "separator": recipe.join}
    elif recipe.expression.strip("{}") in recipe.needs:
        rule = {"column": headers[recipe.expression.strip("{}")]}
    else:
        quoted = {name: f"col({header!r})" for name, header in headers.items()}
        rule = {"expression": recipe.expression.format(**quoted)}
    return rule | ({"words": recipe.word_list} if recipe.word_list else {})


def _choice_fields(sample: Sample, wanted: Wanted, values: pd.Series) -> tuple[Rule, list[str]]:
    """Return the fields that bring words to choices, and the words without meaning."""
    column = TABLES[wanted.table].column(wanted.name)
    distinct = [str(value) for value in values.value_counts().index[:200]]
    words = sample.word_list(wanted)
    choices = {plain_header(choice) for choice in column.choices}
    if column.kind == "flag":
        choices = {*TRUE, *FALSE}
    left = [value for value in distinct if plain_header(value) not in choices]
    found = {value: words.find(value) for value in left} if words else {}
    unknown = [value for value in left if not found.get(value)]
    shown = masked_numbers(", ".join(unknown[:_SHOWN]))
    doubts = [f"words without meaning: {shown}"] if unknown else []
    if wanted.word_list:
        return ({"words": wanted.word_list} if left else {}), doubts
    table = {value: meaning for value, meaning in found.items() if meaning}
    if words and any(not value.isascii() for value in table):
        table |= {word: meaning for word, meaning in words.whole.items() if not word.isascii()}
    return ({"map": table} if table else {}), doubts


def _time_fields(values: pd.Series) -> tuple[Rule, list[str]]:
    """Return the form of times that are not read by themselves."""
    if values.empty or parse_instants(values, "UTC").notna().mean() >= 1 - _ODD:
        return {}, []
    fits = [
        form
        for form in TIME_FORMS
        if pd.to_datetime(values, format=form, errors="coerce").notna().mean() >= 1 - _ODD
    ]
    if not fits:
        return {}, ["its times are of no form known: give `format`"]
    orders = {form[1] for form in fits if form[1] in "dm" and form[4] in "dm"}
    doubts = ["day and month may be the other way round"] if len(orders) > 1 else []
    return {"format": fits[0]}, doubts


def _unit_fields(name: str, header: str, values: pd.Series) -> Rule:
    """Return the unit of a column, where it is another than the contract's."""
    normal = unicodedata.normalize("NFKC", header).casefold()
    told = re.findall(r"[(\[]\s*([^)\]]+?)\s*[)\]]", normal)
    for unit in told:
        if unit in _UNITS.get(name, {}):
            return {"unit": _UNITS[name][unit]}
    numbers = pd.to_numeric(values.str.rstrip("%"), errors="coerce")
    if name in _SHARES and numbers.max() > 1:
        if values.str.endswith("%").any():
            return {"regex": "^([\\d.]+)\\s*%?$", "unit": "percent"}
        return {"unit": "percent"}
    if numbers.isna().any() and values.str.match(_WITH_UNIT).any():
        return {"regex": [_WITH_UNIT, "^(.+)$"]}
    return {}


def _lost_digits(name: str, values: pd.Series) -> list[str]:
    """Return the doubt that a spreadsheet has cut the digits of identifiers."""
    column_is_id = name.endswith("_id") or name == "msisdn"
    if not column_is_id or values.empty:
        return []
    long = values[values.str.match(r"^\d{16,}$").fillna(False)].drop_duplicates()
    if values.str.match(r"^\d(?:\.\d+)?[Ee]\+\d{2,}$").any():
        return ["a spreadsheet has cut digits (2.01E+15): export the column as text"]
    if len(long) >= 4 and long.str.endswith("0").all():
        return ["all its long numbers end in 0: a spreadsheet may have rounded them"]
    return []
