"""Lay out text for the terminal: lines that hang under their mark, quiet tables, text of others made harmless.

Simple so far: one style of table.
"""

from __future__ import annotations

from rich import box
from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text


def plain_text(value: object, style: str = "") -> Text:
    """Return a text of others as it is: no markup, no control characters."""
    return Text("".join(c if c.isprintable() else " " for c in str(value)), style=style)


def marked_line(mark: str, value: object, *, style: str = "", indent: int = 0) -> RenderableType:
    """Return a line that hangs under its own mark when it wraps."""
    return hanging(plain_text(mark), plain_text(value, style), indent=indent)


def hanging(mark: Text, body: Text, *, indent: int = 0) -> RenderableType:
    """Return a text beside its mark; further lines begin below the first."""
    grid = Table.grid(padding=0)
    grid.add_column(width=mark.cell_len, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(mark, body)
    return Padding(grid, (0, 0, 0, indent), expand=False)


def quiet_table(*headings: tuple[str, str]) -> Table:
    """Return a quiet table with headings; `right` is set right, `keep` and `right` never wrap."""
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="dim",
    )
    for heading, kind in headings:
        table.add_column(
            heading,
            justify="right" if kind == "right" else "left",
            no_wrap=kind != "left",
            overflow="fold",
        )
    return table
