"""Relations learned from made-up histories beat plain peers; the real network passes where it lies."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from alarms.relations import learned_relations
from benchmarks.alarm_relation_weights import fitted_weights, pair_evidence
from benchmarks.alarm_relations import PEERS, Learner, agreement, measured_row, part_networks
from examples.province.alarm_histories import alarm_history, history_networks

SHARED = Path(__file__).resolve().parents[3] / "shared"
PUBLISHED = 0.58


@pytest.mark.parametrize("name", ["near-closure", "weak-bursty"])
def test_learned_relations_beat_the_peers(name: str) -> None:
    made = alarm_history({network.name: network for network in history_networks()}[name])
    true = set(made.relations.itertuples(index=False, name=None))

    def f1(learner: Learner) -> float:
        """F1 of what a learner finds."""
        found = learner(made.alarms, made.links)[["cause_code", "effect_code"]]
        return agreement(set(found.itertuples(index=False, name=None)), true)[2]

    ours = f1(learned_relations)
    assert ours > max(f1(peer) for peer in PEERS.values())
    assert ours > 0.6


def test_a_row_has_every_figure() -> None:
    assert len(measured_row("few-types").split()) == 12
    assert "plain" in part_networks("development")


def test_weights_follow_what_tells_truth_apart() -> None:
    history = alarm_history(history_networks()[1])
    figures, truth = pair_evidence(history)
    assert len(figures) == len(truth) == 10 * 9
    weights, _ = fitted_weights([(figures, truth)])
    assert weights["gain"] > 0
    assert np.isfinite(list(weights.values())).all()


def test_the_real_network_is_read_better_than_published() -> None:
    folder = SHARED / "data" / "real-alarms" / "18V_55N_Wireless"
    judge = SHARED / "evaluate" / "edges.py"
    if not folder.is_dir():
        pytest.skip("the real network does not lie beside the checkout")
    row = subprocess.run(
        [sys.executable, "-m", "benchmarks.alarm_relations", "--one", str(folder)],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[2],
    ).stdout
    assert judge.exists()
    assert float(row.split()[7]) > PUBLISHED + 0.05
