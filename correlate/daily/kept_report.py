"""Keep the tables of a daily report beside its documents, so that it can be shown otherwise later.

Simple so far: what was kept by another version is read as long as its tables have the same columns.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pandas as pd

from contract.errors import InputError
from correlate.daily.day_report import REPORT, DayReport, report_table

FOLDER, ABOUT = "tables", "about.json"
KEPT = frozenset({f"{FOLDER}/{ABOUT}", *(f"{FOLDER}/{name}.parquet" for name in REPORT)})
"""What is written into the folder of a report."""
_DAYS = ("day", "first_day", "last_day")


def keep_report(report: DayReport, folder: Path) -> None:
    """Write the tables of a report into its folder."""
    (folder / FOLDER).mkdir()
    for name in REPORT:
        getattr(report, name).to_parquet(folder / FOLDER / f"{name}.parquet", index=False)
    told = {f.name: getattr(report, f.name) for f in fields(report) if f.name not in REPORT}
    told |= {name: told[name].isoformat() for name in (*_DAYS, "at")}
    (folder / FOLDER / ABOUT).write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")


def kept_report(folder: Path) -> DayReport:
    """Return a report whose tables were kept.

    Raises
    ------
    InputError
        If they were not, or have other columns now.
    """
    try:
        told: dict[str, Any] = json.loads((folder / FOLDER / ABOUT).read_text(encoding="utf-8"))
        tables = {name: pd.read_parquet(folder / FOLDER / f"{name}.parquet") for name in REPORT}
    except (OSError, ValueError) as error:
        msg = f"`report` {folder.name!r} was drawn up by a version that kept no tables of it; draw it up anew."
        raise InputError(msg) from error
    told |= {name: dt.date.fromisoformat(told[name]) for name in _DAYS}
    told |= {"at": pd.Timestamp(told["at"]).tz_convert(told["zone"])}
    told["counties"] = tuple(told["counties"])
    typed = {name: report_table(name, table, told["zone"]) for name, table in tables.items()}
    return DayReport(**told, **typed)
