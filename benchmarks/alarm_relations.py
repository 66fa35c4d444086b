"""Judge learned relations of alarms on networks whose relations are known: python -m benchmarks.alarm_relations.

Made-up networks of examples/province/alarm_histories.toml, those of development apart from those held
out, then real ones where they lie beside the checkout. Two plain peers run on the same alarms. Each
network is a process of its own, so that its memory is its own.

Simple so far: the memory counts making the alarms as well; one run a network.
"""

import argparse
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alarms.relation_histories import CodedHistory, coded_history
from alarms.relation_lags import WINDOWS_S, Lags, measured_lags
from alarms.relation_tables import read_history, write_relations
from alarms.relations import learned_relations
from contract.settings import Settings
from examples.province.alarm_histories import alarm_history, history_networks

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL = SHARED / "data" / "real-alarms"
JUDGE = SHARED / "evaluate" / "edges.py"
PARTS = ("development", "held_out", "real")
LEAST_LIFT = 3.0
LEAST_CASES = 5
PEER_WINDOW = WINDOWS_S.index(300.0)
KIB_PER_MIB = 1024
HEADER = (
    f"{'network':<18} {'types':>5} {'alarms':>7} {'true':>4} {'said':>4} {'P':>5} {'R':>5} {'F1':>5} "
    f"{'lift':>5} {'order':>5} {'sec':>5} {'MiB':>5}"
)
Learner = Callable[[pd.DataFrame, pd.DataFrame | None], pd.DataFrame]


def main(arguments: list[str] | None = None) -> int:
    """Print a row for each network and the means of each part; return 0."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.alarm_relations")
    parser.add_argument("--part", choices=PARTS, action="append", help="default: all")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.one:
        sys.stdout.write(measured_row(chosen.one) + "\n")
        return 0
    for part in chosen.part or PARTS:
        names = part_networks(part)
        if not names:
            sys.stdout.write(f"\n{part}: none beside the checkout\n")
            continue
        sys.stdout.write(f"\n{part}\n{HEADER}\n")
        rows = list(_measured(names))
        sys.stdout.write(f"{mean_row(rows)}\n")
    return 0


def part_networks(part: str) -> list[str]:
    """Return the names of the networks of a part; of real ones the folders."""
    if part == "real":
        return [str(path.parent) for path in sorted(REAL.glob("*/Alarm.csv"))]
    return [network.name for network in history_networks() if network.part == part]


def mean_row(rows: list[str]) -> str:
    """Return the mean of the figures of F1 of some rows.

    Examples
    --------
    >>> row = f"{'one':<18} {'5':>5} {'9':>7} {'3':>4} {'3':>4} 1.000 0.500 0.667 0.400 0.200 1 2"
    >>> mean_row([row]).split()
    ['mean', '0.667', '0.400', '0.200']
    """
    values = np.array([[float(value) for value in row.split()[-5:-2]] for row in rows])
    ours, lift, order = values.mean(0)
    return f"{'mean':<18} {'':>35} {ours:>5.3f} {lift:>5.3f} {order:>5.3f}"


def measured_row(name: str) -> str:
    """Return the row of one network, measured in this process."""
    if Path(name).is_dir():
        return _real_row(Path(name))
    settings = {network.name: network for network in history_networks()}[name]
    made = alarm_history(settings)
    true = _pairs(made.relations)
    started = time.perf_counter()
    found = learned_relations(made.alarms, made.links)
    seconds = time.perf_counter() - started
    precision, recall, f1 = agreement(_pairs(found), true)
    peers = [
        agreement(_pairs(learner(made.alarms, made.links)), true)[2] for learner in PEERS.values()
    ]
    counts = (settings.types, len(made.alarms), len(true), len(found))
    return _row(settings.name, counts, (precision, recall, f1, *peers), seconds)


def agreement(said: set[Any], true: set[Any]) -> tuple[float, float, float]:
    """Return precision, recall and F1 of claimed pairs.

    Examples
    --------
    >>> agreement({("a", "b"), ("b", "c")}, {("a", "b"), ("a", "c"), ("c", "d")})
    (0.5, 0.3333333333333333, 0.4)
    """
    hits = len(said & true)
    return hits / max(len(said), 1), hits / max(len(true), 1), 2 * hits / (len(said) + len(true))


def lifted_relations(alarms: pd.DataFrame, links: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return pairs that come together within 300 s far more often than chance, in their order of time."""
    history, lags = _looked_at(alarms, links)
    before = lags.before[PEER_WINDOW]
    counts = np.zeros((history.devices, len(history.codes)))
    np.add.at(counts, (history.device, history.kind), 1.0)
    by_chance = counts.T @ counts * WINDOWS_S[PEER_WINDOW] / history.span_s
    is_lifted = before > LEAST_LIFT * by_chance
    return _table(history, is_lifted & (before >= LEAST_CASES) & (before > before.T))


def ordered_relations(alarms: pd.DataFrame, links: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return all pairs of types in the order of how often a type goes before others within 300 s."""
    history, lags = _looked_at(alarms, links)
    before = lags.before[PEER_WINDOW]
    share = (before + 1.0) / (before + before.T + 2.0)
    rank = share.mean(1)
    return _table(history, rank[:, None] > rank[None, :])


PEERS: dict[str, Learner] = {"lift": lifted_relations, "order": ordered_relations}


def _looked_at(alarms: pd.DataFrame, links: pd.DataFrame | None) -> tuple[CodedHistory, Lags]:
    """Return a history as arrays, with its lags."""
    history = coded_history(alarms, links)
    return history, measured_lags(history)


def _table(history: CodedHistory, claimed: Any) -> pd.DataFrame:
    """Return claimed pairs as a table."""
    cause, effect = np.nonzero(claimed & ~np.eye(len(claimed), dtype=bool))
    codes = history.codes
    return pd.DataFrame({"cause_code": codes[cause], "effect_code": codes[effect]}, dtype="str")


def _pairs(relations: pd.DataFrame) -> set[Any]:
    """Return the pairs of a table."""
    return set(zip(relations["cause_code"], relations["effect_code"], strict=True))


def _real_row(folder: Path) -> str:
    """Return the row of a real network: the judge alone reads its graph."""
    with tempfile.TemporaryDirectory() as held:
        table, out = Path(held) / "alarms.csv", Path(held) / "relations.csv"
        _judged(folder, "--table", table)
        links = table.with_name("links.csv")
        read = read_history(table, links if links.exists() else None, Settings())
        started = time.perf_counter()
        found = learned_relations(read.alarms, read.links)
        seconds = time.perf_counter() - started
        figures: list[float] = []
        for learner in (lambda *_: found, *PEERS.values()):
            write_relations(learner(read.alarms, read.links), out)
            said = re.findall(r"[\d.]+", _judged(folder, out).replace("F1", ""))
            figures += [float(value) for value in (said if not figures else said[-1:])]
        true = round(len(found) * figures[0] / figures[1]) if figures[1] else 0
    counts = (read.alarms["code"].nunique(), len(read.alarms), true, len(found))
    return _row(folder.name, counts, tuple(figures), seconds)


def _judged(folder: Path, *arguments: str | Path) -> str:
    """Return what the judge of real networks prints."""
    command = [sys.executable, str(JUDGE), str(folder), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _row(name: str, counts: tuple[int, ...], figures: tuple[float, ...], seconds: float) -> str:
    """Return a row of the table."""
    types, alarms, true, said = counts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MIB
    shown = " ".join(f"{figure:>5.3f}" for figure in figures)
    start = f"{name:<18} {types:>5} {alarms:>7} {true:>4} {said:>4}"
    return f"{start} {shown} {seconds:>5.1f} {peak:>5.0f}"


def _measured(names: Iterable[str]) -> Iterable[str]:
    """Yield the row of each network, printed when it is there."""
    for name in names:
        command = [sys.executable, "-m", "benchmarks.alarm_relations", "--one", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        sys.stdout.write(done.stdout)
        sys.stdout.flush()
        yield done.stdout.strip()


if __name__ == "__main__":
    raise SystemExit(main())
