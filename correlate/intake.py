"""Take complaints, sightings and accounts in as they arrive.

Simple so far: an update of a ticket replaces it only while it is held.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from correlate.instants import seconds
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.tickets import NEVER, Ticket
from correlate.words import without_places, word_likelihoods

REPEAT_S = 30 * 86400


def take_accounts(state: State, rows: pd.DataFrame) -> None:
    """Remember the latest state of each number's account."""
    for number, since, account in zip(
        rows["msisdn"], seconds(rows["since"]), rows["state"], strict=True
    ):
        before = state.accounts.get(number)
        if before is None or before[0] <= since:
            state.accounts[number] = (int(since), str(account))


def take_tickets(state: State, knowledge: Knowledge, read: Sequence[Ticket]) -> list[Ticket]:
    """Return the new tickets of a step with what is known of their numbers; updates replace held tickets.

    Parameters
    ----------
    read : sequence of Ticket
        As `correlate.reading.read_tickets` read them.
    """
    latest = {t.ticket_id: t for t in read}
    fresh = []
    for ticket in latest.values():
        earlier = state.tickets.get(ticket.ticket_id)
        if earlier is not None and earlier.diagnosed_at:
            continue
        if earlier is not None:
            ticket.arrived_at = earlier.arrived_at
            state.held = [t for t in state.held if t.ticket_id != ticket.ticket_id]
        _look_up(state, ticket)
        state.tickets[ticket.ticket_id] = ticket
        state.held.append(ticket)
        fresh.append(ticket)
    learn_wording(state, knowledge, fresh)
    for ticket in fresh:
        if ticket.learned is not None:
            ticket.words = ticket.words + ticket.learned
    return fresh


def _look_up(state: State, ticket: Ticket) -> None:
    """Look up the account of a ticket's number, and whether it has complained before."""
    if not ticket.msisdn:
        return
    ticket.account = state.accounts.get(ticket.msisdn, (0, ""))[1]
    last_id, last_at = state.callers.get(ticket.msisdn, ("", NEVER))
    if last_id == ticket.ticket_id:
        ticket.is_repeat = state.tickets[last_id].is_repeat
        return
    ticket.is_repeat = ticket.created_at - last_at <= REPEAT_S
    state.callers[ticket.msisdn] = (ticket.ticket_id, ticket.created_at)


def learn_wording(state: State, knowledge: Knowledge, tickets: Sequence[Ticket]) -> None:
    """Read tickets with the words learned so far, those not yet read with them.

    What it says of a ticket depends on the ticket's own text and on `state.words` alone: reading a day's tickets at
    once or one by one is the same.
    """
    asked = [t for t in tickets if t.learned_from != state.words_learned_on]
    if state.words is None or not asked:
        return
    rows = pd.DataFrame(
        [(t.text, t.address, t.county) for t in asked], columns=["text", "address", "county"]
    ).astype("str")
    texts = without_places(rows["text"], rows["address"], rows["county"])
    learned = word_likelihoods(state.words, texts)
    learned = learned.reindex(columns=list(knowledge.codes), fill_value=0.0)
    for ticket, log in zip(asked, np.asarray(learned, dtype=float), strict=True):
        ticket.learned, ticket.learned_from = log, state.words_learned_on
