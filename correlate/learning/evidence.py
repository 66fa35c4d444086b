"""Play a bundle and note what was weighed of each ticket that was closed.

The bundle is played as in any run, but its orders teach nothing on the way: so every order was weighed with what our
own catalogues say, and what is learned is learned once. A closed order still tells its own fault, as in any run.

Simple so far: the whole bundle is played; only orders whose ticket is in it are learned from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from correlate.assignment import Hypotheses, Weighed
from correlate.circumstances import NAMES, told_of
from correlate.feed import build_feed
from correlate.instants import offset_s, seconds
from correlate.knowledge import Knowledge
from correlate.learning.files import PIECES
from correlate.learning.orders import Evidence, Floats
from correlate.learning.signs import sign_names, signs_of
from correlate.learning.start import Start, order_key
from correlate.rates import Lesson
from correlate.run import Progress, play_feed
from correlate.state import State
from correlate.step import Issued
from correlate.symptoms import read_symptoms
from correlate.tickets import Ticket
from correlate.words import without_places

LEAST_SHARE = 0.001
HOUR = 3600


@dataclass(frozen=True)
class _Noted:
    """What was weighed of one ticket when it was diagnosed."""

    words: Floats
    back: Floats
    faults: tuple[int, ...]
    pairs: Floats
    signs: Floats
    age_h: tuple[float, ...]
    told: dict[str, str]


@dataclass
class _Notebook:
    """Notes of tickets that will be closed, by id, and what faults that are over taught."""

    knowledge: Knowledge
    wanted: frozenset[str]
    noted: dict[str, _Noted] = field(default_factory=dict)
    lessons: list[Lesson] = field(default_factory=list)

    def note(self, _: State, ticket: Ticket, hypotheses: Hypotheses, weighed: Weighed) -> None:
        """Note a ticket when it is diagnosed."""
        if ticket.ticket_id not in self.wanted:
            return
        pairs = weighed.by_fault[:, self.knowledge.fault_columns]
        kept = np.flatnonzero(pairs.sum(axis=1) >= LEAST_SHARE).tolist()
        faults = [hypotheses.faults[i] for i in kept]
        signs = [signs_of(fault, self.knowledge.signatures) for fault in faults]
        self.noted[ticket.ticket_id] = _Noted(
            ticket.words.copy(),
            weighed.background.copy(),
            tuple(fault.number for fault in faults),
            pairs[kept],
            np.array(signs).reshape(len(faults), len(sign_names(self.knowledge.signatures))),
            tuple((ticket.arrived_at - fault.started_at) / HOUR for fault in faults),
            told_of(ticket),
        )

    def look(self, state: State, _: Issued) -> None:
        """Let the rates keep what each fault taught."""
        state.rates.log = self.lessons


def gather_evidence(
    tables: Mapping[str, Any], knowledge: Knowledge, *, progress: Progress | None = None
) -> tuple[Evidence, list[Lesson]]:
    """Return the closed orders of a bundle with what was weighed of each, and what its faults taught of rates.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        As `contract.bundles.read_bundle` gives them.
    knowledge : Knowledge
        Without anything learned.
    """
    closed = _closed(tables["verdicts"])
    created = dict(
        zip(
            tables["complaints"]["ticket_id"],
            seconds(tables["complaints"]["created_at"]),
            strict=True,
        )
    )
    keys = {order_key(str(t), int(created[t])) for t in closed if t in created}
    taught = replace(knowledge, start=Start(frozenset(PIECES), frozenset(keys)))
    book = _Notebook(taught, frozenset(closed))
    feed = build_feed(tables, taught)
    state, _ = play_feed(feed, taught, progress=progress, note=book.note, look=book.look)
    return _evidence(state, knowledge, book, closed), book.lessons


def _closed(verdicts: pd.DataFrame) -> dict[str, int]:
    """Return when each ticket was first known to be closed."""
    ordered = verdicts.sort_values("arrived_at", kind="stable").drop_duplicates("ticket_id")
    at = seconds(ordered["arrived_at"]).tolist()
    return dict(zip(ordered["ticket_id"].astype(str).tolist(), at, strict=True))


def _evidence(
    state: State, knowledge: Knowledge, book: _Notebook, closed: Mapping[str, int]
) -> Evidence:
    """Lay the notes of the orders that count out as arrays: of one caller's the first closed."""
    once = dict(state.verdicts)
    taken = sorted((closed[t], t) for t in once if t in book.noted and t in closed)
    tickets = [state.tickets[t] for _, t in taken]
    noted = [book.noted[t] for _, t in taken]
    many = [len(n.faults) for n in noted]
    size, signs = len(knowledge.fault_columns), len(sign_names(knowledge.signatures))
    words = _stacked([n.words for n in noted], len(knowledge.codes))
    return Evidence(
        orders=_orders(tickets, taken, knowledge, [once[t] for _, t in taken]),
        symptoms=_symptoms(tickets, knowledge),
        told=pd.DataFrame([n.told for n in noted], columns=list(NAMES)),
        causes=knowledge.codes,
        fault_columns=knowledge.fault_columns,
        words=words,
        read=words,
        back=_stacked([n.back for n in noted], len(knowledge.codes)),
        order=np.repeat(np.arange(len(noted)), many).astype(np.int64),
        fault=np.array([f for n in noted for f in n.faults], dtype=np.int64),
        pairs=np.concatenate([np.zeros((0, size)), *(n.pairs for n in noted)]),
        signs=np.concatenate([np.zeros((0, signs)), *(n.signs for n in noted)]),
        age_h=np.array([a for n in noted for a in n.age_h], dtype=float),
    )


def _stacked(rows: list[Floats], size: int) -> Floats:
    """Return rows as one array, which may have none."""
    return np.array(rows, dtype=float).reshape(len(rows), size)


def _orders(
    tickets: list[Ticket],
    taken: list[tuple[int, str]],
    knowledge: Knowledge,
    causes: list[str],
) -> pd.DataFrame:
    """Return what is known of the orders themselves."""
    rows = pd.DataFrame(
        [(t.text, t.address, t.county) for t in tickets], columns=["text", "address", "county"]
    ).astype("str")
    hours = [(t.created_at + offset_s(knowledge.zone, t.created_at)) // HOUR % 24 for t in tickets]
    return pd.DataFrame(
        {
            "ticket_id": [t.ticket_id for t in tickets],
            "key": [order_key(t.ticket_id, t.created_at) for t in tickets],
            "created_at": [t.created_at for t in tickets],
            "closed_at": [at for at, _ in taken],
            "cause": [knowledge.codes.index(cause) for cause in causes],
            "text": without_places(rows["text"], rows["address"], rows["county"]),
            "hour": np.array(hours, dtype=np.int64),
        }
    )


def _symptoms(tickets: list[Ticket], knowledge: Knowledge) -> pd.DataFrame:
    """Return what is read of the texts of tickets."""
    texts = pd.Series([t.text for t in tickets], dtype="str")
    categories = pd.Series([t.category for t in tickets], dtype="str")
    return read_symptoms(texts, knowledge.lexicon, categories=categories)
