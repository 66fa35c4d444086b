"""End alarms whose clearing was lost: counters prove service, or a fresh list of active alarms no longer has them.

A clearing inferred is marked as such; one that is reported later takes its place, and an alarm
that is raised again is in force again. Only alarms that say that service is down are ended by
counters: what degrades or threatens a cell may well be there while the cell serves.

Simple so far: alarms of hubs, rings, controllers and carriers are not ended by the counters of
cells; an alarm raised while counters show service all through is left to the rules of roots.
"""

from typing import Any

import numpy as np
import pandas as pd

from alarms.arrivals import check_columns
from alarms.book import AlarmBook, reworked
from alarms.episodes import NOT_YET, RULE_NUMBER, Array
from alarms.lifecycle_rules import ServiceSettings, default_rules
from alarms.storage import Draft


def with_service_seen(
    book: AlarmBook, service: Any, now: Any, *, settings: ServiceSettings | None = None
) -> AlarmBook:
    """Return the book with clearings inferred where service is seen again (rule CLEAR-4).

    An alarm in force that says "down" and was raised before service was seen ends at the instant service was seen, once
    it has been seen for `least_min`. The alarm of a site ends when more than `least_share` of its cells serve and none
    is known not to.

    Parameters
    ----------
    book : AlarmBook
    service : DataFrame, one row per cell
        `object_id` (the cell), `site_id`, `since` (datetime64, UTC: counters prove service from
        then on; NaT where they don't), and `is_known` (bool, true without the column: whether
        counters of the last periods tell anything at all).
    now : Timestamp, UTC
    settings : ServiceSettings, optional
        Ours by default.

    Returns
    -------
    AlarmBook
        The same object where nothing is inferred.

    Raises
    ------
    MissingColumnsError
        If `service` has rows and lacks a column.

    Examples
    --------
    >>> from alarms.lifecycle import update_book
    >>> at = pd.Timestamp("2026-03-02 10:00", tz="UTC")
    >>> raised = pd.DataFrame(
    ...     {"alarm_id": ["A1"], "object_id": ["C1"], "raised_at": [at], "name": ["Cell Unavailable"],
    ...      "service_effect": ["down"]})
    >>> book = update_book(AlarmBook(), raised, None, at)
    >>> seen = pd.DataFrame({"object_id": ["C1"], "site_id": ["S1"], "since": [at + pd.Timedelta("1h")]})
    >>> book = with_service_seen(book, seen, at + pd.Timedelta("2h"))
    >>> book.alarms[["rule", "is_inferred"]].values.tolist()
    [['CLEAR-4', True]]
    """
    check_columns(service, "service", ("object_id", "site_id", "since"))
    down = book.held[book.rows.is_said("service_effect", "down", book.held)]
    if service is None or not len(service) or not len(down):
        return book
    used = default_rules().service if settings is None else settings
    since = pd.concat([_of_cells(service), _of_sites(service, used.least_share)])
    since = since[since <= now - pd.Timedelta(minutes=used.least_min)]
    at = _looked_up(since[~since.index.duplicated()], book.rows.said("object_id", down))
    is_over = (at != NOT_YET) & (book.rows.said("raised_at", down) <= at)
    return _inferred(book, down[is_over], at[is_over], rule="CLEAR-4")


def with_resync(book: AlarmBook, active: Any, now: Any) -> AlarmBook:
    """Return the book with clearings inferred from fresh lists of active alarms (rule CLEAR-5).

    Parameters
    ----------
    book : AlarmBook
    active : DataFrame, one row per active alarm
        `object_id` (whose list was read), `at` (datetime64, UTC: when it was read) and `alarm_id`
        (on the list; empty text for an empty list). Of several lists of an object the last counts.
    now : Timestamp, UTC
        Lists read later are left out.

    Returns
    -------
    AlarmBook
        Alarms in force of these objects that were raised before the list was read and are not on
        it have ended when it was read.

    Raises
    ------
    MissingColumnsError
        If `active` has rows and lacks a column.
    """
    check_columns(active, "active", ("object_id", "at", "alarm_id"))
    if active is None or not len(active) or not len(book.held):
        return book
    known = active[active["at"] <= now]
    if not len(known):
        return book
    read = known.groupby("object_id")["at"].max()
    listed = known[known["at"] == known["object_id"].map(read)]
    at = _looked_up(read, book.rows.said("object_id", book.held))
    is_listed = pd.Index(book.rows.said("alarm_id", book.held)).isin(set(listed["alarm_id"]))
    is_over = (at != NOT_YET) & ~is_listed & (book.rows.said("raised_at", book.held) < at)
    return _inferred(book, book.held[is_over], at[is_over], rule="CLEAR-5")


def _of_cells(service: Any) -> Any:
    """Return since when each cell serves."""
    return service.dropna(subset=["since"]).groupby("object_id")["since"].max()


def _of_sites(service: Any, least_share: float) -> Any:
    """Return since when each site serves: more than a share of its cells does, and none is known not to."""
    is_known = service["is_known"].astype(bool) if "is_known" in service else True
    told = service.assign(is_serving=service["since"].notna())
    told["is_out"] = ~told["is_serving"] & is_known
    sites = told.groupby("site_id").agg(
        since=("since", "max"), share=("is_serving", "mean"), is_out=("is_out", "any")
    )
    return sites.loc[(sites["share"] > least_share) & ~sites["is_out"], "since"]


def _looked_up(instants: Any, objects: Array) -> Array:
    """Return the instant of each object in microseconds, `NOT_YET` where there is none."""
    found = instants.reindex(objects).to_numpy(dtype="datetime64[us]")
    return np.array(found.view(np.int64))


def _inferred(book: AlarmBook, rows: Array, at: Array, *, rule: str) -> AlarmBook:
    """Return the book with clearings inferred for some rows."""
    if not len(rows):
        return book
    draft = Draft(book.rows)
    number = np.full(len(rows), RULE_NUMBER[rule], dtype=np.int8)
    draft.put(rows, {"inferred_at": at, "inferred_rule": number})
    return reworked(book, draft, rows)
