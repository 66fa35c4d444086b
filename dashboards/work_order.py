"""Show one investigated work order in the terminal, or print it as one JSON object.

Nothing is told by colour alone: a step has its mark and its word, a counter its arrow. Text of others can't style or
steer the terminal.

Simple so far: one layout from 80 to 110 columns; narrower terminals wrap.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from correlate.case.phrases import sentence
from dashboards.case_evidence import CellView, MeasureView
from dashboards.case_view import CaseView, CauseView, Sign, StepView, case_view
from dashboards.case_words import sparkline
from dashboards.terminal_text import hanging, marked_line, plain_text, quiet_table

MOST_WIDE = 110
BAR = 10
MOST_ALARMS, MOST_STATIONS = 12, 12
LEAST_TOLD = 0.05
"""Chance of serving from which a cell is told with its reason."""
SEVERITY_MARKS = {"critical": "◆", "major": "▲", "minor": "■", "warning": "●"}
STATUS_STYLES = {"found": "bold", "nothing": "", "not_queried": "yellow"}


def spoken(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case with every finding turned into a sentence of its language."""
    language = str(case["language"])
    told = {key: _spoken(value, language) for key, value in case.items()}
    for step in told["steps"]:
        for part in (step, *step.get("parts", ())):
            part["step"] = sentence({"key": part["step"], "values": {}}, language)
            part["status"] = str(part["status"]).removeprefix("status.")
    told["reply"] = {field: " ".join(found) for field, found in told["reply"].items()}
    return told


def _spoken(value: Any, language: str) -> Any:
    """Return a value of a case with the findings in it turned into sentences."""
    if isinstance(value, Mapping):
        if "key" in value and "values" in value:
            return sentence(value, language)
        return {key: _spoken(inner, language) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_spoken(inner, language) for inner in value]
    return value


def print_json(case: Mapping[str, Any]) -> None:
    """Print a case as one JSON object."""
    json.dump(spoken(case), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def print_work_order(case: Mapping[str, Any], *, console: Console | None = None) -> None:
    """Print a case for a person.

    Parameters
    ----------
    case : mapping
        As `correlate.case.investigation.investigate` returns it.
    console : Console, optional
        The terminal; the default asks the environment for width and colour (`COLUMNS`, `NO_COLOR`).
    """
    console = console or Console(highlight=False)
    view = case_view(case)
    width = min(console.width, MOST_WIDE)
    console.print(Group(*_sections(view)), width=width)


def _sections(view: CaseView) -> Iterable[RenderableType]:
    """Yield what is shown, in the order of the procedure."""
    yield _head(view)
    yield from _titled(view, "steps", [_step(s) for s in view.steps])
    yield from _titled(view, "place", _place(view))
    yield from _titled(view, "alarms", _alarms(view))
    yield from _titled(view, "counters", _counters(view))
    yield from _titled(view, "changes", _changes(view))
    yield from _titled(view, "neighbourhood", _stations(view))
    yield from _titled(view, "around", _around(view))
    yield from _titled(view, "causes", _causes(view))
    yield from _titled(view, "excluded", _excluded(view))
    yield from _titled(view, "previous", _previous(view))
    yield from _titled(view, "questions", [marked_line("? ", q) for q in view.questions])
    yield from _titled(view, "reply", _reply(view))


def _titled(view: CaseView, key: str, body: Iterable[RenderableType]) -> Iterable[RenderableType]:
    """Yield a section with its heading, nothing where it is empty."""
    shown = list(body)
    if shown:
        title = Text(view.words["heading"][key], style="bold")
        yield Text("")
        yield Rule(title, align="left", style="dim", characters="─")
        yield from shown


def _head(view: CaseView) -> RenderableType:
    """Return the ticket with its likeliest cause."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, fact in view.facts:
        grid.add_row(name, plain_text(fact))
    label = view.words["label"]
    if view.text:
        grid.add_row(label["text"], plain_text(view.text))
    if view.causes:
        first = view.causes[0]
        grid.add_row("", "")
        grid.add_row(view.words["heading"]["causes"], plain_text(_cause_line(first, view), "bold"))
    return Panel(
        grid, title=plain_text(view.ticket_id, "bold"), title_align="left", border_style="dim"
    )


def _cause_line(cause: CauseView, view: CaseView) -> str:
    """Return a cause, its probability, where and since when."""
    parts = [cause.name, cause.share]
    if cause.object_id:
        parts.append(cause.object_id)
        if cause.since:
            parts.append(f"{view.words['label']['since']} {cause.since}")
    return " · ".join(parts)


def _step(step: StepView, *, indent: int = 0) -> RenderableType:
    """Return a step with its mark, word, window and findings, its parts below it."""
    head = plain_text(step.title, STATUS_STYLES.get(step.status, ""))
    note = (step.word, step.window if not indent else "", "" if step.parts else step.reason)
    head.append(f"  {' · '.join(part for part in note if part)}", style="dim")
    lines = [hanging(plain_text(f"{step.mark} {step.number} "), head, indent=indent)]
    lines += [marked_line("· ", found, indent=indent + 4) for found in step.findings]
    return Group(*lines, *(_step(part, indent=2) for part in step.parts))


def _bar(share: float) -> str:
    """Return a share as a bar of ten."""
    filled = round(share * BAR)
    return "█" * filled + "░" * (BAR - filled)


def _place(view: CaseView) -> Iterable[RenderableType]:
    """Yield who serves the place, and who serves it now when cells are down."""
    found, words = view.evidence, view.words
    if view.place_why:
        yield plain_text(view.place_why)
    if found.cells:
        yield _cell_table(found.cells, view)
        yield from _cell_reasons(found.cells)
        if found.nothing:
            yield marked_line("· ", words["note"]["nothing_serves"].format(p=found.nothing))
    if found.current:
        yield Text(words["label"]["current"], style="bold")
        yield _cell_table(found.current, view)
        yield from _cell_reasons(found.current)


def _cell_table(cells: Sequence[CellView], view: CaseView) -> Table:
    """Return cells with a bar of their probability, and what else is known of them."""
    label = view.words["label"]
    fields = [f for f in ("station", "carrier", "where") if any(getattr(c, f) for c in cells)]
    headings = {"station": "station", "carrier": "carrier", "where": "direction"}
    kinds = {"where": "right"}
    table = quiet_table(
        (label["cell"], "left"),
        *((label[headings[f]], kinds.get(f, "left")) for f in fields),
        (label["probability"], "keep"),
    )
    for cell in cells:
        note = f" × {view.words['note']['down']}" if cell.is_down else ""
        known = (plain_text(getattr(cell, f)) for f in fields)
        bar = f"{_bar(cell.probability)} {cell.share:>5}"
        table.add_row(plain_text(cell.cell_id + note), *known, bar)
    return table


def _cell_reasons(cells: Sequence[CellView]) -> Iterable[RenderableType]:
    """Yield why each cell that is likely enough serves the place."""
    told = [c for c in cells if c.why and c.probability >= LEAST_TOLD]
    if told:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True)
        grid.add_column(overflow="fold", style="dim")
        for cell in told:
            grid.add_row(plain_text(cell.cell_id), plain_text(cell.why))
        yield Padding(grid, (1, 0, 0, 0), expand=False)


def _alarms(view: CaseView) -> Iterable[RenderableType]:
    """Yield alarms with their counts and days."""
    found, label = view.evidence, view.words["label"]
    if found.alarms:
        table = quiet_table(
            (label["alarm"], "left"),
            (label["count"], "right"),
            (label["first"], "keep"),
            (label["last"], "keep"),
            (label["days"], "keep"),
        )
        for alarm in found.alarms[:MOST_ALARMS]:
            mark = SEVERITY_MARKS.get(alarm.severity, "○")
            name = Padding(plain_text(alarm.name), (0, 0, 0, 2), expand=False)
            what = Group(plain_text(f"{mark} {alarm.object_id}", "bold"), name)
            last = f"{alarm.last}\n{label['in_force']}" if alarm.in_force else alarm.last
            days = sparkline(list(alarm.by_day)) if alarm.by_day else ""
            table.add_row(what, str(alarm.count), alarm.first, last, days)
        yield table
    left = len(found.alarms) - MOST_ALARMS
    if left > 0:
        yield marked_line("· ", view.words["note"]["more_alarms"].format(count=left))
    if found.quiet:
        yield marked_line("· ", view.words["label"]["quiet"] + found.quiet)


def _counters(view: CaseView) -> Iterable[RenderableType]:
    """Yield the counters of the likeliest cell, and of the others those that left their usual band."""
    label, note = view.words["label"], view.words["note"]
    for number, (cell, measures) in enumerate(view.evidence.counters):
        told = [m for m in measures if number == 0 or m.mark or m.telling]
        calm = [m.name for m in measures if m not in told]
        table = quiet_table(
            (cell, "left"),
            (label["now"], "right"),
            ("", "keep"),
            (label["usual"], "right"),
            (label["hours"], "keep"),
        )
        for measure in told:
            table.add_row(*_counter_row(measure))
        if number:
            yield Text("")
        yield table
        if calm:
            yield marked_line("· ", note["ordinary"].format(count=len(calm), names=", ".join(calm)))


def _counter_row(measure: MeasureView) -> tuple[RenderableType, ...]:
    """Return a row: name, now, mark, usual band, two days."""
    style = "bold" if measure.mark and measure.telling else ""
    return (
        plain_text(measure.name, style),
        plain_text(measure.now, style),
        measure.mark,
        measure.usual,
        sparkline(list(measure.values)) if measure.values else "",
    )


def _changes(view: CaseView) -> Iterable[RenderableType]:
    """Yield parameter changes and works."""
    if view.evidence.changes:
        keys = ("at", "object", "parameter", "change", "note", "distance")
        yield _rows(view, view.evidence.changes, keys)


def _stations(view: CaseView) -> Iterable[RenderableType]:
    """Yield the own station and its neighbours, each with its state."""
    if view.evidence.stations:
        shown = view.evidence.stations[:MOST_STATIONS]
        yield _rows(view, shown, ("station", "role", "state", "distance"))


def _around(view: CaseView) -> Iterable[RenderableType]:
    """Yield other complaints around."""
    if view.evidence.around:
        yield _rows(view, view.evidence.around, ("at", "ticket", "symptom", "distance", "note"))


def _rows(view: CaseView, rows: Iterable[Mapping[str, str]], keys: tuple[str, ...]) -> Table:
    """Return rows of texts as a table."""
    label = view.words["label"]
    kinds = {"at": "keep", "distance": "right"}
    table = quiet_table(*((label.get(key, ""), kinds.get(key, "left")) for key in keys))
    for row in rows:
        table.add_row(*(plain_text(row[key]) for key in keys))
    return table


def _causes(view: CaseView) -> Iterable[RenderableType]:
    """Yield the causes, likeliest first, with what speaks for and against each."""
    for rank, cause in enumerate(view.causes, start=1):
        head = plain_text(_cause_line(cause, view), "bold")
        head.append(f"  [{cause.code}]", style="dim")
        yield hanging(plain_text(f"{rank} {_bar(cause.probability)} "), head)
        for mark, signs in (("+ ", cause.speaks), ("− ", cause.contradicts)):
            yield from (_sign(mark, sign) for sign in signs)
    if view.rest:
        yield marked_line("  ", view.rest)


def _sign(mark: str, sign: Sign) -> RenderableType:
    """Return a line of evidence with its strength."""
    return marked_line(mark, f"{sign.text} ({sign.strength})", indent=4)


def _excluded(view: CaseView) -> Iterable[RenderableType]:
    """Yield the causes excluded, each with its reason."""
    return (marked_line("× ", reason) for _, reason in view.excluded)


def _previous(view: CaseView) -> Iterable[RenderableType]:
    """Yield the question of the previous node and its answer."""
    previous, label = view.previous, view.words["label"]
    if not previous.question:
        return
    yield marked_line("? ", previous.question)
    if previous.asks:
        yield marked_line("  ", f"{label['asks']}: {' · '.join(previous.asks)}")
    for told in previous.answer:
        yield marked_line("→ ", told)


def _reply(view: CaseView) -> Iterable[RenderableType]:
    """Yield the fields of the reply, each text on lines of its own so that it can be copied."""
    for label, told in view.reply:
        yield Text(label, style="dim")
        yield Padding(plain_text(told), (0, 0, 0, 2), expand=False)
    yield Text(view.words["note"]["editable"], style="dim")
