"""Draw the pictures of the README: the page of a work order, the daily report, the terminal.

By hand, from the root of the checkout: `python -m benchmarks.pictures`. It needs Chromium (`--browser`, default
`chromium`) and writes `docs/pictures/*.png`, each below 150 kB.

Simple so far: one size, the light form of the pages only.
"""

import argparse
import io
import re
import subprocess
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from rich.console import Console
from rich.text import Text

from contract.settings import Settings
from correlate.case.investigation import investigate
from correlate.daily.report import day_report
from correlate.run import run_to_folder
from dashboards.report import write_report
from dashboards.work_order import print_work_order
from dashboards.work_order_page import save_work_order

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
TICKET = "2010062801365464"
REPORT_DAY = date(2026, 3, 7)
COLUMNS = 100
WIDTH = 1000
COLOURS = 160
"""Pages are flat: so many colours look the same and a file is a third as large."""

PARTS = (
    ("╭", "Steps taken"),
    ("Steps taken", "  ✓ 1.2"),
    ("✓ 3 ", "  ✓ 3.2"),
    ("  ✓ 4.11", "∅ 5 "),
    ("Alarms ", "● "),
    ("Counters ", "Drop rate"),
    ("Likely causes ", "2 "),
    ("Excluded ", "Question of"),
)
"""What of the case the picture of the terminal shows: from the line that begins so to before the one that begins so."""

SQUEEZED = re.compile(r' textLength="[^"]*"(?=[^>]*>[^<]*[\u4e00-\u9fff])')
"""The width that rich demands of a text, where the text has Chinese in it: it counts its characters as narrow."""

# Without the typeface that rich would fetch from the network.
TERMINAL_FORM = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: monospace; font-size: {char_height}px; line-height: {line_height}px; }}
.{unique_id}-title {{ font-size: 18px; font-family: sans-serif; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}<g class="{unique_id}-matrix">{matrix}</g></g></svg>"""


def main() -> None:
    """Draw the three pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--browser", default="chromium")
    browser = parser.parse_args().browser
    PICTURES.mkdir(exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        draw_work_order(folder, browser)
        draw_terminal(folder, browser)
        draw_report(folder, browser)


def draw_work_order(folder: Path, browser: str) -> None:
    """Draw the page of the work order of Dali, in Chinese."""
    page = folder / "work-order.html"
    save_work_order(investigate(ROOT / "examples" / "dali", TICKET, Settings()), page)
    photograph(page, browser, height=1250)


def draw_terminal(folder: Path, browser: str) -> None:
    """Draw parts of the same case as the terminal shows it, in English."""
    case = investigate(ROOT / "examples" / "dali", TICKET, Settings(language="en"))
    told = Console(
        record=True,
        width=COLUMNS,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
    )
    print_work_order(case, console=told)
    lines = told.export_text(styles=True).splitlines()
    drawn = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    drawn.print(f"$ cellcause investigate examples/dali {TICKET} --lang en")
    for line in chosen(lines):
        drawn.print(Text.from_ansi(line))
    page = folder / "terminal.html"
    drawing = drawn.export_svg(title="cellcause", code_format=TERMINAL_FORM)
    drawing = SQUEEZED.sub("", drawing)
    width, height = (float(word) for word in drawing.split('"')[3].split()[2:])
    page.write_text(f"<body style='margin:0'>{drawing}", encoding="utf-8")
    photograph(page, browser, height=round(WIDTH * height / width))


def chosen(lines: list[str]) -> list[str]:
    """Return the lines of `PARTS`, with dots where some are left out."""
    kept: list[str] = []
    plain = [Text.from_ansi(line).plain for line in lines]
    for first, last in PARTS:
        start = next(n for n, line in enumerate(plain) if line.startswith(first))
        end = next(n for n in range(start + 1, len(plain)) if plain[n].startswith(last))
        kept += [*lines[start:end], *([] if not plain[end - 1].strip() else ["  ⋯", ""])]
    return kept


def draw_report(folder: Path, browser: str) -> None:
    """Draw the daily report of a made-up province, in English."""
    bundle, out, page = folder / "province", folder / "out", folder / "report.html"
    options = ["--cells", "300", "--days", "10", "--seed", "1", "--lang", "en"]
    command = [".venv/bin/python", "-m", "examples.province", str(bundle), *options]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    settings = Settings(language="en")
    run_to_folder(bundle, out, settings)
    write_report(day_report(out, REPORT_DAY, settings), page, None, "en")
    photograph(page, browser, height=1500)


def photograph(page: Path, browser: str, *, height: int) -> None:
    """Write what a browser shows of a page as a picture of the same name."""
    shot = page.with_suffix(".png")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
    sizes = [f"--window-size={WIDTH},{height}", f"--screenshot={shot}"]
    own = f"--user-data-dir={page.parent / 'browser'}"
    command = [browser, *options, "--disable-background-networking", own, *sizes, page.as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    with Image.open(shot) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    target = PICTURES / shot.name
    few.save(target, optimize=True)
    print(f"{target.relative_to(ROOT)}  {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
