"""Make up an operator from the command line: python -m examples.province OUT [--cells 600] ...

Simple so far: only what `Settings` holds can be chosen; what causes do is in the data files.
"""

import argparse
import datetime as dt
from pathlib import Path

from examples.province.bundle import write_province
from examples.province.settings import LANGUAGES, PERIODS, Settings


def main(arguments: list[str] | None = None) -> int:
    """Write a province and print its rows; return 0.

    Parameters
    ----------
    arguments : list of str, optional
        Those of the command line by default.
    """
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        settings = Settings(
            cells=chosen.cells,
            days=chosen.days,
            seed=chosen.seed,
            language=chosen.lang,
            kpi_minutes=chosen.kpi_minutes,
            is_dirty=chosen.dirty,
            start=chosen.start,
            silent=chosen.silent,
        )
        rows = write_province(settings, chosen.out)
    except (ValueError, FileExistsError) as error:
        parser.error(str(error))
    for name, count in rows.items():
        print(f"{name:<18} {count:>12,}")
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return what the command line understands."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.province",
        description="Write an operator to practise on: a bundle with its truth inside.",
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="a new or an empty folder")
    parser.add_argument("--cells", type=int, default=600, help="50 to 500,000; about so many")
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--seed", type=int, default=1, help="same seed, same bytes")
    parser.add_argument("--lang", choices=LANGUAGES, default="zh")
    parser.add_argument("--kpi-minutes", type=int, choices=PERIODS, default=60)
    parser.add_argument("--dirty", action="store_true", help="spoil the feeds as real ones are")
    parser.add_argument(
        "--silent", type=float, default=0.0, help="share of the faults that lose their alarms"
    )
    parser.add_argument("--start", type=dt.date.fromisoformat, default=Settings.start)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
