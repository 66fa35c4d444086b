"""Take measurement files into the table `kpi` of a bundle, and say what that came to.

Simple so far: the table is a folder of Parquet files that intakes alone write; one that came otherwise is never added
to.
"""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from contract.additions import check_addable
from contract.errors import UnreadableFileError
from contract.history import History
from contract.settings import Settings
from kpi.files.catalogue import load_catalogue
from kpi.files.intake import Taken, take_files
from kpi.files.ledger import FILE, KNOWN, QUARANTINED, READ
from kpi.files.objects import load_inventory

TABLE = "kpi"
MOST_LINES = 10


def take_into_bundle(
    paths: Sequence[Path],
    out: Path,
    settings: Settings,
    *,
    cells: Path | None = None,
    counters: Path | None = None,
    history: History | None = None,
) -> Taken:
    """Take measurement files into the table `kpi` of a bundle.

    Parameters
    ----------
    paths : sequence of Path
        Files, or folders of them.
    out : Path
        Bundle folder to write or add to; its `kpi`, if there is one, must be of an earlier intake.
    settings : Settings
        `zone` matters: that of instants without an offset.
    cells : Path, optional
        Bundle with the inventory; default `out`.
    counters : Path, optional
        TOML file of rules that come before those shipped.
    history : History, optional
        Where rows are written as well.

    Returns
    -------
    Taken

    Raises
    ------
    InputError
        If no file can be read, or inventory, rules or folder are not as they should be.
    """
    folder = out / TABLE
    is_new = not (folder / FILE).is_file()
    if is_new:
        check_addable(out, [TABLE])
    catalogue = load_catalogue(counters)
    inventory = load_inventory(cells or out, settings)
    was_there = out.exists()
    try:
        return take_files(paths, folder, inventory, catalogue, zone=settings.zone, history=history)
    except UnreadableFileError:
        if is_new:
            shutil.rmtree(folder if was_there else out, ignore_errors=True)
        raise


def told(taken: Taken, out: Path) -> list[str]:
    """Return what an intake came to, as lines for a terminal.

    Parameters
    ----------
    taken : Taken
    out : Path
        Bundle folder.
    """
    files = taken.files
    by_status = files["status"].value_counts()
    counts = [
        f"{int(by_status.get(status, 0)):,} {status}" for status in (READ, KNOWN, QUARANTINED)
    ]
    lines = [f"{len(files):,} files: {', '.join(counts)}"]
    broken = files[files["status"] == QUARANTINED]
    lines += _some((_broken_line(row) for row in broken.to_dict("records")), len(broken), "more")
    noted = files[files["note"] != ""]
    lines += _some(
        (f"  {row['name']}: {row['note']}" for row in noted.to_dict("records")), len(noted), "more"
    )
    whole = files[["records", "used", "suspect", "left_out", "rejected"]].sum()
    lines.append(
        f"{whole['records']:,} records: {whole['used']:,} used ({whole['suspect']:,} suspect), "
        f"{whole['left_out']:,} left out, {whole['rejected']:,} rejected"
    )
    left = [f"  left out: {why}: {count:,} records" for why, count in taken.left_out.items()]
    lines += _some(left, len(left), "more reasons")
    lines += _rejected_lines(taken.rejected)
    refused = taken.refused
    told_values = (
        f"  values of {r['counter']}: {r['reason']}: {r['number']:,}"
        for r in refused.to_dict("records")
    )
    lines += _some(told_values, len(refused), "more")
    lines += _not_mapped_lines(taken.not_mapped)
    lines.append(f"{taken.rows:,} rows in {taken.hours:,} hours written to {out / TABLE}")
    return lines


def _some(lines: Iterable[str], count: int, what: str) -> list[str]:
    """Return the first of some lines, and how many there are beside."""
    first = [line for line, _ in zip(lines, range(MOST_LINES), strict=False)]
    return first if count <= MOST_LINES else [*first, f"  and {count - MOST_LINES:,} {what}"]


def _broken_line(row: dict[str, object]) -> str:
    """Return the line that tells of a quarantined file."""
    place = f"line {row['line']}, column {row['place']}: " if row["line"] else ""
    return f"  quarantined: {row['name']}: {place}{row['reason']}"


def _rejected_lines(rejected: pd.DataFrame) -> list[str]:
    """Return why records were rejected, with the object most often concerned."""
    lines = []
    for why, rows in rejected.groupby("reason", sort=False):
        first = rows.iloc[0]
        objects = f"{len(rows):,} objects, such as {first['object'][:100]!r}"
        lines.append(
            f"  rejected: {why}: {rows['records'].sum():,} records of {objects} in {first['name']}"
        )
    return _some(lines, len(lines), "more reasons")


def _not_mapped_lines(not_mapped: pd.DataFrame) -> list[str]:
    """Return which counters no rule takes."""
    if not_mapped.empty:
        return []
    names = ", ".join(not_mapped["counter"].head(MOST_LINES))
    return [f"{len(not_mapped):,} counters not mapped, the commonest: {names}"]
