"""Write docs/measures.md from the file of measures.

`python -m kpi.measure_pages` rewrites it; a test keeps it so.

Simple so far: one page, in English.
"""

from collections.abc import Sequence
from pathlib import Path

from kpi.measure_files import LEVELS, RATS, Limit, Measure, MeasureBook, load_measures

PAGE = Path(__file__).resolve().parents[1] / "docs" / "measures.md"
TAG_WORDS = {
    "v": "looked up",
    "E": "engineers' knowledge, not looked up",
    "A": "assumed, to be calibrated",
    "u": "known of, not looked up",
}

_HEAD = """# Measures

Written from `kpi/measures.toml` by `python -m kpi.measure_pages`. A measure is made of the counters of the table
[`kpi`](tables.md); a limit is a threshold of the rule books.

* A **ratio** is the sum of numerators by the sum of denominators over the periods that know both, never a mean of
  ratios; a zero denominator gives null, never 0 and never 100 %. It comes with its number of attempts, `n`, and its
  95 % interval (Wilson).
* A **quotient** is the same without being a share; a **product** is made of ratios; a **count** is per hour, whatever
  the period; a **level** is a mean weighted by minutes. dBm are averaged as milliwatts.
* With fewer attempts than `least` a value is marked `few`: it crosses a limit only where its whole interval lies
  beyond.
* A period that never arrived is unknown, not zero. `coverage` is the share of the minutes that are known.
* Of rows of one cell that overlap, the finer count where they fill the coarser one, else the coarser counts.
* A measure is unknown for technologies it is not defined for.

The measures watched are those that hidden faults are found by; the others are shown by `cellcause counters show`
and in roll-ups. The setting `measures` names a file of the same form that is laid over this one for roll-ups and
pages: a measure in it replaces the one of that name, limits for a measure replace all of its limits, `[rules]` replace
ours key by key.
"""

_TAGS = "\n`verified`: " + "; ".join(f"`{tag}` {words}" for tag, words in TAG_WORDS.items()) + ".\n"

_MEASURES_HEAD = """
| measure | made of | unit | bad | family | RAT | least | source | verified |
|---|---|---|---|---|---|---|---|---|
"""

_LIMITS_HEAD = """
## Limits

Judged on values of at least so many minutes (`over`); 0 is any. `START` marks a rule book's first value, to be
calibrated by the operator. A rule with one limit alone is `bad`.

| measure | RAT | watch | bad | severe | over, min | source | verified |
|---|---|---|---|---|---|---|---|
"""


def measures_page(book: MeasureBook) -> str:
    """Return the text of docs/measures.md.

    Parameters
    ----------
    book : MeasureBook
        From `load_measures`.
    """
    watched = [measure for measure in book.measures if measure.is_watched]
    shown = [measure for measure in book.measures if not measure.is_watched]
    parts = [_HEAD, _TAGS]
    for title, measures in (("Watched", watched), ("Shown only", shown)):
        parts.append(f"\n## {title}\n{_MEASURES_HEAD}")
        parts += [_measure_line(measure) for measure in measures]
    parts.append(_LIMITS_HEAD)
    parts += [_limit_line(limits) for limits in _grouped(book.limits)]
    return "".join(parts)


def _measure_line(measure: Measure) -> str:
    """Return the line of a measure."""
    source = measure.source + (f" ({measure.note})" if measure.note else "")
    least = f"{measure.least:g}" if measure.denominators or measure.factors else ""
    direction = {"either": "high or low"}.get(measure.direction, measure.direction)
    cells = (
        f"`{measure.name}`", _made_of(measure), measure.unit, direction, measure.family,
        _rats(measure.rats), least, source, measure.verified,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |\n"


def _made_of(measure: Measure) -> str:
    """Return a measure's formula."""
    upper, lower = (
        " + ".join(f"`{name}`" for name in part)
        for part in (measure.numerators, measure.denominators)
    )
    if measure.factors:
        return " × ".join(f"`{name}`" for name in measure.factors)
    if lower:
        times = "" if measure.times == 1 else f" × {measure.times:g}"
        return f"{upper} / {lower}{times}"
    if not upper:
        return "a row arrived"
    return {"count": f"{upper} by hour", "level": f"mean of {upper}"}[measure.form]


def _rats(rats: Sequence[str]) -> str:
    """Return technologies as a page says them."""
    return "all" if set(rats) == set(RATS) else ", ".join(rats)


def _grouped(limits: Sequence[Limit]) -> list[list[Limit]]:
    """Return limits that stand in one line: of one measure, technologies, length, source and tag."""
    groups: dict[tuple[object, ...], list[Limit]] = {}
    for limit in limits:
        key = (limit.measure, limit.rats, limit.over_min, limit.source, limit.verified, limit.note)
        groups.setdefault(key, []).append(limit)
    return list(groups.values())


def _limit_line(limits: Sequence[Limit]) -> str:
    """Return the line of some limits."""
    first = limits[0]
    at = {limit.level: f"{limit.at:g}" for limit in limits}
    source = first.source + (f" ({first.note})" if first.note else "")
    levels = (at.get(level, "") for level in LEVELS)
    cells = (
        f"`{first.measure}`", _rats(first.rats), *levels, f"{first.over_min:g}", source, first.verified,
    )  # fmt: skip
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    PAGE.write_text(measures_page(load_measures()), encoding="utf-8")
