"""Claims about the pages as a real browser draws them; skipped, saying so, where there is no Chromium."""

import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest

from cli import main
from contract.settings import load_settings
from correlate.daily.report import day_report
from dashboards.report import write_report

ROOT = Path(__file__).resolve().parents[2]
DALI, TICKET = ROOT / "examples" / "dali", "2010062801365464"
INCIDENT = "INC-20100624-00004"
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--virtual-time-budget=10000",
)


@pytest.fixture(scope="module")
def chromium() -> str:
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        pytest.skip("there is no Chromium on this machine: the pages are not drawn")
    return found


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the work order, the report and the incident of the same case."""
    folder = tmp_path_factory.mktemp("pages")
    assert main(["run", str(DALI), "--out", str(folder / "out"), "--quiet"]) == 0
    target = str(folder / "order.html")
    assert main(["investigate", str(DALI), TICKET, "--html", target]) == 0
    incident = ["incident", str(folder / "out"), INCIDENT, "--html", str(folder / "incident.html")]
    assert main(incident) == 0
    report = day_report(folder / "out", date(2010, 6, 28), load_settings(None))
    write_report(report, folder / "report.html", None, "zh")
    return folder


def drawn(chromium: str, page: Path, profile: Path) -> tuple[str, str]:
    """Return the document as the browser has it after its scripts ran, and what it complained of."""
    command = [
        chromium,
        *QUIET,
        "--enable-logging=stderr",
        f"--user-data-dir={profile}",
        "--dump-dom",
        page.as_uri(),
    ]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    console = [line for line in told.stderr.splitlines() if ":CONSOLE" in line]
    return told.stdout, "\n".join(console)


@pytest.mark.parametrize(
    ("page", "charts"), [("order.html", 0), ("report.html", 1), ("incident.html", 0)]
)
def test_pages_are_drawn_without_complaint(
    chromium: str, pages: Path, tmp_path: Path, page: str, charts: int
) -> None:
    document, console = drawn(chromium, pages / page, tmp_path)
    assert not console
    assert "</main>" in document
    assert document.count('class="main-svg"') >= charts


@pytest.mark.parametrize("page", ["order.html", "report.html", "incident.html"])
def test_pages_are_printed(chromium: str, pages: Path, tmp_path: Path, page: str) -> None:
    paper = tmp_path / "paper.pdf"
    command = [
        chromium,
        *QUIET,
        f"--user-data-dir={tmp_path / 'profile'}",
        f"--print-to-pdf={paper}",
    ]
    subprocess.run(
        [*command, (pages / page).as_uri()], capture_output=True, timeout=120, check=True
    )
    told = paper.read_bytes()
    assert told.startswith(b"%PDF")
    assert len(told) > 30_000
