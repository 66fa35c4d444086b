"""Tell in the terminal what a run or a check found: rows used, incidents, notices, cost.

Simple so far: text tables only.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from alarms.catalogue import Catalogue, load_catalogue, read_meanings, unmapped
from contract.bundles import Bundle
from contract.causes import cause_name
from contract.recognition import unresolved_by_vendor
from contract.settings import Settings
from correlate.run import Result

MOST_GAPS, MOST_OF_A_KIND, MOST_FORMS = 12, 3, 12
COST_OF_MISSING = {
    "links": "outages can't be traced to their common parent; each site stands alone",
    "neighbours": "neighbours are taken from the map instead of handover relations",
    "places": "addresses are found by site names only",
    "subscribers": "no complaints per 10,000 users",
    "alarms": "faults show only in counters and complaints",
    "kpi": "hidden faults go unseen, and alarms are believed without a check",
    "changes": "planned work and wrong parameters can't be told from other faults",
    "complaints": "nothing to diagnose; only notices",
    "locations": "the serving cell rests on address and coordinates alone",
    "accounts": "barred accounts are told only by the customer's words",
    "verdicts": "nothing is learned from closed orders",
}


def print_counts(counts: pd.DataFrame, out: Path, **listed: pd.DataFrame) -> None:
    """Print rows used, rejected and repaired of each table, and the commonest reasons of lists given by their title."""
    console = Console()
    console.print(_counts_table(counts))
    _tell_reasons(console, **listed)
    console.print(f"written to {out}", markup=False, soft_wrap=True)


def print_check(bundle: Bundle, settings: Settings) -> None:
    """Print what a bundle holds, what is missing and what that costs."""
    console = Console()
    console.print(_counts_table(bundle.counts))
    for name in bundle.missing:
        cost = COST_OF_MISSING.get(name, "")
        console.print(f"missing {name}: {cost}", style="yellow", markup=False)
    if bundle.ignored:
        console.print(f"ignored: {', '.join(bundle.ignored)}", markup=False)
    _tell_reasons(console, rejected=bundle.rejected, repaired=bundle.repairs)
    _tell_unresolved(console, bundle)
    _tell_unmapped(console, bundle, load_catalogue(settings.alarm_catalogue))
    for name, encoding in bundle.encodings.items():
        console.print(f"{name}: read as {encoding.upper()}", markup=False)
    _tell_forms(console, bundle, settings.zone)
    console.print(f"times without an offset are read as {settings.zone}")


def print_summary(result: Result, out: Path) -> None:
    """Print what a run came to."""
    console = Console()
    console.print(_counts_table(result.bundle.counts))
    _tell_doubts(console, result.daybook, result.knowledge.settings.zone)
    _tell_unresolved(console, result.bundle)
    incidents, issued = result.tables["incidents"], result.tables["interceptions"]
    if len(incidents):
        console.print(_incident_table(incidents, result.knowledge.settings.language))
    _tell_unmapped(console, result.bundle, result.knowledge.catalogue)
    if result.state.coverage:
        console.print(result.state.coverage, markup=False, soft_wrap=True)
    tickets = result.tables["diagnoses"]["ticket_id"].nunique()
    notices = int(issued["revises"].isna().sum())
    console.print(
        f"{tickets} tickets diagnosed, {len(incidents)} incidents, {notices} notices; "
        f"{result.seconds:.1f} s, {result.peak_bytes / 2**30:.2f} GiB at most"
    )
    console.print(f"tables written to {out} (Parquet and CSV)", markup=False, soft_wrap=True)


def _tell_unresolved(console: Console, bundle: Bundle, *, most: int = 10) -> None:
    """List the identities of cells and objects that the inventory does not know in any form."""
    rows = bundle.unresolved
    if rows.empty:
        return
    title = f"{len(rows):,} identities not in the inventory, in {rows['rows'].sum():,} rows"
    if len(rows) > most:
        title += f"; the commonest {most}"
    console.print(title, style="yellow", markup=False)
    table = Table()
    for name in rows.columns:
        table.add_column(str(name), justify="right" if name == "rows" else "left")
    for row in rows.head(most).itertuples(index=False):
        table.add_row(*(f"{v:,}" if isinstance(v, int) else escape(str(v)[:80]) for v in row))
    console.print(table)
    if len(rows) > most and "vendor" in rows:
        for row in unresolved_by_vendor(rows[rows["vendor"] != ""]).itertuples():
            told = f"{row.table} of {row.vendor}: {row.identities:,} identities in {row.rows:,} rows, such as"
            console.print(f"{told} {row.examples[:160]}", markup=False)


def _tell_forms(console: Console, bundle: Bundle, zone: str) -> None:
    """List clocks that are off, on the clocks of a zone, and odd forms that were read past."""
    for row in bundle.clocks.itertuples():
        way = "behind" if row.minutes > 0 else "ahead"
        since = row.since.tz_convert(zone)
        told = (
            f"clock of {row.group} {way} by {abs(row.minutes):.0f} min since {since:%Y-%m-%d %H:%M}"
        )
        console.print(f"{told}; {row.rows:,} alarms dated anew", style="yellow", markup=False)
    for row in bundle.forms.itertuples():
        console.print(f"{row.table}.{row.column}: {row.form}, {row.rows:,} rows", markup=False)


def _tell_doubts(console: Console, daybook: Mapping[str, pd.DataFrame], zone: str) -> None:
    """List stretches without data, and what else the data say that can't be so; nothing if all is well."""
    gaps, doubts = daybook["gaps"], daybook["doubts"]
    lines = [
        ("gap", row.table, "", f"{_where(row)} missing {_span(row.since, row.until, zone)}")
        for row in gaps[gaps["since"].notna()].head(MOST_GAPS).itertuples()
    ]
    for kind, rows in doubts.groupby("kind", sort=False):
        most = MOST_FORMS if kind == "form" else MOST_OF_A_KIND
        for row in rows.head(most).itertuples():
            lines.append((str(kind), row.table, f"{row.rows:,.0f}", f"{row.object_id} {row.note}"))
        if len(rows) > most:
            lines.append((str(kind), "", f"{rows['rows'].sum():,.0f}", f"{len(rows)} in all"))
    if len(gaps) > MOST_GAPS:
        lines.append(("gap", "", f"{len(gaps):,}", "in all"))
    if not lines:
        return
    table = Table(title="doubts")
    for name in ("kind", "table", "rows", "what"):
        table.add_column(name, justify="right" if name == "rows" else "left")
    for line in lines:
        table.add_row(*(escape(str(value).strip()) for value in line))
    console.print(table)


def _where(gap: Any) -> str:
    """Return who is missing in a gap."""
    named = [str(v) for v in (gap.vendor, gap.county) if isinstance(v, str) and v]
    return ", ".join(named) or str(gap.scope)


def _span(since: pd.Timestamp, until: pd.Timestamp, zone: str) -> str:
    """Return a stretch of time in words, on the clocks of a zone."""
    end = "the end" if pd.isna(until) else f"{until.tz_convert(zone):%m-%d %H:%M}"
    return f"from {since.tz_convert(zone):%m-%d %H:%M} to {end}"


def _tell_unmapped(console: Console, bundle: Bundle, catalogue: Catalogue) -> None:
    """List the alarms whose meaning neither the catalogue nor the words of their names give."""
    alarms = bundle.tables.get("alarms")
    if alarms is None or alarms.empty:
        return
    unknown = unmapped(alarms, read_meanings(catalogue, alarms))
    if unknown.empty:
        return
    names = ", ".join(str(n) for n in unknown["name"].head(10))
    rows = int(unknown["alarms"].sum())
    console.print(
        f"{rows:,} alarms of unknown meaning, counted and left out: {names}", markup=False
    )


def _counts_table(counts: pd.DataFrame) -> Table:
    """Return rows used, rejected and repaired; the index, where it is named, is the table's name."""
    flat = counts.reset_index() if counts.index.name else counts
    table = Table(title="rows")
    for name in flat.columns:
        is_number = pd.api.types.is_numeric_dtype(flat[name])
        table.add_column(str(name), justify="right" if is_number else "left")
    for row in flat.itertuples(index=False):
        table.add_row(*(f"{v:,}" if isinstance(v, int) else escape(str(v)) for v in row))
    return table


def _tell_reasons(console: Console, **listed: pd.DataFrame) -> None:
    """List the commonest reasons of each list of rows that has any."""
    for title, rows in listed.items():
        if len(rows):
            console.print(_reasons(title, rows))


def _reasons(title: str, rows: pd.DataFrame, *, most: int = 30) -> Table:
    """Return the commonest reasons of rows rejected or repaired."""
    table = Table(title=f"{title}, the commonest reasons")
    for name in ("table", "reason", "rows", "first row"):
        table.add_column(name)
    grouped = rows.groupby(["table", "reason"])["row"].agg(["size", "min"])
    top = grouped.sort_values("size", ascending=False).head(most)
    for (name, reason), row in top.iterrows():
        table.add_row(*(escape(str(v)) for v in (name, reason, row["size"], row["min"])))
    return table


def _incident_table(incidents: pd.DataFrame, language: str) -> Table:
    """Return incidents by cause."""
    table = Table(title="incidents by cause")
    for name in ("cause", "incidents", "complaints", "users, mean"):
        table.add_column(name, justify="left" if name == "cause" else "right")
    grouped = incidents.groupby("cause").agg(
        n=("cause", "size"), complaints=("complaints", "sum"), users=("users", "mean")
    )
    for cause, row in grouped.sort_values("n", ascending=False).iterrows():
        name = cause_name(str(cause), language)
        table.add_row(name, f"{row['n']:.0f}", f"{row['complaints']:.0f}", f"{row['users']:.0f}")
    return table
