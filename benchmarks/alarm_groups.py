"""Compare how alarms are grouped: cellcause, OpenNMS ALEC's distance, and one group for each site.

All are given the same alarms of a bundle, those that can touch service; the figures are the scorer's
(`correlate.score_groups`). The peers have no root: the object of a group's first alarm stands for it.

Simple so far: cellcause sees no counters and no announced work here; ALEC's ticks, and that it drops cleared alarms,
are not played, which spares it their cost.

References
----------
.. [1] OpenNMS ALEC, engine dbscan, AlarmInSpaceTimeDistanceMeasure: alpha 144.47117699, beta 0.55257784, epsilon 100,
   a path counted in weights of 100 an edge, DBSCAN with one alarm enough for a cluster.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components, dijkstra

from alarms.catalogue import load_catalogue, read_meanings
from alarms.entries import EFFECTS
from alarms.following import follow
from alarms.roots import Roots
from contract.bundles import read_bundle
from contract.settings import Settings
from correlate.group_tables import grouped_alarms
from correlate.score_groups import group_figures
from correlate.scoring import read_truth
from sites.inventory import build_network
from sites.topology import build_topology

ROOT = Path(__file__).resolve().parents[1]
WORLDS = ROOT.parent / "shared" / "worlds"
DEFAULT = ("plain-zh", "hills-en", "coast-zh", "coast-en")
ALPHA, BETA, EPSILON, EDGE = 144.47117699, 0.55257784, 100.0, 100.0
QUIET = pd.Timedelta("1h")
FIGURES = (
    "groups", "groups_true", "groups_rooted", "visible_rooted", "alarms_grouped", "alarm_ari",
    "alarm_ari_onset",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Field:
    """The alarms of a bundle that can touch service, with their meanings and sites, and what they stand on."""

    alarms: pd.DataFrame
    roots: Roots
    links: pd.DataFrame


Grouped = tuple[pd.DataFrame, pd.DataFrame]
"""Groups and alarms as the tables `alarm_groups` and `grouped_alarms` of a daybook, what is measured of them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a table for each bundle; return 0, or 2 if one is not there."""
    parser = argparse.ArgumentParser(description="Compare how alarms are grouped.")
    parser.add_argument("worlds", nargs="*", type=Path, help="bundles with truth (default: four)")
    options = parser.parse_args(arguments)
    worlds = options.worlds or [WORLDS / name for name in DEFAULT]
    absent = [str(world) for world in worlds if not world.is_dir()]
    if absent:
        print(f"alarm_groups: no such bundle: {', '.join(absent)}", file=sys.stderr)
        return 2
    for world in worlds:
        print(compared(world).to_string(float_format="{:.3f}".format), flush=True)
    return 0


def compared(world: Path) -> pd.DataFrame:
    """Return the figures of all ways of grouping on a bundle, a row each, and the seconds they took."""
    field, truth = read_field(world), read_truth(world)
    rows = {}
    for name, grouping in PEERS.items():
        begun = time.perf_counter()
        groups, alarms = grouping(field)
        seconds = time.perf_counter() - begun
        rows[name] = {**group_figures(truth, groups, alarms), "seconds": seconds}
    table = pd.DataFrame.from_dict(rows, orient="index")[[*FIGURES, "seconds"]]
    return table.rename_axis(f"{world.name}: {len(field.alarms):,} alarms")


def read_field(world: Path) -> Field:
    """Return the alarms of a bundle that can touch service and the network they are of."""
    tables = read_bundle(world, Settings()).tables
    network = build_network(tables)
    catalogue = load_catalogue()
    alarms = tables["alarms"].join(read_meanings(catalogue, tables["alarms"]))
    alarms = alarms[alarms["service_effect"] != "none"].reset_index(drop=True)
    whole = alarms["object_id"].str.split("/").str[0]
    site_of = dict(zip(tables["cells"]["cell_id"], tables["cells"]["site_id"], strict=True))
    roots = Roots.of(build_topology(tables["links"], network), network, catalogue)
    return Field(alarms.assign(place=whole.map(site_of).fillna(whole)), roots, tables["links"])


def by_cellcause(field: Field) -> Grouped:
    """Return the groups that cellcause makes."""
    book = follow(field.alarms, field.roots)
    site_id = field.roots.ground.site_id
    rows = [
        {
            "group_id": group.group_id,
            "object_id": group.row["object_id"],
            "service_effect": group.row["service_effect"],
            "site_ids": "|".join(site_id[list(group.row["sites"])]),
            "started_at": pd.Timestamp(group.row["began_at"], unit="us", tz="UTC"),
            "merged_into": group.merged_into or None,
        }
        for group in book.groups.values()
    ]
    return pd.DataFrame(rows), grouped_alarms(book, field.alarms)


def by_alec(field: Field) -> Grouped:
    """Return the clusters of ALEC's distance, an edge of the network weighing 100 as there by default."""
    return _labelled(field, alec_labels(field.alarms, field.links, edge=EDGE))


def by_alec_in_time(field: Field) -> Grouped:
    """Return the clusters of ALEC's distance with edges that weigh 1, so that time alone decides."""
    return _labelled(field, alec_labels(field.alarms, field.links, edge=1.0))


def by_site(field: Field) -> Grouped:
    """Return one group for each site or node."""
    return _labelled(field, pd.factorize(field.alarms["place"])[0])


def by_site_and_hour(field: Field) -> Grouped:
    """Return one group for each site or node, anew after a quiet hour."""
    rows = field.alarms.sort_values(["place", "raised_at"], kind="stable")
    is_new = rows["place"].ne(rows["place"].shift()) | (rows["raised_at"].diff() > QUIET)
    return _labelled(field, is_new.cumsum().sort_index().to_numpy())


PEERS: dict[str, Callable[[Field], Grouped]] = {
    "cellcause": by_cellcause,
    "ALEC": by_alec,
    "ALEC, edges of weight 1": by_alec_in_time,
    "a group for each site": by_site,
    "the same, anew after an hour": by_site_and_hour,
}


def alec_labels(alarms: pd.DataFrame, links: pd.DataFrame, *, edge: float) -> Any:
    """Return the number of ALEC's cluster of each alarm.

    With one alarm enough for a cluster, DBSCAN's clusters are what pairs within epsilon connect. Only pairs near enough
    in time alone are looked at.

    Parameters
    ----------
    alarms : DataFrame
        `object_id`, `place` (its site or node), `raised_at`.
    links : DataFrame
        `node`, `parent`.
    edge : float
        Weight of an edge; a path is the sum of its edges.

    Returns
    -------
    array of int, shape of `alarms`
    """
    order = np.argsort(alarms["raised_at"].to_numpy(), kind="stable")
    rows = alarms.iloc[order]
    minutes = rows["raised_at"].to_numpy(dtype="datetime64[us]").view(np.int64) / 6e7
    objects, names = pd.factorize(rows["object_id"])
    hops = hops_between(names, rows.drop_duplicates("object_id"), links)
    first, second = [], []
    for ahead in range(1, len(rows)):
        apart = minutes[ahead:] - minutes[:-ahead]
        near = np.flatnonzero(apart <= EPSILON / ALPHA / BETA)
        if not len(near):
            break
        path = hops[objects[near], objects[near + ahead]] * edge
        distance = ALPHA * (BETA * apart[near] + (1 - BETA) * path / 100.0)
        is_near = distance <= EPSILON
        first.append(near[is_near])
        second.append(near[is_near] + ahead)
    pairs = (
        np.concatenate([np.empty(0, np.intp), *first]),
        np.concatenate([np.empty(0, np.intp), *second]),
    )
    graph = sparse.coo_array((np.ones(len(pairs[0])), pairs), shape=(len(rows), len(rows)))
    labels = np.empty(len(rows), dtype=np.int64)
    labels[order] = connected_components(graph, directed=False)[1]
    return labels


def hops_between(names: Any, rows: pd.DataFrame, links: pd.DataFrame) -> Any:
    """Return the edges on the shortest path between each two objects; infinite where there is none.

    Edges are links, and those from carrier to cell and from cell to site.
    """
    named = rows.set_index("object_id").loc[names]
    whole = pd.Series(names).str.split("/").str[0].to_numpy()
    inner = np.array(names) != whole
    outer = whole != named["place"].to_numpy()
    left = np.concatenate([links["node"], np.array(names)[inner], whole[outer]])
    right = np.concatenate([links["parent"], whole[inner], named["place"].to_numpy()[outer]])
    position, known = pd.factorize(np.concatenate([names, left, right]))
    count, size = len(names), len(known)
    at = position[count : count + len(left)], position[count + len(left) :]
    graph = sparse.coo_array((np.ones(len(left)), at), shape=(size, size)).tocsr()
    hops = np.empty((count, count), dtype=np.float32)
    for begin in range(0, count, 500):
        some = np.arange(begin, min(begin + 500, count))
        found = dijkstra(graph, directed=False, indices=some, unweighted=True)
        hops[some] = found[:, :count]
    return hops


def _labelled(field: Field, labels: Any) -> Grouped:
    """Return groups given by a number for each alarm; the object of the first alarm is the root."""
    rows = field.alarms.assign(group_id=pd.Series(labels).map("G{}".format))
    rows = rows.sort_values(["raised_at", "alarm_id"], kind="stable")
    rank = {effect: number for number, effect in enumerate(EFFECTS)}
    worst = rows["service_effect"].map(rank).groupby(rows["group_id"]).max()
    first = rows.drop_duplicates("group_id").set_index("group_id")
    sites = rows.drop_duplicates(["group_id", "place"]).groupby("group_id")["place"].agg("|".join)
    groups = pd.DataFrame(
        {
            "object_id": first["object_id"],
            "service_effect": worst.map(dict(enumerate(EFFECTS))),
            "site_ids": sites,
            "started_at": first["raised_at"],
            "merged_into": None,
        }
    )
    return groups.rename_axis("group_id").reset_index(), rows


if __name__ == "__main__":
    sys.exit(main())
