"""A feed gone quiet is told; quiet nights, storms and sparse feeds are not."""

import numpy as np
import pandas as pd
import pytest

from alarms.book import AlarmBook
from alarms.lifecycle import update_book
from alarms.silence import FeedWatch, silence_alarms, silent_feeds, watch_feeds

START = pd.Timestamp("2026-03-02", tz="UTC")
DAYS = 12


def arrivals(
    per_day: float, *, night: float = 0.3, burst: int = 1, seed: int = 1
) -> pd.DatetimeIndex:
    """Make arrivals: fewer at night, in bursts of some rows."""
    rng = np.random.default_rng(seed)
    hours = np.arange(24 * DAYS)
    share = np.where((hours % 24) < 7, night, 1.0)
    counts = rng.poisson(per_day / burst * share / share[:24].sum())
    at = np.repeat(hours, counts) * 3600.0 + rng.random(int(counts.sum())) * 3600
    at = np.sort(np.repeat(at, burst) + rng.random(len(at) * burst) * 120)
    return START + pd.to_timedelta(at, unit="s").as_unit("us")


def watched(at: pd.DatetimeIndex, *, step: str = "3h") -> list[tuple[pd.Timestamp, str]]:
    """Return when silences were found, feeding the rows in steps."""
    watch, found = FeedWatch(), []
    rows = pd.DataFrame({"feed": "ZTE", "arrived_at": at})
    due = rows["arrived_at"].dt.ceil(step)
    parts = dict(iter(rows.groupby(due)))
    for now in pd.date_range(START, START + pd.Timedelta(days=DAYS), freq=step):
        after = watch_feeds(watch, parts.get(now), now)
        raised, cleared = silence_alarms(watch, after, now)
        found += [(now, "raised")] * len(raised) + [(now, "cleared")] * len(cleared)
        watch = after
    return found


@pytest.mark.parametrize("per_day", [5, 40, 2000], ids=["a few", "forty", "thousands"])
@pytest.mark.parametrize("burst", [1, 8], ids=["single", "in bursts"])
def test_a_feed_that_keeps_its_habit_is_never_silent(per_day: float, burst: int) -> None:
    assert watched(arrivals(per_day, burst=burst)) == []


@pytest.mark.parametrize("per_day", [60, 2000], ids=["sixty", "thousands"])
def test_a_day_cut_out_is_found_within_the_day_and_ends_with_the_next_row(per_day: float) -> None:
    at = arrivals(per_day)
    gone, back = START + pd.Timedelta(days=8), START + pd.Timedelta(days=9)
    found = watched(at[(at < gone) | (at >= back)])
    assert [what for _, what in found] == ["raised", "cleared"]
    assert gone < found[0][0] <= back
    assert back <= found[1][0]


def test_chunks_of_arrival_do_not_matter() -> None:
    at = arrivals(100)
    rows = pd.DataFrame({"feed": "ZTE", "arrived_at": at})
    before = rows.copy(deep=True)
    now = START + pd.Timedelta(days=DAYS)
    whole = watch_feeds(FeedWatch(), rows, now)
    halves = watch_feeds(watch_feeds(FeedWatch(), rows.iloc[:500], now), rows.iloc[500:], now)
    for name in ("seen", "active", "open_hour", "open_bins", "rows", "last_us", "longest_us"):
        np.testing.assert_allclose(getattr(whole, name), getattr(halves, name))
    pd.testing.assert_frame_equal(rows, before)


def test_the_alarm_goes_into_the_book_and_out_again() -> None:
    at = arrivals(400)
    gone = START + pd.Timedelta(days=8)
    known = watch_feeds(
        FeedWatch(), pd.DataFrame({"feed": "ZTE", "arrived_at": at[at < gone]}), gone
    )
    later = gone + pd.Timedelta(hours=12)
    silent = watch_feeds(known, None, later)
    raised, cleared = silence_alarms(known, silent, later)
    assert silent_feeds(silent)["feed"].tolist() == ["ZTE"]
    book = update_book(AlarmBook(), raised, cleared, later)
    assert book.in_force()["object_id"].tolist() == ["alarm-feed:ZTE"]
    assert "silent since 2026-03-09" in book.in_force()["detail"].iloc[0]
    row = pd.DataFrame({"feed": ["ZTE"], "arrived_at": [later + pd.Timedelta(hours=1)]})
    again = watch_feeds(silent, row, later + pd.Timedelta(hours=1))
    raised, cleared = silence_alarms(silent, again, later + pd.Timedelta(hours=1))
    assert raised.empty
    assert update_book(book, raised, cleared, later).in_force().empty
