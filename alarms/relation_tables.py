"""Read the tables that relations of alarms are learned from, and write the relations.

Simple so far: clocks that are off are not put right, because a history needs no inventory.
"""

import os
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from contract.bundles import DUPLICATE, read_table
from contract.errors import MissingTableError, OutputError, TooManyRejectedError
from contract.files import SUFFIXES
from contract.settings import Settings
from contract.validation import Checked

WRITTEN_SUFFIXES = (".csv", ".parquet")


@dataclass(frozen=True)
class HistoryTables:
    """A history as read.

    Attributes
    ----------
    alarms : DataFrame
        Usable alarms, each in its last version.
    links : DataFrame or None
        Usable links; None where none were given.
    counts : DataFrame
        Index `table`; columns `rows`, `used`, `rejected`, `repaired`.
    rejected, repairs : DataFrame
        Columns `table`, `row`, `reason`, `content`.
    """

    alarms: pd.DataFrame
    links: pd.DataFrame | None
    counts: pd.DataFrame
    rejected: pd.DataFrame
    repairs: pd.DataFrame


def read_history(path: Path, links: Path | None, settings: Settings) -> HistoryTables:
    """Return the tables of a history, typed and judged row by row.

    Objects are looked up nowhere: they may be in no inventory.

    Parameters
    ----------
    path : Path
        Table of alarms: a CSV, XLSX or Parquet file, a folder of Parquet files, or a bundle, whose
        `alarms` (and `links`, unless given) are taken.
    links : Path, optional
        Table of links, in the same forms.
    settings : Settings
        `zone`, `reject_share` matter here.

    Returns
    -------
    HistoryTables

    Raises
    ------
    InputError
        If a table cannot be read, lacks a required column, has no usable row, or more than
        `reject_share` of its rows are unusable.
    """
    if links is None and _in_bundle(path, "alarms"):
        links = _in_bundle(path, "links")
    elif links is not None:
        links = _in_bundle(links, "links") or links
    read = {"alarms": read_table(_in_bundle(path, "alarms") or path, "alarms", settings)}
    if links is not None:
        read["links"] = read_table(links, "links", settings)
    for name, checked in read.items():
        _check_usable(checked, name, settings.reject_share)
    alarms = read["alarms"].frame
    counts = {
        name: (each.rows, each.rows - len(each.rejected), len(each.rejected), len(each.repairs))
        for name, each in read.items()
    }
    columns = ["rows", "used", "rejected", "repaired"]
    return HistoryTables(
        alarms=alarms[alarms["superseded_at"].isna()].reset_index(drop=True),
        links=read["links"].frame if "links" in read else None,
        counts=pd.DataFrame.from_dict(counts, orient="index", columns=columns).rename_axis("table"),
        rejected=pd.concat([each.rejected for each in read.values()], ignore_index=True),
        repairs=pd.concat([each.repairs for each in read.values()], ignore_index=True),
    )


def check_relations_target(out: Path) -> None:
    """Raise when relations can't be written to a path: call it before long work.

    Raises
    ------
    OutputError
        If `out` ends in neither `.csv` nor `.parquet`, is a folder or lies in none.
    """
    if out.suffix.lower() not in WRITTEN_SUFFIXES:
        msg = f"`out` must end in one of {list(WRITTEN_SUFFIXES)}; it is {str(out)!r}. Rename it."
        raise OutputError(msg)
    if out.is_dir():
        msg = f"`out` must be a file; {str(out)!r} is a folder. Give a name in it."
        raise OutputError(msg)
    if not out.absolute().parent.is_dir():
        msg = f"`out` must lie in a folder that is there; {str(out)!r} does not. Make it first."
        raise OutputError(msg)


def write_relations(relations: pd.DataFrame, out: Path) -> None:
    """Write relations as CSV or Parquet, by the suffix; an earlier file is replaced, whole or not.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    check_relations_target(out)
    partial = out.with_name(f".{out.name}.{os.getpid()}.partial")
    try:
        if out.suffix.lower() == ".csv":
            relations.to_csv(partial, index=False, lineterminator="\n", encoding="utf-8")
        else:
            relations.to_parquet(partial, index=False)
        partial.replace(out)
    except OSError as error:
        msg = f"`out` must be a file that can be written; {str(out)!r}: {error.strerror}."
        raise OutputError(msg) from error
    finally:
        partial.unlink(missing_ok=True)


def _in_bundle(path: Path, name: str) -> Path | None:
    """Return the file or folder of a table where a path is a bundle that has it."""
    if not path.is_dir():
        return None
    found = [path / f"{name}{suffix}" for suffix in SUFFIXES]
    found = [file for file in [*found, path / name] if file.exists()]
    return found[0] if found else None


def _check_usable(checked: Checked, name: str, share: float) -> None:
    """Raise when a table has no usable row, or too large a share that is not."""
    if checked.frame.empty:
        msg = f"`{name}` must have a usable row; it has {checked.rows} rows. Export it again."
        raise MissingTableError(msg)
    bad = checked.rejected[checked.rejected["reason"] != DUPLICATE]
    if len(bad) > share * checked.rows:
        reason = bad["reason"].value_counts().index[0]
        msg = (
            f"`{name}` must have at most {share:.0%} of its rows unusable; {len(bad)} of "
            f"{checked.rows} are, most often: {reason}. Correct the file."
        )
        raise TooManyRejectedError(msg)
