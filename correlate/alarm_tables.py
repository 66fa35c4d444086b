"""Lay out the life of the alarms of a run for the daybook: every change of state, and what repeats.

Simple so far: repetitions are those of the last ten days, which is what the book of alarms holds.
"""

from __future__ import annotations

import pandas as pd

from alarms.repetitions import episode_table
from alarms.transitions import transitions
from contract.daybook import DAYBOOK
from correlate.state import State

FEWEST = 3


def alarm_tables(state: State) -> dict[str, pd.DataFrame]:
    """Return the tables `alarm_states` and `alarm_repetitions` of the daybook."""
    now = pd.Timestamp(state.now, unit="s", tz="UTC").as_unit("us")
    last = transitions(state.logged, state.book, now)
    changes = pd.concat([*state.alarm_log, last], ignore_index=True)
    repeated = episode_table(state.book, now, by="identity", fewest=FEWEST)
    return {
        "alarm_states": changes[list(DAYBOOK["alarm_states"].column_names)],
        "alarm_repetitions": repeated[list(DAYBOOK["alarm_repetitions"].column_names)],
    }
