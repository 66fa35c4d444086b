"""Show a proposed mapping in the terminal: what feeds what, how surely, and what is left over.

Simple so far: text tables only, in English; values of the export are not shown.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from contract.proposal_files import save_proposal
from contract.proposals import SURE, Proposal, Suggestion


def print_proposal(proposal: Proposal, out: Path | None) -> None:
    """Print a proposal, and write its mapping file where one is asked for.

    Parameters
    ----------
    proposal : Proposal
    out : Path, optional
        Mapping file to write; one that exists is refused before anything is printed.

    Raises
    ------
    OutputError
        If `out` exists or cannot be written.
    """
    if out is not None:
        save_proposal(proposal, out)
    console = Console()
    told = ", ".join(f"{name} = {value}" for name, value in proposal.source.items())
    console.print(f"{proposal.path.name}: {proposal.rows} rows looked at; {told}", markup=False)
    others = [f"{name} {score:.2f}" for name, score in list(proposal.scores.items())[:4]]
    console.print(f"looks like: {', '.join(others)}", markup=False)
    for name, found in proposal.tables.items():
        console.print(_table(name, found))
    if proposal.unused:
        console.print(f"not used: {', '.join(proposal.unused)}", markup=False)
    unsure = sum(bool(one.doubts) for found in proposal.tables.values() for one in found)
    console.print(f"{unsure} lines are unsure")
    if out is None:
        console.print("write it with --out MAPPING.toml", markup=False)
    else:
        console.print(
            f"written to {out}: read it, then `cellcause convert {out} ...`",
            markup=False,
            soft_wrap=True,
        )


def _table(name: str, found: tuple[Suggestion, ...]) -> Table:
    """Return the suggestions of a table."""
    table = Table(title=name)
    for title in ("column", "from", "sure", "look at"):
        table.add_column(title, overflow="fold")
    for one in found:
        sources = " + ".join(one.sources) or f"always {one.rule.get('value', '')!r}"
        origin = "nothing" if not one.score else sources
        style = "red" if not one.score else "yellow" if one.doubts or one.score < SURE else ""
        cells = (one.column, origin, f"{one.score:.2f}", "; ".join(one.doubts))
        table.add_row(*(escape(cell) for cell in cells), style=style)
    return table
