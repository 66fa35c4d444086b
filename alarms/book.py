"""Show the alarms known so far, as tables or as columns, without laying out what nobody asks for.

Simple so far: the columns of all alarms are laid out as a whole; ask for some alarms where a few will do.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import SEVERITIES, alarm_keys
from alarms.episodes import (
    FLAP_WINDOW_US,
    INFERRED_ENDS,
    NOT_YET,
    RULE_NUMBER,
    Array,
    Columns,
    shown_rules,
    worked_out,
)
from alarms.storage import CODED, PLAIN, STATE, Draft, Rows

_TEXTS = (
    "alarm_id", "object_id", "name", "code", "severity", "worst_severity", "vendor", "detail",
    "meaning", "service_effect", "extent", "rule_id", "basis", "rule", "ack_state", "ack_user",
)  # fmt: skip
_INSTANTS = (
    "raised_at", "cleared_at", "ended_at", "first_raised_at", "last_raised_at", "muted_until",
    "ack_at",
)  # fmt: skip
_OTHERS = (
    "filter_delay_s", "is_engineering", "repeats", "is_flapping", "is_muted", "is_inferred",
)  # fmt: skip
SHOWN = (*_TEXTS, *_INSTANTS, *_OTHERS)
_COLUMNS = (*SHOWN, "is_changed", "told_at", "alarm_key", "identity", "slot", "content")
_STATED = ("cleared_at", "inferred_at", "inferred_rule")
_SAID = ("alarm_key", "identity", "slot", "raised_at", "earliest_raised_at", "worst_told")
_WORST = np.array([*SEVERITIES, ""], dtype=object)


class BookColumns(Mapping[str, Array]):
    """Columns of some rows of a book, each laid out when it is first asked for."""

    def __init__(self, rows: Rows, chosen: Array) -> None:
        self._rows, self._chosen = rows, chosen
        self._held: dict[str, Array] = {}

    def __getitem__(self, name: str) -> Array:
        if name not in self._held:
            self._held[name] = self._laid_out(name)
        return self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_COLUMNS)

    def __len__(self) -> int:
        return len(_COLUMNS)

    def _laid_out(self, name: str) -> Array:
        """Return one column."""
        if name in CODED or name in PLAIN:
            return self._rows.said(name, self._chosen)
        if name in STATE:
            return self._rows.state(name, self._chosen)
        if name == "rule":
            return shown_rules(self)
        if name == "worst_severity":
            return worst_severities(self["worst"])
        if name == "is_inferred":
            return np.isin(self["end_rule"], INFERRED_ENDS)
        if name == "is_muted":
            is_held = self["ended_at"] == NOT_YET
            return np.asarray(is_held & (self["mute_rule"] == RULE_NUMBER["MUTE-1"]))
        raise KeyError(name)


@dataclass(frozen=True, eq=False)
class AlarmBook:
    """The alarms known so far; a book never changes.

    Attributes
    ----------
    rows : Rows
        All alarms, in the order of arrival.
    held : array of int
        Rows in force.
    orphans : mapping of str to (int, int)
        Clearings of alarms that have not arrived, by `alarm_id`: cleared at, told at, in
        microseconds since 1970, UTC.
    pruned_at : int
        When what is too old was last left out, in microseconds.
    """

    rows: Rows = field(default_factory=Rows)
    held: Array = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    orphans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    pruned_at: int = NOT_YET

    def __len__(self) -> int:
        """Return the number of alarms, in force or not."""
        return len(self.rows)

    @cached_property
    def columns(self) -> Columns:
        """Return all alarms as columns, in the order of arrival.

        Returns
        -------
        mapping of str to array
            The columns of `alarms`, instants in microseconds since 1970 (UTC), and `identity`,
            `slot`, `alarm_key`: numbers that stand for object and meaning, name and detail, id.
        """
        return BookColumns(self.rows, self.rows.present)

    @cached_property
    def alarms(self) -> Any:
        """Return all alarms known, one row per `alarm_id`, by `raised_at`.

        Returns
        -------
        DataFrame
            The columns given, and `cleared_at` (as reported), `ended_at` (as worked out; NaT
            while in force), `is_inferred` (ended without a clearing reported), `first_raised_at`,
            `last_raised_at`, `repeats` and `worst_severity` (of the episode), `is_flapping`,
            `is_muted`, `muted_until`, `ack_state`, `ack_at`, `ack_user`, `rule`. Instants are
            datetime64[us, UTC]. In force, or ended not longer than `MEMORY` ago.
        """
        return _frame(self._by_raising(self.rows.present))

    def in_force_columns(self, names: Collection[str] | None = None) -> dict[str, Array]:
        """Return columns of the alarms in force that can touch service, by `raised_at`.

        Parameters
        ----------
        names : collection of str, optional
            Those wanted; all without it.
        """
        is_quiet = self.rows.is_said("service_effect", "none", self.held)
        columns = self._by_raising(self.held[~is_quiet])
        return {name: columns[name] for name in (columns if names is None else names)}

    def recent_columns(
        self, *, since: Any, names: Collection[str] | None = None
    ) -> dict[str, Array]:
        """Return columns of the alarms that can touch service, in force or ended after an instant.

        Parameters
        ----------
        since : Timestamp, UTC
        names : collection of str, optional
            Those wanted; all without it.

        Returns
        -------
        dict of str to array
            By `raised_at`.
        """
        chosen = self._lately(since)
        is_quiet = self.rows.is_said("service_effect", "none", chosen)
        columns = self._by_raising(chosen[~is_quiet])
        return {name: columns[name] for name in (columns if names is None else names)}

    def in_force(self, *, since: Any = None) -> Any:
        """Return the alarms in force, by `raised_at`; a muted or acknowledged alarm is in force.

        Parameters
        ----------
        since : Timestamp, UTC, optional
            Return those that ended after this instant as well.

        Returns
        -------
        DataFrame
            Rows of `alarms`.
        """
        if since is None:
            return _frame(self._by_raising(self.held))
        return _frame(self._by_raising(self._lately(since)))

    def _lately(self, since: Any) -> Array:
        """Return the rows in force or ended after an instant."""
        ended = self.rows.state("ended_at", self.rows.present)
        return np.asarray(self.rows.present[(ended == NOT_YET) | (ended > microseconds(since))])

    def history(self, alarm_ids: Collection[str]) -> Columns:
        """Return the columns of all alarms of the identities of some alarms, in the order of arrival.

        Parameters
        ----------
        alarm_ids : collection of str

        Returns
        -------
        mapping of str to array
            As `columns`; costs what these identities hold, not what the book holds.
        """
        found = self.rows_of(np.array(sorted(alarm_ids), dtype=object))[1]
        names = np.unique(self.rows.said("identity", found))
        return BookColumns(self.rows, np.sort(self.rows.of_identities(names)[1]))

    def rows_of(self, alarm_ids: Array) -> tuple[Array, Array]:
        """Return positions in `alarm_ids` and the row of each alarm known."""
        return self.rows.find(alarm_keys(alarm_ids))

    def _by_raising(self, chosen: Array) -> BookColumns:
        """Return rows by raising; at one moment in an order that does not depend on arrival."""
        keys = self.rows.said("alarm_key", chosen), self.rows.said("raised_at", chosen)
        return BookColumns(self.rows, chosen[np.lexsort(keys)])


def worst_severities(ranks: Array) -> Array:
    """Return the severity of each rank (`alarms.arrivals.severity_ranks`), "" for an unknown one."""
    return np.asarray(_WORST[ranks])


def microseconds(value: Any) -> int:
    """Return a Timestamp or Timedelta in microseconds."""
    return int(value.as_unit("us").asm8.view("int64"))


def reworked(book: AlarmBook, draft: Draft, touched: Array) -> AlarmBook:
    """Return the book of a draft, with the episodes around some rows worked out anew.

    Parameters
    ----------
    book : AlarmBook
        The book before.
    draft : Draft
        Of its rows, written to.
    touched : array of int
        Rows written to, appended or dropped.
    """
    state = draft.peek()
    rows = _unsettled(state, touched)
    is_left = np.ones(state.count, dtype=np.bool_)
    is_left[rows] = is_left[touched] = False
    still = book.held[is_left[book.held]]
    if not len(rows):
        return replace(book, rows=draft.done(), held=still)
    part = {name: state.said(name, rows) for name in _SAID} | state.states(_STATED, rows)
    new = worked_out(part)
    draft.put_changed(rows, new)
    held = np.concatenate([still, rows[new["ended_at"] == NOT_YET]])
    return replace(book, rows=draft.done(), held=held)


def _unsettled(state: Rows, touched: Array) -> Array:
    """Return the rows of identities touched, but for episodes over so long before that nothing can come of them."""
    identity = state.said("identity", touched)
    names, number = np.unique(identity, return_inverse=True)
    since = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(since, number, state.said("raised_at", touched))
    asked, rows = state.of_identities(names)
    known = state.states(("ended_at", "first_raised_at"), rows)
    ended, first = known["ended_at"], known["first_raised_at"]
    is_open = (ended == NOT_YET) | (ended >= since[asked] - FLAP_WINDOW_US)
    is_begun = np.flatnonzero(is_open & (first != NOT_YET))
    earliest = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(earliest, asked[is_begun], first[is_begun])
    return np.sort(rows[is_open | (first >= earliest[asked])])


def _frame(columns: Columns) -> Any:
    """Return columns as a table."""
    table: dict[str, Any] = {}
    for name in SHOWN:
        values = columns[name]
        if name in _INSTANTS:
            table[name] = pd.DatetimeIndex(values.view("datetime64[us]"), tz="UTC")
        else:
            table[name] = pd.array(values, dtype="str") if name in _TEXTS else values
    return pd.DataFrame(table)
