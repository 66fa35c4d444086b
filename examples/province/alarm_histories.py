"""Make up alarm histories in which it is known which type of alarm causes which.

A history is of one network: devices joined by lines, types of alarms, relations between types. Alarms
begin by themselves and bring others after them, on the same device or on neighbouring ones; storms,
seasons, flapping, coarse clocks and late reports blur the picture. The experts' graph of a history holds
the direct relations and a share of those that run over a third type, as graphs drawn by hand do.

Simple so far: relations do not change over time, and no relation needs two causes at once.
"""

import argparse
import tomllib
import zlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from examples.province.alarm_histories_events import Events, cascades
from examples.province.alarm_histories_graph import drawn_graph, drawn_lines

NETWORKS = Path(__file__).with_name("alarm_histories.toml")
BEGIN = pd.Timestamp("2026-03-02")
FEWEST_TYPES = 2


@dataclass(frozen=True)
class HistorySettings:
    """What an alarm history is made from.

    Attributes
    ----------
    name : str
    part : str
        development (looked at while the method is built) or held_out (only at the end).
    seed, types, devices, days, alarms : int
        Same settings, same history; `alarms` is about how many there will be.
    topology : str
        tree, ring, mesh or none (no line is known, and none is used).
    density : float
        Share of the pairs of types, cause before effect, that are direct relations.
    closure : float
        Share of the relations over a third type that the experts list as well.
    cycles : int
        Relations against the order, which make the graph cyclic.
    strength, strength_spread : float
        Median chance that a cause brings an effect; its spread (log) between relations.
    spread : float
        Share of effects that appear on neighbouring devices.
    lag_s, lag_spread, lag_jitter : float
        Median lag over relations; spread (log) between relations, and from case to case.
    rate_spread, device_spread : float
        Spread (log) of how often types, and devices, begin by themselves.
    presence : float
        Share of the types that a device can raise.
    season, bad_days : float
        Swing over the day, 0 to 1; spread (log) of a device's trouble from day to day.
    flapping : float
        Share of types that come back several times each time they come.
    storms : float
        Share of first alarms that come in bursts without order, over many devices.
    hidden : float
        Share of first alarms that an unseen cause brings in a fixed order of types.
    clock_s, tick_s, report_s : float
        Error of a device's clock; resolution of times; typical reporting delay of a type.
    missing : float
        Share of alarms that never arrive.
    duration_s, duration_spread, clears_with_cause : float
        Median duration, its spread (log) between types, share of effects that clear with their cause.
    """

    name: str
    part: str = "development"
    seed: int = 1
    types: int = 18
    devices: int = 60
    days: int = 60
    alarms: int = 20_000
    topology: str = "tree"
    density: float = 0.25
    closure: float = 0.5
    cycles: int = 0
    strength: float = 0.25
    strength_spread: float = 1.0
    spread: float = 0.25
    lag_s: float = 60.0
    lag_spread: float = 1.0
    lag_jitter: float = 0.6
    rate_spread: float = 1.2
    device_spread: float = 0.7
    presence: float = 0.7
    season: float = 0.3
    bad_days: float = 0.5
    flapping: float = 0.2
    storms: float = 0.05
    hidden: float = 0.05
    clock_s: float = 1.0
    tick_s: float = 1.0
    report_s: float = 0.0
    missing: float = 0.05
    duration_s: float = 300.0
    duration_spread: float = 1.2
    clears_with_cause: float = 0.3

    def __post_init__(self) -> None:
        if self.part not in ("development", "held_out"):
            message = f"`part` must be development or held_out; got {self.part!r}"
            raise ValueError(message)
        if self.topology not in ("tree", "ring", "mesh", "none"):
            message = f"`topology` must be tree, ring, mesh or none; got {self.topology!r}"
            raise ValueError(message)
        if min(self.types - FEWEST_TYPES, self.devices - 1, self.days - 1, self.alarms - 1) < 0:
            message = "`types` must be 2 or more; `devices`, `days` and `alarms` 1 or more"
            raise ValueError(message)


@dataclass(frozen=True)
class AlarmHistory:
    """A history and what is true of it.

    Attributes
    ----------
    alarms, links : DataFrame
        Tables of the contract; `links` of kind ring, whose direction means nothing, or empty.
    relations : DataFrame
        `cause_code`, `effect_code`: the experts' graph.
    """

    alarms: pd.DataFrame
    links: pd.DataFrame
    relations: pd.DataFrame


def history_networks(path: Path = NETWORKS) -> tuple[HistorySettings, ...]:
    """Return the settings of all networks of a file, in its order.

    Parameters
    ----------
    path : Path
        TOML file with tables `[[network]]`; what one leaves out is as in `HistorySettings`.

    Raises
    ------
    ValueError
        If a network has an unknown setting, or a name stands twice.
    """
    records = tomllib.loads(path.read_text(encoding="utf-8"))["network"]
    known = {field.name for field in fields(HistorySettings)}
    strange = sorted({key for record in records for key in record} - known)
    if strange:
        message = f"`{path.name}` must hold settings of histories only; it has {strange}"
        raise ValueError(message)
    networks = tuple(HistorySettings(**record) for record in records)
    if len({network.name for network in networks}) < len(networks):
        message = f"`{path.name}` must name each network once"
        raise ValueError(message)
    return networks


def alarm_history(settings: HistorySettings) -> AlarmHistory:
    """Return the history that some settings describe.

    Parameters
    ----------
    settings : HistorySettings

    Returns
    -------
    AlarmHistory

    Examples
    --------
    >>> made = alarm_history(HistorySettings("small", types=5, devices=4, days=9, alarms=200))
    >>> made.alarms.columns.tolist()
    ['alarm_id', 'object_id', 'code', 'name', 'raised_at', 'cleared_at']
    """
    graph = drawn_graph(settings, history_stream(settings, "graph"))
    lines = drawn_lines(settings, history_stream(settings, "lines"))
    events = cascades(settings, graph, lines, history_stream(settings, "events"))
    codes = _codes(settings)
    cause, effect = np.nonzero(graph.listed)
    relations = pd.DataFrame({"cause_code": codes[cause], "effect_code": codes[effect]})
    alarms = _alarm_table(events, codes, history_stream(settings, "rows"))
    return AlarmHistory(alarms, _link_table(lines, settings), relations)


def history_stream(settings: HistorySettings, purpose: str) -> np.random.Generator:
    """Return the randomness of one purpose, whatever was drawn for others."""
    return np.random.default_rng([settings.seed, zlib.crc32(purpose.encode())])


def _codes(settings: HistorySettings) -> Any:
    """Return the codes of the types, which tell nothing of their order."""
    numbers = history_stream(settings, "codes").permutation(9000)[: settings.types] + 1000
    return np.array([f"A{number}" for number in numbers], dtype=object)


def _alarm_table(events: Events, codes: Any, rng: np.random.Generator) -> pd.DataFrame:
    """Return events as a table of alarms, its rows in no order."""
    order = rng.permutation(len(events.at_s))
    begun, ended = events.at_s[order], events.end_s[order]
    return pd.DataFrame(
        {
            "alarm_id": [f"H{number}" for number in range(len(order))],
            "object_id": [f"D{number}" for number in events.device[order]],
            "code": codes[events.kind[order]],
            "name": [f"kind {code}" for code in codes[events.kind[order]]],
            "raised_at": (BEGIN + pd.to_timedelta(begun, unit="s")).astype("datetime64[us]"),
            "cleared_at": (BEGIN + pd.to_timedelta(ended, unit="s")).astype("datetime64[us]"),
        }
    )


def _link_table(lines: Any, settings: HistorySettings) -> pd.DataFrame:
    """Return lines between devices as links, each once; none where no topology is known."""
    if settings.topology == "none":
        lines = lines[:0]
    return pd.DataFrame(
        {
            "node": [f"D{number}" for number in lines[:, 0]],
            "parent": [f"D{number}" for number in lines[:, 1]],
            "kind": ["ring"] * len(lines),
        }
    )


def main(arguments: list[str] | None = None) -> int:
    """Write one history, with its graph in `relations.csv`, into a folder; return 0."""
    parser = argparse.ArgumentParser(prog="python -m examples.province.alarm_histories")
    networks = {network.name: network for network in history_networks()}
    parser.add_argument("name", choices=sorted(networks))
    parser.add_argument("out", type=Path, help="a folder")
    chosen = parser.parse_args(arguments)
    made = alarm_history(networks[chosen.name])
    chosen.out.mkdir(parents=True, exist_ok=True)
    for field in fields(made):
        getattr(made, field.name).to_csv(chosen.out / f"{field.name}.csv", index=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
