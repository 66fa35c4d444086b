"""Show how far a run has come, on the terminal's error stream."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from contract.settings import Settings


@contextmanager
def progress_bar(
    settings: Settings, *, quiet: bool
) -> Iterator[Callable[[int, int, int], None] | None]:
    """Yield a function to report progress to; nothing is shown when quiet or when no one watches."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    zone = ZoneInfo(settings.zone)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading the bundle", total=None)

        def report(done: int, total: int, now: int) -> None:
            moment = dt.datetime.fromtimestamp(now, tz=zone)
            bar.update(task, completed=done, total=total, description=f"{moment:%Y-%m-%d %H:%M}")

        yield report
