"""Compare forms of the choice between cells on numbers seen at stated coordinates.

A complaint with coordinates whose number was seen within a day tells which site serves there, but
for those who called from elsewhere. Each form states a probability for that site; the mean of its
logarithm and the time it takes are printed. No truth of a world is opened.

Simple so far: the seen number counts as of the place with one chance, the same for all worlds.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr

from benchmarks.run_worlds import WORLDS
from contract.bundles import read_bundle
from contract.settings import Settings
from sites.choice import CELL_SHARE, SITE_CORRELATION, temperature_db
from sites.coordinates import to_wgs84
from sites.coverage import SIGMA_DB, preference_of, radio_of
from sites.inventory import Network, build_network
from sites.surroundings import Surroundings, surroundings

DEFAULT = ("plain-zh", "hills-en", "coast-zh", "coast-en")
FRESH = pd.Timedelta(hours=24)
# Coordinates further than this from every site are not of this network.
FAR_M = 25_000.0
OF_THE_PLACE = 0.6
# Nodes of the integral, in standard deviations around the best site's mean.
NODES = np.linspace(-1.5, 4.0, 14)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of every form and world; return 0, or 2 if a world is not there."""
    parser = argparse.ArgumentParser(description="Compare forms of the choice between cells.")
    parser.add_argument("worlds", nargs="*", type=Path, default=[WORLDS / name for name in DEFAULT])
    options = parser.parse_args(arguments)
    absent = [str(world) for world in options.worlds if not world.is_dir()]
    if absent:
        print(f"not there: {', '.join(absent)}", file=sys.stderr)
        return 2
    print(f"{'world':16}{'form':14}{'points':>8}{'-log p':>8}{'top 1':>8}{'ms / 1,000':>12}")
    for world in options.worlds:
        tables = read_bundle(world, Settings()).tables
        network = build_network(tables)
        x_m, y_m, site = seen_places(network, tables["complaints"], tables["locations"])
        around = surroundings(radio_of(network), x_m, y_m)
        for name, form in FORMS.items():
            print(f"{world.name:16}{name:14}{_judged(form, network, around, site)}")
    return 0


def seen_places(network: Network, complaints: Any, locations: Any) -> tuple[Any, Any, Any]:
    """Return coordinates of complaints and the site that saw their number last, within a day.

    Parameters
    ----------
    network : Network
    complaints, locations : DataFrame
        As the contract has them.

    Returns
    -------
    x_m, y_m : array of float, shape (n,)
        Metres in the network's projection.
    site : array of int, shape (n,)
    """
    asked = complaints.dropna(subset=["lon", "lat", "msisdn"])
    seen = asked.merge(locations[["msisdn", "seen_at", "cell_id"]], on="msisdn")
    age = seen["created_at"] - seen["seen_at"]
    seen = seen[(age >= pd.Timedelta(0)) & (age < FRESH)].sort_values(["ticket_id", "seen_at"])
    seen = seen.drop_duplicates("ticket_id", keep="last")
    cell = seen["cell_id"].map(network.cell_position)
    lon, lat = to_wgs84(seen["lon"], seen["lat"], seen["crs"].fillna("wgs84"))
    x_m, y_m = (np.asarray(values, float) for values in network.to_xy(lon, lat))
    usable = np.isfinite(x_m) & np.isfinite(y_m) & cell.notna().to_numpy()
    spots = np.column_stack([x_m, y_m])[usable]
    near = radio_of(network).tree.query(spots)[0] < FAR_M
    site = network.cells["site"].to_numpy(int)[cell[usable].to_numpy(int)]
    return spots[near, 0], spots[near, 1], site[near]


def site_values(around: Surroundings, utility: Any, own_db: float) -> Any:
    """Return what each site is worth by all its cells, dB, shape (n, k)."""
    highest = np.maximum.reduceat(utility, around.first)
    total = np.add.reduceat(np.exp((utility - highest[around.pair]) / own_db), around.first)
    return (highest + own_db * np.log(total)).reshape(around.site.shape)


def logit(around: Surroundings, utility: Any, cell_share: float) -> Any:
    """Return the chances of sites, shape (n, k), by a logit; `cell_share` 1 nests nothing."""
    temperature = temperature_db(SIGMA_DB)
    value = site_values(around, utility, cell_share * temperature)
    chance = np.exp((value - value.max(axis=1, keepdims=True)) / temperature)
    return chance / chance.sum(axis=1, keepdims=True)


def integral(around: Surroundings, utility: Any) -> Any:
    """Return the chances of sites, shape (n, k), by the exact integral over normal shadowing."""
    spread = SIGMA_DB * np.sqrt(1.0 - SITE_CORRELATION)
    value = site_values(around, utility, CELL_SHARE * temperature_db(SIGMA_DB)) / spread
    value -= value.max(axis=1, keepdims=True)
    above = NODES - value[:, :, None]
    below = np.maximum(ndtr(above), 1e-12)
    others = np.exp(np.log(below).sum(axis=1, keepdims=True))
    chance = (np.exp(-0.5 * above**2) / below * others).sum(axis=2)
    return chance / chance.sum(axis=1, keepdims=True)


FORMS: dict[str, Callable[[Surroundings, Any], Any]] = {
    "flat logit": lambda around, utility: logit(around, utility, 1.0),
    "nested logit": lambda around, utility: logit(around, utility, CELL_SHARE),
    "integral": integral,
}


def _judged(
    form: Callable[[Surroundings, Any], Any], network: Network, around: Surroundings, site: Any
) -> str:
    """Return points, mean surprise, share of best sites seen, and milliseconds per 1,000 points."""
    utility = around.level_dbm + preference_of(network)[around.cell]
    begin = time.process_time()
    chance = form(around, utility)
    cost_ms = (time.process_time() - begin) * 1e6 / len(site)
    is_seen = around.site == site[:, None]
    stated = OF_THE_PLACE * (chance * is_seen).sum(axis=1)
    surprise = -np.log(stated + (1.0 - OF_THE_PLACE) / len(network.sites)).mean()
    best = is_seen[np.arange(len(site)), chance.argmax(axis=1)].mean()
    return f"{len(site):8d}{surprise:8.3f}{best:8.3f}{cost_ms:12.2f}"


if __name__ == "__main__":
    raise SystemExit(main())
