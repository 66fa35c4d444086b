"""Answer the page of one incident, whole and in the parts that are filled anew when something happens.

Simple so far: each part asks the ledger for all of the incident.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Path, Request
from fastapi.responses import HTMLResponse

from contract.ledger.accounts import Caller
from correlate.live import views
from correlate.live.dossiers import live_dossier
from correlate.live.views import Row
from dashboards.pages import page_words, template_named
from dashboards.server.access import allowed, page_for, server_of
from dashboards.server.frame import framed, language_of
from dashboards.server.incident_parts import parts_of
from dashboards.server.incident_sheet import (
    act_words,
    incident_sheet,
    network_causes,
    sheet_words,
)

router = APIRouter(include_in_schema=False)
Looker = Annotated[Caller, Depends(page_for("incidents"))]
Asker = Annotated[Caller, Depends(allowed("incidents"))]
IncidentId = Annotated[str, Path(max_length=100)]
PARTS = ("story", "forms", "notices", "log")
MOST_OTHERS, MOST_ROWS = 200, 40


@router.get("/app/incident/{incident_id}")
def incident_page(request: Request, caller: Looker, incident_id: IncidentId) -> HTMLResponse:
    """Answer the page of an incident; 404 where there is none for the caller."""
    shown = _shown(request, caller, incident_id)
    title = shown["sheet"].view.words["heading"]["title"].format(incident=incident_id)
    return framed(request, "incident_live.html", title=title, here="map", caller=caller, **shown)


@router.get("/app/incident/{incident_id}/{part}")
def incident_part(
    request: Request, caller: Asker, incident_id: IncidentId, part: str
) -> HTMLResponse:
    """Answer one part of the page."""
    if part not in PARTS or (part == "forms" and not caller.may("act")):
        raise HTTPException(404, "there is no such part")
    shown = page_words(language_of(request)) | _shown(request, caller, incident_id)
    return HTMLResponse(template_named(f"incident_{part}.html").render(**shown))


def _shown(request: Request, caller: Caller, incident_id: str) -> dict[str, Any]:
    """Return what the templates show."""
    language, inventory = language_of(request), server_of(request).intake.inventory
    may_act = caller.may("act")
    dossier, acts = _told(request, caller, incident_id)
    zone = server_of(request).settings.zone
    return {
        "sheet": incident_sheet(dossier, acts, inventory, language=language, zone=zone),
        "incident_id": incident_id,
        "text": sheet_words(language),
        "act": act_words(language),
        "may_act": may_act,
        "may_notices": caller.may("notices"),
        "may_tickets": caller.may("tickets"),
        "causes": network_causes(language) if may_act else [],
        "others": _others(request, caller, incident_id) if may_act else [],
        "parts": parts_of(dossier, inventory) if may_act else (),
        "most": MOST_ROWS,
    }


def _told(request: Request, caller: Caller, incident_id: str) -> tuple[dict[str, Any], list[Row]]:
    """Return what is known of the incident as the caller may see it, and what people did to it and its notices.

    Merges of others into it are among those, so that they can be taken back here too.
    """
    server = server_of(request)
    with server.ledger.reading() as connection:
        dossier = live_dossier(
            connection,
            incident_id,
            zone=server.settings.zone,
            counties=caller.counties,
            with_tickets=caller.may("tickets"),
        )
        if dossier is None:
            raise HTTPException(404, "there is no such incident")
        acts = views.acts(connection, "incident", incident_id)
        for link in dossier["links"]:
            acts += [
                act | {"is_elsewhere": True}
                for act in views.acts(connection, "incident", str(link["incident_id"]))
                if act["kind"] == "merge" and act["content"].get("into") == incident_id
            ]
        if not caller.may("notices"):
            dossier |= {"sheets": [], "notices": []}
        for sheet in dossier["sheets"]:
            acts += views.acts(connection, "notice", str(sheet["notice_id"]))
    return dossier, sorted(acts, key=lambda row: int(row["number"]))


def _others(request: Request, caller: Caller, incident_id: str) -> list[dict[str, Any]]:
    """Return the open incidents that this one may be merged into."""
    with server_of(request).ledger.reading() as connection:
        found = views.incidents(
            connection, counties=caller.counties, is_open=True, limit=MOST_OTHERS
        )
    return [row for row in found if row["incident_id"] != incident_id]
