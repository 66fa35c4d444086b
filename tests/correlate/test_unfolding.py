"""What is told of a run as it unfolds is what the run writes."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.settings import Settings
from correlate.daybook import daybook_tables
from correlate.feed import build_feed
from correlate.knowledge import gather
from correlate.run import play_feed
from correlate.state import State
from correlate.step import Issued
from correlate.tabling import output_tables
from correlate.unfolding import Event, Standing, Unfolding

DALI = Path(__file__).resolve().parents[2] / "examples" / "dali"
Told = tuple[list[Event], list[Standing], dict[str, pd.DataFrame], State]


@pytest.fixture(scope="module")
def dali() -> Told:
    """Every event of the work order of Dali, how things stood, the tables of the same run, and its state."""
    bundle = read_bundle(DALI, Settings())
    knowledge = gather(bundle.tables, Settings())
    unfolding = Unfolding(knowledge)
    events: list[Event] = []
    standings: list[Standing] = []

    def look(state: State, issued: Issued) -> None:
        found, standing = unfolding.look(state, issued)
        events.extend(found)
        standings.append(standing)

    state, issued = play_feed(build_feed(bundle.tables, knowledge), knowledge, look=look)
    tables = output_tables(state, knowledge, issued, bundle)
    tables |= daybook_tables(state, knowledge, tables["diagnoses"], bundle)
    return events, standings, tables, state


def of_kind(events: list[Event], kind: str, *keys: str) -> Counter[tuple[object, ...]]:
    """Events of a kind as (at, name, values of some keys)."""
    chosen = [e for e in events if e.kind == kind]
    return Counter((e.at, e.name, *(e.told[key] or None for key in keys)) for e in chosen)


def rows_of(table: pd.DataFrame, at: str, *columns: str) -> Counter[tuple[object, ...]]:
    """Rows of a table as (at, values of some columns), seconds since 1970."""
    seconds = [int(t.timestamp()) for t in table[at]]
    rest = (table[c].astype(object).where(table[c].notna(), None) for c in columns)
    return Counter(zip(seconds, *rest, strict=True))


def test_incidents_change_as_the_daybook_has_it(dali: Told) -> None:
    events, _, tables, _ = dali
    keys = ("rule", "detail", "evidence", "other_id")
    changes = rows_of(tables["incident_changes"], "at", "incident_id", *keys)
    assert changes == of_kind(events, "incident", *keys)
    assert changes


def test_alarm_groups_change_as_the_daybook_has_it(dali: Told) -> None:
    events, _, tables, _ = dali
    told = of_kind(events, "alarm_group", "rule", "detail")
    assert told == rows_of(tables["group_changes"], "at", "group_id", "rule", "detail")


def test_notices_are_issued_and_ended_as_the_table_has_it(dali: Told) -> None:
    events, _, tables, _ = dali
    table = tables["interceptions"]
    issued = ("incident_id", "cause", "object_id", "revises", "script")
    told = rows_of(table, "issued_at", "interception_id", *issued)
    assert told == of_kind(events, "notice", *issued)
    ended = table[table["valid_until"].notna()]
    told = rows_of(ended, "valid_until", "interception_id", "end_reason")
    assert told == of_kind(events, "notice_ended", "end_reason")
    assert len(table)


def test_complaints_come_and_are_diagnosed_as_the_tables_have_it(dali: Told) -> None:
    events, _, tables, _ = dali
    first = tables["diagnoses"][tables["diagnoses"]["rank"] == 1]
    columns = ("cause", "probability", "object_id")
    assert rows_of(first, "diagnosed_at", "ticket_id", *columns) == of_kind(
        events, "diagnosis", *columns
    )
    assert rows_of(tables["tickets"], "arrived_at", "ticket_id") == of_kind(events, "complaint")
    numbers = {e.told["number"] for e in events if e.kind == "complaint"}
    assert numbers <= set(tables["tickets"]["number"].dropna()) | {""}


def test_how_things_stand_agrees_with_the_state_at_the_end(dali: Told) -> None:
    _, standings, tables, state = dali
    last = standings[-1]
    assert last.faults == int(tables["incidents"]["ended_at"].isna().sum())
    assert last.notices == int(tables["interceptions"]["valid_until"].isna().sum())
    assert last.at == state.now
    assert max(s.complaints for s in standings) >= 1


def test_events_of_a_step_are_never_of_a_later_time(dali: Told) -> None:
    events, standings, _, _ = dali
    assert all(event.at <= standings[-1].at for event in events)
