"""Put a page into the frame that all pages of the server share: who it is for, ways to the others, language, colours.

A template extends `frame.html` and fills `content`, and `style` and `scripts` where it needs them. It finds `caller`,
`language`, `words` (of the frame), `csrf_field` for its forms, `severity`, and what was given.

Simple so far: language and colours are kept by the browser, not with the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from contract.ledger.accounts import Caller
from dashboards.pages import HTML_LANGUAGE, page_words, template_named
from dashboards.server.access import server_of
from dashboards.wording import LANGUAGES, Words, load_words

WORDS_FILE = Path(__file__).with_name("frame_words.toml")
LANGUAGE, THEME = "cellcause_language", "cellcause_theme"
THEMES = ("auto", "light", "dark")
A_YEAR_S = 31_536_000
WAYS = (
    ("map", "/app/map", "incidents"),
    ("queue", "/app/queue", "tickets"),
    ("agent", "/app/agent", "notices"),
    ("report", "/app/report", "rates"),
    ("audit", "/app/audit", "audit"),
)
"""Pages, where they are, and the act that a role must allow for them to be shown."""


@dataclass(frozen=True)
class Way:
    """A way to another page."""

    name: str
    address: str
    is_here: bool


def language_of(request: Request) -> str:
    """Return the language a page is asked in: of the address, else of the browser's choice, else of the settings."""
    asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE, "")
    return asked if asked in LANGUAGES else server_of(request).settings.language


def theme_of(request: Request) -> str:
    """Return the colours a page is asked in."""
    asked = request.query_params.get("theme") or request.cookies.get(THEME, "")
    return asked if asked in THEMES else THEMES[0]


def frame_words(language: str) -> Words:
    """Return the words of the frame."""
    return load_words(WORDS_FILE, language)


def ways_of(caller: Caller | None, here: str) -> list[Way]:
    """Return the pages that a caller may see."""
    return [
        Way(name, address, name == here)
        for name, address, act in WAYS
        if caller is not None and caller.may(act)
    ]


def framed(
    request: Request,
    template: str,
    *,
    title: str,
    here: str = "",
    caller: Caller | None = None,
    status: int = 200,
    **values: Any,
) -> HTMLResponse:
    """Return a page in the frame.

    Parameters
    ----------
    template : str
        Name of a file in `dashboards/templates` that extends `frame.html`.
    here : str
        Which of `WAYS` it belongs to.
    caller : Caller, optional
        Who it is for; None for the page at which one logs in.
    **values
        What the template shows.
    """
    language, theme = language_of(request), theme_of(request)
    token = str(getattr(request.state, "csrf", ""))
    html = template_named(template).render(
        language=language,
        html_language=HTML_LANGUAGE[language],
        theme=theme,
        themes=THEMES,
        languages=LANGUAGES,
        title=title,
        caller=caller,
        ways=ways_of(caller, here),
        frame=frame_words(language),
        csrf=token,
        csrf_field=Markup('<input type="hidden" name="csrf" value="{}">').format(token),
        **page_words(language) | values,
    )
    answer = HTMLResponse(html, status)
    for name, value in ((LANGUAGE, language), (THEME, theme)):
        asked = request.query_params.get("lang" if name == LANGUAGE else "theme")
        if asked == value:
            answer.set_cookie(name, value, max_age=A_YEAR_S, samesite="lax")
    return answer
