"""Claims about the moves of runs: kept by slot, told as means, forgotten when nobody asks any more."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi.evidence import KEPT_SECONDS, Evidence, Period, accumulate, start_evidence
from kpi.kinds import KINDS
from kpi.measures import MEASURE_INDEX, MEASURES
from kpi.run_moves import (
    FIRST_SLOTS,
    NOBODY,
    RunMoves,
    add_moves,
    forget_moves,
    free_slots,
    held_pairs,
    mean_moves,
    start_moves,
)

CELLS, HOUR = 40, 3600
VSWR = next(i for i, kind in enumerate(KINDS) if kind.name == "vswr")
OF_VSWR = MEASURE_INDEX["vswr"]


def rows(*values: float) -> np.ndarray:
    """Return a row of measures for each value, the first measure unknown."""
    table = np.repeat(np.array(values, dtype=np.float32)[:, None], len(MEASURES), axis=1)
    table[:, 0] = np.nan
    return table


def added(moves: RunMoves, pairs: list[tuple[int, int]], *values: float) -> RunMoves:
    cells, kinds = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return add_moves(moves, cells, kinds, z=rows(*values), change=rows(*(v / 2 for v in values)))


def mean(moves: RunMoves, cell: int, kind: int) -> tuple[float, float]:
    z, change = mean_moves(moves, np.array([cell]), np.array([kind]))
    assert np.isnan(z[0, 0])
    return float(z[0, 1]), float(change[0, 1])


def test_a_pair_has_the_mean_of_what_is_known_and_another_nothing() -> None:
    moves = added(start_moves(CELLS, 3), [(4, 1), (0, 2)], 2.0, 6.0)
    moves = added(moves, [(4, 1)], 4.0)
    assert mean(moves, 4, 1) == (3.0, 1.5)
    assert mean(moves, 0, 2) == (6.0, 3.0)
    assert np.isnan(mean(moves, 4, 2)).all()


def test_what_is_forgotten_begins_anew_in_its_slot() -> None:
    moves = added(start_moves(CELLS, 3), [(4, 1), (5, 1)], 2.0, 8.0)
    forget_moves(moves, np.array([4, 9]), np.array([1, 0]))
    assert np.isnan(mean(moves, 4, 1)).all()
    assert mean(added(moves, [(4, 1)], 5.0), 4, 1) == (5.0, 2.5)
    assert mean(moves, 5, 1) == (8.0, 4.0)
    assert len(held_pairs(moves)[0]) == 2


def test_a_freed_slot_serves_another_pair_and_tells_nothing_of_the_first() -> None:
    moves = added(start_moves(CELLS, 3), [(4, 1), (5, 1)], 2.0, 8.0)
    slot = int(moves.slot_of[4, 1])
    free_slots(moves, np.array([4, 7]), np.array([1, 2]))
    added(moves, [(30, 0)], 3.0)
    assert int(moves.slot_of[30, 0]) == slot
    assert np.isnan(mean(moves, 4, 1)).all()
    assert mean(moves, 30, 0) == (3.0, 1.5)


def test_more_pairs_than_slots_keep_what_was_known() -> None:
    moves = added(start_moves(CELLS, 9), [(1, 1)], 7.0)
    many = [(cell, kind) for cell in range(2, CELLS) for kind in range(9)]
    moves = added(moves, many, *range(len(many)))
    assert len(moves.pair) == len(moves.z_sums) == FIRST_SLOTS * 8
    assert mean(moves, 1, 1) == (7.0, 3.5)
    assert mean(moves, *many[-1])[0] == len(many) - 1


def test_nobody_ever_has_the_slot_of_nobody() -> None:
    moves = added(
        start_moves(CELLS, 9), [(c, k) for c in range(CELLS) for k in range(9)], *[1.0] * 360
    )
    assert moves.pair[0] == NOBODY
    assert not moves.z_counts[0].any()
    assert (moves.slot_of > 0).all()


def test_no_pairs_change_nothing() -> None:
    moves = added(start_moves(CELLS, 3), [])
    assert held_pairs(moves)[0].tolist() == []
    assert held_pairs(start_moves(0, 0))[0].tolist() == []


ACTIONS = st.lists(
    st.tuples(st.sampled_from(["add", "forget", "free"]), st.integers(0, 11), st.integers(-5, 5)),
    max_size=60,
)


@given(ACTIONS)
@settings(max_examples=60, deadline=None)
def test_slots_tell_what_a_plain_book_would(actions: list[tuple[str, int, int]]) -> None:
    moves = start_moves(4, 3)
    book: dict[tuple[int, int], list[float]] = {}
    for action, number, value in actions:
        pair = divmod(number, 3)
        cell, kind = np.array([pair[0]]), np.array([pair[1]])
        if action == "add":
            added(moves, [pair], float(value))
            book.setdefault(pair, []).append(float(value))
            continue
        (forget_moves if action == "forget" else free_slots)(moves, cell, kind)
        book.pop(pair, None)
    for number in range(12):
        told = mean(moves, *divmod(number, 3))[0]
        held = book.get(divmod(number, 3))
        assert told == pytest.approx(np.mean(held), abs=1e-5) if held else np.isnan(told)
    assert set(book) <= set(zip(*(part.tolist() for part in held_pairs(moves)), strict=True))


def hour(evidence: Evidence, step: int, *, ill: list[int]) -> Evidence:
    """Return the evidence after an hour in which some cells show a bad antenna line and the others are calm."""
    scores = np.zeros((CELLS, len(KINDS)), dtype=np.float32)
    scores[ill, VSWR] = 20.0
    passed = np.ones(scores.shape, dtype=np.bool_)
    z = np.zeros((CELLS, len(MEASURES)), dtype=np.float32)
    z[ill, OF_VSWR] = 9.0
    start = 1_000_000 * HOUR + step * HOUR
    onset = np.full(scores.shape, start, dtype=np.int64)
    period = Period(
        np.arange(CELLS),
        scores,
        passed,
        z,
        z / np.float32(10),
        onset,
        start,
        start + HOUR,
        start + HOUR,
    )
    return accumulate(evidence, KINDS, period)


def test_moves_outlive_an_episode_by_two_days_and_are_then_forgotten() -> None:
    evidence = start_evidence(CELLS, len(KINDS))
    for step in range(3):
        hour(evidence, step, ill=[7])
    cell, kind = np.array([7]), np.array([VSWR])
    kept = KEPT_SECONDS // HOUR
    for step in range(3, 3 + kept):
        hour(evidence, step, ill=[])
    assert not evidence.is_open[7, VSWR]
    assert mean_moves(evidence.moves, cell, kind)[0][0, OF_VSWR] == 9.0
    for step in range(3 + kept, 12 + kept):
        hour(evidence, step, ill=[])
    assert np.isnan(mean_moves(evidence.moves, cell, kind)[0]).all()
    assert held_pairs(evidence.moves)[0].tolist() == []


def test_moves_of_an_open_episode_are_kept_however_long_it_lasts() -> None:
    evidence = start_evidence(CELLS, len(KINDS))
    for step in range(90):
        hour(evidence, step, ill=[7])
    assert evidence.is_open[7, VSWR]
    assert evidence.moves.z_counts[evidence.moves.slot_of[7, VSWR], OF_VSWR] == 90


def test_slots_stay_few_where_runs_come_and_go() -> None:
    evidence = start_evidence(CELLS, len(KINDS))
    for step in range(400):
        hour(evidence, step, ill=[step // 4 % CELLS])
    assert len(held_pairs(evidence.moves)[0]) < 20
    assert len(evidence.moves.pair) == FIRST_SLOTS
