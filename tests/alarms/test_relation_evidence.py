"""The evidence is what its names say, and the choice is the one that promises the best F1."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from alarms.relation_evidence import (
    FIGURES,
    claimed_relations,
    load_weights,
    pair_figures,
    relation_probabilities,
)
from alarms.relation_histories import coded_history
from alarms.relation_kernels import fitted_kernels
from alarms.relation_lags import LAG_EDGES_S, measured_lags


def small_history() -> pd.DataFrame:
    """Two devices: x brings y ten seconds later, five times a device; z comes alone."""
    x = [k * 20_000 for k in range(5)]
    times = {"x": x, "y": [at + 10 for at in x], "z": [at + 9_000 for at in x]}
    rows = [
        (device, kind, pd.Timestamp("2026-03-02") + pd.Timedelta(seconds=at))
        for device in ("A", "B")
        for kind, moments in times.items()
        for at in moments
    ]
    return pd.DataFrame(rows, columns=["object_id", "name", "raised_at"])


def test_onsets_before_and_after_are_counted_within_windows() -> None:
    lags = measured_lags(coded_history(small_history()))
    assert lags.before[0].tolist() == [[0, 10, 0], [0, 0, 0], [0, 0, 0]]
    assert lags.after[0].T.tolist() == lags.before[0].tolist()


def test_exposure_adds_up_to_the_time_since_the_first_onset() -> None:
    history = coded_history(small_history())
    exposure = measured_lags(history).exposure_s
    since_first = 2 * (history.span_s - 0.0)
    assert exposure[2, 0].sum() == pytest.approx(since_first)
    assert exposure.shape == (3, 3, len(LAG_EDGES_S) - 1)


def test_what_begins_in_the_same_second_has_no_order() -> None:
    alarms = small_history()
    same = alarms.assign(raised_at=alarms["raised_at"].where(alarms["name"] != "y"))
    same["raised_at"] = same["raised_at"].fillna(alarms["raised_at"] - pd.Timedelta(seconds=10))
    lags = measured_lags(coded_history(same))
    assert lags.before[0].sum() == 0


def test_the_cause_gains_and_the_effect_does_not() -> None:
    history = coded_history(small_history())
    kernels = fitted_kernels(history, measured_lags(history))
    assert kernels.gain[0, 1] > 20 * kernels.gain[1, 0] + 1
    assert kernels.explained[0, 1] == pytest.approx(10, abs=1)
    assert 3 <= kernels.lag_s[0, 1] <= 10


def test_figures_are_those_that_the_weights_weigh() -> None:
    history = coded_history(small_history())
    lags = measured_lags(history)
    figures = pair_figures(history, lags, fitted_kernels(history, lags))
    assert set(figures) == set(FIGURES) == set(load_weights().figures)
    assert all(figure.shape == (3, 3) for figure in figures.values())
    chance = relation_probabilities(figures, load_weights())
    assert np.diag(chance).tolist() == [0, 0, 0]
    assert chance[0, 1] > chance[1, 0]


def test_weights_of_another_figure_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.toml"
    path.write_text("intercept = 0.0\nleast_probability = 0.2\n[figures]\nmood = 1.0\n")
    with pytest.raises(ValueError, match=r"must weigh \[.*; it weighs \['mood'\]"):
        load_weights(path)


@pytest.mark.parametrize(
    ("chances", "claimed"),
    [
        ({(0, 1): 0.9, (1, 2): 0.8, (0, 2): 0.1}, {(0, 1), (1, 2)}),
        ({(0, 1): 0.6, (1, 0): 0.7}, {(1, 0)}),
        ({(0, 1): 0.5, (1, 0): 0.5}, {(0, 1)}),
        ({(0, 1): 0.1, (1, 2): 0.1}, set()),
    ],
    ids=["the likely ones", "one direction", "a tie", "none likely"],
)
def test_the_best_expected_agreement_is_claimed(
    chances: dict[tuple[int, int], float], claimed: set[tuple[int, int]]
) -> None:
    probability = np.zeros((3, 3))
    for pair, chance in chances.items():
        probability[pair] = chance
    found = claimed_relations(probability, 0.2)
    assert {(int(i), int(j)) for i, j in zip(*np.nonzero(found), strict=True)} == claimed
