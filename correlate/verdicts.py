"""Learn from closed orders as they arrive: shares of the background, words, causes of faults, calibration.

Orders are taken as right nine times in ten; of the orders of one caller the first closed counts. Words, calibration and
the harm of counter episodes are learned anew once a day.

What is learned from orders of the past (`correlate.learning`) comes before it; orders counted there are not counted
again.

Simple so far: the weights of signatures learn from orders of the past alone.
"""

from __future__ import annotations

import pandas as pd

from correlate.circumstances import told_of
from correlate.harm import learn_harm, watch_harm
from correlate.knowledge import Knowledge
from correlate.learning.start import Start
from correlate.state import State
from correlate.tickets import Ticket
from correlate.words import learn_words, without_places

LEAST_ORDERS = 30
ORDER_WEIGHT = 2.5
DAY = 86400


def take_verdicts(state: State, knowledge: Knowledge, rows: pd.DataFrame) -> None:
    """Learn from the orders closed in a step."""
    position = {code: i for i, code in enumerate(knowledge.codes)}
    column = {int(c): i for i, c in enumerate(knowledge.fault_columns)}
    for ticket_id, cause in zip(rows["ticket_id"], rows["cause"], strict=True):
        ticket = state.tickets.get(str(ticket_id))
        if ticket is None or cause not in position or not ticket.diagnosed_at:
            continue
        first = state.tickets.get(ticket.same_as, ticket)
        if first.closed_by not in ("", ticket.ticket_id):
            continue
        first.closed_by = ticket.ticket_id
        number = position[str(cause)]
        state.verdicts.append((ticket.ticket_id, str(cause)))
        counted = knowledge.start.counted(ticket.ticket_id, ticket.created_at)
        _learn_from(state, ticket, number, counted=counted)
        if number in column:
            _tell_faults(state, ticket.fault_share, column[number])


def _learn_from(state: State, ticket: Ticket, cause: int, *, counted: frozenset[str]) -> None:
    """Learn from one closed order all but what it was counted for in what the run started from."""
    if "words" not in counted:
        state.taught.append(ticket.ticket_id)
    if "calibration" not in counted:
        state.calibration.note(ticket.posterior, cause)
    if "background" not in counted:
        state.background.note(told_of(ticket), cause)
        own = sum(ticket.fault_share.values())
        state.background.counts[cause] += max(0.0, 1.0 - own)


def _tell_faults(state: State, shares: dict[int, float], cause: int) -> None:
    """Move the faults of a closed order towards the cause it was closed with."""
    for number, share in shares.items():
        fault = state.faults.by_number(number)
        if fault is not None and share > 0.3:
            fault.ticket_log[cause] += ORDER_WEIGHT * share
            fault.orders += 1
            fault.touch()


def learn_daily(state: State, *, now: int, start: Start | None = None) -> None:
    """Learn words, calibration and harm anew when a day has gone by; note episodes for it as they pass.

    Parameters
    ----------
    now : int
        Seconds since 1970.
    start : Start, optional
        What the run started from: words learn what that leaves over.
    """
    watch_harm(state.harm, state.watch, state.faults, state.tickets, now=now)
    if now - state.words_learned_on < DAY:
        return
    state.words_learned_on = now - now % DAY
    state.calibration.refit()
    learn_harm(state.harm, state.tickets, state.verdicts, now=now)
    taught = set(state.taught)
    closed = [(state.tickets[t], cause) for t, cause in state.verdicts if t in taught]
    if len(closed) < LEAST_ORDERS:
        return
    rows = pd.DataFrame(
        [(t.text, t.address, t.county) for t, _ in closed], columns=["text", "address", "county"]
    )
    causes = pd.Series([cause for _, cause in closed], dtype="str")
    texts = without_places(rows["text"], rows["address"], rows["county"])
    known = None if start is None else start.known_of(texts)
    state.words = learn_words(texts, causes, previous=state.words, known=known)
