import numpy as np
import pandas as pd
import pytest

from correlate.learning.background import apply_background, learn_background, shares_of
from correlate.learning.calibration import corrected, learn_curve, learn_temperature
from correlate.learning.pieces import pieces_for
from correlate.learning.profiles import (
    apply_ages,
    apply_hours,
    apply_symptoms,
    learn_ages,
    learn_hours,
    learn_symptoms,
)
from correlate.learning.signs import apply_signs, learn_signs, signs_of
from correlate.learning.words import apply_wording, learn_wording, word_entries, words_of
from tests.correlate.learning.made_orders import CODES, FAULTS, KNOWN, SIGNS, chance, made_orders
from tests.correlate.small_network import fresh_state, make_fault

WEAK, INDOOR, POWER, SITE = "weak_coverage", "indoor_coverage", "power_failure", "site_outage"


def test_what_orders_are_closed_as_moves_the_shares_of_the_background() -> None:
    orders = made_orders([WEAK] * 60, back={WEAK: 0.5, INDOOR: 0.5})
    moved = apply_background(learn_background(orders), orders)
    assert chance(moved, WEAK) > 0.7
    assert chance(orders, WEAK) == pytest.approx(0.5, abs=0.01)


def test_a_background_read_from_its_entries_is_the_one_learned() -> None:
    orders = made_orders(
        [WEAK, INDOOR] * 20, back={WEAK: 0.5, INDOOR: 0.5}, account=["active"] * 40
    )
    piece = pieces_for(KNOWN)["background"]
    learned = piece.learn(orders)
    again = shares_of(piece.tell(learned, orders), CODES)
    assert np.allclose(again.unexplained, learned.unexplained, atol=0.01)
    assert np.allclose(again.circumstances["account"], learned.circumstances["account"], atol=0.01)


def test_hours_of_a_cause_speak_for_it() -> None:
    hours = [20] * 40 + [9] * 40
    orders = made_orders([WEAK] * 40 + [INDOOR] * 40, back={WEAK: 0.5, INDOOR: 0.5}, hour=hours)
    assert chance(apply_hours(learn_hours(orders), orders), WEAK) > 0.6


def test_ages_move_how_well_a_fault_explains_not_what_the_background_says() -> None:
    young = made_orders([POWER] * 80, back={WEAK: 0.5}, fault={POWER: 0.25, SITE: 0.25}, age_h=0.5)
    times = learn_ages(young)
    assert chance(apply_ages(times, young), POWER) >= chance(young, POWER) - 1e-9
    assert times.counts[0].sum() > 50


def test_symptoms_of_closed_orders_move_the_profile_of_their_cause_alone() -> None:
    text = ["signal is weak"] * 60
    orders = made_orders([SITE] * 60, fault={SITE: 0.5, POWER: 0.5}, text=text)
    learned = learn_symptoms(orders, KNOWN.profiles)
    code = str(orders.symptoms["dominant"].iat[0])
    before = KNOWN.profiles.symptoms
    assert learned.profiles.symptoms.at[SITE, code] > before.at[SITE, code]
    assert learned.profiles.symptoms.at[WEAK, code] == pytest.approx(
        before.at[WEAK, code], rel=0.05
    )
    assert chance(apply_symptoms(learned, orders, KNOWN.profiles), SITE) > chance(orders, SITE)


def test_a_sign_that_many_faults_share_learns_what_it_speaks_for() -> None:
    both = {SITE: 0.45, POWER: 0.45}
    orders = made_orders([SITE] * 30, fault=both, sign=("kinds", "cell_lost"))
    weights = learn_signs(orders, KNOWN.signatures)
    sign = SIGNS.index(("kinds", "cell_lost"))
    assert weights.moves[sign, FAULTS.index(SITE)] > 0.2
    assert weights.moves[sign, FAULTS.index(WEAK) if WEAK in FAULTS else 0] == 0.0
    assert weights.faults[sign, FAULTS.index(SITE)] == 30
    assert chance(apply_signs(weights, orders), SITE) > chance(orders, SITE)


def test_many_orders_of_one_fault_teach_little_of_its_signs() -> None:
    both = {SITE: 0.45, POWER: 0.45}
    many = made_orders([SITE] * 30, fault=both)
    one = learn_signs(
        type(many)(**{**vars(many), "fault": np.ones(30, np.int64)}), KNOWN.signatures
    )
    several = learn_signs(many, KNOWN.signatures)
    column, row = FAULTS.index(SITE), SIGNS.index(("extent", "site"))
    assert 0 < one.moves[row, column] < several.moves[row, column] / 2


def test_signs_of_a_fault_are_its_extent_kinds_and_changes() -> None:
    fault = make_fault(fresh_state(), "H1", extent="site", episodes={(0, 0): 1, (1, 0): 1})
    shown = {SIGNS[i] for i in signs_of(fault, KNOWN.signatures).nonzero()[0].tolist()}
    assert {("usual", ""), ("extent", "site")} < shown
    assert sum(field == "kinds" for field, _ in shown) == 1


def test_words_read_from_their_entries_say_what_was_learned() -> None:
    texts = ["怪事来电"] * 30 + ["乱码短信"] * 30
    orders = made_orders([WEAK] * 30 + [INDOOR] * 30, back={WEAK: 0.5, INDOOR: 0.5}, text=texts)
    model = learn_wording(orders)
    again = words_of(word_entries(model, orders.orders["text"]))
    told = [apply_wording(m, orders).posterior() for m in (model, again)]
    assert np.allclose(told[0], told[1])
    assert told[0][0, CODES.index(WEAK)] > 0.6


def test_a_piece_of_words_of_few_orders_is_not_kept() -> None:
    texts = ["怪事来电"] * 30 + ["乱码短信"] * 26 + ["张某某乱码"] * 4
    orders = made_orders([WEAK] * 30 + [INDOOR] * 30, back={WEAK: 0.5, INDOOR: 0.5}, text=texts)
    entries = word_entries(learn_wording(orders), orders.orders["text"])
    pieces = {part for e in entries for part in str(e.get("piece", "")).split(" | ")}
    assert "怪事" in pieces
    assert not any("张" in piece for piece in pieces)


def test_a_curve_and_a_temperature_correct_what_is_stated_too_surely() -> None:
    closed = ([WEAK] * 11 + [INDOOR] * 9) * 8
    orders = made_orders(closed, back={WEAK: 0.95, INDOOR: 0.05})
    for correction in (learn_curve(orders), learn_temperature(orders)):
        stated = corrected(correction, orders.posterior())
        assert 0.4 < stated[0, CODES.index(WEAK)] < 0.8
        assert np.allclose(stated.sum(axis=1), 1.0)


def test_learning_changes_no_order() -> None:
    orders = made_orders([WEAK, INDOOR] * 20, back={WEAK: 0.5, INDOOR: 0.5})
    before = orders.posterior().copy(), orders.orders.copy()
    for piece in pieces_for(KNOWN).values():
        piece.apply(piece.learn(orders), orders)
    assert np.array_equal(orders.posterior(), before[0])
    pd.testing.assert_frame_equal(orders.orders, before[1])
