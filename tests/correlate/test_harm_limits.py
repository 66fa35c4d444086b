import numpy as np
import pytest

from correlate.harm_limits import EDGES, LimitBook, count_deviations, learned_limits, worse
from kpi.measures import MEASURE_INDEX, MEASURES
from tests.correlate.small_network import HOUR, NOON, cells_of, make_ticket, small_knowledge

KNOWN = small_knowledge()
SIZE = len(KNOWN.cell_ids)
NOISE = MEASURE_INDEX["ul_interference_dbm"]
LOCAL_NOON = NOON + 8 * HOUR


def seen(measure: int, value: float, *names: str) -> np.ndarray:
    z = np.zeros((SIZE, len(MEASURES)))
    z[cells_of(*names), measure] = value
    return z


def counted(
    z: np.ndarray, *, age_h: float = 1.0, users: float = 100.0, hours: int = 2
) -> LimitBook:
    book = LimitBook()
    tickets = [(make_ticket(cell="H1-L"), 1.0)]
    age = np.full(z.shape, age_h)
    who = np.full(SIZE, users)
    for hour in range(hours):
        local = LOCAL_NOON + hour * HOUR
        count_deviations(book, z, age, tickets if hour else [], users=who, local_now=local)
    return book


def made(above: float, below: float, *, hours_above: float, hours_below: float) -> LimitBook:
    """Return counts of one measure with a step at the deviation of 3; hours below it at every deviation."""
    book = LimitBook()
    at = EDGES.index(3.0) + 1
    book.complaints[NOISE, [0, at]] = below, above
    book.hours[NOISE, :at] = hours_below / at
    book.hours[NOISE, at] = hours_above
    return book


def test_a_complaint_counts_where_its_cell_deviates_to_the_worse() -> None:
    book = counted(seen(NOISE, 5.5, "H1-L"))
    at = EDGES.index(5.0) + 1
    assert book.complaints[NOISE, at] == pytest.approx(0.98)
    assert book.hours[NOISE, at] == pytest.approx(100.0)
    assert book.hours[NOISE, 0] == pytest.approx(100.0 * (SIZE - 1))


@pytest.mark.parametrize(
    ("direction", "z", "bad"),
    [("high", -4.0, -4.0), ("low", -4.0, 4.0), ("either", -4.0, 4.0)],
    ids=["high", "low", "either"],
)
def test_only_the_harmful_direction_is_worse(direction: str, z: float, bad: float) -> None:
    assert worse(np.array([z]), direction).tolist() == [bad]


@pytest.mark.parametrize(("age_h", "users"), [(9.0, 100.0), (1.0, 0.0)], ids=["old", "left out"])
def test_old_deviations_and_cells_left_out_count_nothing(age_h: float, users: float) -> None:
    book = counted(seen(NOISE, 5.5, "H1-L"), age_h=age_h, users=users)
    assert not book.complaints.any()
    assert not book.hours.any()


def test_the_limit_is_where_complaints_begin_to_come_more_often() -> None:
    book = made(40.0, 100.0, hours_above=1e4, hours_below=1e6)
    row = (
        learned_limits(book, least=20.0, at_least=2.0)
        .set_index("measure")
        .loc["ul_interference_dbm"]
    )
    assert row["limit"] == 3.0
    assert row["ratio"] == pytest.approx(40.0)
    assert 20.0 < row["low"] < 40.0
    assert row["is_sure"]


@pytest.mark.parametrize(
    ("above", "hours_above"), [(5.0, 1e3), (30.0, 3e5)], ids=["few complaints", "no more often"]
)
def test_weak_evidence_leaves_the_rule_book(above: float, hours_above: float) -> None:
    book = made(above, 100.0, hours_above=hours_above, hours_below=1e6)
    limits = learned_limits(book, least=20.0, at_least=2.0)
    assert not limits["is_sure"].any()


def test_nothing_counted_gives_no_limit() -> None:
    limits = learned_limits(LimitBook(), least=20.0, at_least=2.0)
    assert limits["limit"].isna().all()
    assert not limits["is_sure"].any()
    assert limits["measure"].tolist() == [m.name for m in MEASURES]
