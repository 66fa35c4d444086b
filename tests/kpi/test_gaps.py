"""Claims about missing periods."""

import numpy as np

from kpi.gaps import is_feed_gap, missing_scores, silent_feeds


def test_most_cells_missing_is_a_gap_of_the_feed() -> None:
    expected = np.ones(4, dtype=np.bool_)
    assert is_feed_gap(np.array([True, False, False, False]), expected)
    assert not is_feed_gap(np.array([True, True, True, False]), expected)


def test_a_whole_site_missing_says_more_than_one_cell() -> None:
    seen = np.array([False, False, False, False, True])
    scores = missing_scores(
        seen,
        np.ones(5, dtype=np.bool_),
        sites=np.array([0, 0, 0, 1, 1]),
        habit=np.full(5, 0.01, dtype=np.float32),
    )
    assert scores[0] > scores[3] + 3
    assert np.isnan(scores[4])


def test_a_cell_that_often_misses_says_little() -> None:
    scores = missing_scores(
        np.zeros(2, dtype=np.bool_),
        np.ones(2, dtype=np.bool_),
        sites=np.array([0, 1]),
        habit=np.array([0.3, 0.003], dtype=np.float32),
    )
    assert scores[0] < 1 < 5 < scores[1]


def test_a_silent_element_manager_loses_no_cell() -> None:
    sites = np.arange(40) // 2
    feeds = np.where(sites < 6, 0, 1)
    seen, expected = feeds == 1, np.ones(40, bool)
    assert silent_feeds(seen, expected, feeds=feeds, sites=sites).tolist() == (feeds == 0).tolist()
    one_left = seen | (np.arange(40) < 2)
    assert not silent_feeds(one_left, expected, feeds=feeds, sites=sites).any()


def test_a_few_silent_sites_are_no_gap_of_the_feed() -> None:
    sites = np.arange(40) // 2
    feeds = np.where(sites < 4, 0, 1)
    assert not silent_feeds(feeds == 1, np.ones(40, bool), feeds=feeds, sites=sites).any()
