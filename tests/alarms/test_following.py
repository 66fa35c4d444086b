"""Alarms played in any order and by any portions end in the same groups."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from alarms.catalogue import Catalogue, read_meanings
from alarms.following import deliveries, follow
from alarms.groups import GroupBook
from alarms.roots import Roots
from benchmarks.alarm_days import START, Country, country, day_of_alarms, storm_of_alarms
from contract.errors import InputError, MissingColumnsError

ORDERS = 20
STEP = pd.Timedelta("30min")


@pytest.fixture(scope="module")
def place() -> Country:
    return country(160)


@pytest.fixture(scope="module")
def roots(place: Country, catalogue: Catalogue) -> Roots:
    return Roots.of(place.topology, place.network, catalogue)


@pytest.fixture(scope="module")
def alarms(place: Country, catalogue: Catalogue) -> pd.DataFrame:
    """Return a day with cuts, lost mains, flaps, late and doubled rows, and a storm at noon."""
    day = day_of_alarms(place, 300)
    storm = storm_of_alarms(place, 120, 24, at=START + pd.Timedelta("12h"))
    rows = pd.concat([day, storm], ignore_index=True)
    return rows.join(read_meanings(catalogue, rows))


def told(book: GroupBook) -> dict[str, Any]:
    """Return all that a book says of its groups."""
    groups = {
        name: (
            {**group.row, "keys": sorted(group.row["keys"].tolist())},
            group.rule,
            group.opened_at,
            group.changed_at,
        )
        + (group.frozen_at, group.ended_at, group.merged_into, group.split_from)
        for name, group in book.groups.items()
    }
    return {"groups": groups, "changes": book.changes, "last": book.last}


def test_any_order_and_any_portions_give_the_same_groups(
    alarms: pd.DataFrame, roots: Roots
) -> None:
    expected = told(follow(alarms, roots, step=STEP))
    rng = np.random.default_rng(11)
    for number in range(ORDERS):
        shuffled = alarms.sample(frac=1.0, random_state=number, ignore_index=True)
        found = told(follow(shuffled, roots, step=STEP, at_once=int(rng.integers(1, 60))))
        assert found == expected, f"order {number}"


def test_the_day_has_what_makes_grouping_hard(alarms: pd.DataFrame, roots: Roots) -> None:
    rules = {change.rule for change in follow(alarms, roots, step=STEP).changes}
    assert {"OPEN-1", "GROW-1", "END-1", "FREEZE-1"} <= rules
    assert alarms["alarm_id"].duplicated().any()
    assert (alarms["arrived_at"] - alarms["raised_at"]).max() > pd.Timedelta("10min")


def test_what_comes_later_changes_nothing_before(alarms: pd.DataFrame, roots: Roots) -> None:
    until = START + pd.Timedelta("13h")
    known = alarms[alarms["arrived_at"] <= until]
    known = known.assign(
        clear_arrived_at=known["clear_arrived_at"].where(known["clear_arrived_at"] <= until)
    )
    at = until.as_unit("us").asm8.view("int64")
    whole = [change for change in follow(alarms, roots).changes if change.at <= at]
    assert follow(known, roots).changes == whole


def test_the_table_is_not_changed(alarms: pd.DataFrame, roots: Roots) -> None:
    before = alarms.copy(deep=True)
    follow(alarms.head(50), roots)
    pd.testing.assert_frame_equal(alarms, before)


def test_a_row_is_known_from_the_end_of_its_step(alarms: pd.DataFrame) -> None:
    row = alarms.head(1).assign(arrived_at=START + pd.Timedelta("61s"), clear_arrived_at=pd.NaT)
    (only,) = deliveries(row, step=pd.Timedelta("1min"))
    assert only.now == START + pd.Timedelta("2min")
    assert only.cleared is None


def test_a_clearing_comes_in_its_own_step(alarms: pd.DataFrame) -> None:
    at = START + pd.Timedelta("1min")
    row = alarms.head(1).assign(arrived_at=at, clear_arrived_at=at + pd.Timedelta("1h"))
    first, second = deliveries(row)
    assert (first.raised is not None, first.cleared is not None) == (True, False)
    assert (second.raised is not None, second.cleared is not None) == (False, True)


def test_nothing_gives_no_groups(alarms: pd.DataFrame, roots: Roots) -> None:
    assert follow(alarms.head(0), roots).groups == {}


def test_a_missing_column_is_named(alarms: pd.DataFrame, roots: Roots) -> None:
    with pytest.raises(MissingColumnsError, match="arrived_at"):
        follow(alarms.drop(columns="arrived_at"), roots)


@pytest.mark.parametrize("step", ["0s", "-5min"])
def test_a_step_above_zero_is_needed(alarms: pd.DataFrame, roots: Roots, step: str) -> None:
    with pytest.raises(InputError, match="`step` must be above zero"):
        follow(alarms, roots, step=pd.Timedelta(step))


def test_a_portion_above_zero_is_needed(alarms: pd.DataFrame, roots: Roots) -> None:
    with pytest.raises(InputError, match="`at_once` must be above zero"):
        follow(alarms, roots, at_once=0)
