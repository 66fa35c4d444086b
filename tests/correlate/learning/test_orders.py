import numpy as np
import pytest

from correlate.learning.orders import log_losses
from tests.correlate.learning.made_orders import CODES, FAULTS, chance, made_orders

WEAK, POWER, SITE = "weak_coverage", "power_failure", "site_outage"


def test_a_closed_order_is_weighed_against_what_was_known_not_taken_as_the_truth() -> None:
    sure = made_orders([WEAK], back={WEAK: 1e-4}, fault={POWER: 0.9999})
    unsure = made_orders([WEAK], back={WEAK: 0.5}, fault={POWER: 0.5})
    assert sure.truths()[0, CODES.index(POWER)] > 0.5
    assert unsure.truths()[0, CODES.index(WEAK)] > 0.95


def test_what_no_fault_explains_is_the_background_s_part_alone() -> None:
    orders = made_orders([POWER], back={POWER: 0.25}, fault={POWER: 0.75})
    assert orders.unexplained()[0, CODES.index(POWER)] == pytest.approx(0.25, abs=0.01)


def test_words_move_background_and_faults_alike() -> None:
    orders = made_orders([POWER], back={WEAK: 0.5}, fault={POWER: 0.5})
    log = np.zeros((1, len(CODES)))
    log[0, CODES.index(WEAK)] = np.log(3.0)
    assert chance(orders.with_words(log), WEAK) == pytest.approx(0.75, abs=0.01)


def test_a_belief_moves_a_fault_s_causes_but_not_whether_it_explains_the_order() -> None:
    orders = made_orders([POWER], back={WEAK: 0.5}, fault={POWER: 0.25, SITE: 0.25})
    log = np.zeros((1, len(FAULTS)))
    log[0, FAULTS.index(SITE)] = np.log(4.0)
    moved = orders.with_pairs(log, is_belief=True)
    assert chance(moved, SITE) == pytest.approx(0.4, abs=0.01)
    assert chance(moved, WEAK) == pytest.approx(0.5, abs=0.01)
    assert chance(orders, SITE) == pytest.approx(0.25, abs=0.01)


def test_orders_taken_keep_their_own_pairs() -> None:
    orders = made_orders([POWER, WEAK, SITE], back={WEAK: 0.5}, fault={POWER: 0.5})
    last = orders.take(np.array([False, False, True]))
    assert (len(last), last.order.tolist(), last.fault.tolist()) == (1, [0], [3])
    assert last.closed_as.tolist() == [CODES.index(SITE)]


def test_orders_hang_together_by_the_fault_that_explains_most_of_them() -> None:
    by_fault = made_orders([POWER], back={WEAK: 0.2}, fault={POWER: 0.8})
    alone = made_orders([POWER], back={WEAK: 0.8}, fault={POWER: 0.2})
    assert by_fault.main_fault().tolist() == [1]
    assert alone.main_fault().tolist() == [-1]


def test_a_wrong_order_costs_no_more_than_its_share_of_wrong_ones() -> None:
    certain = np.array([[0.0, 1.0]])
    assert log_losses(certain, np.array([0]))[0] == pytest.approx(-np.log(0.05))
