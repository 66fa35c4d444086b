"""Make small random bundles in the shape of the contract, for tests of the whole program.

Simple so far: the sites stand on a flat square of some ten kilometres, counters are hourly, and
complaints know nothing of radio: some are drawn to the broken site, the rest fall anywhere.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

TABLES = (
    *("sites", "cells", "links", "neighbours", "places", "subscribers", "alarms", "kpi"),
    *("changes", "complaints", "locations", "accounts", "verdicts"),
)
VENDORS = ("Huawei", "ZTE", "Nokia", "Ericsson", "华为", "中兴", "诺基亚")
COUNTIES = (("青川县", "Northfold County"), ("白石市", "Millbrook"))
TOWNS = (("东岭镇", "Eastridge"), ("河口乡", "Ferryside"), ("松坪镇", "Pineholt"))
LAYERS = (("GSM", 945), ("UMTS", 2140), ("LTE", 1850), ("LTE", 900), ("NR", 2600))
NETWORK_SYMPTOMS = (
    ("手机没有信号,周围用户存在同样情况", "no signal at all, neighbours have the same"),
    ("不能主被叫,提示网络忙", "cannot make calls, network busy"),
    ("打着打着就掉话", "calls keep dropping"),
    ("上不了网,一直转圈", "no internet, pages do not load"),
    ("上网很慢,视频卡", "slow internet, video buffers all the time"),
    ("长期以来信号弱", "weak signal for months"),
    ("通话断断续续听不清", "voice is choppy, cannot hear"),
)
CUSTOMER_SYMPTOMS = (
    ("不能上网,周围朋友能", "no mobile data, only me, friends are fine"),
    ("短信能收不能发", "can receive but not send SMS"),
    ("收不到验证码短信", "verification code never arrives"),
    ("换个手机就好,帮我看看设置", "works in another handset, check my settings"),
)
ONSETS = (
    ("今天早上", "since this morning"),
    ("昨天", "since yesterday"),
    ("前天", "since the day before yesterday"),
    ("刚才", "since half an hour ago"),
    ("一直", "always"),
)
OUTAGE_ALARMS = (
    ("NE Is Disconnected", "301"),
    ("网元断链告警", "198099803"),
    ("基站退出服务", ""),
    ("Heartbeat Failure", ""),
    ("BCF FAULTY", "7600"),
)
NOISE_ALARMS = (
    ("Door Open", "25670", "minor"),
    ("门磁告警", "", "warning"),
    ("RF Unit VSWR Threshold Crossed", "26529", "major"),
    ("天馈驻波比异常", "198098465", "major"),
    ("BTS O&M LINK FAILURE", "7706", "critical"),
    ("Cell Unavailable", "29240", "critical"),
    ("Ethernet Link Fault", "25880", "minor"),
    ("市电停电告警", "198092550", "major"),
)
CAUSES = (
    *("site_outage", "power_failure", "weak_coverage", "data_congestion", "account_barred"),
    *("terminal_fault", "voice_congestion", "sms_centre_setting", "unknown"),
)
BAD_VALUES = (
    ("cells", "azimuth_deg", "400"),
    ("cells", "height_m", "0"),
    ("complaints", "lon", "1000"),
    ("alarms", "severity", "terrible"),
    ("verdicts", "cause", "gremlins"),
    ("accounts", "state", "asleep"),
    ("places", "lat", "north"),
    ("complaints", "created_at", "yesterday-ish"),
    ("alarms", "raised_at", ""),
    ("changes", "changed_at", "31/31/2026"),
    ("locations", "cell_id", ""),
    ("verdicts", "closed_at", ""),
    ("subscribers", "users", "-5"),
    ("neighbours", "neighbour_id", "no-such-cell"),
)
MAY_BE_ABSENT = {
    "sites": ("grade", "vendor", "town"),
    "cells": ("cell_name", "beamwidth_deg", "downtilt_deg", "eirp_dbm", "users", "ci", "indoor"),
    "places": ("county", "town"),
    "subscribers": ("month",),
    "alarms": ("code", "vendor", "detail"),
    "kpi": ("data_mb", "active_users", "prb_utilisation", "ul_interference_dbm", "availability"),
    "complaints": ("address", "channel", "previous_opinion"),
    "locations": ("source",),
    "verdicts": ("object_id", "satisfied"),
}
Tables = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class _Scene:
    """What the tables of one bundle share."""

    rng: np.random.Generator
    start: pd.Timestamp
    hours: int
    lon: float
    lat: float
    outage_site: int
    outage_hours: tuple[float, float]

    def at(self, hours: Any) -> Any:
        """Return the instants so many hours after the start, to the second."""
        seconds = np.floor(np.asarray(hours, dtype=float) * 3600)
        return (self.start + pd.to_timedelta(seconds, unit="s")).as_unit("us")

    def moments(self, rows: int) -> np.ndarray:
        """Return random hours of the whole span."""
        return self.rng.random(rows) * self.hours

    def pick(self, values: Any, rows: int) -> np.ndarray:
        """Return random members of a sequence."""
        return np.asarray(values, dtype=object)[self.rng.integers(len(values), size=rows)]


def random_bundle(
    rng: np.random.Generator,
    *,
    sites: int = 8,
    days: int = 3,
    complaints: int = 20,
    dirt: bool = False,
) -> Tables:
    """Return the thirteen tables of a small bundle, different for every state of `rng`.

    One site goes out of service for some hours: alarms at the site, counters of its cells zero or
    missing, complaints around it. Beside it there are a carrier with repeated alarms, everyday
    alarms (some at a hub, ring or controller, some never cleared), a fault that only the counters
    show, planned work announced ahead, ordinary changes, and complaints in Chinese and English.
    Some alarms and complaints (and counters, now and then) have a `received_at` later than they
    happened. Some optional columns are absent now and then.

    Parameters
    ----------
    rng : Generator
        The only source of chance.
    sites : int, default 8
        Live sites, one or more; from five on there is a planned one beside them.
    days : int, default 3
        Days of counters, one or more.
    complaints : int, default 20
        Tickets; none is fine.
    dirt : bool, default False
        Add what real files hold: rows twice (alike, or with less content), bad values, unknown
        columns. Then all tables but `kpi` are text. Required tables stay usable. Without dirt, no
        row deserves rejecting.

    Returns
    -------
    dict of DataFrame by table name
        Times are local, naive datetimes; identifiers are text.
    """
    scene = _scene(rng, sites=sites, days=days)
    inventory = _sites(scene, sites)
    cells = _cells(scene, inventory)
    tables = {
        "sites": inventory,
        "cells": cells,
        "links": _links(scene, inventory),
        "neighbours": _neighbours(scene, cells),
        "places": _places(scene, inventory),
        "subscribers": _subscribers(scene),
    }
    tables["alarms"] = _alarms(scene, inventory, cells, tables["links"])
    tables["changes"] = _changes(scene, inventory, cells)
    tables["kpi"] = _kpi(scene, cells, tables["changes"])
    tables["complaints"] = _complaints(scene, inventory, complaints)
    tables["locations"] = _locations(scene, cells, tables["complaints"])
    tables["accounts"] = _accounts(scene, tables["complaints"])
    tables["verdicts"] = _verdicts(scene, inventory, tables["complaints"])
    tables = {name: _thinned(scene, name, tables[name]) for name in TABLES}
    return _with_dirt(scene, tables) if dirt else tables


def write_bundle(folder: Path, tables: Tables, *, parquet_kpi: bool = True) -> Path:
    """Write each table to `folder` as CSV, counters as Parquet by default; return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        if name == "kpi" and parquet_kpi:
            table.to_parquet(folder / "kpi.parquet", index=False)
        else:
            table.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d %H:%M:%S")
    return folder


def _scene(rng: np.random.Generator, *, sites: int, days: int) -> _Scene:
    """Return a random place and time with an outage."""
    hours = 24 * days
    begun = 2 + rng.random() * (hours - 10)
    return _Scene(
        rng=rng,
        start=pd.Timestamp("2026-01-05") + pd.Timedelta(days=int(rng.integers(300))),
        hours=hours,
        lon=98 + 22 * rng.random(),
        lat=22 + 18 * rng.random(),
        outage_site=int(rng.integers(sites)),
        outage_hours=(begun, begun + 1.2 + 6 * rng.random()),
    )


def _sites(scene: _Scene, count: int) -> pd.DataFrame:
    """Return live sites and, from five on, a planned one."""
    rng, rows = scene.rng, count + (count >= 5)
    county, town = rng.integers(2, size=rows), rng.integers(3, size=rows)
    language = int(rng.integers(2))
    status = np.array(["live"] * count + ["planned"] * (rows - count), dtype=object)
    return pd.DataFrame(
        {
            "site_id": [f"S{1000 + number}" for number in range(rows)],
            "site_name": [f"{TOWNS[t][language]} {n}" for n, t in enumerate(town)],
            "lon": np.round(scene.lon + 0.12 * rng.random(rows), 6),
            "lat": np.round(scene.lat + 0.10 * rng.random(rows), 6),
            "county": [COUNTIES[c][language] for c in county],
            "town": [TOWNS[t][language] for t in town],
            "grade": scene.pick(["VIP", "A", "B", "C", "D", ""], rows),
            "vendor": scene.pick(VENDORS, rows),
            "status": status,
            "planned_on_air": pd.to_datetime(
                np.where(status == "planned", scene.at(scene.hours + 2000.0), pd.NaT)
            ).as_unit("us"),
        }
    )


def _cells(scene: _Scene, inventory: pd.DataFrame) -> pd.DataFrame:
    """Return the cells of live sites: one to three sectors on one to three layers, some omni."""
    rng, live = scene.rng, inventory.loc[inventory["status"] == "live"]
    rows = []
    for site_id, name in zip(live["site_id"], live["site_name"], strict=True):
        layers = sorted(rng.choice(len(LAYERS), size=int(rng.integers(1, 4)), replace=False))
        turn, sectors = int(rng.integers(120)), int(rng.integers(1, 4))
        rows += [
            (site_id, name, *LAYERS[k], s, turn, sectors) for k in layers for s in range(sectors)
        ]
    columns = ["site_id", "site_name", "rat", "freq_mhz", "sector", "turn", "sectors"]
    table = pd.DataFrame(rows, columns=columns)
    count = len(table)
    azimuth = ((table["turn"] + 120 * table["sector"]) % 360).astype(float)
    label = table["rat"] + table["freq_mhz"].astype(str) + "-" + (table["sector"] + 1).astype(str)
    return pd.DataFrame(
        {
            "cell_id": [f"460-00-{2100 + n % 3}-{4000 + n}" for n in range(count)],
            "site_id": table["site_id"],
            "cell_name": table["site_name"] + "-" + label,
            "rat": table["rat"],
            "freq_mhz": table["freq_mhz"],
            "azimuth_deg": azimuth.where(table["sectors"] > 1),
            "beamwidth_deg": 65.0,
            "downtilt_deg": rng.integers(2, 10, size=count),
            "height_m": np.round(15 + 40 * rng.random(count), 1),
            "eirp_dbm": np.where(table["rat"] == "GSM", 57.0, 61.0),
            "indoor": np.where((table["sectors"] == 1) & (rng.random(count) < 0.3), 1, 0),
            "users": rng.integers(5, 600, size=count),
            "ci": 4000 + np.arange(count),
            "bcch_trx": pd.array(np.where(table["rat"] == "GSM", 1 + 4 * table["sector"], 0)),
        }
    ).assign(bcch_trx=lambda d: d["bcch_trx"].where(d["bcch_trx"] > 0).astype("Int64"))


def _links(scene: _Scene, inventory: pd.DataFrame) -> pd.DataFrame:
    """Return hubs on a ring, controllers under a core, feeders; at times a site behind a site."""
    sites = inventory.loc[inventory["status"] == "live", "site_id"].tolist()
    hubs = scene.rng.integers(2, size=len(sites))
    rows = [(site, f"HUB-{h + 1:03d}", "hub") for site, h in zip(sites, hubs, strict=True)]
    if len(sites) > 2 and scene.rng.random() < 0.5:
        rows[-1] = (sites[-1], sites[0], "hub")
    rows += [(site, f"BSC-{n % 2 + 1:02d}", "controller") for n, site in enumerate(sites)]
    rows += [(site, f"FEEDER-{n // 3 + 1}", "power") for n, site in enumerate(sites)]
    rows += [(f"HUB-{n:03d}", "RING-01", "ring") for n in (1, 2)]
    rows += [(node, "CORE-1", "core") for node in ("RING-01", "BSC-01", "BSC-02")]
    return pd.DataFrame(rows, columns=["node", "parent", "kind"])


def _neighbours(scene: _Scene, cells: pd.DataFrame) -> pd.DataFrame:
    """Return handover relations, both ways, within a layer kind."""
    rats = cells["rat"].to_numpy()
    drawn = np.triu(scene.rng.random((len(cells), len(cells))) < 0.4, k=1)
    drawn &= rats[:, None] == rats[None, :]
    left, right = np.nonzero(drawn | drawn.T)
    ids = cells["cell_id"].to_numpy()
    return pd.DataFrame({"cell_id": ids[left], "neighbour_id": ids[right]})


def _places(scene: _Scene, inventory: pd.DataFrame) -> pd.DataFrame:
    """Return a seat or town and some villages near the sites."""
    rng, rows = scene.rng, len(inventory) + 4
    near = inventory.iloc[rng.integers(len(inventory), size=rows)]
    village = [
        f"{town} {'村' if ord(town[0]) > 255 else 'Village'} {n}"
        for n, town in enumerate(near["town"])
    ]
    kinds = np.where(
        np.arange(rows) < 2, ["seat"] * rows, scene.pick(["town", "village", "poi"], rows)
    )
    places = pd.DataFrame(
        {
            "name": np.where(np.arange(rows) < 2, near["county"], village),
            "lon": np.round(near["lon"].to_numpy() + 0.01 * (rng.random(rows) - 0.5), 5),
            "lat": np.round(near["lat"].to_numpy() + 0.01 * (rng.random(rows) - 0.5), 5),
            "kind": kinds,
            "county": near["county"].to_numpy(),
            "town": near["town"].to_numpy(),
        }
    )
    return places.drop_duplicates("name", ignore_index=True)


def _subscribers(scene: _Scene) -> pd.DataFrame:
    """Return the users of both counties, in both languages they may be named in."""
    names = [name for pair in COUNTIES for name in pair]
    month = scene.start.strftime("%Y-%m")
    users = scene.rng.integers(2_000, 90_000, size=len(names))
    return pd.DataFrame({"county": names, "month": month, "users": users})


def _alarms(
    scene: _Scene, inventory: pd.DataFrame, cells: pd.DataFrame, links: pd.DataFrame
) -> pd.DataFrame:
    """Return the alarms of the outage, of one carrier, and everyday ones, in the order raised."""
    site = inventory["site_id"].iloc[scene.outage_site]
    begun, ended = scene.outage_hours
    own = cells.loc[cells["site_id"] == site, "cell_id"].tolist()
    name, code = OUTAGE_ALARMS[int(scene.rng.integers(len(OUTAGE_ALARMS)))]
    rows = [(site, begun, ended, name, code, "critical", "")]
    if scene.rng.random() < 0.6:
        rows += [
            (c, begun + 0.02, ended + 0.05, "Cell Unavailable", "29240", "major", "") for c in own
        ]
    if scene.rng.random() < 0.5:
        rows += [(site, begun - 1.5, ended, "市电停电告警", "198092550", "major", "AC=0")]
    rows += _carrier_alarms(scene, cells)
    parents = links.loc[links["kind"].isin(["hub", "ring", "controller"]), "parent"]
    anywhere = [*cells["cell_id"], *cells["site_id"].unique(), *parents.unique()]
    for k, hour in enumerate(scene.moments(6 * len(inventory))):
        noise, noise_code, severity = NOISE_ALARMS[k % len(NOISE_ALARMS)]
        ended = hour + scene.rng.exponential(0.6) if scene.rng.random() < 0.93 else np.nan
        place = anywhere[int(scene.rng.integers(len(anywhere)))]
        rows.append((place, hour, ended, noise, noise_code, severity, ""))
    return _alarm_table(scene, rows)


def _carrier_alarms(scene: _Scene, cells: pd.DataFrame) -> list[tuple[Any, ...]]:
    """Return an alarm that one carrier raises again and again."""
    cell = cells["cell_id"].iloc[int(scene.rng.integers(len(cells)))]
    name = "CHANNEL FAILURE RATE ABOVE DEFINED THRESHOLD"
    hours = np.arange(scene.hours // 2, scene.hours, 2)
    detail = "01 0 0 1 1 0 0 0 0 2 0"
    return [(f"{cell}/TRX-1", h, h + 0.9, name, "7745", "major", detail) for h in hours]


def _alarm_table(scene: _Scene, rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    """Return alarm rows with ids and arrival, in the order raised."""
    columns = ["object_id", "raised", "cleared", "name", "code", "severity", "detail"]
    table = pd.DataFrame(rows, columns=columns).sort_values("raised", ignore_index=True)
    count = len(table)
    late = table["raised"] + scene.rng.exponential(0.4, size=count)
    return pd.DataFrame(
        {
            "alarm_id": [f"A{number:06d}" for number in range(count)],
            "object_id": table["object_id"],
            "raised_at": scene.at(table["raised"]),
            "name": table["name"],
            "cleared_at": scene.at(table["cleared"]),
            "code": table["code"],
            "severity": table["severity"],
            "vendor": scene.pick(VENDORS, count),
            "detail": table["detail"],
            "received_at": scene.at(_some(scene, late, share=0.25)),
        }
    )


def _some(scene: _Scene, values: Any, *, share: float) -> np.ndarray:
    """Return the numbers with all but a random share empty, and the first kept."""
    kept = scene.rng.random(len(values)) < share
    kept[:1] = True
    return np.where(kept, values, np.nan)


def _changes(scene: _Scene, inventory: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """Return parameter changes, and work planned at one site, with its end and announcement."""
    rows = int(scene.rng.integers(2, 7))
    begun = 4 + scene.rng.random() * (scene.hours - 8)
    parameters = ["hoMargin", "electricalTilt", "pci", "cellBarred", "t3212", "neighbourList"]
    site = inventory["site_id"].iloc[
        (scene.outage_site + 1) % (inventory["status"] == "live").sum()
    ]
    nothing = [np.nan] * rows
    return pd.DataFrame(
        {
            "object_id": [*scene.pick(cells["cell_id"], rows), site],
            "changed_at": scene.at([*scene.moments(rows), begun]),
            "parameter": [*scene.pick(parameters, rows), "cutover"],
            "old_value": [*scene.rng.integers(60, size=rows).astype(str), ""],
            "new_value": [*scene.rng.integers(60, size=rows).astype(str), ""],
            "until": scene.at([*nothing, begun + 1.5 + scene.rng.random()]),
            "announced_at": scene.at([*nothing, max(0.0, begun - 20 * scene.rng.random() - 1)]),
        }
    )


def _kpi(scene: _Scene, cells: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Return hourly counters: a daily wave, nothing where a site is down, and a hidden fault."""
    rng, shape = scene.rng, (len(cells), scene.hours)
    day = 0.55 + 0.45 * np.sin((np.arange(scene.hours) - 13) / 24 * 2 * np.pi)
    load = rng.uniform(0.5, 9, size=(len(cells), 1)) * day
    attempts = rng.poisson(40 * load).astype(float)
    good = np.full(shape, 0.985)
    sick, since = int(rng.integers(len(cells))), int(rng.integers(scene.hours // 2, scene.hours))
    good[sick, since:] = 0.55
    up = 1 - _down_share(scene, cells, changes)
    attempts = np.floor(attempts * up)
    counters = {
        "setup_attempts": attempts,
        "setup_successes": rng.binomial(attempts.astype(int), good),
        "drops": rng.binomial(attempts.astype(int), 0.006),
        "ho_attempts": np.floor(attempts * 0.8),
        "ho_successes": rng.binomial(np.floor(attempts * 0.8).astype(int), 0.97),
        "data_attempts": np.floor(attempts * 3),
        "data_successes": np.floor(attempts * 3 * good),
        "traffic_erl": np.round(load * up, 3),
        "data_mb": np.round(load * up * 300 * rng.random(shape), 1),
        "active_users": np.round(load * up * 4, 1),
        "prb_utilisation": np.round(np.clip(load * up / 12, 0, 1), 4),
        "ul_interference_dbm": np.round(rng.normal(-113, 1, size=shape), 1),
        "availability": np.round(up, 4),
    }
    return _kpi_table(scene, cells, {k: np.asarray(v, dtype=float) for k, v in counters.items()})


def _down_share(scene: _Scene, cells: pd.DataFrame, changes: pd.DataFrame) -> np.ndarray:
    """Return the share of each hour in which each cell is down: the outage and the planned work."""
    site = f"S{1000 + scene.outage_site}"
    work = changes.iloc[-1]
    begun, ended = (
        (work[c] - scene.start) / pd.Timedelta(hours=1) for c in ("changed_at", "until")
    )
    hour = np.arange(scene.hours)
    share = np.zeros((len(cells), scene.hours))
    for name, first, last in ((site, *scene.outage_hours), (work["object_id"], begun, ended)):
        covered = np.clip(np.minimum(hour + 1, last) - np.maximum(hour, first), 0, 1)
        mine = (cells["site_id"] == name).to_numpy()
        share[mine] = np.maximum(share[mine], covered)
    return share


def _kpi_table(scene: _Scene, cells: pd.DataFrame, counters: dict[str, np.ndarray]) -> pd.DataFrame:
    """Return the counters as rows; in half the bundles the hours fully down never arrive."""
    hours = pd.date_range(scene.start, periods=scene.hours, freq="h", unit="us")
    table = pd.DataFrame(
        {
            "cell_id": np.repeat(cells["cell_id"].to_numpy(), scene.hours),
            "start": np.tile(hours.to_numpy(), len(cells)),
            "minutes": np.int64(60),
            **{name: values.ravel() for name, values in counters.items()},
        }
    )
    lost = scene.rng.random(len(table)) < 0.004
    if scene.rng.random() < 0.5:
        lost |= (table["availability"] == 0).to_numpy()
    if scene.rng.random() < 0.3:
        late = scene.rng.exponential(1.0, size=len(table)) * 60 + 80
        table["received_at"] = (table["start"] + pd.to_timedelta(late, unit="min")).dt.floor("s")
    return table.loc[~lost].reset_index(drop=True)


def _complaints(scene: _Scene, inventory: pd.DataFrame, rows: int) -> pd.DataFrame:
    """Return tickets in both languages; about a third stand near the outage, after it began."""
    rng, begun = scene.rng, scene.outage_hours[0]
    drawn = rng.random(rows) < 0.35
    home = np.where(drawn, scene.outage_site, rng.integers(len(inventory), size=rows))
    hour = np.where(drawn, begun + rng.exponential(1.5, size=rows), scene.moments(rows))
    hour = np.sort(np.minimum(hour, scene.hours - 0.1))
    near = inventory.iloc[home]
    located = rng.random(rows) < 0.5
    created = scene.at(hour)
    return pd.DataFrame(
        {
            "ticket_id": [f"WO{number:07d}" for number in range(rows)],
            "created_at": created,
            "text": _texts(scene, near, drawn),
            "msisdn": [f"199{number:08d}" for number in rng.integers(10**8, size=rows)],
            "address": np.where(rng.random(rows) < 0.8, near["county"] + near["town"], ""),
            "county": np.where(rng.random(rows) < 0.9, near["county"], ""),
            "lon": np.where(located, near["lon"] + 0.02 * (rng.random(rows) - 0.5), np.nan),
            "lat": np.where(located, near["lat"] + 0.02 * (rng.random(rows) - 0.5), np.nan),
            "crs": np.where(located, scene.pick(["wgs84", "gcj02", "bd09", ""], rows), ""),
            "channel": scene.pick(["10086", "app", "掌厅APP"], rows),
            "previous_opinion": scene.pick(["", "请网络部核实", "Please check network."], rows),
            "received_at": scene.at(_some(scene, hour + rng.exponential(0.3, rows), share=0.25)),
        }
    )


def _texts(scene: _Scene, near: pd.DataFrame, is_drawn: np.ndarray) -> list[str]:
    """Return the words of each ticket, Chinese or English."""
    texts = []
    for county, town, drawn in zip(near["county"], near["town"], is_drawn, strict=True):
        language = int(scene.rng.integers(2))
        customer = not drawn and scene.rng.random() < 0.4
        pool = CUSTOMER_SYMPTOMS if customer else NETWORK_SYMPTOMS
        symptom = pool[int(scene.rng.integers(2 if drawn else len(pool)))][language]
        onset = ONSETS[int(scene.rng.integers(len(ONSETS)))][language]
        chinese, english = (
            f"来电反映{onset}在{county}{town}{symptom},请处理。",
            f"{symptom} {onset} at {town}, {county}.",
        )
        texts.append(english if language else chinese)
    return texts


def _locations(scene: _Scene, cells: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Return where some numbers were last seen, up to a day before their ticket."""
    chosen = tickets.iloc[np.flatnonzero(scene.rng.random(len(tickets)) < 0.5)]
    numbers = chosen["msisdn"].tolist() or ["19900000000"]
    created = chosen["created_at"].tolist() or [scene.at(scene.hours / 2)]
    before = pd.to_timedelta(np.floor(scene.rng.exponential(3, size=len(numbers)) * 3600), unit="s")
    return pd.DataFrame(
        {
            "msisdn": numbers,
            "seen_at": (pd.DatetimeIndex(created) - before).as_unit("us"),
            "cell_id": scene.pick(cells["cell_id"], len(numbers)),
            "source": scene.pick(["hlr", "mme", "xdr"], len(numbers)),
        }
    )


def _accounts(scene: _Scene, tickets: pd.DataFrame) -> pd.DataFrame:
    """Return the states of the numbers: some from the start, some with an instant, some changed."""
    numbers = [*tickets["msisdn"].unique(), "19911111111"]
    since = _some(scene, scene.moments(len(numbers)) - 24 * 90, share=0.7)
    states = scene.pick(
        ["active", "active", "active", "suspended", "data_off", "sms_barred"], len(numbers)
    )
    first = pd.DataFrame({"msisdn": numbers, "since": scene.at(since), "state": states})
    changed = first.head(2).assign(
        since=scene.at(scene.moments(min(2, len(first)))), state="active"
    )
    return pd.concat([first, changed], ignore_index=True)


def _verdicts(scene: _Scene, inventory: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Return how about half of the tickets ended, hours after they were written."""
    closed = tickets.loc[scene.rng.random(len(tickets)) < 0.5]
    rows = len(closed)
    hours = pd.to_timedelta(np.floor((1 + scene.rng.exponential(9, size=rows)) * 3600), unit="s")
    cause = scene.pick(CAUSES, rows)
    broken = np.isin(cause, ["site_outage", "power_failure"])
    return pd.DataFrame(
        {
            "ticket_id": closed["ticket_id"].to_numpy(),
            "cause": cause,
            "object_id": np.where(broken, inventory["site_id"].iloc[scene.outage_site], ""),
            "closed_at": (pd.DatetimeIndex(closed["created_at"]) + hours).as_unit("us"),
            "satisfied": scene.pick(["1", "0", "yes", ""], rows),
        }
    )


def _thinned(scene: _Scene, name: str, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table without some columns that nothing promises, in a third of the cases."""
    columns = [column for column in MAY_BE_ABSENT.get(name, ()) if scene.rng.random() < 0.5]
    return table.drop(columns=columns) if scene.rng.random() < 1 / 3 else table


def _with_dirt(scene: _Scene, tables: Tables) -> Tables:
    """Return the tables with repeated rows, bad values and unknown columns."""
    text = {name: _as_text(table) for name, table in tables.items() if name != "kpi"}
    for name, column, value in BAD_VALUES:
        table = text[name]
        if len(table) >= (6 if name in ("sites", "cells") else 1):
            text[name] = _spoiled(scene, table, column=column, value=value)
    dirty = {name: _doubled(scene, table) for name, table in text.items()}
    dirty["alarms"] = dirty["alarms"].assign(网管来源="OMC-1")
    kpi = tables["kpi"]
    for column, bad in (("cell_id", "no-such-cell"), ("start", pd.NaT), ("drops", -3.0)):
        kpi = _spoiled(scene, kpi, column=column, value=bad)
    dirty["kpi"] = _doubled(scene, kpi)
    return {name: dirty[name] for name in TABLES}


def _as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as its CSV file would read: everything text, nothing missing."""
    times = table.select_dtypes("datetime")
    told = {name: table[name].dt.strftime("%Y-%m-%d %H:%M:%S") for name in times.columns}
    return table.assign(**told).astype(object).where(table.notna(), "").astype(str)


def _spoiled(scene: _Scene, table: pd.DataFrame, *, column: str, value: Any) -> pd.DataFrame:
    """Return the table with a bad value in one random row."""
    row = int(scene.rng.integers(len(table)))
    return table.assign(**{column: table[column].where(np.arange(len(table)) != row, value)})


def _doubled(scene: _Scene, table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with a row twice alike and, in larger ones, one twice with less content."""
    if len(table) < 6:
        return table
    again = table.iloc[scene.rng.integers(len(table), size=1 + (len(table) > 20))]
    if len(again) > 1 and len(table.columns) > 4:
        last = table.columns[-1]
        again = again.assign(**{last: again[last].where([True, False])})
    return pd.concat([table, again], ignore_index=True)
