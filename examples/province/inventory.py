"""Write down what stands where: sites, cells, neighbours, places and users, as tables.

Simple so far: the inventory of the clean world is without error; what is planned has no cells yet.
"""

import pandas as pd

from examples.province.geography import to_degrees
from examples.province.settings import stream
from examples.province.world import World

RETIRED_SHARE = 0.012
PLANNED_SHARE = 0.03
SITE_COLUMNS = ["site_id", "site_name", "lon", "lat", "county", "town", "grade", "vendor",
                "status", "planned_on_air", "valid_from", "valid_to"]  # fmt: skip


def inventory_tables(world: World) -> dict[str, pd.DataFrame]:
    """Return tables `sites`, `cells`, `links`, `neighbours`, `places` and `subscribers`."""
    old_sites, old_cells = _retired(world)
    identifier = world.network.cells["cell_id"].to_numpy()
    return {
        "sites": pd.concat([_live(world), _planned(world), old_sites], ignore_index=True),
        "cells": pd.concat([_cells(world), old_cells], ignore_index=True),
        "links": world.wiring.links,
        "neighbours": pd.DataFrame(
            {"cell_id": identifier[world.pairs["cell"]],
             "neighbour_id": identifier[world.pairs["neighbour"]]}
        ),
        "places": _places(world),
        "subscribers": _subscribers(world),
    }  # fmt: skip


def _live(world: World) -> pd.DataFrame:
    """Return the sites on air."""
    sites = world.network.sites
    lon, lat = to_degrees(sites["x"], sites["y"])
    county = world.land.counties["name"].to_numpy()[sites["county"]]
    table = sites.assign(lon=lon.round(6), lat=lat.round(6), county=county, status="live")
    return table.reindex(columns=SITE_COLUMNS)


def _cells(world: World) -> pd.DataFrame:
    """Return the cells on air."""
    cells, layers = world.network.cells, world.network.layers
    layer = cells["layer"].to_numpy()
    width = pd.Series(layers["beamwidth_deg"].to_numpy()[layer]).where(cells["azimuth"].notna())
    return pd.DataFrame(
        {
            "cell_id": cells["cell_id"],
            "site_id": world.network.sites["site_id"].to_numpy()[cells["site"]],
            "cell_name": cells["cell_name"],
            "rat": cells["rat"],
            "freq_mhz": layers["freq_mhz"].to_numpy()[layer],
            "azimuth_deg": cells["azimuth"],
            "beamwidth_deg": width,
            "downtilt_deg": cells["tilt"],
            "height_m": cells["height"],
            "eirp_dbm": cells["eirp"],
            "indoor": cells["indoor"],
            "users": ((world.home + world.work) / 2).round().astype(int),
            "ci": cells["ci"],
            "bcch_trx": cells["bcch_trx"],
        }
    )


def _planned(world: World) -> pd.DataFrame:
    """Return sites to be built: where the fewest hear LTE well."""
    rng = stream(world.settings, "planned")
    count = max(2, round(PLANNED_SHARE * len(world.network.sites)))
    margin = pd.Series(world.air.margin[:, 1, 0]).groupby(world.air.spots["place"]).mean()
    places = world.land.places.assign(margin=margin)
    poor = places[places["kind"] == "village"].nsmallest(count * 2, "margin")
    chosen = poor.iloc[sorted(rng.permutation(len(poor))[:count])].reset_index(drop=True)
    lon, lat = to_degrees(chosen["x"] + rng.normal(0, 300, len(chosen)), chosen["y"])
    due = world.settings.begin + pd.to_timedelta(rng.integers(-20, 300, len(chosen)), unit="D")
    counties = world.land.counties.iloc[chosen["county"]].reset_index(drop=True)
    serial = pd.Series(range(1, len(chosen) + 1)).astype(str).str.zfill(4)
    return pd.DataFrame(
        {
            "site_id": counties["code"] + "9" + serial,
            "site_name": chosen["name"] + (" 2" if world.settings.language == "en" else "二"),
            "lon": lon.round(6),
            "lat": lat.round(6),
            "county": counties["name"],
            "town": chosen["town"],
            "grade": "D",
            "vendor": counties["vendor"],
            "status": "planned",
            "planned_on_air": due.strftime("%Y-%m-%d"),
        }
    ).reindex(columns=SITE_COLUMNS)


def _retired(world: World) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return sites taken down before the first day, and a cell of each."""
    rng = stream(world.settings, "retired")
    live = _live(world)
    count = max(1, round(RETIRED_SHARE * len(live)))
    at = sorted(rng.permutation(len(live))[:count])
    sites = live.iloc[at].reset_index(drop=True)
    until = world.settings.begin - pd.to_timedelta(rng.integers(20, 500, count), unit="D")
    sites["site_id"] = sites["site_id"].str[:2] + "8" + sites["site_id"].str[3:]
    sites["site_name"] += " (old)" if world.settings.language == "en" else "(旧)"
    sites["lon"] += rng.normal(0, 0.003, count).round(6)
    sites["lat"] += rng.normal(0, 0.003, count).round(6)
    sites["status"], sites["valid_to"] = "retired", until.strftime("%Y-%m-%d")
    cells = pd.DataFrame(
        {"cell_id": sites["site_id"] + "-G1", "site_id": sites["site_id"],
         "cell_name": sites["site_name"] + "_G1", "rat": "GSM", "freq_mhz": 947.5,
         "height_m": 30.0, "eirp_dbm": 52.0, "indoor": 0, "users": 0,
         "valid_to": sites["valid_to"]}
    )  # fmt: skip
    return sites.round({"lon": 6, "lat": 6}), cells


def _places(world: World) -> pd.DataFrame:
    """Return the named places."""
    places = world.land.places
    lon, lat = to_degrees(places["x"], places["y"])
    return pd.DataFrame(
        {
            "name": places["name"],
            "lon": lon.round(5),
            "lat": lat.round(5),
            "kind": places["kind"],
            "county": world.land.counties["name"].to_numpy()[places["county"]],
            "town": places["town"],
        }
    )


def _subscribers(world: World) -> pd.DataFrame:
    """Return the users of each county in the two months before the first day."""
    people = world.land.places.groupby("county")["people"].sum()
    month = world.settings.begin.to_period("M")
    parts = [
        pd.DataFrame(
            {"county": world.land.counties["name"].to_numpy()[people.index],
             "month": str(month - back), "users": (people * growth).round().astype(int).to_numpy()}
        )
        for back, growth in ((2, 0.996), (1, 1.0))
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)
