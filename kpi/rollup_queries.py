"""Write the query by which a history rolls counters up to hours and days, for more rows than memory holds.

Simple so far: by cell alone; a row counts where it begins, so periods must lie within the span and not overlap, else
use `kpi.rollups`; technologies are not looked at, and intervals are left to the reader of `n`.
"""

from collections.abc import Sequence

from contract.errors import InputError
from kpi.measure_files import Measure, MeasureBook
from kpi.span_pieces import SPANS


def rollup_query(
    book: MeasureBook,
    *,
    span: str = "hour",
    zone: str = "Asia/Shanghai",
    names: Sequence[str] | None = None,
    table: str = "kpi",
) -> str:
    """Return a query in DuckDB's SQL that gives measures by cell and hour or day.

    Parameters
    ----------
    book : MeasureBook
        From `kpi.measure_files.load_measures`.
    span : {"hour", "day"}, default "hour"
    zone : str, default "Asia/Shanghai"
        IANA zone of the days.
    names : sequence of str, optional
        Measures wanted; default all.
    table : str, default "kpi"
        Table or view that has the columns of the contract's table `kpi`, `start` with its zone.

    Returns
    -------
    str
        Columns `cell_id`, `start`, `periods`, `minutes` and each measure, a ratio or quotient followed by its attempts
        as `<measure>_n`.

    Raises
    ------
    InputError
        If the span or a measure is not known.

    Examples
    --------
    >>> from kpi.measure_files import load_measures
    >>> query = rollup_query(load_measures(), names=["attempts"])
    >>> query.splitlines()[0]
    'SELECT cell_id,'
    """
    if span not in SPANS:
        message = f"`span` must be one of {list(SPANS)}, got {span!r}."
        raise InputError(message)
    known = {m.name: m for m in book.measures if m.counters or m.factors}
    if strange := [name for name in names or () if name not in known]:
        message = f"`names` must be measures of {sorted(known)}, got {strange}."
        raise InputError(message)
    rates = frozenset(c for m in book.measures if m.is_rate for c in m.numerators)
    columns: list[str] = []
    for name in names or known:
        columns += _columns(known[name], [known[factor] for factor in known[name].factors], rates)
    place = _quoted(zone)
    start = f"date_trunc('{span}', start AT TIME ZONE {place}) AT TIME ZONE {place}"
    listed = ",\n  ".join(
        [f"{start} AS start", "count(*) AS periods", "sum(minutes) AS minutes", *columns]
    )
    return f"SELECT cell_id,\n  {listed}\nFROM {table}\nGROUP BY ALL\nORDER BY ALL"


def _columns(measure: Measure, factors: Sequence[Measure], rates: frozenset[str]) -> list[str]:
    """Return the columns of a measure."""
    name = measure.name.replace('"', '""')
    if factors:
        product = " * ".join(_value(factor, rates) for factor in factors)
        return [f'{product} AS "{name}"']
    column = f'{_value(measure, rates)} AS "{name}"'
    if not measure.denominators:
        return [column]
    upper, lower = _parts(measure, rates)
    return [column, f'sum(CASE WHEN {upper} IS NOT NULL THEN {lower} END) AS "{name}_n"']


def _value(measure: Measure, rates: frozenset[str]) -> str:
    """Return the expression of a measure over a group of rows."""
    upper, lower = _parts(measure, rates)
    total = f"sum(CASE WHEN {lower} IS NOT NULL THEN {upper} END)"
    value = f"{total} / nullif(sum(CASE WHEN {upper} IS NOT NULL THEN {lower} END), 0)"
    if measure.form == "ratio":
        return f"(CASE WHEN {value} > 1 THEN 1.0 ELSE {value} END)"  # least() of null and 1 is 1
    if measure.averaged == "power":
        return f"10 * log10({value})"
    return f"({value}) * {measure.times!r}"


def _parts(measure: Measure, rates: frozenset[str]) -> tuple[str, str]:
    """Return the upper and lower part of a measure in one row; null where unknown."""
    if measure.form == "level":
        level = _known(measure.numerators[0])
        level = f"pow(10, {level} / 10)" if measure.averaged == "power" else level
        return f"({level} * minutes)", "minutes"
    upper, lower = (
        " + ".join(
            _known(name) + (" * minutes / 60.0" if name in rates else "") for name in counters
        )
        for counters in (measure.numerators, measure.denominators)
    )
    return f"({upper})", f"({lower})" if lower else "(minutes / 60.0)"


def _known(counter: str) -> str:
    """Return a counter as a double, null where it is none."""
    return f"(CASE WHEN isfinite({counter}) THEN {counter}::DOUBLE END)"


def _quoted(text: str) -> str:
    """Return a text as a constant."""
    return "'" + text.replace("'", "''") + "'"
