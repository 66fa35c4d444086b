"""Lay out what was known of each complaint when it was diagnosed, as numbers a classifier can learn from.

Symptoms are read by the project's own lexicon; the place is the likeliest serving cell of a run; evidence is what the
run had seen by then at the site of that cell: alarms in force by meaning, open episodes by kind, changes, faults
reported. The causes a run gave to faults or tickets are left out: they are what the classifier is to find by itself.

Simple so far: an episode's cells and an alarm's meaning are as last known, which favours the classifier a little.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alarms.catalogue import load_catalogue, read_meanings
from benchmarks.peer_spreadsheet import latest_states
from correlate.symptoms import load_lexicon, read_symptoms

CHANGED = pd.Timedelta("48h")
LATELY = pd.Timedelta("3h")
REPEAT = pd.Timedelta("30D")
HOUR_S = 3600.0
RATS = ("GSM", "UMTS", "LTE", "NR")


def evidence_table(tables: Mapping[str, Any], out: Path, zone: str) -> pd.DataFrame:
    """Return the numbers of every diagnosed ticket.

    Parameters
    ----------
    tables : mapping of table name to DataFrame
        As `contract.bundles.read_bundle` gives them.
    out : Path
        What a run over the same bundle wrote, with its daybook.
    zone : str
        IANA zone of hours of the day.

    Returns
    -------
    DataFrame of float, index `ticket_id`, in order of diagnosis
        Null where unknown.
    """
    asked = asked_tickets(tables, out)
    sites = sites_of(tables)
    parts = [
        _said(tables["complaints"], asked),
        _circumstances(asked, tables, zone),
        standing(asked, alarm_signs(tables["alarms"], sites)).add_prefix("alarm_"),
        standing(asked, _signs_above(tables, sites)).add_prefix("above_"),
        standing(asked, episode_signs(_page(out, "episodes"), sites)).add_prefix("episode_"),
        standing(asked, change_signs(tables["changes"], sites)).add_prefix("change_"),
        _faults(asked, _page(out, "versions")),
    ]
    return pd.concat(parts, axis=1).astype(float)


def asked_tickets(tables: Mapping[str, Any], out: Path) -> pd.DataFrame:
    """Return the tickets a run diagnosed, index `ticket_id`: `at` (UTC), `cell_id`, `site_id`, `msisdn`, ... ."""
    told = pd.read_parquet(out / "diagnoses.parquet")
    at = told[told["rank"] == 1].set_index("ticket_id")["diagnosed_at"].dt.tz_convert("UTC")
    serving = pd.read_parquet(out / "serving_cells.parquet")
    first = serving[serving["rank"] == 1].set_index("ticket_id")
    orders = tables["complaints"].drop_duplicates("ticket_id").set_index("ticket_id")
    asked = orders[["msisdn", "arrived_at", "county"]].join(at.rename("at"), how="inner")
    asked["cell_id"] = first["cell_id"]
    asked["sure"] = first["probability"]
    asked["distance_m"] = first["distance_m"]
    asked["served"] = serving.groupby("ticket_id")["probability"].sum()
    asked["site_id"] = asked["cell_id"].map(sites_of(tables))
    return asked.sort_values(["at", "arrived_at"], kind="stable")


def sites_of(tables: Mapping[str, Any]) -> pd.Series:
    """Return the site of every cell and site of the inventory, by its id."""
    cells = tables["cells"].drop_duplicates("cell_id", keep="last").set_index("cell_id")["site_id"]
    own = tables["sites"]["site_id"].drop_duplicates()
    return pd.concat([cells, pd.Series(own.to_numpy(), index=own)])


def standing(asked: pd.DataFrame, signs: pd.DataFrame) -> pd.DataFrame:
    """Return the signs that stood at each ticket's site when it was diagnosed.

    Parameters
    ----------
    asked : DataFrame, index `ticket_id`
        `site_id`, `at`.
    signs : DataFrame
        `site_id`, `name`, `known_at`, `gone_at` (null: stands on), `value`.

    Returns
    -------
    DataFrame of float, index of `asked`, a column for each name
        The greatest value standing, 0 for none.

    Examples
    --------
    >>> at = pd.Timestamp("2026-03-02 10:00", tz="UTC")
    >>> asked = pd.DataFrame({"site_id": ["A", "B"], "at": at}, index=["T1", "T2"])
    >>> sign = {"site_id": ["A"], "name": ["fan"], "known_at": [at], "gone_at": [at + CHANGED], "value": [1.0]}
    >>> standing(asked, pd.DataFrame(sign))["fan"].tolist()
    [1.0, 0.0]
    """
    names = sorted(signs["name"].unique())
    row = pd.DataFrame(
        {"row": np.arange(len(asked)), "site_id": asked["site_id"], "at": asked["at"]}
    )
    pairs = row.dropna(subset=["site_id"]).merge(signs, on="site_id")
    stands = (pairs["known_at"] <= pairs["at"]) & ~(pairs["gone_at"] <= pairs["at"])
    most = pairs[stands].groupby(["row", "name"])["value"].max().unstack("name")
    table = most.reindex(index=range(len(asked)), columns=names).fillna(0.0).astype(float)
    return table.set_axis(asked.index, axis=0)


def alarm_signs(alarms: pd.DataFrame, sites: pd.Series) -> pd.DataFrame:
    """Return the alarms at sites as signs, named by meaning."""
    told = alarms.reset_index(drop=True)
    meaning = read_meanings(load_catalogue(), told)["meaning"]
    return pd.DataFrame(
        {
            "site_id": told["object_id"].str.split("/").str[0].map(sites),
            "name": meaning.fillna("unmapped"),
            "known_at": told["arrived_at"],
            "gone_at": told["clear_arrived_at"],
            "value": 1.0,
        }
    ).dropna(subset=["site_id"])


def episode_signs(episodes: pd.DataFrame, sites: pd.Series) -> pd.DataFrame:
    """Return the episodes of counters as signs at each of their sites, named by kind."""
    told = episodes.assign(cell_id=episodes["cells"].str.split("|")).explode("cell_id")
    return pd.DataFrame(
        {
            "site_id": told["cell_id"].map(sites),
            "name": told["kind"],
            "known_at": told["opened_at"].dt.tz_convert("UTC"),
            "gone_at": told["closed_at"].dt.tz_convert("UTC"),
            "value": told["confidence"],
        }
    ).dropna(subset=["site_id"])


def change_signs(changes: pd.DataFrame, sites: pd.Series) -> pd.DataFrame:
    """Return changes of the last two days as signs: work (which has an end), else a parameter."""
    return pd.DataFrame(
        {
            "site_id": changes["object_id"].str.split("/").str[0].map(sites),
            "name": np.where(changes["until"].notna(), "work", "parameter"),
            "known_at": changes["arrived_at"],
            "gone_at": changes["arrived_at"] + CHANGED,
            "value": 1.0,
        }
    ).dropna(subset=["site_id"])


def _signs_above(tables: Mapping[str, Any], sites: pd.Series) -> pd.DataFrame:
    """Return alarms on what a site hangs on, as signs at the site."""
    links = tables["links"][["node", "parent"]].drop_duplicates()
    own = pd.Series(links["parent"].unique())
    parents = pd.concat([sites, pd.Series(own.to_numpy(), index=own)])
    above = alarm_signs(tables["alarms"], parents[~parents.index.duplicated()])
    pairs = links.merge(above, left_on="parent", right_on="site_id")
    return pairs.assign(site_id=pairs["node"])[list(above.columns)]


def _faults(asked: pd.DataFrame, versions: pd.DataFrame) -> pd.DataFrame:
    """Return whether a fault reported by then is under way at the site, how sure, how wide and how old."""
    told = versions.sort_values(["incident_id", "at"], kind="stable").reset_index(drop=True)
    times = {n: told[n].dt.tz_convert("UTC") for n in ("at", "ended_at", "started_at")}
    following = times["at"].groupby(told["incident_id"]).shift(-1)
    gone = following.fillna(times["ended_at"])
    began = times["started_at"].astype("datetime64[s, UTC]").astype("int64").astype(float)
    values = {"real": told["real"], "sites": told["sites"].astype(float), "began": began}
    values |= {
        f"by_{sign}": (told["first_sign"] == sign).astype(float)
        for sign in ("alarm", "counters", "complaint")
    }
    at = {
        "known_at": times["at"],
        "gone_at": gone,
        "site_id": told["site_ids"].fillna("").str.split("|"),
    }
    rows = [pd.DataFrame({**at, "name": name, "value": value}) for name, value in values.items()]
    table = standing(asked, pd.concat(rows, ignore_index=True).explode("site_id")).add_prefix(
        "fault_"
    )
    now = asked["at"].astype("datetime64[s, UTC]").astype("int64")
    age = ((now - table["fault_began"]) / HOUR_S).where(table["fault_began"] > 0)
    return table.drop(columns="fault_began").assign(fault_age_h=age)


def _said(orders: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Return the strengths of symptoms and the circumstances stated."""
    rows = orders.drop_duplicates("ticket_id").set_index("ticket_id").loc[asked.index]
    lexicon = load_lexicon()
    read = read_symptoms(rows["text"], lexicon, categories=rows["category"])
    flags = [name for name in read if pd.api.types.is_bool_dtype(read[name])]
    same = read["dominant"].where(read["dominant"] != "", "none")
    told = read[[*lexicon.codes, *flags]].astype(float)
    return told.assign(
        alike_lately=_lately(asked, same), calls_lately=_lately(asked, asked["site_id"])
    )


def _circumstances(asked: pd.DataFrame, tables: Mapping[str, Any], zone: str) -> pd.DataFrame:
    """Return hour, day, repeat, account and what is known of the place."""
    local = asked["arrived_at"].dt.tz_convert(zone)
    cells = tables["cells"].drop_duplicates("cell_id", keep="last").set_index("cell_id")
    state = latest_states(asked.reset_index(), tables["accounts"]).set_axis(asked.index)
    known = {
        f"account_{name}": (state == name).astype(float)
        for name in ("active", "suspended", "data_off", "sms_barred")
    }
    rat = asked["cell_id"].map(cells["rat"])
    known |= {f"rat_{name}": (rat == name).astype(float) for name in RATS}
    previous = asked.sort_values("arrived_at").groupby("msisdn")["arrived_at"].shift()
    return asked[["sure", "distance_m", "served"]].assign(
        **known,
        hour=local.dt.hour,
        weekday=local.dt.day_of_week,
        is_repeat=(asked["arrived_at"] - previous.reindex(asked.index) <= REPEAT).astype(float),
        indoor=asked["cell_id"].map(cells["indoor"].astype(float)),
    )


def _lately(asked: pd.DataFrame, group: pd.Series) -> pd.Series:
    """Return how many tickets of the same group came in the three hours before each."""
    arrived = asked["arrived_at"].astype("datetime64[s, UTC]").astype("int64").to_numpy()
    count = pd.Series(0.0, index=asked.index)
    for rows in group.groupby(group).indices.values():
        times = np.sort(arrived[rows])
        own = arrived[rows]
        since = np.searchsorted(times, own - LATELY.total_seconds())
        count.iloc[rows] = np.searchsorted(times, own) - since
    return count


def _page(out: Path, name: str) -> pd.DataFrame:
    """Return a table of the daybook of a run."""
    return pd.read_parquet(out / "daybook" / f"{name}.parquet")


def objects_of(asked: pd.DataFrame) -> pd.DataFrame:
    """Return what a classifier of causes leaves to others: the serving cell, its site as object, no incident."""
    table = asked.assign(object_id=asked["site_id"], diagnosed_at=asked["at"], incident_id=None)
    columns = ["ticket_id", "object_id", "cell_id", "incident_id", "diagnosed_at"]
    return table.rename_axis("ticket_id").reset_index()[columns]
