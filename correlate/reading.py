"""Read complaints: symptoms, onset and place of each, from its own words and the sightings given.

What is read here depends on the row and on what is known of the network, not on what else has happened, so it may be
read for one complaint or for ten thousand at once with the same result.

Simple so far: a complaint is read once; nothing is asked back.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from correlate.circumstances import inside_values
from correlate.instants import seconds
from correlate.knowledge import Floats, Knowledge
from correlate.located import Located
from correlate.locating import locate
from correlate.place_points import LocatingSettings
from correlate.profiles import symptom_log_likelihood
from correlate.region_reading import read_words
from correlate.taught_coverage import told_of
from correlate.tickets import NEVER, Candidate, Ticket
from correlate.words import without_places, word_likelihoods
from kpi.schedules import Schedule

logger = logging.getLogger(__name__)

NOTHING_SAID = np.iinfo(np.int64).min
MOST_NAMES = 4
"""Names of places told of one complaint."""
MOST_CANDIDATES = 5


def read_tickets(
    rows: pd.DataFrame,
    knowledge: Knowledge,
    sightings: pd.DataFrame,
    *,
    schedule: Schedule | None = None,
) -> tuple[list[Ticket], str]:
    """Return a ticket for each complaint, and what coverage was taught by where their numbers were seen.

    Parameters
    ----------
    rows : DataFrame
        Rows of the contract's table `complaints`.
    sightings : DataFrame
        `complaint` (row number, from 0), `seen_at` (UTC), `cell` (position, -1 unknown), `source`: where the number of
        each complaint was seen, as far as that had arrived.
    schedule : Schedule, optional
        Where words are read, region by region; without one all at once in this process.
    """
    if rows.empty:
        return [], ""
    asked = rows.reset_index(drop=True)
    symptoms, onsets = read_words(asked, knowledge.settings, knowledge.lexicon, schedule=schedule)
    said = symptom_log_likelihood(symptoms, knowledge.profiles)
    words = pd.DataFrame(said, columns=list(knowledge.profiles.causes))
    words = words.reindex(columns=list(knowledge.codes), fill_value=0.0) + _learned(
        asked, knowledge
    )
    own = asked.assign(msisdn=[f"complaint {i}" for i in range(len(asked))])
    seen = sightings.assign(msisdn="complaint " + sightings["complaint"].astype("str"))
    purpose = knowledge.settings.history_purpose.strip()
    if purpose:
        logger.info("sightings older than a week are used for %d complaints: %s", len(own), purpose)
    how = LocatingSettings(uses_history=bool(purpose), zone=knowledge.settings.zone)
    located = locate(
        own, knowledge.gazetteer, knowledge.network, seen, symptoms=symptoms, settings=how
    )
    tickets = _tickets(asked, symptoms, onsets, words.to_numpy(float), located)
    _add_told(tickets, asked, symptoms, located, codes=knowledge.lexicon.codes)
    _add_circumstances(tickets, asked, symptoms, knowledge)
    return tickets, told_of(located.taught)


def _learned(rows: pd.DataFrame, knowledge: Knowledge) -> Floats:
    """Return what was learned in the past of wordings and hours of complaints, log likelihood [complaints, causes]."""
    start, codes = knowledge.start, knowledge.codes
    said = np.zeros((len(rows), len(codes)))
    if start.words is not None:
        texts = without_places(rows["text"], rows["address"], rows["county"])
        learned = word_likelihoods(start.words, texts)
        said = said + learned.reindex(columns=list(codes), fill_value=0.0).to_numpy(float)
    if start.hours:
        hours = rows["created_at"].dt.tz_convert(knowledge.zone).dt.hour.to_numpy(np.int64)
        said = said + start.hour_weights(hours, codes)
    return said


def _tickets(
    rows: pd.DataFrame,
    symptoms: pd.DataFrame,
    onsets: pd.DataFrame,
    words: Floats,
    located: Located,
) -> list[Ticket]:
    """Put together what was read of each ticket."""
    created, arrived = seconds(rows["created_at"]), seconds(rows["arrived_at"])
    begun, latest = seconds(onsets["earliest_at"]), seconds(onsets["latest_at"])
    open_left = onsets["is_open_left"].to_numpy(bool)
    tickets = []
    for i, row in enumerate(rows.itertuples(index=False)):
        tickets.append(
            Ticket(
                ticket_id=str(row.ticket_id),
                created_at=int(created[i]),
                arrived_at=int(arrived[i]),
                msisdn=row.msisdn if isinstance(row.msisdn, str) else "",
                text=str(row.text),
                address=row.address if isinstance(row.address, str) else "",
                county=row.county if isinstance(row.county, str) else "",
                previous=row.previous_opinion if isinstance(row.previous_opinion, str) else "",
                words=words[i],
                symptom=str(symptoms["dominant"].iat[i]),
                is_group=bool(symptoms["is_group"].iat[i]),
                is_indoor=bool(symptoms["is_indoor"].iat[i]),
                is_chronic=bool(symptoms["is_chronic"].iat[i]),
                cells=np.asarray(located.serving.cell[i], dtype=np.int64),
                share=np.asarray(located.serving.probability[i], dtype=float),
                distance_m=np.asarray(located.serving.distance_m[i], dtype=float),
                nothing=float(located.serving.nothing[i]),
                basis=str(located.basis.iat[i]),
                onset_from=NEVER if begun[i] == NOTHING_SAID or open_left[i] else int(begun[i]),
                onset_to=NEVER if latest[i] == NOTHING_SAID else int(latest[i]),
                account="",
                posterior=np.zeros(words.shape[1]),
                fault_share={},
            )
        )
    return tickets


def _add_told(
    tickets: list[Ticket],
    rows: pd.DataFrame,
    symptoms: pd.DataFrame,
    located: Located,
    *,
    codes: Sequence[str],
) -> None:
    """Add to fresh tickets what is told of them, though nothing is weighed by it."""
    spots = np.column_stack([located.x_m, located.y_m, located.radius_m]).astype(float)
    said = symptoms[list(codes)].to_numpy(float)
    named = located.places[located.places["name"].astype(str) != ""]
    named = named.sort_values(["row", "weight"], ascending=[True, False], kind="stable")
    names: dict[int, list[str]] = {}
    for row, basis, name in zip(named["row"], named["basis"], named["name"], strict=True):
        kept = names.setdefault(int(row), [])
        if basis == "address" and name not in kept and len(kept) < MOST_NAMES:
            kept.append(str(name))
    candidates, notes = _candidates(located), located.notes.astype(str).tolist()
    for i, ticket in enumerate(tickets):
        ticket.x_m, ticket.y_m, ticket.radius_m = spots[i].tolist()
        ticket.names = tuple(names.get(i, ()))
        ticket.candidates, ticket.place_note = tuple(candidates.get(i, ())), notes[i]
        order = np.argsort(-said[i], kind="stable")
        also = [codes[c] for c in order.tolist() if said[i, c] > 0 and codes[c] != ticket.symptom]
        ticket.symptoms = (ticket.symptom, *also) if ticket.symptom else tuple(also)
    texts = {name: rows.get(name) for name in ("channel", "category")}
    for i, ticket in enumerate(tickets):
        ticket.second_number = str(symptoms["second_number"].iat[i])
        ticket.is_single = bool(symptoms["is_single"].iat[i])
        ticket.channel, ticket.category = (_text(texts[n], i) for n in ("channel", "category"))


def _add_circumstances(
    tickets: list[Ticket], rows: pd.DataFrame, symptoms: pd.DataFrame, knowledge: Knowledge
) -> None:
    """Add how far inside a building fresh tickets are, and how far the nearest site is."""
    spots = np.array([(t.x_m, t.y_m) for t in tickets], dtype=float)
    placed = np.isfinite(spots).all(axis=1)
    away = np.full(len(tickets), np.nan)
    away[placed] = knowledge.gazetteer.ground.tree.query(spots[placed])[0]
    depth = inside_values(symptoms, rows["address"], knowledge.lexicon)
    for ticket, distance, inside in zip(tickets, away.tolist(), depth, strict=True):
        ticket.site_m, ticket.inside = distance, inside


def _candidates(located: Located) -> dict[int, list[Candidate]]:
    """Return the likeliest places of each complaint, heaviest first."""
    order = ["row", "weight", "x_m", "y_m"]
    ranked = located.places.sort_values(order, ascending=[True, False, True, True], kind="stable")
    kept = ranked.groupby("row", sort=False).head(MOST_CANDIDATES)
    fields = ("kind", "name", "basis", "weight", "x_m", "y_m", "radius_m")
    told = zip(*(kept[field].tolist() for field in fields), strict=True)
    found: dict[int, list[Candidate]] = {}
    for row, place in zip(kept["row"].tolist(), told, strict=True):
        found.setdefault(row, []).append(place)
    return found


def _text(column: pd.Series | None, row: int) -> str:
    """Return a value as text, empty where there is none."""
    value = None if column is None else column.iat[row]
    return value if isinstance(value, str) else ""
