"""Build the worked example of Dali as a bundle: python examples/dali_bundle.py FOLDER [VARIANT].

A main BCCH carrier is the transceiver that broadcasts a GSM cell; when it fails, nobody can call in
that cell although phones still show a signal. The example is one work order of June 2010 and the
network around it; four variants change what was seen, so that another cause explains the same
words. Facts, drawn and told, are in `dali_facts.toml`.

Simple so far: the land is flat, neighbours are the nearest sectors that face each other, and only
GSM 900 is there.
"""

import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from examples.dali_counters import effect, healthy_counters, with_effect

FACTS = Path(__file__).with_name("dali_facts.toml")
VARIANTS = (
    "as_found",
    "traffic_up_congested",
    "non_bcch_trx",
    "alarm_after_ticket",
    "neighbour_down",
)
SEED = 20100628
SUPERVISED_HOURS = range(8, 18)
"""Hours in which Nokia supervises alarm 7745 by default: 08:00 to 18:00, in periods of 60 min."""

COUNTS = (
    *("setup_attempts", "setup_successes", "congestion_failures", "sd_attempts", "sd_congestion"),
    *("drops", "ho_attempts", "ho_successes", "minutes"),
)
Facts = dict[str, Any]


def dali_tables(variant: str = "as_found") -> dict[str, pd.DataFrame]:
    """Return the tables of the bundle, in the shape of the contract; times are local and naive.

    Parameters
    ----------
    variant : str, default "as_found"
        One of `VARIANTS`. All share the network, the tickets and the chance of ordinary days.

    Raises
    ------
    ValueError
        If there is no such variant.
    """
    if variant not in VARIANTS:
        msg = f"`variant` needs one of {list(VARIANTS)}, got {variant!r}; choose one of those."
        raise ValueError(msg)
    facts = tomllib.loads(FACTS.read_text(encoding="utf-8"))
    cells = _cells(facts)
    sites = _sites(facts)
    return {
        "sites": sites,
        "cells": cells.drop(columns="busy_erl"),
        "links": _links(facts),
        "neighbours": _neighbours(cells, sites),
        "places": _renamed(facts["places"]).assign(county=facts["county"]),
        "subscribers": _renamed(facts["subscribers"]),
        "alarms": _alarms(facts, cells, variant=variant),
        "kpi": _kpi(facts, cells, variant=variant),
        "changes": _renamed(facts["changes"]),
        "complaints": _complaints(facts),
        "locations": _renamed(facts["locations"]).assign(source="hlr"),
        "accounts": _renamed(facts["accounts"]),
        "verdicts": _renamed(facts["verdicts"]),
    }


def write_bundle(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write each table to a CSV file of its name in `folder`, made if need be; other files stay."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        table.to_csv(
            path,
            index=False,
            date_format="%Y-%m-%d %H:%M:%S",
            lineterminator="\n",
            encoding="utf-8",
        )


CONTRACT_NAMES = {
    "object": "object_id",
    "cell": "cell_id",
    "ticket": "ticket_id",
    "raised": "raised_at",
    "cleared": "cleared_at",
    "changed": "changed_at",
    "announced": "announced_at",
    "created": "created_at",
    "seen": "seen_at",
    "closed": "closed_at",
    "old": "old_value",
    "new": "new_value",
    "previous": "previous_opinion",
}


def _renamed(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Return rows of the facts as a table with the contract's column names."""
    return pd.DataFrame(rows).rename(columns=CONTRACT_NAMES)


def _sites(facts: Facts) -> pd.DataFrame:
    """Return the sites, live ones first, then planned ones."""
    live = pd.DataFrame(
        {"site_id": f"DL{row['ci']}", "status": "live", **row} for row in facts["sites"]
    )
    planned = pd.DataFrame({"status": "planned", **row} for row in facts["planned"])
    both = pd.concat([live, planned], ignore_index=True).assign(
        county=facts["county"], vendor="Nokia"
    )
    both = both.rename(columns={"name": "site_name", "on_air": "planned_on_air"})
    columns = ["site_id", "site_name", "lon", "lat", "county", "town", "grade", "vendor", "status"]
    return both[[*columns, "planned_on_air"]]


def _cells(facts: Facts) -> pd.DataFrame:
    """Return the cells, three sectors a site, with the traffic of their busy hour."""
    share = (1.0, 0.9, 0.75)
    return pd.DataFrame(
        {
            "cell_id": f"{facts['lac']}-{row['ci'] + sector}",
            "site_id": f"DL{row['ci']}",
            "cell_name": f"{row['name']}-{sector + 1}",
            "rat": "GSM",
            "freq_mhz": 945,
            "azimuth_deg": row["azimuths"][sector],
            "beamwidth_deg": 65,
            "downtilt_deg": 4,
            "height_m": row["height_m"],
            "eirp_dbm": 57,
            "indoor": 0,
            "users": round(row["users"] * share[sector]),
            "ci": row["ci"] + sector,
            "bcch_trx": row["bcch"][sector],
            "busy_erl": row["busy_erl"] * share[sector],
        }
        for row in facts["sites"]
        for sector in range(3)
    )


def _links(facts: Facts) -> pd.DataFrame:
    """Return what hangs on what: transmission, controller and power."""
    parents = (("hub", "hub"), ("feeder", "power"))
    rows = [
        {"node": f"DL{row['ci']}", "parent": row[column], "kind": kind}
        for column, kind in parents
        for row in facts["sites"]
    ]
    rows += [
        {"node": f"DL{row['ci']}", "parent": facts["controller"], "kind": "controller"}
        for row in facts["sites"]
    ]
    return pd.DataFrame([*rows, *facts["upper_links"]])


def _neighbours(cells: pd.DataFrame, sites: pd.DataFrame, *, nearest: int = 5) -> pd.DataFrame:
    """Return handover relations, both ways: own sectors, and facing ones of the nearest sites."""
    placed = cells.merge(sites[["site_id", "lon", "lat"]], on="site_id")
    east = (placed["lon"].to_numpy() - 100.15) * 100_150
    north = (placed["lat"].to_numpy() - 25.75) * 110_780
    to_east, to_north = np.subtract.outer(east, east).T, np.subtract.outer(north, north).T
    distance = np.hypot(to_east, to_north)
    bearing = np.degrees(np.arctan2(to_east, to_north))
    off_axis = np.abs((bearing.T - placed["azimuth_deg"].to_numpy() + 180) % 360 - 180).T
    same = distance < 1
    reach = np.sort(distance, axis=1)[:, 3 * (nearest + 1) - 1 : 3 * (nearest + 1)]
    facing = (off_axis.T < 75) & (distance <= reach)
    related = (same | facing | facing.T) & ~np.eye(len(placed), dtype=bool)
    left, right = np.nonzero(related)
    ids = placed["cell_id"].to_numpy()
    return pd.DataFrame({"cell_id": ids[left], "neighbour_id": ids[right]})


def _alarms(facts: Facts, cells: pd.DataFrame, *, variant: str) -> pd.DataFrame:
    """Return all alarms in time order: told ones, noise, and 7745 on the failing carriers."""
    chosen = facts["variants"][variant]
    last = _last_hour(facts)
    rng = np.random.default_rng(SEED + 1)
    noise = _noise_alarms(facts, cells, rng=rng)
    bcch = dict(zip(cells["cell_id"], cells["bcch_trx"], strict=True))
    failing = [
        _repeated_7745(row, last=last, is_bcch=row["trx"] == bcch[row["cell"]], rng=rng)
        for row in chosen["failing"]
    ]
    told = _renamed([*facts["alarms"], *chosen.get("alarms", [])])
    every = pd.concat([told, noise, *failing], ignore_index=True)
    every = every.sort_values(["raised_at", "object_id", "code"], ignore_index=True)
    every.insert(0, "alarm_id", [f"AL{number:06d}" for number in range(1, len(every) + 1)])
    columns = ["alarm_id", "object_id", "raised_at", "name", "cleared_at", "code", "severity"]
    return every.assign(vendor="Nokia")[[*columns, "vendor", "detail"]]


def _noise_alarms(facts: Facts, cells: pd.DataFrame, *, rng: np.random.Generator) -> pd.DataFrame:
    """Return short alarms that mean nothing, on any site but that of the case."""
    others = cells[cells["site_id"] != "DL4419"].reset_index(drop=True)
    span_s = (facts["last_day"] - facts["first_day"]).total_seconds() + 86_000
    tables = []
    for row in facts["noise"]:
        where = others.iloc[rng.integers(len(others), size=row["rows"])]
        carrier = rng.integers(1, 13, size=row["rows"]).astype(str)
        objects = {
            "site": where["site_id"],
            "cell": where["cell_id"],
            "trx": where["cell_id"] + "/TRX-" + carrier,
        }
        seconds = np.floor(rng.random(row["rows"]) * span_s)
        raised = pd.Timestamp(facts["first_day"]) + pd.to_timedelta(seconds, unit="s")
        lasts = np.floor(row["minutes"] * 60 * (0.3 + 1.4 * rng.random(row["rows"])))
        table = pd.DataFrame({"object_id": objects[row["level"]].to_numpy(), "raised_at": raised})
        table["cleared_at"] = raised + pd.to_timedelta(lasts, unit="s")
        tables.append(
            table.assign(**{key: row[key] for key in ("code", "name", "severity", "detail")})
        )
    return pd.concat(tables, ignore_index=True)


def _repeated_7745(
    failing: dict[str, Any], *, last: pd.Timestamp, is_bcch: bool, rng: np.random.Generator
) -> pd.DataFrame:
    """Return alarm 7745 as one carrier raises it: most hours from 08:00 to 18:00, once a period."""
    hours = pd.date_range(failing["since"], last, freq="h")
    hours = hours[np.isin(hours.hour, SUPERVISED_HOURS)]
    kept = rng.random(len(hours)) < 0.7
    kept[0] = True
    raised = hours[kept] + pd.to_timedelta(np.floor(rng.random(kept.sum()) * 40), unit="s")
    raised = raised.where(np.arange(len(raised)) > 0, hours[0])
    return pd.DataFrame(
        {
            "object_id": f"{failing['cell']}/TRX-{failing['trx']}",
            "raised_at": raised,
            "cleared_at": raised + pd.Timedelta(minutes=59),
            "code": "7745",
            "name": "CHANNEL FAILURE RATE ABOVE DEFINED THRESHOLD",
            "severity": "major",
            "detail": [_supplementary_fields(rng, is_bcch=is_bcch) for _ in raised],
        }
    )


def _supplementary_fields(rng: np.random.Generator, *, is_bcch: bool) -> str:
    """Return the fields of one 7745: channel type, flag per time slot, worst slot, sub-channel.

    Signalling channels (type 02) stand beside the BCCH in time slot 1; other carriers have none.
    """
    if is_bcch and rng.random() < 0.35:
        return f"02 0 1 0 0 0 0 0 0 1 {rng.integers(8)}"
    flags = np.r_[0, 0, rng.random(6) < 0.6].astype(int)
    worst = int(rng.integers(2, 8))
    flags[worst] = 1
    return f"01 {' '.join(map(str, flags))} {worst} 0"


def _kpi(facts: Facts, cells: pd.DataFrame, *, variant: str) -> pd.DataFrame:
    """Return the hourly counters of all cells, with what befell some of them."""
    hours = pd.date_range(facts["first_day"], _last_hour(facts), freq="h", unit="us")
    kpi = healthy_counters(cells, hours, rng=np.random.default_rng(SEED))
    site_of = dict(zip(cells["cell_id"], cells["site_id"], strict=True))
    for row in [*facts["effects"], *facts["variants"][variant]["effects"]]:
        rng = np.random.default_rng(SEED + 2)
        kpi = with_effect(kpi, effect(row), site_of=site_of, rng=rng)
    return kpi.astype(dict.fromkeys(COUNTS, "int64"))


def _last_hour(facts: Facts) -> pd.Timestamp:
    """Return the beginning of the last hour told of."""
    return pd.Timestamp(facts["last_day"]) + pd.Timedelta(hours=23)


def _complaints(facts: Facts) -> pd.DataFrame:
    """Return the work orders."""
    table = _renamed(facts["complaints"]).assign(county=facts["county"], channel="10086")
    columns = ["ticket_id", "created_at", "text", "msisdn", "address", "county", "channel"]
    return table[[*columns, "previous_opinion", "category"]]


def main(arguments: list[str]) -> int:
    """Write the bundle to the folder named, in the variant named."""
    if not arguments:
        print(__doc__)
        return 2
    write_bundle(Path(arguments[0]), dali_tables(*arguments[1:2]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
