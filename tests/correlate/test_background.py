from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from correlate.background import CATALOGUE, Background, load_background
from tests.correlate.small_network import small_knowledge

CODES = small_knowledge().codes


def fresh() -> Background:
    return load_background(CODES)


def share(background: Background, cause: str) -> float:
    return float(background.shares()[CODES.index(cause)])


def test_every_cause_has_a_share_and_all_sum_to_one() -> None:
    shares = fresh().shares()
    assert shares.sum() == pytest.approx(1.0)
    assert (shares > 0).all()


def test_thin_coverage_is_commoner_unexplained_than_a_hidden_outage() -> None:
    assert share(fresh(), "weak_coverage") > share(fresh(), "site_outage")


def test_closed_orders_take_over_from_the_first_estimate() -> None:
    learned = fresh()
    learned.counts[CODES.index("border_roaming")] = 1000.0
    assert share(learned, "border_roaming") > 0.9


def test_a_network_that_complains_more_gets_a_higher_rate() -> None:
    calm, loud = fresh(), fresh()
    calm.user_hours = loud.user_hours = 1e9
    loud.tickets = 1e4
    assert calm.per_user_hour() < fresh().per_user_hour() < loud.per_user_hour()
    assert loud.per_user_hour() == pytest.approx(1e-5, rel=0.1)


@pytest.mark.parametrize(
    ("state", "cause"),
    [
        ("suspended", "account_barred"),
        ("data_off", "account_barred"),
        ("sms_barred", "sms_blacklisted"),
    ],
)
def test_a_barred_account_speaks_for_its_own_cause(state: str, cause: str) -> None:
    account = fresh().circumstances["account"]
    says = account.log_ratios(state)
    assert int(np.argmax(says)) == CODES.index(cause)
    assert account.log_ratios("active")[CODES.index(cause)] < 0


def test_thin_coverage_does_not_begin_this_morning() -> None:
    onset, weak = fresh().circumstances["onset"], CODES.index("weak_coverage")
    assert onset.log_ratios("hours")[weak] < -1 < onset.log_ratios("unsaid")[weak]
    assert onset.log_ratios("hours")[CODES.index("power_failure")] == 0


def says(cause: str, **told: str) -> float:
    return float(fresh().log_ratios(told)[CODES.index(cause)])


def test_where_nothing_serves_or_no_site_is_near_weak_coverage_is_likelier() -> None:
    chances = [
        says("weak_coverage", unserved=v) for v in ("none", "slight", "some", "real", "great")
    ]
    away = [
        says("weak_coverage", distance=v)
        for v in ("at", "near", "middling", "away", "far", "remote")
    ]
    assert chances == sorted(chances)
    assert away == sorted(away)
    assert away[0] < 0 < away[-1]


def test_a_basement_speaks_for_indoor_coverage_and_against_weak_coverage() -> None:
    assert says("indoor_coverage", inside="deep") > says("indoor_coverage", inside="inside") > 0
    assert says("indoor_coverage", inside="unsaid") < 0
    assert says("weak_coverage", inside="deep") < 0


def test_circumstances_add_up() -> None:
    both = says("weak_coverage", distance="far", unserved="great")
    each = says("weak_coverage", distance="far") + says("weak_coverage", unserved="great")
    assert both == pytest.approx(each)


def test_the_place_says_nothing_of_a_fault_of_the_network() -> None:
    assert says("site_outage", inside="deep", distance="remote", unserved="great") == 0


def test_closed_orders_teach_where_coverage_is_thin_at_this_operator() -> None:
    learned, weak = fresh(), CODES.index("weak_coverage")
    for _ in range(100):
        learned.note({"distance": "at"}, weak)
        learned.note({"distance": "far"}, CODES.index("site_outage"))
    assert learned.log_ratios({"distance": "at"})[weak] > 0
    assert learned.log_ratios({"distance": "far"})[weak] < 0


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("per_10k_day = 0.12", 'per_10k_day = "many"', "per_10k_day.*number"),
        ("per_10k_day = 0.12", "per_10k_days = 0.12", "per_10k_day"),
        ("weak_coverage = 20.0", "weak_covrage = 20.0", "weak_covrage|weak_coverage"),
        ("[inside.deep]", "[inside.depth]", "depth"),
        ("[distance.usual]", "[distance.common]", "usual"),
        ("remote = 0.02", "remote = -0.02", "above 0"),
        ("indoor_coverage = 1.9", "indoor_coverage = true", "indoor_coverage.*number"),
    ],
    ids=[
        "no number",
        "strange key",
        "cause misspelt",
        "value misspelt",
        "no shares",
        "below 0",
        "truth value",
    ],
)
def test_a_mistake_in_the_catalogue_is_named(
    tmp_path: Path, old: str, new: str, match: str
) -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "background.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=match):
        load_background(CODES, path)
