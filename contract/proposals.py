"""Propose a mapping for an unknown export: its header, its tables, and a source for each column.

A proposal is a guess to be read by a person: what is unsure says so.

Simple so far: one table and its companion a file; a table is guessed from its required columns.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from contract.errors import MappingError
from contract.files import open_table_file
from contract.header_matches import Match, Sample, matches, part_matches
from contract.header_words import Recipe, Wanted, canonical, load_header_words
from contract.headers import plain_header
from contract.headings import Heading, find_heading
from contract.instants import parse_instants
from contract.proposal_rules import Rule, match_rule, recipe_rule
from contract.rows import Layout
from contract.spreadsheets import unwrapped
from contract.tables import TABLES

SAMPLED = 2000
SURE = 0.7
"""Score below which a match is unsure; judgement."""
DIRECT = 0.93
"""Score from which a column is taken though a recipe is at hand; judgement."""
MADE = 0.75
"""Score of what a recipe makes; judgement."""
LEAST_TABLE = 0.35
"""Score from which an export is taken for a table at all; judgement."""
COMPANION = 0.6
"""Score of its required columns from which a companion is proposed; judgement."""
NOT_FOUND = "no source found: name a column, or every row is rejected"


@dataclass(frozen=True)
class Suggestion:
    """Where a column of the contract may come from.

    Attributes
    ----------
    table, column
    rule
        Fields of the rule of a mapping file.
    sources
        Columns of the export that it reads.
    score
        0 to 1; 0 where nothing was found.
    doubts
        What a person should look at; empty when sure.
    """

    table: str
    column: str
    rule: Mapping[str, Any]
    sources: tuple[str, ...]
    score: float
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """A mapping proposed for an export.

    Attributes
    ----------
    path
    rows
        Rows of the export that were looked at.
    source
        Fields of `[source]`.
    tables
        Suggestions by table, in the order of the contract.
    unused
        Columns of the export that feed nothing.
    scores
        How far the export is each table, 0 to 1, the best first.
    """

    path: Path
    rows: int
    source: Mapping[str, Any]
    tables: Mapping[str, tuple[Suggestion, ...]]
    unused: tuple[str, ...]
    scores: Mapping[str, float] = field(default_factory=dict)


def propose_mapping(
    path: Path, *, table: str | None = None, zone: str = "Asia/Shanghai"
) -> Proposal:
    """Return a mapping for an export of unknown form.

    Parameters
    ----------
    path : Path
        A CSV, XLSX or Parquet file.
    table : str, optional
        The table it holds; default: guessed, with a companion (`cells` with `sites`,
        `complaints` with `verdicts`) where the export has that too.
    zone : str
        IANA zone of times without an offset.

    Returns
    -------
    Proposal

    Raises
    ------
    MappingError
        If `table` is none of the contract, or nothing in the file speaks for any table.
    UnreadableFileError
        If the file cannot be read.
    """
    if table is not None and table not in TABLES:
        msg = f"`table` must be one of {list(TABLES)}; {table!r} is none."
        raise MappingError(msg)
    heading = find_heading(path)
    sample = _sample(path, heading)
    parts = part_matches(sample)
    names = [table] if table else list(sample.words.wanted)
    found = {name: _suggestions(sample, name, parts) for name in names}
    scores = {name: _table_score(found, name, sample) for name in names}
    scores = dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))
    best = next(iter(scores))
    if table is None and scores[best] < LEAST_TABLE:
        msg = (
            f"`{path}` must have columns that a table of the contract needs; {list(sample.frame)[:40]} "
            "speak for none. Name the table it holds with `--table`."
        )
        raise MappingError(msg)
    chosen = [best, *(() if table else _companions(best, found, sample))]
    tables = {name: found[name] for name in TABLES if name in chosen}
    if {"sites", "cells"} <= set(tables):
        tables["sites"] = _with_site_of_cells(tables["sites"], tables["cells"])
    used = {source for each in tables.values() for one in each for source in one.sources}
    return Proposal(
        path=path,
        rows=len(sample.frame),
        source=_source(heading, tables, zone),
        tables=tables,
        unused=tuple(name for name in sample.frame if name not in used),
        scores=scores,
    )


def _sample(path: Path, heading: Heading) -> Sample:
    """Return the first rows of an export."""
    sheet = heading.sheet
    layout = Layout(skip_rows=heading.position, header_rows=heading.rows, sheet=sheet)
    _, pieces = open_table_file(path, layout)
    frame = next(pieces()).frame.head(SAMPLED)
    texts = {name: unwrapped(frame[name].astype("str").mask(frame[name].isna())) for name in frame}
    return Sample(pd.DataFrame(texts, index=frame.index), load_header_words())


def _suggestions(sample: Sample, table: str, parts: Mapping[str, Match]) -> tuple[Suggestion, ...]:
    """Return where each column of a table may come from; required ones also without a source."""
    direct = matches(sample, table)
    beside = [matches(sample, name) for name in sample.words.companions.get(table, ())]
    near = {**parts, **{key: m for each in beside for key, m in each.items()}, **direct}
    wanted = {each.name: each for each in sample.words.wanted[table]}
    recipes = {name: _recipe(sample, table, name, near) for name in TABLES[table].column_names}
    made = {name for name in recipes if _is_made(direct.get(name), recipes[name])}
    needs = {need for name in made for need in _needs(recipes[name])} & set(parts)
    taken = {near[need].header for need in needs}
    found = []
    for column in TABLES[table].columns:
        match, recipe = direct.get(column.name), recipes[column.name]
        if recipe and column.name in made:
            found.append(_made(recipe, near))
        elif match and (match.score >= DIRECT or match.header not in taken):
            found.append(_direct(sample, wanted[column.name], match))
        elif column.is_required:
            found.append(_lacking(sample, table, column.name, near))
    return tuple(found)


def _is_made(match: Match | None, recipe: Recipe | None) -> bool:
    """Tell whether a column is made by its recipe rather than taken from one of the export."""
    if recipe is None or match is None:
        return recipe is not None
    return match.score < DIRECT and not recipe.doubt


def _needs(recipe: Recipe | None) -> tuple[str, ...]:
    """Return what a recipe reads; nothing where it gives a constant."""
    return () if recipe is None or recipe.value else recipe.needs


def _recipe(sample: Sample, table: str, column: str, near: Mapping[str, Match]) -> Recipe | None:
    """Return the recipe of a column of which everything is at hand, the surest, else the first."""
    best: tuple[float, Recipe | None] = (0.0, None)
    for recipe in sample.words.recipes:
        is_meant = (recipe.table, recipe.column) == (table, column)
        if not is_meant or not set(recipe.needs) <= set(near):
            continue
        needed = [near[name] for name in recipe.needs]
        weakest = min(match.score for match in needed)
        if len({match.header for match in needed}) == len(needed) and weakest > best[0]:
            best = (weakest, recipe)
    return best[1]


def _direct(sample: Sample, wanted: Wanted, match: Match) -> Suggestion:
    """Return the suggestion of a match."""
    rule, doubts = match_rule(sample, wanted, match)
    if match.is_by_values:
        doubts.insert(0, "known by its values alone")
    elif match.score < SURE:
        doubts.insert(0, f"only like it ({match.score:.2f})")
    if match.rivals:
        doubts.append(f"could also be {', '.join(repr(name) for name in match.rivals)}")
    return Suggestion(wanted.table, wanted.name, rule, (match.header,), match.score, tuple(doubts))


def _made(recipe: Recipe, near: Mapping[str, Match]) -> Suggestion:
    """Return the suggestion of a recipe."""
    needed = {name: near[name].header for name in recipe.needs}
    sources = () if recipe.value else tuple(dict.fromkeys(needed.values()))
    doubts = (recipe.doubt,) if recipe.doubt else ()
    if recipe.value:
        doubts = (f"because of {', '.join(needed.values())}",)
    rule = recipe_rule(recipe, needed)
    return Suggestion(recipe.table, recipe.column, rule, sources, MADE, doubts)


def _lacking(sample: Sample, table: str, column: str, near: Mapping[str, Match]) -> Suggestion:
    """Return the suggestion of a required column without a source."""
    if (table, column) == ("kpi", "minutes") and "start" in near:
        starts = (
            parse_instants(sample.frame[near["start"].header], "UTC").dropna().drop_duplicates()
        )
        steps = starts.sort_values().diff().dropna().dt.total_seconds() / 60
        if len(steps):
            doubt = "the commonest step between its times"
            value = float(steps.mode().iloc[0])
            return Suggestion(table, column, {"value": value}, (), MADE, (doubt,))
    return Suggestion(table, column, {"value": ""}, (), 0.0, (NOT_FOUND,))


def _table_score(found: Mapping[str, tuple[Suggestion, ...]], table: str, sample: Sample) -> float:
    """Return how far an export is a table: its required columns, and what it and its companions explain."""
    scores = {each.column: each.score for each in found[table]}
    required = [scores.get(name, 0.0) for name in TABLES[table].required_names]
    if table == "verdicts":
        required.append(scores.get("closed_at", 0.0))
    used: dict[str, float] = {}
    for name in (table, *sample.words.companions.get(table, ())):
        for each in found.get(name, ()):
            for source in each.sources:
                used[source] = max(used.get(source, 0.0), each.score)
    ignored = sample.words.ignored
    known = [name for name in sample.frame if name in used or canonical(name) not in ignored]
    complete = sum(required) / len(required) * (0.5 if min(required) == 0 else 1.0)
    if table == "kpi" and not scores.keys() - {*TABLES["kpi"].required_names, "received_at"}:
        complete /= 2
    return round(0.5 * complete + 0.5 * sum(used.values()) / max(len(known), 1), 3)


def _companions(
    best: str, found: Mapping[str, tuple[Suggestion, ...]], sample: Sample
) -> list[str]:
    """Return the tables that an export of a table holds too."""
    needed = {"verdicts": ("ticket_id", "cause", "closed_at")}
    companions = []
    for name in sample.words.companions.get(best, ()):
        scores = {each.column: each.score for each in found[name]}
        names = needed.get(name, TABLES[name].required_names)
        if all(scores.get(column, 0.0) >= COMPANION for column in names):
            companions.append(name)
    return companions


def _with_site_of_cells(
    sites: tuple[Suggestion, ...], cells: tuple[Suggestion, ...]
) -> tuple[Suggestion, ...]:
    """Return the suggestions of `sites` with the ids that `cells` has for them."""
    of_cells = next(each for each in cells if each.column == "site_id")
    return tuple(
        replace(of_cells, table="sites") if each.column == "site_id" else each for each in sites
    )


def _source(heading: Heading, tables: Mapping[str, tuple[Suggestion, ...]], zone: str) -> Rule:
    """Return the fields of `[source]`."""
    source: Rule = {}
    marker = _marker(heading, tables)
    is_needed = heading.position or not heading.is_first_sheet
    if is_needed and marker:
        source["header_marker"] = marker
    elif heading.position:
        source["skip_rows"] = heading.position
    if heading.rows > 1:
        source["header_rows"] = heading.rows
    is_found = marker and plain_header(marker) not in heading.elsewhere
    if heading.sheet and not heading.is_first_sheet and not is_found:
        source["sheet"] = heading.sheet
    return source | {"zone": zone}


def _marker(heading: Heading, tables: Mapping[str, tuple[Suggestion, ...]]) -> str:
    """Return a cell by which the header is known: of a required column, and nowhere above it."""
    above = {plain_header(cell) for line in heading.lines[: heading.position] for cell in line}
    top = heading.lines[heading.position] if heading.lines else ()
    here = {cell.strip() for cell in top} - {""}
    found = [each for each_table in tables.values() for each in each_table if each.score >= SURE]
    found.sort(key=lambda each: not TABLES[each.table].column(each.column).is_required)
    marks = [name for each in found for name in each.sources if name in here]
    return next((name for name in marks if plain_header(name) not in above), "")
