import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlate.feed import Arrivals, CounterRows, Feed, Scored, build_feed
from correlate.instants import seconds
from tests.correlate.small_network import (
    HOUR,
    NOON,
    arriving,
    at,
    bundle_tables,
    knowledge_with,
    small_knowledge,
)

STEP = 300
MOMENTS = st.lists(st.integers(NOON, NOON + 6 * HOUR), min_size=1, max_size=8)


def accounts(moments: list[int]) -> pd.DataFrame:
    numbers = [f"{n}" for n in range(len(moments))]
    return arriving("accounts", moments, msisdn=numbers, state="active")


def alarms(moments: list[int], *, cleared: list[int | None] | None = None) -> pd.DataFrame:
    ends = [pd.NaT if c is None else at(c) for c in cleared or [None] * len(moments)]
    return arriving(
        "alarms",
        moments,
        alarm_id=[f"A{n}" for n in range(len(moments))],
        object_id="H1",
        raised_at=[at(m) for m in moments],
        cleared_at=ends,
        name="NE Is Disconnected",
    )


def counters(moments: list[int], *, cell: str = "H1-L") -> pd.DataFrame:
    return arriving(
        "kpi",
        moments,
        cell_id=cell,
        start=[at(m - 80 * 60) for m in moments],
        minutes=[60.0] * len(moments),
        drops=[float(n) for n in range(len(moments))],
    )


def complaints(moments: list[int]) -> pd.DataFrame:
    return arriving(
        "complaints",
        moments,
        ticket_id=[f"T{n}" for n in range(len(moments))],
        created_at=[at(m) for m in moments],
        text="H1 station no signal",
        msisdn="139",
    )


def feed_of(**tables: pd.DataFrame) -> Feed:
    return build_feed(bundle_tables(**tables), small_knowledge())


def delivered(feed: Feed) -> list[tuple[int, Arrivals]]:
    return [(step * feed.step_s, feed.at(step)) for step in range(feed.first, feed.last + 1)]


@settings(max_examples=10, deadline=None)
@given(alarm=MOMENTS, count=MOMENTS, account=MOMENTS)
def test_every_row_comes_once_at_the_end_of_its_step_and_never_earlier(
    alarm: list[int], count: list[int], account: list[int]
) -> None:
    feed = feed_of(alarms=alarms(alarm), kpi=counters(count), accounts=accounts(account))
    raised: list[int] = []
    counted, known = 0, 0
    opening = feed.first * STEP
    for now, came in delivered(feed):
        assert now % STEP == 0
        if came.raised is not None:
            raised += [int(m) // 1_000_000 for m in came.raised["raised_at"]]
            assert all(now - STEP < m <= now for m in raised[-len(came.raised["raised_at"]) :])
        if came.counters is not None:
            ends = came.counters.start + came.counters.minutes * 60 + 20 * 60
            assert ((ends > now - STEP) & (ends <= now)).all()
            counted += len(ends)
        for arrived in seconds(came.tables.get("accounts", accounts([]))["arrived_at"]).tolist():
            assert arrived <= now
            assert arrived > now - STEP or now == opening
            known += 1
    assert sorted(raised) == sorted(alarm)
    assert (counted, known) == (len(count), len(account))


@pytest.mark.parametrize(
    ("arrived", "minutes"), [(NOON, 0), (NOON + 1, 5), (NOON + 299, 5), (NOON + 300, 5)]
)
def test_steps_are_aligned_to_the_hour(arrived: int, minutes: int) -> None:
    feed = feed_of(alarms=alarms([arrived]))
    ((now, came),) = delivered(feed)
    assert now == NOON + minutes * 60
    assert came.raised is not None


def test_a_longer_step_delivers_at_its_own_ends() -> None:
    tables = bundle_tables(alarms=alarms([NOON + 1, NOON + 899]))
    feed = build_feed(tables, knowledge_with(step_min=15.0))
    ((now, came),) = delivered(feed)
    assert now == NOON + 900
    assert came.raised is not None
    assert len(came.raised["alarm_id"]) == 2


def test_a_clearing_comes_when_it_happened_not_with_its_alarm() -> None:
    feed = feed_of(alarms=alarms([NOON], cleared=[NOON + HOUR]))
    told = {now: came for now, came in delivered(feed) if not came.is_empty}
    assert list(told) == [NOON, NOON + HOUR]
    assert told[NOON].cleared is None
    cleared = told[NOON + HOUR].cleared
    assert cleared is not None
    assert cleared["alarm_id"].tolist() == ["A0"]


def test_what_lasts_and_came_long_before_is_there_at_the_first_step() -> None:
    feed = feed_of(alarms=alarms([NOON]), accounts=accounts([NOON - 9000 * HOUR]))
    assert feed.first == NOON // STEP
    assert len(feed.at(feed.first).tables["accounts"]) == 1


def test_a_step_in_which_nothing_arrived_is_empty() -> None:
    feed = feed_of(alarms=alarms([NOON, NOON + HOUR]))
    assert feed.at(NOON // STEP + 3).is_empty


def test_a_bundle_without_arrivals_has_no_steps() -> None:
    feed = feed_of()
    assert delivered(feed) == []
    assert feed.at(feed.first).is_empty


def test_counters_of_cells_that_are_not_live_are_left_out() -> None:
    both = pd.concat([counters([NOON]), counters([NOON], cell="GONE")], ignore_index=True)
    feed = feed_of(kpi=both)
    came = feed.at(NOON // STEP).counters
    assert came is not None
    assert came.cell.tolist() == [small_knowledge().network.cell_position["H1-L"]]
    assert came.counters["drops"].tolist() == [0.0]


def test_a_ticket_is_located_without_sightings_that_came_after_it() -> None:
    seen = arriving(
        "locations", [NOON + HOUR], msisdn=["139"], seen_at=[at(NOON)], cell_id=["V2-L"]
    )
    blind = feed_of(complaints=complaints([NOON])).at(NOON // STEP).tickets
    with_later = feed_of(complaints=complaints([NOON]), locations=seen).at(NOON // STEP).tickets
    assert np.array_equal(blind[0].cells, with_later[0].cells)
    assert np.allclose(blind[0].share, with_later[0].share)


def test_tickets_come_in_their_step_and_a_span_joins_steps() -> None:
    feed = feed_of(complaints=complaints([NOON, NOON + 400, NOON + 401]))
    first = NOON // STEP
    assert [[t.ticket_id for t in feed.at(first + n).tickets] for n in range(3)] == [
        ["T0"],
        [],
        ["T1", "T2"],
    ]
    assert len(feed.tickets_until(first, first + 3)) == 3


def test_the_tables_are_left_as_they_were() -> None:
    given_tables = bundle_tables(alarms=alarms([NOON]), kpi=counters([NOON]))
    before = {name: rows.copy() for name, rows in given_tables.items()}
    build_feed(given_tables, small_knowledge())
    for name, rows in given_tables.items():
        pd.testing.assert_frame_equal(rows, before[name])


def test_a_suspect_row_keeps_its_length_and_loses_its_counters() -> None:
    marked = counters([NOON + 60, NOON + 120]).assign(is_suspect=["true", "false"])
    ((_, arrivals),) = delivered(feed_of(kpi=marked))
    assert arrivals.counters is not None
    assert arrivals.counters.minutes.tolist() == [60, 60]
    np.testing.assert_array_equal(arrivals.counters.counters["drops"], [np.nan, 1.0])


def test_counters_scored_elsewhere_come_at_their_step_and_keep_the_clock_running() -> None:
    rows = CounterRows(np.array([0]), np.array([NOON]), np.array([60]), {})
    scored = {NOON // STEP + 4: Scored(rows, pd.DataFrame())}
    feed = build_feed(bundle_tables(alarms=alarms([NOON])), small_knowledge(), scored=scored)
    assert feed.last == feed.next_arrival(feed.first) == NOON // STEP + 4
    assert feed.at(feed.last).scored is scored[feed.last]
    assert not feed.at(feed.last).is_empty
    assert feed.at(feed.first).scored is None
