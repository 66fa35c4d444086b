"""Tests of what is known beside the words of a complaint."""

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from correlate.circumstances import (
    Circumstance,
    inside_values,
    onset_value,
    read_circumstance,
    told_of,
)
from correlate.lexicon import default_lexicon
from correlate.symptoms import read_symptoms
from tests.correlate.small_network import make_ticket

CAUSES = ("power_failure", "cell_outage", "account_barred")
ROW = {
    "source": "estimate",
    "verified": False,
    "usual": {"": 0.5, "active": 0.4, "suspended": 0.1},
    "suspended": {"account_barred": 2.0},
    "active": {"account_barred": -1.0},
}
NEVER = -1


def fresh() -> Circumstance:
    return read_circumstance(ROW, CAUSES)


def test_the_estimate_holds_before_any_order_is_closed() -> None:
    account = fresh()
    share = account.start[:, 2]
    assert share.sum() == pytest.approx(1)
    expected = np.log(share[2] / 0.1)
    assert account.log_ratios("suspended")[2] == pytest.approx(expected)
    assert account.log_ratios("suspended")[:2].tolist() == [0, 0]


def test_closed_orders_take_over_from_the_estimate() -> None:
    account = fresh()
    for _ in range(300):
        account.note("active", 2)
        account.note("suspended", 0)
    assert account.log_ratios("active")[2] > 0 > account.log_ratios("suspended")[2]


def test_faults_of_the_network_learn_together() -> None:
    together, apart = fresh(), fresh()
    for i in range(40):
        together.note("suspended", i % 2)
        apart.note("suspended", 0)
    np.testing.assert_allclose(together.log_ratios("suspended"), apart.log_ratios("suspended"))


def test_a_value_nobody_named_says_nothing() -> None:
    account = fresh()
    account.note("ported", 2)
    assert account.log_ratios("ported").tolist() == [0, 0, 0]
    assert account.counts.sum() == 0


def test_weights_without_a_usual_share_are_refused() -> None:
    with pytest.raises(InputError, match="ported"):
        read_circumstance(ROW | {"ported": {"account_barred": 1.0}}, CAUSES)


@pytest.mark.parametrize(
    ("hours", "value"),
    [(1, "hours"), (20, "day"), (50, "days"), (500, "long")],
    ids=["just now", "yesterday", "two days", "weeks"],
)
def test_an_onset_is_told_by_its_age(hours: int, value: str) -> None:
    created = 10**9
    began = created - hours * 3600
    assert onset_value(created, began, began, never=NEVER) == value
    assert onset_value(created, NEVER, began, never=NEVER) == value


def test_an_onset_nobody_told_is_unsaid() -> None:
    assert onset_value(10**9, NEVER, NEVER, never=NEVER) == "unsaid"


def test_a_cause_spelt_wrongly_is_refused() -> None:
    with pytest.raises(InputError, match="acount_barred"):
        read_circumstance(ROW | {"active": {"acount_barred": -1.0}}, CAUSES)


def test_a_ticket_tells_its_circumstances_by_steps() -> None:
    told = told_of(make_ticket(account="active", site_m=1500.0, nothing=0.3, inside="deep"))
    assert told == {
        "account": "active",
        "onset": "unsaid",
        "inside": "deep",
        "distance": "away",
        "unserved": "great",
    }


def test_a_ticket_without_a_place_says_nothing_of_distance() -> None:
    assert told_of(make_ticket())["distance"] == ""


@pytest.mark.parametrize(
    ("text", "address", "value"),
    [
        ("no signal", "block 9 basement, Foxgate Court", "deep"),
        ("only in the lift, calls drop", "", "deep"),
        ("一格都没有", "小大河购物广场里面电梯", "deep"),
        ("手机没信号,负一楼", "", "deep"),
        ("one bar indoors", "", "inside"),
        ("信号时有时无,室外就好了", "", "deep"),
        ("店里没信号,外面有施工", "", "inside"),
        ("inside only, fine outside", "", "deep"),
        ("step outside and it works", "", "deep"),
        ("no signal outside either", "", "unsaid"),
        ("works fine outside the village", "", "unsaid"),
        ("上网慢", "梅渡中学26楼", "inside"),
        ("no signal in the whole village", "Glenhill Village", "unsaid"),
        ("calls fail at the underground station", None, "inside"),
        ("大塘村停电后没信号", "大塘村", "unsaid"),
    ],
)
def test_text_and_address_say_how_far_inside(text: str, address: str | None, value: str) -> None:
    lexicon = default_lexicon()
    read = read_symptoms(pd.Series([text]), lexicon)
    assert inside_values(read, pd.Series([address], dtype="object"), lexicon) == [value]
