"""Give the colours of the map in light and in dark: those of the pages, as plain numbers, which a canvas needs.

Simple so far: kept here and in `templates/base.css`; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

THEMES = ("light", "dark")
COLOURS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "light": {
            "ink": "#1b2127",
            "soft": "#59636e",
            "faint": "#8a939c",
            "line": "#d5dade",
            "paper": "#ffffff",
            "panel": "#f5f7f8",
            "accent": "#1f5f8b",
            "critical": "#c8102e",
            "major": "#e8730c",
            "minor": "#e3b505",
            "warning": "#2f7fd6",
            "cleared": "#2c9a63",
            "complaint": "#6b4fa0",
        },
        "dark": {
            "ink": "#e4e8eb",
            "soft": "#a3adb6",
            "faint": "#7d8790",
            "line": "#38424b",
            "paper": "#14191d",
            "panel": "#1c2329",
            "accent": "#79b8e3",
            "critical": "#f0455b",
            "major": "#f28a2e",
            "minor": "#ecc94b",
            "warning": "#4f9bea",
            "cleared": "#46b980",
            "complaint": "#b8a3e6",
        },
    }
)
GROUND: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "light": {
            "sea": "#e6ebef",
            "land": "#fafbfb",
            "county": "#a9b3bc",
            "town": "#dde2e6",
            "site": "#8d99a4",
        },
        "dark": {
            "sea": "#0b0f12",
            "land": "#1b232a",
            "county": "#5b6975",
            "town": "#313d46",
            "site": "#74828f",
        },
    }
)
"""Colours that the map alone has."""
SCALE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "light": ("#eef3fa", "#c6d4ec", "#9a9fd4", "#7a62b0", "#54327f"),
        "dark": ("#1e2532", "#333a63", "#54498f", "#8064b4", "#b79be0"),
    }
)
"""From few to many complaints per 10,000."""
SEVERITIES = ("critical", "major", "minor", "warning", "cleared")


def faded(colour: str, share: float) -> str:
    """Return a colour that lets the ground through.

    >>> faded("#ff0000", 0.5)
    'rgba(255,0,0,0.5)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share:g})"
