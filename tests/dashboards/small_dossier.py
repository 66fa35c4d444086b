"""Write a run that fits in the head: an outage of H1 that ended, and a second one of the same site with a complaint."""

from pathlib import Path

import pandas as pd

from contract.bundles import Bundle
from contract.outputs import write_outputs
from correlate.daybook import daybook_tables
from correlate.diagnosis import serving_rows
from correlate.reporting import report
from correlate.state import State
from correlate.step import Issued
from correlate.tabling import output_tables
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    diagnose_held,
    fresh_state,
    knowledge_with,
    make_ticket,
    sure_outage,
)

KNOWN = knowledge_with(notice_min_complaints=0.01, language="en")
NAME = "<b>NE down</b>"
FIRST, SECOND = "INC-20260310-00001", "INC-20260310-00002"


def write_small_run(out: Path) -> Path:
    """Write the run to a folder and return it."""
    state = fresh_state()
    first = sure_outage(state, "H1", names=(NAME,))
    report(state, KNOWN, now=NOON + 600)
    first.alarm_open, first.ended_at = False, NOON + HOUR
    first.touch()
    report(state, KNOWN, now=NOON + HOUR)
    again = {"alarm_ids": {"A2"}, "first_alert": "A2", "recurs_days": 41.6, "names": (NAME,)}
    second = sure_outage(state, "H1", started_at=NOON + 90 * 60, **again)
    state.faults.of_alarm = {"A1": first.number, "A2": second.number}
    report(state, KNOWN, now=NOON + 100 * 60)
    ticket = make_ticket(msisdn="15900002291", created_at=NOON + 2 * HOUR, names=("Hilltop",))
    state.tickets, state.held = {"T1": ticket}, [ticket]
    rows = diagnose_held(state, KNOWN, now=NOON + 3 * HOUR)
    ticket.fault = second.number
    issued = Issued(rows, serving_rows(KNOWN, [ticket]))
    _write(out, state, issued)
    return out


def _write(out: Path, state: State, issued: Issued) -> None:
    """Lay the state out and write it."""
    moments = [NOON, NOON + 90 * 60]
    alarms = arriving(
        "alarms",
        moments,
        alarm_id=["A1", "A2"],
        object_id=["H1", "H1"],
        raised_at=[at(m) for m in moments],
        cleared_at=[at(NOON + HOUR), pd.NaT],
        name=NAME,
        severity="critical",
    )
    none = pd.DataFrame({"table": [], "row": [], "reason": [], "content": []})
    bundle = Bundle(Path("/data/small"), bundle_tables(alarms=alarms), none, none, none)
    tables = output_tables(state, KNOWN, issued, bundle)
    daybook = daybook_tables(state, KNOWN, tables["diagnoses"], bundle)
    write_outputs(out, tables, KNOWN.settings.zone, daybook=daybook)
