"""An alarm that keeps coming back is told from one that is over, by its own rhythm."""

import numpy as np
import pytest

from alarms.episodes import NOT_YET
from alarms.rhythm import DAY_US, HOUR_US, rhythm_of

Spans = list[tuple[float, float | None]]
HOURLY: Spans = [(h, h + 0.98) for h in range(5)]


def book(spans: Spans, *, identity: int = 1, first: str = "A") -> dict[str, np.ndarray]:
    """Alarms raised and cleared at hours."""
    ends = [NOT_YET if end is None else int(end * HOUR_US) for _, end in spans]
    return {
        "alarm_id": np.array([f"{first}{n}" for n in range(len(spans))], dtype=object),
        "identity": np.full(len(spans), identity, dtype=np.uint64),
        "raised_at": np.array([int(at * HOUR_US) for at, _ in spans], dtype=np.int64),
        "ended_at": np.array(ends, dtype=np.int64),
    }


def test_an_alarm_back_every_hour_is_awaited_after_its_clearing() -> None:
    rhythm = rhythm_of(book(HOURLY), ["A0"])
    assert rhythm is not None
    assert (rhythm.returns, rhythm.since, rhythm.cleared) == (4, 0, int(4.98 * HOUR_US))
    assert rhythm.is_awaited(5 * HOUR_US)
    assert not rhythm.is_awaited(7 * HOUR_US)


def test_silence_at_night_belongs_to_the_rhythm_once_it_was_broken() -> None:
    days: Spans = [(24 * day + h, 24 * day + h + 0.98) for day in range(2) for h in range(8, 18)]
    rhythm = rhythm_of(book(days), ["A3"])
    assert rhythm is not None
    assert rhythm.since == 8 * HOUR_US
    assert rhythm.is_awaited(int(48 + 8) * HOUR_US)


@pytest.mark.parametrize(
    "spans",
    [[(0, 1)], [(0, 1), (3, 4)], [(0, 1), (30, 31), (60, 61)], [(0, 5), (1, 6), (2, 7)]],
    ids=["once", "twice", "every other day", "overlapping"],
)
def test_what_hardly_came_back_has_no_rhythm(spans: Spans) -> None:
    assert rhythm_of(book(spans), ["A0"]) is None


def test_while_in_force_it_is_not_awaited() -> None:
    rhythm = rhythm_of(book([*HOURLY, (5, None)]), ["A0"])
    assert rhythm is not None
    assert rhythm.cleared == NOT_YET
    assert not rhythm.is_awaited(6 * HOUR_US)


def test_a_chain_ends_where_a_day_was_silent() -> None:
    later: Spans = [(100 + at, 100 + float(end or 0)) for at, end in HOURLY]
    rhythm = rhythm_of(book(HOURLY + later), ["A0"])
    assert rhythm is not None
    assert (rhythm.since, rhythm.returns) == (100 * HOUR_US, 4)
    assert rhythm.patience <= DAY_US


def test_what_was_raised_later_is_not_looked_at() -> None:
    assert rhythm_of(book(HOURLY), ["A0"], before=2 * HOUR_US) is None
    assert rhythm_of(book(HOURLY), ["GONE"]) is None


def test_order_does_not_matter_and_the_identity_back_most_often_counts() -> None:
    seldom = book([(0, 1), (2, 3), (4, 5)], identity=2, first="B")
    often = book(HOURLY)
    both = {name: np.concatenate([seldom[name], often[name]])[::-1] for name in often}
    before = {name: values.copy() for name, values in both.items()}
    assert rhythm_of(both, ["A0", "B0"]) == rhythm_of(often, ["A0"])
    assert all((both[name] == before[name]).all() for name in both)
