"""Answer complaints as an engineer with a spreadsheet does: nearest site, last day's alarms, fixed thresholds.

The first rule that fits is the answer, in the order of the operator's procedure (domain notes 1.1, 1.2):

1. what only the customer's service can be: account not active, or the symptoms of `CUSTOMER`, of one customer;
2. weak or no signal for a long time: thin coverage, indoors where the customer says so;
3. an alarm of the last day on the nearest site that takes or harms service, first those in force, of these the gravest
   and latest: the likeliest cause of its meaning;
4. a counter of the site that the procedure names (`LOOKED_AT`) beyond the rule book's limit two hours in a row in the
   last day (`peer_detectors.THRESHOLDS`, bad), the surest sign first (`peer_episodes.CAUSES`);
5. a parameter changed on the site in the last day: planned work where the change has an end, else a parameter error;
6. thin coverage.

Simple so far: only the nearest site is looked at; symptoms are read by the project's own lexicon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from alarms.catalogue import cause_weights, load_catalogue, read_meanings
from benchmarks.locating_peers import nearest_answers, site_masts, stated_or_named
from benchmarks.peer_detectors import by_thresholds
from benchmarks.peer_episodes import CAUSES
from benchmarks.peer_hours import Hours, lay_out
from correlate.symptoms import load_lexicon, read_symptoms

SURE = 0.9
"""What the spreadsheet says of its answer."""
DAY = pd.Timedelta("24h")
GAP = pd.Timedelta("24h")
GRAVITY = {"down": 0, "degraded": 1}
CUSTOMER = {
    "SMSTX": "sms_centre_setting",
    "SMSNO": "sms_blacklisted",
    "CARD": "terminal_fault",
    "ROAM": "border_roaming",
    "VAS": "value_added_service",
}
"""First cause of the operator's table for a single customer, by symptom (domain notes 1.2)."""


LOOKED_AT = frozenset(
    {
        "present",
        "availability",
        "vswr",
        "ber",
        "ul_interference_dbm",
        "congestion_rate",
        "sd_congestion",
        "prb_utilisation",
    }
)
"""Counters that the procedure has an engineer pull (domain notes 1.1, steps 3 and 4)."""
WEAK = ("WEAK", "NOSIG")


@dataclass(frozen=True)
class Orders:
    """Complaints as the spreadsheet sees them, and what is written of each.

    Attributes
    ----------
    tickets : DataFrame
        `ticket_id`, `msisdn`, `at` (UTC, when it is answered), `site_id` (the nearest, null for none), `cell_id`.
    symptoms : DataFrame, index of `tickets`
        From :func:`correlate.symptoms.read_symptoms`.
    """

    tickets: pd.DataFrame
    symptoms: pd.DataFrame


def spreadsheet_answers(tables: Mapping[str, Any], answered_at: pd.Series) -> pd.DataFrame:
    """Return what the spreadsheet answers.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        As `contract.bundles.read_bundle` gives them.
    answered_at : Series of instants, index `ticket_id`
        When each ticket is answered; what arrived later is not looked at.

    Returns
    -------
    DataFrame
        One row a ticket: `ticket_id`, `cause`, `object_id`, `cell_id`, `incident_id`, `diagnosed_at`, `rule` (name of
        the rule that fitted) and `site_id`.
    """
    orders = read_orders(tables, answered_at)
    rules = {
        "customer": _customer_rule(orders, tables["accounts"]),
        "chronic": _coverage_rule(orders, is_chronic=True),
        "alarm": _alarm_rule(orders, tables["alarms"], _site_of(tables)),
        "counter": _counter_rule(orders, tables),
        "change": _change_rule(orders, tables["changes"], _site_of(tables)),
        "coverage": _coverage_rule(orders, is_chronic=False),
    }
    told = orders.tickets.assign(cause=None, object_id=None, rule=None)
    for name, found in rules.items():
        fits = told["cause"].isna() & found["cause"].notna()
        for column in ("cause", "object_id"):
            told[column] = told[column].astype(object).mask(fits, found[column])
        told["rule"] = told["rule"].astype(object).mask(fits, name)
    told = told.astype({"cause": "str", "object_id": "str", "rule": "str"})
    return told.assign(incident_id=_incidents(told), diagnosed_at=told["at"])


def read_orders(tables: Mapping[str, Any], answered_at: pd.Series) -> Orders:
    """Return the complaints of a bundle with their nearest site and symptoms. Arguments as above."""
    orders = tables["complaints"].drop_duplicates("ticket_id")
    orders = orders[orders["ticket_id"].isin(answered_at.index)].reset_index(drop=True)
    lon, lat = stated_or_named(orders, tables["places"], tables["sites"])
    masts = site_masts(tables["sites"], tables["cells"])
    near = nearest_answers(orders["ticket_id"], lon, lat, masts=masts, is_sector=True)
    first = near[near["rank"] == 1].set_index("ticket_id")["cell_id"]
    cell = orders["ticket_id"].map(first)
    site = cell.map(masts.drop_duplicates("cell_id").set_index("cell_id")["site_id"])
    at = orders["ticket_id"].map(answered_at)
    tickets = orders[["ticket_id", "msisdn"]].assign(at=at, site_id=site, cell_id=cell)
    symptoms = read_symptoms(orders["text"], load_lexicon(), categories=orders["category"])
    return Orders(tickets, symptoms)


def latest_states(tickets: pd.DataFrame, accounts: pd.DataFrame) -> pd.Series:
    """Return the state of each ticket's account as known at `at`, null where unknown.

    Parameters
    ----------
    tickets : DataFrame
        `msisdn`, `at`.
    accounts : DataFrame
        As the contract reads them.
    """
    known = accounts[["msisdn", "state", "arrived_at"]].rename(columns={"arrived_at": "known_at"})
    pairs = tickets[["msisdn", "at"]].reset_index().dropna(subset="msisdn")
    pairs = pairs.merge(known, on="msisdn")
    pairs = pairs[pairs["known_at"] <= pairs["at"]].sort_values(["known_at", "state"])
    return (
        pairs.drop_duplicates("index", keep="last")
        .set_index("index")["state"]
        .reindex(tickets.index)
    )


def _site_of(tables: Mapping[str, Any]) -> pd.Series:
    """Return the site of every cell, and every site itself."""
    cells = tables["cells"].drop_duplicates("cell_id", keep="last").set_index("cell_id")["site_id"]
    sites = tables["sites"]["site_id"].drop_duplicates()
    return pd.concat([cells, pd.Series(sites.to_numpy(), index=sites)])


def _nothing(orders: Orders) -> pd.DataFrame:
    """Return a rule that fits nowhere."""
    return pd.DataFrame(
        {"cause": None, "object_id": None}, index=orders.tickets.index, dtype=object
    )


def _customer_rule(orders: Orders, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the causes on the customer's side."""
    state = latest_states(orders.tickets, accounts)
    is_single = ~orders.symptoms["is_group"]
    cause = orders.symptoms["dominant"].map(CUSTOMER).where(is_single)
    barred = state.notna() & (state != "active")
    return _nothing(orders).assign(cause=cause.astype(object).mask(barred, "account_barred"))


def _alarm_rule(orders: Orders, alarms: pd.DataFrame, site_of: pd.Series) -> pd.DataFrame:
    """Return the likeliest cause of the gravest and latest alarm of the last day."""
    catalogue = load_catalogue()
    told = alarms.reset_index(drop=True)
    told = told.join(read_meanings(catalogue, told)[["meaning", "service_effect"]])
    told = told[told["service_effect"].isin(GRAVITY)]
    weights = cause_weights(catalogue)
    likeliest = weights.idxmax(axis=1).where(weights.max(axis=1) > 0)
    place = told["object_id"].str.split("/").str[0].map(site_of)
    told = pd.DataFrame(
        {
            "site_id": place,
            "known_at": told["arrived_at"],
            "gone_at": told["clear_arrived_at"],
            "gravity": told["service_effect"].map(GRAVITY),
            "cause": told["meaning"].map(likeliest),
            "object_id": told["object_id"],
        }
    ).dropna(subset=["site_id", "cause"])
    return _latest(orders, told)


def _counter_rule(orders: Orders, tables: Mapping[str, Any]) -> pd.DataFrame:
    """Return the cause of the surest counter beyond its limit."""
    if tables["kpi"].empty:
        return _nothing(orders)
    hours = lay_out(tables)
    flags = by_thresholds(hours, is_bad=True)
    parts = [
        _beyond(hours, name, flag.opening) for name, flag in flags.items() if name in LOOKED_AT
    ]
    return _latest(orders, pd.concat(parts, ignore_index=True))


def _beyond(hours: Hours, name: str, opening: Any) -> pd.DataFrame:
    """Return the hours of one measure beyond its limit, two in a row."""
    cell, hour = np.nonzero(opening)
    known = pd.to_timedelta(
        pd.Series(hours.known_h[cell, hour], dtype=float).round(3) * 3600, unit="s"
    )
    return pd.DataFrame(
        {
            "site_id": hours.site_id[cell],
            "known_at": (hours.begin + known).astype("datetime64[us, UTC]"),
            "gravity": list(CAUSES).index(name),
            "cause": CAUSES[name],
            "object_id": hours.cell_id[cell],
        }
    )


def _change_rule(orders: Orders, changes: pd.DataFrame, site_of: pd.Series) -> pd.DataFrame:
    """Return planned work or a parameter error where something was changed."""
    place = changes["object_id"].str.split("/").str[0].map(site_of)
    told = pd.DataFrame(
        {
            "site_id": place,
            "known_at": changes["arrived_at"],
            "gravity": 0,
            "cause": np.where(changes["until"].notna(), "planned_work", "parameter_error"),
            "object_id": changes["object_id"],
        }
    ).dropna(subset=["site_id"])
    return _latest(orders, told)


def _coverage_rule(orders: Orders, *, is_chronic: bool) -> pd.DataFrame:
    """Return thin coverage at the nearest cell; `is_chronic`: only for weak signal of old."""
    said = orders.symptoms
    cause = pd.Series(
        np.where(said["is_indoor"], "indoor_coverage", "weak_coverage"), orders.tickets.index
    )
    if is_chronic:
        cause = cause.where(said["is_chronic"] & said["dominant"].isin(WEAK))
    return _nothing(orders).assign(cause=cause, object_id=orders.tickets["cell_id"])


def _latest(orders: Orders, signs: pd.DataFrame) -> pd.DataFrame:
    """Return the first sign of the last day at each ticket's site: in force, gravest, latest."""
    asked = orders.tickets[["site_id", "at"]].reset_index().dropna(subset="site_id")
    pairs = asked.merge(signs, on="site_id")
    is_lately = (pairs["known_at"] <= pairs["at"]) & (pairs["known_at"] > pairs["at"] - DAY)
    is_over = pairs["gone_at"] <= pairs["at"] if "gone_at" in pairs else False
    order = ["is_over", "gravity", "known_at", "object_id"]
    pairs = pairs.assign(is_over=is_over)[is_lately]
    pairs = pairs.sort_values(order, ascending=[True, True, False, True], kind="stable")
    first = pairs.drop_duplicates("index").set_index("index")
    return first[["cause", "object_id"]].reindex(orders.tickets.index).astype(object)


def _incidents(told: pd.DataFrame) -> pd.Series:
    """Return the incident of each ticket: one object and cause, begun anew after a day's silence."""
    of_network = told[told["rule"].isin(["alarm", "counter", "change"])]
    ordered = of_network.sort_values(["object_id", "cause", "at", "ticket_id"], kind="stable")
    is_same = (ordered[["object_id", "cause"]] == ordered[["object_id", "cause"]].shift()).all(
        axis=1
    )
    number = (~is_same | (ordered["at"].diff() > GAP)).cumsum()
    return ("P" + number.astype("str")).reindex(told.index)
