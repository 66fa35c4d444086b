"""Provide the one Chinese typeface of every page and figure, from a file that ships with a package.

The file is Noto Sans SC, Regular, static (no variable axes), under the SIL Open Font Licence; the package `zhplot`
carries it and is never imported. `python -m dashboards.fonts` checks that it is there and holds our characters.

Simple so far: one weight, so bold on a page is drawn by the browser; text with characters the file lacks (emoji,
rare ideographs) falls back on the fonts of the system.
"""

from __future__ import annotations

import base64
import io
import sys
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from contract.errors import UnreadableFileError

PACKAGE = "zhplot"
FONT_PATH = "zhplot/fonts/NotoSansSC-Regular.ttf"
PAGE_FAMILY = "cellcause-sans"
ALWAYS = frozenset(map(chr, range(0x20, 0x7F)))
TEXT_SUFFIXES = frozenset({".toml", ".csv", ".html", ".css", ".js"})


def font_file() -> Path:
    """Return the path of the typeface.

    Raises
    ------
    UnreadableFileError
        If the package or its file is missing.

    References
    ----------
    .. [1] Noto Sans SC, SIL Open Font Licence 1.1, shipped as package data of zhplot.

    Examples
    --------
    >>> font_file().name
    'NotoSansSC-Regular.ttf'
    """
    try:
        path = Path(str(distribution(PACKAGE).locate_file(FONT_PATH)))
    except PackageNotFoundError as error:
        msg = (
            f"`font` must come from the package {PACKAGE}, which is not installed; "
            "install what requirements.lock names."
        )
        raise UnreadableFileError(msg) from error
    if not path.is_file():
        msg = (
            f"`font` must be {FONT_PATH} of the package {PACKAGE}; the file is missing. "
            f"Install {PACKAGE} again as requirements.lock names it."
        )
        raise UnreadableFileError(msg)
    return path


def register_font() -> str:
    """Make the typeface known to matplotlib and return its family name.

    No setting is changed: pass the name on, for example by `matplotlib.rc_context({"font.family": name})`.

    Returns
    -------
    str
    """
    from matplotlib import font_manager

    path = font_file()
    if not any(entry.fname == str(path) for entry in font_manager.fontManager.ttflist):
        font_manager.fontManager.addfont(path)
    return str(font_manager.FontProperties(fname=path).get_name())


def font_face(text: str, family: str = PAGE_FAMILY) -> str:
    """Return a CSS rule that embeds the typeface cut down to the characters of a text.

    Parameters
    ----------
    text : str
        Whatever the page will show; basic Latin is always included.
    family : str
        Name by which style sheets refer to it.

    Returns
    -------
    str
        One `@font-face` rule with a WOFF file in base64; characters the typeface lacks are left out.

    Raises
    ------
    UnreadableFileError
        If the typeface is missing or can't be read.
    """
    wanted = ALWAYS | {c for c in text if c.isprintable()}
    data = base64.b64encode(_subset("".join(sorted(wanted)))).decode("ascii")
    return (
        f'@font-face{{font-family:"{family}";font-style:normal;font-display:block;'
        f'src:url(data:font/woff;base64,{data}) format("woff")}}'
    )


def lacking_characters(text: str) -> str:
    """Return the printable characters of a text that the typeface lacks, each once, in order.

    >>> lacking_characters("基站 cell 1.5±0.2")
    ''
    """
    present = _code_points()
    return "".join(sorted({c for c in text if c.isprintable() and ord(c) not in present}))


def main() -> int:
    """Say whether the typeface is there and holds the characters of our texts; return the exit code."""
    try:
        lacking = lacking_characters(_own_texts())
    except UnreadableFileError as error:
        sys.stderr.write(f"font: {error}\n")
        return 1
    if lacking:
        sys.stderr.write(f"font: {font_file().name} lacks {lacking!r}; use other characters.\n")
        return 1
    sys.stdout.write(f"font: {font_file().name}, {len(_code_points())} characters, all of ours\n")
    return 0


@cache
def _code_points() -> frozenset[int]:
    """Return the code points the typeface has glyphs for."""
    from fontTools.ttLib import TTFont, TTLibError

    try:
        with TTFont(font_file(), lazy=True) as font:
            return frozenset(font.getBestCmap())
    except TTLibError as error:
        msg = f"`font` must be a TrueType file; {font_file().name}: {error}."
        raise UnreadableFileError(msg) from error


@cache
def _subset(characters: str) -> bytes:
    """Return the typeface as a WOFF file of some characters; the same characters give the same bytes."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    points = [ord(c) for c in characters if ord(c) in _code_points()]
    options = subset.Options(flavor="woff", layout_features=["kern", "tnum"], hinting=False)
    options.name_IDs = [1, 2, 13, 14]
    options.drop_tables += ["BASE", "STAT", "vhea", "vmtx", "gasp"]
    with TTFont(font_file(), lazy=True, recalcTimestamp=False) as font:
        cut = subset.Subsetter(options)
        cut.populate(unicodes=points)
        cut.subset(font)
        font.flavor = "woff"
        written = io.BytesIO()
        font.save(written)
    return written.getvalue()


def _own_texts() -> str:
    """Return every text of ours that a page may show: words, scripts, names of causes, templates."""
    root = Path(__file__).parents[1]
    folders = [root / name for name in ("contract", "correlate", "dashboards")]
    files = [p for folder in folders for p in folder.rglob("*") if p.suffix in TEXT_SUFFIXES]
    return "".join(path.read_text(encoding="utf-8") for path in sorted(files))


if __name__ == "__main__":
    raise SystemExit(main())
