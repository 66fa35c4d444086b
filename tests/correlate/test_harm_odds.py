from dataclasses import replace

import numpy as np
import pytest

from correlate.harm_odds import learned_odds
from correlate.harm_rules import load_harm_rules
from correlate.harm_units import Units

RULES = load_harm_rules()
BOOK = np.array([0.0, -1.0])


def units(complaints: list[float], *, kind: int = 0, harm: float = 2.0) -> Units:
    size = len(complaints)
    return Units(
        kind=np.full(size, kind, dtype=np.int64),
        sure=np.full(size, 1.0),
        complaints=np.array(complaints),
        chance=np.full(size, 0.05),
        harm=np.full(size, harm),
        user_hours=np.full(size, 1e4),
    )


def together(*parts: Units) -> Units:
    return Units(*(np.concatenate([vars(p)[name] for p in parts]) for name in vars(parts[0])))


def test_without_a_unit_the_rule_book_stays() -> None:
    mean, low, high = learned_odds(units([]), BOOK, RULES)
    assert mean == pytest.approx(BOOK)
    assert (low < BOOK).all()
    assert (high > BOOK).all()


def test_a_kind_nobody_complains_of_is_trusted_less_and_the_other_hardly_moves() -> None:
    loud = units([3.0, 2.0, 4.0], kind=1)
    mean, low, high = learned_odds(together(units([0.0] * 60), loud), BOOK, RULES)
    assert mean[0] < BOOK[0] - 1.5
    assert mean[1] > BOOK[1]
    assert low[0] <= mean[0] <= high[0] < BOOK[0] + 1


def test_a_kind_all_complain_of_is_trusted_more() -> None:
    mean, low, _ = learned_odds(units([3.0] * 40), BOOK, RULES)
    assert mean[0] > BOOK[0] + 1
    assert low[0] > BOOK[0] - 1


def test_few_episodes_move_little() -> None:
    mean, _, _ = learned_odds(units([0.0, 0.0], harm=0.5), BOOK, RULES)
    assert abs(mean[0] - BOOK[0]) < 0.5


def test_episodes_at_hours_when_nobody_calls_prove_nothing() -> None:
    mean, _, _ = learned_odds(units([0.0] * 200, harm=1e-4), BOOK, RULES)
    assert mean[0] == pytest.approx(BOOK[0], abs=0.05)


def test_learning_stays_within_its_bound() -> None:
    mean, low, _ = learned_odds(units([0.0] * 5000), BOOK, RULES)
    assert (low >= BOOK - RULES.most_shift).all()
    assert (mean >= BOOK - RULES.most_shift).all()


def test_the_order_of_units_changes_nothing() -> None:
    mixed = together(units([0.0, 3.0, 1.0]), units([2.0, 0.0], kind=1))
    turned = Units(*(values[::-1] for values in vars(mixed).values()))
    for one, other in zip(
        learned_odds(mixed, BOOK, RULES), learned_odds(turned, BOOK, RULES), strict=True
    ):
        assert one == pytest.approx(other)


def test_quiet_customers_make_silence_prove_less() -> None:
    """Where the kinds surely felt bring few complaints, silence of another kind says less against it."""
    silent = units([0.0] * 15, harm=1.0)
    steady = replace(RULES, shape=5.0)
    loud = together(silent, units([5.0] * 20, kind=1, harm=1.0))
    quiet = together(silent, units([0.0, 0.0, 0.0, 1.0] * 5, kind=1, harm=1.0))
    with_loud, _, _ = learned_odds(loud, BOOK, steady)
    with_quiet, _, _ = learned_odds(quiet, BOOK, steady)
    assert with_loud[0] < with_quiet[0]
