import numpy as np
from numpy.typing import NDArray

from correlate.learning.judging import judged, rolling_folds

HOUR = 3600.0
Floats = NDArray[np.float64]


def hours(count: int) -> Floats:
    return np.asarray(np.arange(count) * HOUR, dtype=np.float64)


def test_nothing_is_learned_from_an_order_closed_after_the_ticket_judged_came() -> None:
    created = hours(400)
    closed = np.asarray(created + 30 * HOUR, np.float64)
    folds = rolling_folds(closed, created)
    assert len(folds) == 4
    for fold in folds:
        assert closed[fold.known].max() <= fold.cut < created[fold.later].min()


def test_folds_roll_on_without_judging_a_ticket_twice() -> None:
    created = hours(400)
    folds = rolling_folds(np.asarray(created + HOUR, np.float64), created)
    assert np.sum([fold.later for fold in folds], axis=0).max() == 1
    assert np.diff([fold.known.sum() for fold in folds]).min() > 0


def test_few_orders_have_no_folds() -> None:
    assert rolling_folds(hours(40), hours(40)) == []


def losses(*means: float, size: int = 30) -> list[np.ndarray]:
    return [np.full(size, mean) for mean in means]


def apart(folds: int, size: int = 30) -> list[np.ndarray]:
    return [np.arange(size) for _ in range(folds)]


def test_what_gains_in_every_fold_is_kept() -> None:
    told = judged(losses(1.0, 1.0), losses(0.9, 0.9), apart(2))
    assert told.is_kept
    assert (round(told.gain, 6), told.better, told.folds, told.tried) == (0.1, 2, 2, 60)


def test_what_gains_too_little_or_harms_is_refused_with_its_figures() -> None:
    assert judged(losses(1.0, 1.0), losses(0.998, 0.998), apart(2)).reason == "gain below 0.005"
    worse = judged(losses(1.0, 1.0), losses(1.1, 1.1), apart(2))
    assert (worse.is_kept, round(worse.gain, 6)) == (False, -0.1)


def test_orders_of_one_fault_count_as_one_witness() -> None:
    before, after = [np.full(60, 1.0)], [np.full(60, 1.0)]
    after[0][:30] = 0.5
    one_fault = [np.where(np.arange(60) < 30, 7, -np.arange(60))]
    alone, together = judged(before, after, apart(1, 60)), judged(before, after, one_fault)
    assert together.error > 3 * alone.error
    after[0][30:] = 1.45
    assert judged(before, after, one_fault).reason == "gain within its error"


def test_what_few_orders_confirm_is_refused() -> None:
    told = judged(losses(1.0, size=20), losses(0.5, size=20), apart(1, 20))
    assert told.reason == "too few to be tried on"
    assert judged([], [], []).reason == "too few to be tried on"
