from dataclasses import replace

import numpy as np
import pytest

from correlate.harm_counts import DAY, HOUR, Profile, Spans
from correlate.harm_habits import habits_of, habits_table
from correlate.harm_rules import load_harm_rules
from correlate.harm_units import Scene, ground_of, read_complaints
from correlate.kind_trust import KIND_NAMES
from correlate.tickets import Ticket
from tests.correlate.small_network import NOON, cells_of, make_ticket, small_knowledge

KNOWN = small_knowledge()
GROUND = ground_of(KNOWN)
RULES = load_harm_rules()
CHINA = 8 * HOUR
SLEEPING = KIND_NAMES.index("sleeping")
CELL = int(cells_of("H1-L")[0])


def scene(*tickets: Ticket, users: float = 1e5) -> Scene:
    ground = replace(GROUND, users=np.full(len(GROUND.users), users))
    told = read_complaints(ground, tickets, {}, set(), RULES)
    rate = np.full(len(ground.users), 1e-8)
    return Scene(ground, told, Profile(np.ones(24), CHINA), rate, RULES.order_trust)


def nightly(*hours: int, lasting: int = 6 * HOUR) -> tuple[Spans, np.ndarray]:
    """Return a sleeping cell on days one after the other, from each hour of the local clock."""
    midnight = NOON - 12 * HOUR
    start = np.array([midnight + day * DAY + hour * HOUR for day, hour in enumerate(hours)])
    cell = np.full(len(hours), CELL)
    return Spans(cell, start, start + lasting), np.full(len(hours), SLEEPING)


def complaint(number: int, at: int) -> Ticket:
    posterior = np.zeros(len(KNOWN.codes))
    posterior[KNOWN.codes.index("unknown")] = 1.0
    return make_ticket(f"T{number}", created_at=at, diagnosed_at=at, posterior=posterior)


def test_a_cell_asleep_every_night_of_which_nobody_complains_is_harmless() -> None:
    spans, kind = nightly(23, 23, 24, 23, 22)
    (habit,) = habits_of(spans, kind, scene(), RULES, offset=CHINA).values()
    assert habit.is_harmless
    assert (habit.hour, habit.days) == (23, 5)
    assert habit.complaints == 0.0


def test_a_habit_people_complain_of_is_not_harmless() -> None:
    spans, kind = nightly(23, 23, 23, 23, 23)
    told = [complaint(i, int(start) + HOUR) for i, start in enumerate(spans.start)] * 4
    (habit,) = habits_of(spans, kind, scene(*told), RULES, offset=CHINA).values()
    assert not habit.is_harmless
    assert habit.complaints > 10


def test_a_habit_with_few_users_proves_nothing() -> None:
    spans, kind = nightly(23, 23, 23, 23, 23)
    (habit,) = habits_of(spans, kind, scene(users=10.0), RULES, offset=CHINA).values()
    assert not habit.is_harmless


@pytest.mark.parametrize(
    "hours", [(23, 23, 23), (1, 7, 13, 19, 4), ()], ids=["too few days", "no hour", "nothing"]
)
def test_what_does_not_return_at_one_hour_is_no_habit(hours: tuple[int, ...]) -> None:
    spans, kind = nightly(*hours)
    assert habits_of(spans, kind, scene(), RULES, offset=CHINA) == {}


def test_habits_of_two_kinds_are_told_apart() -> None:
    spans, kind = nightly(23, 23, 23, 23)
    twice = Spans(*(np.tile(values, 2) for values in vars(spans).values()))
    kinds = np.concatenate([kind, np.full(len(kind), KIND_NAMES.index("crowding"))])
    found = habits_of(twice, kinds, scene(), RULES, offset=CHINA)
    assert sorted(found) == sorted([(CELL, SLEEPING), (CELL, KIND_NAMES.index("crowding"))])


def test_the_table_names_cells_and_kinds() -> None:
    spans, kind = nightly(23, 23, 23, 23)
    found = habits_of(spans, kind, scene(), RULES, offset=CHINA)
    (row,) = habits_table(found, KNOWN.cell_ids).to_dict("records")
    assert (row["cell_id"], row["kind"], row["hour"]) == ("H1-L", "sleeping", 23)
    assert habits_table({}, KNOWN.cell_ids).columns.tolist() == list(row)
