"""Render a page as one offline file: its style, its typeface and its words are all inside.

A template extends `base.html`, fills its blocks (`style`, `header`, `content`, `footer`, `scripts`) and finds, beside
its own values, `language`, `title`, `page` and `severity` (words of `pages.toml`). No page fetches anything: a content
policy forbids it.

Simple so far: no minifying; a page is made in memory.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from contract.errors import OutputError
from dashboards.fonts import PAGE_FAMILY, font_face
from dashboards.wording import load_words

TEMPLATES = Path(__file__).with_name("templates")
WORDS_FILE = Path(__file__).with_name("pages.toml")
HTML_LANGUAGE = {"zh": "zh-CN", "en": "en"}
FACE_MARK = "/*<font face>*/"
LIBRARIES_MARK = "<!--libraries-->"
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def render_page(
    template: str, *, language: str, title: str, libraries: Sequence[str] = (), **values: Any
) -> str:
    r"""Return a page as one HTML text with style and typeface embedded.

    Values are escaped unless they are `markupsafe.Markup`. The typeface is cut down to the characters the page has,
    those inside scripts (also as `\uXXXX`) included.

    Parameters
    ----------
    template : str
        Name of a file in `dashboards/templates`.
    language : {"zh", "en"}
    title : str
        Of the window and of bookmarks.
    libraries : sequence of str
        JavaScript put at the end of the head, before any script of the page; trusted, not searched for characters.
    **values
        What the template shows.

    Returns
    -------
    str

    Raises
    ------
    InputError
        If the language is unknown.
    UnreadableFileError
        If the typeface is missing.
    jinja2.UndefinedError
        If the template needs a value that was not given.
    """
    shared = page_words(language)
    html = template_named(template).render(
        language=language,
        html_language=HTML_LANGUAGE[language],
        title=title,
        face_mark=Markup(FACE_MARK),
        libraries_mark=Markup(LIBRARIES_MARK),
        **shared | values,
    )
    face = font_face(html + "".join(chr(int(code, 16)) for code in ESCAPED.findall(html)))
    scripts = "".join(f"<script>{text}</script>" for text in libraries)
    return html.replace(FACE_MARK, face, 1).replace(LIBRARIES_MARK, scripts, 1)


def page_words(language: str) -> dict[str, object]:
    """Return what every template finds: `page` and `severity` (words), and the `family` of the typeface.

    Raises
    ------
    InputError
        If the language is unknown.
    """
    words = load_words(WORDS_FILE, language)
    return {"page": words["page"], "severity": words["severity"], "family": PAGE_FAMILY}


def template_named(name: str) -> Template:
    """Return one of our templates: everything escaped, nothing undefined passes."""
    return _environment().get_template(name)


def save_page(html: str, path: Path) -> None:
    """Write a page, whole or not at all.

    Parameters
    ----------
    html : str
    path : Path
        Replaced if it is there. Its parents are made.

    Raises
    ------
    OutputError
        If `path` is a folder or cannot be written.
    """
    save_file(html.encode("utf-8"), path)


def save_file(content: bytes, path: Path) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    OutputError
        If `path` is a folder or cannot be written.
    """
    path = path.absolute()
    if path.is_dir():
        msg = f"`{path.name}` must be a file; {str(path)!r} is a folder. Choose another name."
        raise OutputError(msg)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        msg = f"`{path.name}` must be a file that can be written; {str(path)!r}: {error.strerror}."
        raise OutputError(msg) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)


@cache
def _environment() -> Environment:
    """Return the environment of our templates: everything escaped, nothing undefined passes."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
