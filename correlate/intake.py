"""Take complaints and accounts in as they arrive; tell updates of a ticket and further calls of one caller.

A later version of a ticket replaces it while it is held; once it is diagnosed a version changes nothing and is counted.

Simple so far: whether a ticket is a further call is settled when it comes, not when the earlier one is updated.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from correlate.callers import MOST_CALLS, calls_before, earlier_call, is_personal
from correlate.instants import seconds
from correlate.knowledge import Knowledge
from correlate.state import State
from correlate.tickets import Ticket
from correlate.words import without_places, word_likelihoods

logger = logging.getLogger(__name__)


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
        As `correlate.reading.read_tickets` read them, in order of arrival; of a ticket's versions the last holds.
    """
    versions = Counter(t.ticket_id for t in read)
    fresh = []
    for ticket in {t.ticket_id: t for t in read}.values():
        earlier = state.tickets.get(ticket.ticket_id)
        if earlier is not None and earlier.diagnosed_at:
            earlier.updates += versions[ticket.ticket_id]
            logger.info("an update of ticket %s came after its diagnosis", ticket.ticket_id)
            continue
        ticket.updates = versions[ticket.ticket_id] - 1
        if earlier is not None:
            ticket.updates = earlier.updates + versions[ticket.ticket_id]
            ticket.arrived_at = earlier.arrived_at
            state.held = [t for t in state.held if t.ticket_id != ticket.ticket_id]
        _look_up(state, knowledge, ticket)
        state.tickets[ticket.ticket_id] = ticket
        state.held.append(ticket)
        fresh.append(ticket)
    learn_wording(state, knowledge, fresh)
    for ticket in fresh:
        if ticket.learned is not None:
            ticket.words = ticket.words + ticket.learned
    return fresh


def _look_up(state: State, knowledge: Knowledge, ticket: Ticket) -> None:
    """Look up the account of a ticket's number, and whether it is a further call of one caller."""
    if not ticket.msisdn:
        return
    ticket.account = state.accounts.get(ticket.msisdn, (0, ""))[1]
    if not is_personal(ticket.msisdn):
        return
    before = calls_before(ticket, state.callers, state.tickets)
    first = earlier_call(ticket, before, knowledge.reach.site_of)
    ticket.same_as = "" if first is None else first.ticket_id
    known = state.callers.setdefault(ticket.msisdn, [])
    if ticket.ticket_id not in known[-MOST_CALLS:]:
        known.append(ticket.ticket_id)


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
