"""Give the episodes of hidden faults that the counters tell of.

Terms: an *episode* is a cell, a kind, an onset and the evidence for it. `start_watch` and
`observe` keep the watch; `open_episodes` and `evidence_matrix` read it.

Simple so far: confidence is a fixed curve of the accumulated evidence, not calibrated on closed
orders.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpi.evidence import NEVER
from kpi.measures import MEASURES, Floats
from kpi.run_moves import mean_moves
from kpi.watches import Watch, observe, seconds_of, start_watch

__all__ = ["Watch", "evidence_matrix", "observe", "open_episodes", "start_watch"]

INSTANTS = ("onset", "opened", "last", "closed", "first_period")


def open_episodes(watch: Watch, now: pd.Timestamp, *, keep_hours: float = 24.0) -> pd.DataFrame:
    """Return the episodes that are open, or closed a short while ago.

    Parameters
    ----------
    watch : Watch
    now : Timestamp, UTC
    keep_hours : float, default 24
        How long a closed episode stays in the table; of those over for more than two days no measure is known.

    Returns
    -------
    DataFrame, one row per cell and kind, by cell then kind
        `cell` (position), `kind`, `onset_at` (best estimate), `first_period_at` (start of the
        first bad period), `opened_at`, `last_at` (end of the last bad period), `closed_at` (NaT
        while open), `strength` (accumulated evidence, like a log-likelihood), `confidence` (0 to
        1), and of each measure over the bad periods the mean deviation `z_<measure>` and the mean
        plain change `change_<measure>`.
    """
    held = watch.evidence
    since = int(pd.Timestamp(now).timestamp() - keep_hours * 3600)
    cells, kinds = np.nonzero(held.is_open | ((held.closed != NEVER) & (held.closed >= since)))
    names = np.array([kind.name for kind in watch.kinds], dtype=object)
    limits = np.array([kind.open_at for kind in watch.kinds], dtype=np.float32)
    strength = held.strength[cells, kinds]
    columns: dict[str, npt.NDArray[np.generic] | pd.Series] = {
        "cell": cells,
        "kind": names[kinds].astype(str),
    }
    for name in INSTANTS:
        columns[f"{name}_at"] = _instants(getattr(held, name)[cells, kinds])
    columns["strength"] = strength.astype(np.float64)
    columns["confidence"] = 1 - 0.5 * np.exp(-np.maximum(strength / limits[kinds] - 1, 0))
    means, moves = mean_moves(held.moves, cells, kinds)
    columns |= {f"z_{measure.name}": means[:, i] for i, measure in enumerate(MEASURES)}
    columns |= {f"change_{measure.name}": moves[:, i] for i, measure in enumerate(MEASURES)}
    return pd.DataFrame(columns)


def evidence_matrix(watch: Watch, now: pd.Timestamp | np.datetime64) -> tuple[Floats, Floats]:
    """Return the smoothed deviations of every cell and how old they are.

    Parameters
    ----------
    watch : Watch
    now : Timestamp, UTC

    Returns
    -------
    z : array [C, M]
        Mean over about the last two hours, NaN where never known.
    age_hours : array [C, M]
        Since the end of the last period known, infinite where there was none.
    """
    moment = seconds_of(np.datetime64(pd.Timestamp(now).tz_localize(None), "us"))
    age = (moment - watch.z_at).astype(np.float32) / np.float32(3600)
    return watch.z_smooth.copy(), np.where(watch.z_at == NEVER, np.float32(np.inf), age)


def _instants(seconds: npt.NDArray[np.int64]) -> pd.Series:
    """Return seconds since 1970 as instants, never as NaT."""
    stamps = seconds.astype("datetime64[s]").astype("datetime64[us]")
    stamps[seconds == NEVER] = np.datetime64("NaT")
    return pd.Series(stamps).dt.tz_localize("UTC")
