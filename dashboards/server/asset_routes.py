"""Serve what pages are made of: our scripts and the typeface, from this machine alone.

Simple so far: the typeface is sent whole, once; browsers keep it.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from dashboards.fonts import font_file

router = APIRouter(include_in_schema=False)
ASSETS = Path(__file__).with_name("assets")
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
A_DAY = {"Cache-Control": "private, max-age=86400"}
ANEW = {"Cache-Control": "no-cache"}


@router.get("/assets/font.ttf")
def get_font() -> FileResponse:
    """Answer the typeface."""
    return FileResponse(font_file(), media_type="font/ttf", headers=A_DAY)


@router.get("/assets/{name}")
def get_asset(name: str) -> FileResponse:
    """Answer one of our files."""
    path = ASSETS / name
    if path.parent != ASSETS or path.suffix not in KINDS or not path.is_file():
        raise HTTPException(404, "there is no such file")
    return FileResponse(path, media_type=KINDS[path.suffix], headers=ANEW)
