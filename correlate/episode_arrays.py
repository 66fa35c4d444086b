"""Hold the open episodes of the counters as arrays, as the step works on them.

Simple so far: every array is made anew each time counters arrive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from correlate.faults import Floats, Ints
from correlate.instants import seconds
from correlate.kind_trust import KIND_NAMES
from kpi.measures import MEASURES


@dataclass(frozen=True)
class Episodes:
    """Open episodes as arrays; times in seconds since 1970."""

    cell: Ints
    kind: Ints
    onset: Ints
    last: Ints
    is_open: NDArray[np.bool_]
    confidence: Floats
    strength: Floats
    first_period: Ints
    z: Floats
    change: Floats


def episode_arrays(table: pd.DataFrame) -> Episodes:
    """Return the table of episodes as arrays."""
    position = {name: i for i, name in enumerate(KIND_NAMES)}
    return Episodes(
        cell=table["cell"].to_numpy(np.int64),
        kind=table["kind"].map(position).to_numpy(np.int64),
        onset=seconds(table["onset_at"]),
        last=seconds(table["last_at"]),
        is_open=table["closed_at"].isna().to_numpy(bool),
        confidence=table["confidence"].to_numpy(float),
        strength=table["strength"].to_numpy(float),
        first_period=seconds(table["first_period_at"]),
        z=table[[f"z_{m.name}" for m in MEASURES]].to_numpy(float),
        change=table[[f"change_{m.name}" for m in MEASURES]].to_numpy(float),
    )


def episode_key(episodes: Episodes, i: int) -> tuple[int, int, int]:
    """Return what identifies an episode for good."""
    return int(episodes.cell[i]), int(episodes.kind[i]), int(episodes.first_period[i])


def episode_keys(episodes: Episodes) -> list[tuple[int, int, int]]:
    """Return what identifies each of them for good."""
    columns = (episodes.cell, episodes.kind, episodes.first_period)
    return list(zip(*(values.tolist() for values in columns), strict=True))
