"""Print an offline page as a PDF with a headless Chromium, in a process of its own that reaches no network.

Page numbers and the line at the head are the page's own (`@page` in its style).

Simple so far: one process for each page; a browser that is not there is told of once.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from contract.errors import InputError

logger = logging.getLogger(__name__)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOST_S = 120.0
HEAD = b"%PDF-"
OPTIONS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)


class NotPrintedError(InputError):
    """Report that a page could not be printed, and why."""


@cache
def browser() -> str | None:
    """Return the program that prints, None where there is none; that is logged, once."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        logger.warning("no Chromium is found (%s): no PDF is made", ", ".join(NAMES))
    return found


def printed_page(html: str, *, program: str | None = None, most_s: float = MOST_S) -> bytes:
    """Return an offline page as a PDF.

    Parameters
    ----------
    html : str
        A page that needs nothing else.
    program : str, optional
        Browser to print with; by default the one that is found.
    most_s : float
        Seconds it may take.

    Raises
    ------
    NotPrintedError
        If there is no browser, it takes too long, or gives no PDF.
    """
    program = browser() if program is None else program
    if program is None:
        msg = f"a PDF needs a Chromium on the server; none of these is on its path: {', '.join(NAMES)}."
        raise NotPrintedError(msg)
    with tempfile.TemporaryDirectory(prefix="cellcause-print-") as folder:
        home = Path(folder)
        (home / "page.html").write_text(html, encoding="utf-8")
        told = _run(_command(program, home), home, most_s)
        try:
            pdf = (home / "page.pdf").read_bytes()
        except FileNotFoundError:
            pdf = b""
    if not pdf.startswith(HEAD):
        msg = f"{Path(program).name} gave no PDF: {told or 'it said nothing'}."
        raise NotPrintedError(msg)
    return pdf


def _command(program: str, home: Path) -> list[str]:
    """Return the command that prints."""
    as_root = ["--no-sandbox"] if os.geteuid() == 0 or os.environ.get("CHROMIUM_NO_SANDBOX") else []
    out = [f"--user-data-dir={home / 'profile'}", f"--print-to-pdf={home / 'page.pdf'}"]
    return [program, *OPTIONS, *as_root, *out, (home / "page.html").as_uri()]


def _run(command: list[str], home: Path, most_s: float) -> str:
    """Run a command and return the last line it told; what it started ends with it."""
    with subprocess.Popen(
        command,
        cwd=home,
        env=os.environ | {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            _, told = process.communicate(timeout=most_s)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            msg = f"{Path(command[0]).name} did not print within {most_s:g} s."
            raise NotPrintedError(msg) from None
    lines = told.decode(errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
