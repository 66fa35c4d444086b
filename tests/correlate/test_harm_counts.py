import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from correlate.harm_counts import (
    DAY,
    HOUR,
    Mentions,
    Profile,
    Spans,
    learned_profile,
    mentions_within,
    merged,
    overlapping,
)


def ints(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def spans(*rows: tuple[int, int, int]) -> Spans:
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3)
    return Spans(columns[:, 0], columns[:, 1], columns[:, 2])


def mentions(*rows: tuple[int, int, int, float]) -> Mentions:
    cell, at, ticket, share = zip(*rows, strict=True)
    return Mentions.of(ints(*cell), ints(*at), ints(*ticket), np.array(share))


ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 50), st.integers(0, 9)).map(
        lambda row: (row[0], row[1], row[1] + row[2])
    ),
    max_size=12,
)


def covered(found: Spans) -> set[tuple[int, int]]:
    rows = zip(found.cell.tolist(), found.start.tolist(), found.end.tolist(), strict=True)
    return {(cell, moment) for cell, start, end in rows for moment in range(start, end + 1)}


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_merging_keeps_every_moment_and_leaves_no_overlap(rows: list[tuple[int, int, int]]) -> None:
    given_spans = spans(*rows)
    found = merged(given_spans)
    assert covered(found) == covered(given_spans)
    assert len(covered(found)) == int((found.end - found.start + 1).sum())


@given(ROWS, ROWS)
@settings(max_examples=60, deadline=None)
def test_spans_overlap_when_they_share_a_moment(
    mine: list[tuple[int, int, int]], theirs: list[tuple[int, int, int]]
) -> None:
    other = covered(spans(*theirs))
    wanted = [bool(covered(spans(row)) & other) for row in mine]
    assert overlapping(spans(*mine), spans(*theirs)).tolist() == wanted


def test_a_mention_is_found_in_every_span_of_its_cell_that_holds_its_moment() -> None:
    told = mentions((1, 10, 0, 1.0), (1, 20, 1, 0.5), (2, 10, 0, 0.5))
    span, mention = mentions_within(told, spans((1, 5, 10), (1, 10, 30), (2, 11, 20), (3, 0, 99)))
    pairs = [(s, int(told.at[m])) for s, m in zip(span.tolist(), mention.tolist(), strict=True)]
    assert pairs == [(0, 10), (1, 10), (1, 20)]


def test_no_span_and_no_mention_find_nothing() -> None:
    nothing = Mentions.of(ints(), ints(), ints(), np.empty(0))
    assert len(mentions_within(nothing, spans((1, 0, 9)))[0]) == 0
    assert len(merged(spans())) == 0
    assert overlapping(spans((1, 0, 9)), spans()).tolist() == [False]


def test_calling_hours_of_a_day_are_twenty_four_whatever_the_profile() -> None:
    profile = Profile(np.r_[np.zeros(12), np.full(12, 2.0)], 8 * HOUR)
    assert profile.hours(ints(12345), ints(12345 + DAY)) == pytest.approx([24.0])


def test_a_night_in_which_nobody_calls_has_no_calling_hours() -> None:
    profile = Profile(np.r_[np.zeros(8), np.full(16, 1.5)], 8 * HOUR)
    midnight = -8 * HOUR + DAY
    assert profile.hours(ints(midnight), ints(midnight + 6 * HOUR)).tolist() == [0.0]


def test_the_profile_starts_from_the_rule_of_thumb_and_follows_the_complaints() -> None:
    thumb = learned_profile(ints(), np.empty(0), offset_s=0, prior=48.0)
    assert thumb.weights[12] == pytest.approx(4 * thumb.weights[3])
    at_three = np.full(500, 3 * HOUR)
    learned = learned_profile(at_three, np.ones(500), offset_s=0, prior=48.0)
    assert learned.weights.argmax() == 3
    assert learned.weights.mean() == pytest.approx(1.0)
