"""Say in one sentence what decided the place of a complaint, and how exactly.

The sentence names the deciding evidence with the radius, then what agrees with it, rivals it or was not relied on,
and where the phone is now when that is not the place complained of.

Simple so far: one deciding place is told, with the two likeliest rivals; how each kind of evidence was weighed is not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from contract.privacy import masked_numbers
from correlate.case.inquiry import Inquiry
from correlate.case.number_sightings import Seen, lapse, number_sightings
from correlate.case.phrases import Finding, Value, finding, load_phrases
from correlate.case.shares import percentage
from correlate.register import away_chance
from correlate.tickets import Candidate

LEAST_RIVAL, MOST_RIVALS = 0.1, 2
NARROWED = 0.5
"""A radius below this part of the county's was narrowed by the number."""
PRESENT_S = 6 * 3600
"""A sighting this close to the complaint tells where the phone is now (start value)."""


def place_reason(inquiry: Inquiry) -> Finding:
    """Return what decided the place, as one finding made of clauses.

    Parameters
    ----------
    inquiry : Inquiry

    Returns
    -------
    Finding
        `whereabouts.why`; its clauses are findings of their own.
    """
    seen = number_sightings(inquiry)
    main = _main(inquiry)
    agreed = _agreed(inquiry, main)
    told = [
        _decided(inquiry, main, seen),
        *_note(inquiry),
        *([finding("whereabouts.agrees", names=agreed[:MOST_RIVALS])] if agreed else []),
        *_rivals(inquiry, main, agreed),
        *([finding("whereabouts.said_elsewhere")] if _says_elsewhere(inquiry) else []),
        *_present(inquiry, _complained_of(main, agreed), seen),
    ]
    return finding("whereabouts.why", told=told)


def told_distance(metres: float) -> str:
    """Return a distance as it is told: metres below a kilometre, whole kilometres from ten.

    Examples
    --------
    >>> told_distance(224.2), told_distance(2817.4), told_distance(23_400)
    ('220 m', '2.8 km', '23 km')
    """
    if metres < 995:
        return f"{round(metres, -1):.0f} m"
    return f"{metres / 1000:.1f} km" if metres < 9950 else f"{metres / 1000:.0f} km"


def _main(inquiry: Inquiry) -> Candidate | None:
    """Return the heaviest candidate of what decided, None where it is not known."""
    own = [c for c in inquiry.ticket.candidates if c[2] == inquiry.ticket.basis]
    return max(own, key=lambda c: c[3], default=None)


def _decided(inquiry: Inquiry, main: Candidate | None, seen: list[Seen]) -> Finding:
    """Return the clause of what decided, with the radius."""
    basis, within = inquiry.ticket.basis, _within(inquiry)
    if basis == "register":
        return _by_number(inquiry, main, seen, within)
    if basis == "nothing":
        return finding("whereabouts.nothing")
    if main is None:
        return finding("whereabouts.plain", basis=f"basis.{basis}", within=within)
    if basis == "coordinates":
        name = main[1]
        is_told = not name or inquiry.ticket.place_note.startswith(("exchanged", "system"))
        key = "coordinates" if is_told else "coordinates_read"
        system = {} if is_told else {"system": f"system.{name}"}
        return finding(f"whereabouts.{key}", within=within, **system)
    if basis == "county":
        is_narrowed = inquiry.ticket.radius_m < NARROWED * main[6] and any(
            s.is_at_place for s in seen
        )
        key = "county_narrowed" if is_narrowed else "county"
        return finding(f"whereabouts.{key}", name=_name(main), within=within)
    return finding("whereabouts.named", name=_name(main), kind=f"kind.{main[0]}", within=within)


def _by_number(
    inquiry: Inquiry, main: Candidate | None, seen: list[Seen], within: Finding | str
) -> Finding:
    """Return the clause of a place told by the number: the sighting that decided."""
    cell = main[1] if main is not None and main[0] == "register" else ""
    live = [s for s in seen if s.site >= 0]
    known = [s for s in live if s.sighting.cell_id == cell] or live
    if not known:
        return finding("whereabouts.plain", basis="basis.register", within=within)
    nearest = min(known, key=lambda s: abs(s.sighting.seen_at - inquiry.ticket.created_at))
    return finding(
        "whereabouts.number",
        cell=nearest.sighting.cell_id,
        name=_site_name(inquiry, nearest.site),
        lapse=lapse(inquiry, nearest.sighting.seen_at),
        within=within,
    )


def _within(inquiry: Inquiry) -> Finding | str:
    """Return the radius as a part of a clause, empty when it is not known."""
    radius = inquiry.ticket.radius_m
    return finding("whereabouts.within", d=told_distance(radius)) if np.isfinite(radius) else ""


def _note(inquiry: Inquiry) -> list[Finding]:
    """Return what was odd about the coordinates, and whether they were relied on."""
    note = inquiry.ticket.place_note
    if not note:
        return []
    key, values = _note_key(note)
    if key == "unfit" and inquiry.ticket.basis == "coordinates":
        return [finding("whereabouts.unfit_but_used")]
    return [finding(f"coordinates.{key}", **values)]


def _note_key(note: str) -> tuple[str, dict[str, str]]:
    """Return the key of a note and its values."""
    key, *systems = note.split()
    return key, dict(zip(("stated", "read"), map(_system, systems), strict=False))


def _system(name: str) -> str:
    """Return the key of a map system's name, another text as it is."""
    return f"system.{name}" if name in load_phrases()["system"] else name


def _agreed(inquiry: Inquiry, main: Candidate | None) -> list[str]:
    """Return the names in the words that lie where the coordinates do, when those decided."""
    if main is None or main[2] != "coordinates":
        return []
    near = [
        _name(c)
        for c in inquiry.ticket.candidates
        if c[2] == "address" and c[1] and _apart_m(c, main) <= c[6] + main[6]
    ]
    return list(dict.fromkeys(near))


def _rivals(inquiry: Inquiry, main: Candidate | None, agreed: list[str]) -> list[Finding]:
    """Return the other places that may be meant, those that are likely enough."""
    if main is None:
        return []
    told: list[Finding] = []
    for place in sorted(inquiry.ticket.candidates, key=lambda c: -c[3]):
        apart = _apart_m(place, main)
        is_same = apart <= max(place[6], main[6]) or _name(place) in agreed
        if place is not main and place[3] >= LEAST_RIVAL and not is_same:
            told.append(_rival(place, main, apart))
    return [finding("whereabouts.rivals", places=told[:MOST_RIVALS])] if told else []


def _rival(place: Candidate, main: Candidate, apart: float) -> Finding:
    """Return another place that may be meant, with its distance from the deciding one and its share."""
    kind, name = place[:2]
    values: dict[str, Value] = {"d": told_distance(apart), "p": percentage(place[3])}
    if kind == main[0] == "coordinates":
        system = f"system.{name}" if name else "system.other"
        return finding("rival.read_as", system=system, **values)
    if kind in load_phrases()["rival"]:
        return finding(f"rival.{kind}", name=_name(place), **values)
    return finding("rival.place", name=_name(place), kind=f"kind.{kind}", **values)


def _complained_of(main: Candidate | None, agreed: list[str]) -> str:
    """Return the place complained of in a word, empty when it is no better known than a county."""
    if agreed:
        return agreed[0]
    if main is None or main[2] not in ("address", "coordinates"):
        return ""
    return "whereabouts.that_place" if main[2] == "coordinates" else _name(main)


def _present(inquiry: Inquiry, place: str, seen: list[Seen]) -> list[Finding]:
    """Return where the phone was last: at the place, somewhere else, or, just now, where it is."""
    known = [s for s in seen if s.site >= 0 and s.distance_m is not None]
    if not known or inquiry.ticket.basis == "register":
        return []
    last = known[0]
    values: dict[str, Value] = {
        "cell": last.sighting.cell_id,
        "name": _site_name(inquiry, last.site),
        "lapse": lapse(inquiry, last.sighting.seen_at),
    }
    if last.is_at_place:
        return [finding("whereabouts.seen_there", **values)]
    away = told_distance(float(last.distance_m or 0))
    is_now = abs(last.sighting.seen_at - inquiry.ticket.created_at) <= PRESENT_S
    if is_now and place:
        return [finding("whereabouts.now_around", place=place, d=away, **values)]
    return [finding("whereabouts.seen_away", d=away, **values)]


def _says_elsewhere(inquiry: Inquiry) -> bool:
    """Return whether the words say that the customer is not at the place now."""
    text = pd.DataFrame({"text": [inquiry.ticket.text]})
    return bool(away_chance(text, inquiry.knowledge.gazetteer, 0.0, 1.0)[0] > 0)


def _site_name(inquiry: Inquiry, site: int) -> str:
    """Return the name of a site as it is shown."""
    return masked_numbers(inquiry.site_name(site))


def _name(place: Candidate) -> str:
    """Return the name of a candidate as it is shown."""
    return place[1] if place[0] == "register" else masked_numbers(place[1])


def _apart_m(place: Candidate, other: Candidate) -> float:
    """Return metres between two candidates."""
    return float(np.hypot(place[4] - other[4], place[5] - other[5]))
