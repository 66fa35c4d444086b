"""Read the files that define measures and their limits, ours and a user's over it.

Terms: a *measure* is made of counters; a *limit* is a threshold of the rule books. Both are described at the top of
`measures.toml`.

Simple so far: a measure is made of counters of the contract alone, not of extra columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contract.errors import InputError
from contract.knowledge_files import ORIGIN, check_choice, check_keys, number_of, read_knowledge
from contract.tables import TABLES

MEASURES_FILE = Path(__file__).with_name("measures.toml")
FORMS: Mapping[str, tuple[str, ...]] = {
    "ratio": ("numerator", "denominator"),
    "quotient": ("numerator", "denominator"),
    "product": ("factors",),
    "count": ("counter",),
    "level": (),
}
"""The keys that each form needs."""
WATCHED_FORMS = ("ratio", "count", "level")
SCALES = ("plain", "log", "log10")
AVERAGES = ("time", "power")
DIRECTIONS = ("high", "low", "either")
LEVELS = ("watch", "bad", "severe")
TAGS = ("v", "E", "A", "u")
RATS = ("GSM", "UMTS", "LTE", "NR")
COUNTERS_OF_CELLS = tuple(
    column.name
    for column in TABLES["kpi"].columns
    if column.kind in ("count", "number") and column.name != "minutes"
)
NEEDED = (*ORIGIN, "name", "form", "direction", "unit", "family", "rats")
OPTIONAL = (
    "numerator", "denominator", "counter", "factors", "times", "is_rate", "events", "scale",
    "averaged", "common", "floor", "least", "watched", "note",
)  # fmt: skip
LIMIT_KEYS = (*ORIGIN, "measure", "rats", "level", "at", "over_min")


@dataclass(frozen=True)
class Measure:
    """One measure: what it is made of, and what of it is bad.

    Attributes
    ----------
    numerators, denominators
        Counters that are summed; a count or level has numerators alone, `present` neither.
    factors
        Ratios that a product is made of.
    times
        What a quotient is multiplied by.
    least
        Attempts below which a value is not judged alone.
    """

    name: str
    form: str
    numerators: tuple[str, ...]
    denominators: tuple[str, ...]
    factors: tuple[str, ...]
    times: float
    events: float
    is_rate: bool
    scale: str
    averaged: str
    direction: str
    is_common: bool
    unit: str
    family: str
    rats: tuple[str, ...]
    floor: float
    least: float
    is_watched: bool
    source: str
    verified: str
    note: str

    @property
    def counters(self) -> tuple[str, ...]:
        """Names of the counters the measure is made of."""
        return self.numerators + self.denominators


@dataclass(frozen=True)
class Limit:
    """One threshold of a rule book: crossed beyond `at`, in the measure's direction."""

    measure: str
    rats: tuple[str, ...]
    level: str
    at: float
    over_min: float
    source: str
    verified: str
    note: str


@dataclass(frozen=True)
class MeasureBook:
    """Every measure and limit, and the width of intervals in standard deviations."""

    measures: tuple[Measure, ...]
    limits: tuple[Limit, ...]
    sigmas: float

    @property
    def by_name(self) -> Mapping[str, Measure]:
        """Every measure by its name."""
        return {measure.name: measure for measure in self.measures}


@cache
def load_measures(override: Path | None = None) -> MeasureBook:
    """Return the measures and limits shipped, with a user's file laid over them.

    Parameters
    ----------
    override : Path, optional
        A file of the form of `measures.toml`. A measure in it replaces ours of that name whole, or is added;
        where it has limits for a measure, all of ours for that measure go; its `[rules]` replace ours key by key.

    Returns
    -------
    MeasureBook
        In the order of the files.

    Raises
    ------
    InputError
        If a file can't be read, or a row lacks a key, has one that nothing reads, a word or counter that is not
        known, a number out of bounds, a name twice, or limits that do not get worse from watch to severe.

    Examples
    --------
    >>> load_measures().by_name["drop_rate"].denominators
    ('setup_successes',)
    """
    ours = read_knowledge(MEASURES_FILE, "measures")
    rules, measures, limits = ours["rules"], ours["measure"], ours["limits"]["rows"]
    if override is not None:
        mine = read_knowledge(override, "measures")
        check_keys(
            mine,
            override.name,
            argument="measures",
            needed=(),
            known=("rules", "measure", "limits"),
        )
        rules = rules | mine.get("rules", {})
        measures = _laid_over(measures, mine.get("measure", []), override.name)
        own_limits = mine.get("limits", {}).get("rows", [])
        told = {row.get("measure") for row in own_limits}
        limits = [row for row in limits if row["measure"] not in told] + own_limits
    least = number_of(rules.get("least_attempts"), "`least_attempts`", argument="measures")
    read = tuple(_measure(row, least) for row in measures)
    _check_names(read)
    return MeasureBook(
        measures=read,
        limits=_limits(limits, {measure.name: measure for measure in read}),
        sigmas=number_of(rules.get("sigmas"), "`sigmas`", argument="measures"),
    )


def _laid_over(
    ours: Sequence[Mapping[str, Any]], mine: Sequence[Mapping[str, Any]], name: str
) -> list[Mapping[str, Any]]:
    """Return our rows with those of the same name replaced, the others added."""
    for row in mine:
        check_keys(row, f"a measure of {name}", argument="measures", needed=("name",))
    names = [row["name"] for row in mine]
    if len(set(names)) < len(names):
        message = f"`measures` needs distinct names, {name} has {names}; rename one."
        raise InputError(message)
    theirs = dict(zip(names, mine, strict=True))
    return [theirs.pop(row["name"], row) for row in ours] + list(theirs.values())


def _measure(row: Mapping[str, Any], least: float) -> Measure:
    """Return one measure of the file, or say what is wrong with it."""
    name = str(row.get("name", "?"))
    check_keys(row, f"measure {name!r}", argument="measures", needed=NEEDED, known=OPTIONAL)
    _check_words(row, name)
    watched = bool(row.get("watched", True))
    return Measure(
        name=name,
        form=row["form"],
        numerators=_counters(row, "numerator", name) or _counters(row, "counter", name),
        denominators=_counters(row, "denominator", name),
        factors=tuple(row.get("factors", ())),
        times=_positive(row, "times", name, 1.0),
        events=_positive(row, "events", name, 1.0),
        is_rate=bool(row.get("is_rate", False)),
        scale=row.get("scale", "plain"),
        averaged=row.get("averaged", "time"),
        direction=row["direction"],
        is_common=bool(row.get("common", False)),
        unit=str(row["unit"]),
        family=str(row["family"]),
        rats=_rats(row, f"`rats` of {name!r}"),
        floor=_positive(row, "floor", name, None if watched else 1.0),
        least=_positive(row, "least", name, least),
        is_watched=watched,
        source=str(row["source"]),
        verified=row["verified"],
        note=str(row.get("note", "")),
    )


def _check_words(row: Mapping[str, Any], name: str) -> None:
    """Raise where a word is not known or the parts do not make the form."""
    choices = {
        "form": FORMS, "direction": DIRECTIONS, "scale": SCALES, "averaged": AVERAGES, "verified": TAGS,
    }  # fmt: skip
    for key, allowed in choices.items():
        if key in row:
            check_choice(row[key], tuple(allowed), f"`{key}` of {name!r}", argument="measures")
    parts = {"numerator", "denominator", "factors", "counter"} & set(row)
    needed = set(FORMS[row["form"]])
    if parts != needed and not (row["form"] == "level" and parts <= {"counter"}):
        message = (
            f"`measures`: a {row['form']} such as {name!r} is made of {sorted(needed)}; "
            f"it has {sorted(parts)}. Correct its row."
        )
        raise InputError(message)
    if row.get("watched", True) and row["form"] not in WATCHED_FORMS:
        message = (
            f"`measures`: {name!r} is a {row['form']}, which can't be watched; say watched = false."
        )
        raise InputError(message)


def _counters(row: Mapping[str, Any], key: str, name: str) -> tuple[str, ...]:
    """Return the counters of a key, which may hold one or a list."""
    said = row.get(key, [])
    found = [said] if isinstance(said, str) else list(said)
    for counter in found:
        check_choice(counter, COUNTERS_OF_CELLS, f"`{key}` of {name!r}", argument="measures")
    return tuple(found)


def _rats(row: Mapping[str, Any], where: str) -> tuple[str, ...]:
    """Return the technologies of a row."""
    if not isinstance(row["rats"], list) or not row["rats"]:
        message = f"`measures`: {where} must be a list of {list(RATS)}, got {row['rats']!r}."
        raise InputError(message)
    return tuple(check_choice(rat, RATS, where, argument="measures") for rat in row["rats"])


def _positive(row: Mapping[str, Any], key: str, name: str, default: float | None) -> float:
    """Return a number above zero; without a default it must be there."""
    if key not in row and default is not None:
        return default
    where = f"`{key}` of {name!r}"
    number = number_of(row.get(key), where, argument="measures")
    if number <= 0:
        message = f"`measures`: {where} must be above 0, got {number:g}; correct it."
        raise InputError(message)
    return number


def _check_names(measures: Sequence[Measure]) -> None:
    """Raise where a name comes twice or a product is made of what is no ratio."""
    names = [measure.name for measure in measures]
    if not names or len(set(names)) != len(names):
        message = f"`measures` needs distinct names, got {names}; rename one."
        raise InputError(message)
    ratios = [measure.name for measure in measures if measure.form == "ratio"]
    for measure in measures:
        for factor in measure.factors:
            check_choice(factor, ratios, f"`factors` of {measure.name!r}", argument="measures")


def _limits(
    rows: Sequence[Mapping[str, Any]], measures: Mapping[str, Measure]
) -> tuple[Limit, ...]:
    """Return the limits of the file, or say what is wrong with them."""
    limits = tuple(_limit(row, measures) for row in rows)
    for name, measure in measures.items():
        for rat in measure.rats:
            own = [limit for limit in limits if limit.measure == name and rat in limit.rats]
            _check_order(own, measure, rat)
    return limits


def _limit(row: Mapping[str, Any], measures: Mapping[str, Measure]) -> Limit:
    """Return one limit of the file."""
    name = str(row.get("measure", "?"))
    where = f"a limit of {name!r}"
    check_keys(row, where, argument="measures", needed=LIMIT_KEYS, known=("note",))
    check_choice(name, tuple(measures), "`measure` of a limit", argument="measures")
    level = check_choice(row["level"], LEVELS, f"`level` of {where}", argument="measures")
    rats = _rats(row, f"`rats` of {where}")
    if strange := sorted(set(rats) - set(measures[name].rats)):
        message = (
            f"`measures`: {where} is for {strange}, for which it is not defined; take them out."
        )
        raise InputError(message)
    if measures[name].direction == "either":
        message = f"`measures`: {where} needs a measure that is bad high or low; take it out."
        raise InputError(message)
    over = number_of(row["over_min"], f"`over_min` of {where}", argument="measures")
    if over < 0:
        message = f"`measures`: `over_min` of {where} must be 0 or more, got {over:g}; correct it."
        raise InputError(message)
    return Limit(
        measure=name,
        rats=rats,
        level=level,
        at=number_of(row["at"], f"`at` of {where}", argument="measures"),
        over_min=over,
        source=str(row["source"]),
        verified=check_choice(row["verified"], TAGS, f"`verified` of {where}", argument="measures"),
        note=str(row.get("note", "")),
    )


def _check_order(limits: Sequence[Limit], measure: Measure, rat: str) -> None:
    """Raise where a level comes twice for a technology or the next is not worse."""
    levels = [limit.level for limit in limits]
    if len(set(levels)) < len(levels):
        message = (
            f"`measures`: {measure.name!r} has a level twice for {rat}: {levels}; take one out."
        )
        raise InputError(message)
    sign = -1.0 if measure.direction == "low" else 1.0
    by_level = sorted(limits, key=lambda limit: LEVELS.index(limit.level))
    at = [sign * limit.at for limit in by_level]
    if sorted(set(at)) != at:
        message = (
            f"`measures`: limits of {measure.name!r} for {rat} must get worse from watch to severe, "
            f"got {[limit.at for limit in by_level]}; correct them."
        )
        raise InputError(message)
