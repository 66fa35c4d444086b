import numpy as np
import pandas as pd
import pytest

from correlate.harm import (
    HarmBook,
    kind_odds,
    learn_harm,
    note_episodes,
    watch_harm,
)
from correlate.harm_counts import DAY, HOUR
from correlate.kind_trust import KIND_NAMES, load_kind_trust
from correlate.state import State
from correlate.tickets import Ticket
from correlate.verdicts import learn_daily
from tests.correlate.small_network import (
    NOON,
    cells_of,
    fresh_state,
    make_fault,
    make_ticket,
    small_knowledge,
    sure_outage,
)

KNOWN = small_knowledge()
SLEEPING = KIND_NAMES.index("sleeping")
CELL = int(cells_of("H1-L")[0])


def episode(
    cell: str = "H1-L", kind: str = "sleeping", *, onset: int = NOON, hours: float = 2.0
) -> dict[str, object]:
    return {
        "cell": int(cells_of(cell)[0]),
        "kind": kind,
        "onset_at": onset,
        "last_at": int(onset + hours * HOUR),
        "first_period_at": onset,
        "confidence": 0.9,
    }


def seen(*episodes: dict[str, object]) -> pd.DataFrame:
    """Return a table as the watch gives it."""
    rows = pd.DataFrame(list(episodes))
    for column in ("onset_at", "last_at", "first_period_at"):
        rows[column] = pd.to_datetime(rows[column], unit="s", utc=True)
    return rows


def complaint(number: int, at: int, cell: str = "H1-L") -> Ticket:
    posterior = np.zeros(len(KNOWN.codes))
    posterior[KNOWN.codes.index("unknown")] = 1.0
    return make_ticket(
        f"T{number}",
        cell=cell,
        created_at=at,
        arrived_at=at,
        diagnosed_at=at + 60,
        posterior=posterior,
    )


def quiet_week(state: State) -> None:
    """Let 40 long spells of sleep on busy days be noted, and complaints elsewhere."""
    names = ["H1-L", "H2-L", "H3-L", "H4-L", "V1-L"]
    for day in range(8):
        start = NOON + day * DAY - 3 * HOUR
        rows = [episode(name, onset=start, hours=8.0) for name in names]
        note_episodes(state.harm, seen(*rows), state.faults, now=start + 10 * HOUR)
    for i in range(60):
        ticket = complaint(i, NOON + i * 3 * HOUR, cell="V2-L")
        state.tickets[ticket.ticket_id] = ticket


def test_before_anything_is_learned_the_rule_book_holds() -> None:
    assert kind_odds(HarmBook()).tolist() == load_kind_trust().odds.tolist()
    state = fresh_state()
    learn_harm(state.harm, state.tickets, state.verdicts, now=NOON)
    assert kind_odds(state.harm).tolist() == load_kind_trust().odds.tolist()


def test_an_episode_seen_twice_is_one_that_grew() -> None:
    state = fresh_state()
    rows = seen(episode(hours=2.0))
    before = rows.copy()
    note_episodes(state.harm, rows, state.faults, now=NOON + 3 * HOUR)
    note_episodes(state.harm, seen(episode(hours=5.0)), state.faults, now=NOON + 6 * HOUR)
    (row,) = state.harm.episodes.to_dict("records")
    assert (row["onset"], row["last"]) == (NOON, NOON + 5 * HOUR)
    pd.testing.assert_frame_equal(rows, before)


def test_an_episode_under_an_alarmed_outage_is_known_and_stays_so() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    note_episodes(state.harm, seen(episode(), episode("V1-L")), state.faults, now=NOON + HOUR)
    state.faults.faults.clear()
    again = seen(episode(hours=3.0), episode("V1-L"))
    note_episodes(state.harm, again, state.faults, now=NOON + 3 * HOUR)
    known = dict(zip(state.harm.episodes["cell"], state.harm.episodes["is_known"], strict=True))
    assert known == {CELL: True, int(cells_of("V1-L")[0]): False}
    assert state.harm.known == {fault.number}


def test_a_fault_of_counters_alone_makes_nothing_known() -> None:
    state = fresh_state()
    make_fault(state, "H1")
    note_episodes(state.harm, seen(episode()), state.faults, now=NOON + HOUR)
    assert not state.harm.episodes["is_known"].any()


def test_old_episodes_are_forgotten() -> None:
    state = fresh_state()
    note_episodes(state.harm, seen(episode()), state.faults, now=NOON + HOUR)
    late = NOON + 90 * DAY
    note_episodes(state.harm, seen(episode("H2-L", onset=late)), state.faults, now=late)
    assert state.harm.episodes["cell"].tolist() == [int(cells_of("H2-L")[0])]


def test_a_kind_nobody_complains_of_loses_trust_and_the_table_says_so() -> None:
    state = fresh_state()
    quiet_week(state)
    learn_harm(state.harm, state.tickets, state.verdicts, now=NOON + 8 * DAY)
    rule = load_kind_trust().odds[SLEEPING]
    row = state.harm.table.set_index("kind").loc["sleeping"]
    assert kind_odds(state.harm)[SLEEPING] == row["odds"] < rule - 0.3
    assert row["units"] == 40
    assert row["complaints"] == 0.0
    assert row["low"] <= row["odds"] <= row["high"]


def test_what_is_learned_once_a_day_holds_until_the_next() -> None:
    state = fresh_state()
    quiet_week(state)
    learn_daily(state, now=NOON + 8 * DAY)
    learned = kind_odds(state.harm).copy()
    assert learned[SLEEPING] < load_kind_trust().odds[SLEEPING]
    state.tickets.clear()
    learn_daily(state, now=NOON + 8 * DAY + HOUR)
    assert kind_odds(state.harm).tolist() == learned.tolist()


def test_a_kind_all_complain_of_is_not_trusted_more_than_the_rule_book() -> None:
    book = HarmBook()
    book.odds = book.odds + 1.0
    assert kind_odds(book).tolist() == load_kind_trust().odds.tolist()


def test_too_few_complaints_teach_nothing() -> None:
    state = fresh_state()
    quiet_week(state)
    few = dict(list(state.tickets.items())[:5])
    learn_harm(state.harm, few, state.verdicts, now=NOON + 8 * DAY)
    assert kind_odds(state.harm).tolist() == load_kind_trust().odds.tolist()


def test_how_far_a_fault_is_believed_does_not_change_what_is_learned() -> None:
    learned = []
    for share in (0.0, 0.9):
        state = fresh_state()
        quiet_week(state)
        fault = make_fault(state, "V2")
        for ticket in state.tickets.values():
            ticket.fault_share = {fault.number: share}
            ticket.posterior = ticket.posterior * (1.0 - share)
        learn_harm(state.harm, state.tickets, state.verdicts, now=NOON + 8 * DAY)
        learned.append(kind_odds(state.harm))
    assert learned[0] == pytest.approx(learned[1])


def test_what_arrives_later_is_not_looked_at() -> None:
    state = fresh_state()
    quiet_week(state)
    learn_harm(state.harm, state.tickets, state.verdicts, now=NOON + 8 * DAY)
    first = kind_odds(state.harm).copy()
    late = complaint(99, NOON + 9 * DAY)
    state.tickets["T99"] = late
    note_episodes(state.harm, seen(episode(onset=NOON + 9 * DAY)), state.faults, now=NOON + 9 * DAY)
    assert kind_odds(state.harm).tolist() == first.tolist()


def test_each_ticket_is_counted_once_however_many_steps_an_hour_has() -> None:
    state = fresh_state()
    state.watch.z_smooth[:], state.watch.z_at[:] = 0.0, NOON
    for hour in range(3):
        now = NOON + hour * HOUR
        ticket = complaint(hour, now - 600)
        state.tickets[ticket.ticket_id] = ticket
        for minute in (0, 10):
            watch_harm(state.harm, state.watch, state.faults, state.tickets, now=now + 60 * minute)
    assert state.harm.counted.counted_at == NOON + 2 * HOUR + 8 * HOUR
    assert state.harm.counted.complaints.sum(axis=1) == pytest.approx(3 * 0.98)
    assert len(state.harm.episodes) == 0
