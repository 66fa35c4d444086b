"""Turn a matplotlib figure into SVG that stands inside a page and follows its colours, light or dark.

Simple so far: text becomes outlines, so it can't be selected; every figure brings its own glyphs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from markupsafe import Markup, escape

from dashboards.fonts import register_font

# The light palette of base.css; in a page each becomes the variable of that name.
COLOURS = {
    "ink": "#1b2127",
    "soft": "#59636e",
    "faint": "#8a939c",
    "line": "#d5dade",
    "paper": "#fffffe",
    "panel": "#f5f7f8",
    "accent": "#1f5f8b",
    "band": "#dfe8ee",
    "critical-fill": "#c8102e",
    "major-fill": "#e8730c",
    "minor-fill": "#e3b505",
    "warning-fill": "#2f7fd6",
    "cleared-fill": "#2c9a63",
}
ROOT = re.compile(r"<svg\b[^>]*>")
NAMES = re.compile(r'(\bid="|href="#|url\(#)')


@contextmanager
def drawing_style() -> Iterator[None]:
    """Hold matplotlib's settings of our figures while one is made; leave the settings as they were."""
    import matplotlib

    settings: dict[Any, Any] = {
        "font.family": register_font(),
        "font.size": 9,
        "text.color": COLOURS["ink"],
        "axes.edgecolor": COLOURS["faint"],
        "axes.labelcolor": COLOURS["soft"],
        "axes.spines.top": False,
        "axes.spines.right": False,
        "xtick.color": COLOURS["soft"],
        "ytick.color": COLOURS["soft"],
        "axes.unicode_minus": False,
        "svg.fonttype": "path",
        "svg.hashsalt": "cellcause",
    }
    with matplotlib.rc_context(settings):
        yield


def inline_svg(figure: Any, *, name: str, label: str) -> Markup:
    """Return a figure as an SVG element for a page; call it inside `drawing_style`.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    name : str
        Put before every id in it, so that figures of one page don't meet; letters only.
    label : str
        What a screen reader says.

    Returns
    -------
    Markup
        The same figure gives the same text.
    """
    written = io.StringIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    body = written.getvalue()
    body = body[body.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, count=1, flags=re.DOTALL)
    view = re.search(r'viewBox="[^"]+"', body)
    root = (
        f'<svg class="drawing" role="img" aria-label="{escape(label)}" {view[0] if view else ""} '
        'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    )
    body = NAMES.sub(rf"\g<1>{name}-", body)
    for variable, colour in COLOURS.items():
        body = body.replace(colour, f"var(--{variable})")
    return Markup(ROOT.sub(lambda _: root, body, count=1))
