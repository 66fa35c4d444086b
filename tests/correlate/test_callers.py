from typing import Any

import numpy as np
import pytest

from correlate.callers import ONE_CALL_S, REPEAT_S, earlier_call, is_repeat, is_same_place
from correlate.tickets import Ticket
from tests.correlate.small_network import NOON, make_ticket, small_knowledge

KNOWN = small_knowledge()
SITE_OF = KNOWN.reach.site_of
CODES = len(KNOWN.codes)


def call(number: int, *, minutes: float = 0, cause: int = 0, **fields: Any) -> Ticket:
    given: dict[str, Any] = {"created_at": int(NOON + minutes * 60), "msisdn": "15900002291"}
    posterior = np.eye(CODES)[cause]
    return make_ticket(
        f"T{number}", **(given | {"posterior": posterior, "diagnosed_at": 1} | fields)
    )


@pytest.mark.parametrize(
    ("fields", "other"),
    [
        ({"cell": "H1-L"}, {"cell": "H1-G"}),
        ({"cell": "H1-L", "address": "Mill Lane 3"}, {"cell": "V1-L", "address": "mill lane, 3"}),
        (
            {"cell": "H1-L", "x_m": 0.0, "y_m": 0.0, "radius_m": 50.0},
            {"cell": "V1-L", "x_m": 900.0, "y_m": 0.0, "radius_m": 50.0},
        ),
    ],
    ids=["a likely site in common", "the address", "within 1 km"],
)
def test_one_place_is_a_site_an_address_or_a_kilometre(
    fields: dict[str, Any], other: dict[str, Any]
) -> None:
    assert is_same_place(call(1, **fields), call(2, **other), SITE_OF)


@pytest.mark.parametrize(
    "other",
    [
        {"cell": "V1-L"},
        {"cell": "V1-L", "address": "", "x_m": 0.0, "y_m": 0.0, "radius_m": 9000.0},
        {"cells": np.array([-1]), "share": np.array([0.0]), "distance_m": np.array([0.0])},
    ],
    ids=["elsewhere", "a vague spot", "no place"],
)
def test_other_places_are_not_one(other: dict[str, Any]) -> None:
    here = call(1, cell="H1-L", x_m=0.0, y_m=0.0, radius_m=50.0)
    assert not is_same_place(here, call(2, **other), SITE_OF)


def test_the_ticket_that_counts_is_the_first_within_the_hour() -> None:
    first = call(1)
    second = call(2, minutes=40, same_as="T1")
    assert earlier_call(second, [first], SITE_OF) is first
    assert earlier_call(call(3, minutes=59), [first, second], SITE_OF) is first
    assert earlier_call(call(3, minutes=70), [first, second], SITE_OF) is None


def test_a_ticket_created_earlier_that_came_later_is_the_same_call() -> None:
    late = call(2, minutes=-30)
    came_first = call(1)
    assert earlier_call(late, [came_first], SITE_OF) is came_first


@pytest.mark.parametrize(
    ("gap_s", "expected"),
    [
        (ONE_CALL_S, False),
        (ONE_CALL_S + 1, True),
        (REPEAT_S, True),
        (REPEAT_S + 1, False),
        (-60, False),
    ],
    ids=["the hour", "after the hour", "30 days", "later", "before"],
)
def test_a_repeat_comes_after_an_hour_and_within_30_days(gap_s: int, expected: bool) -> None:
    assert is_repeat(call(2, created_at=NOON + gap_s), [call(1)]) is expected


def test_another_cause_is_no_repeat_unless_it_is_the_same_fault() -> None:
    assert not is_repeat(call(2, minutes=90, cause=1), [call(1)])
    assert is_repeat(call(2, minutes=90, cause=1, fault=7), [call(1, fault=7)])


def test_neither_further_calls_nor_undiagnosed_ones_make_repeats() -> None:
    assert not is_repeat(call(2, minutes=90, same_as="T9"), [call(1)])
    assert not is_repeat(call(2, minutes=90), [call(1, diagnosed_at=0)])
    again = [call(0, minutes=-900), call(1)]
    assert not is_repeat(call(2, minutes=20), again)
