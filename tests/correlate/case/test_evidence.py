from typing import Any

import numpy as np

from correlate.case.evidence import (
    PHRASES,
    UNTOLD,
    carriers_of,
    evidence_of,
    telling_measures,
)
from correlate.case.phrases import load_phrases
from correlate.faults import Fault
from correlate.state import State
from correlate.tickets import Ticket
from kpi.measures import MEASURES
from tests.correlate.small_network import (
    HOUR,
    NOON,
    fresh_state,
    make_fault,
    make_ticket,
    small_knowledge,
    sure_outage,
    words_for,
)

KNOWN = small_knowledge()
NAMES = [m.name for m in MEASURES]


def told(
    cause: str,
    *,
    state: State | None = None,
    ticket: Ticket | None = None,
    fault: Fault | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Findings for and against, by key."""
    found = evidence_of(state or fresh_state(), KNOWN, ticket or make_ticket(), fault, cause)
    speaks, contradicts = ({f["key"]: f for f in side} for side in found)
    return speaks, contradicts


def test_alarms_that_speak_for_a_cause_are_named() -> None:
    speaks, contradicts = told("site_outage", fault=sure_outage(fresh_state(), "H1"))
    assert speaks["for.alarms"]["values"] == {"names": ["Site down"]}
    assert speaks["for.alarms"]["weight"] > 0
    assert "against.alarms" not in contradicts


def test_every_finding_stands_on_the_side_of_its_weight_the_weightiest_first() -> None:
    fault = sure_outage(fresh_state(), "H1")
    fault.alarm_log = fault.alarm_log - 1.0
    ticket = make_ticket(words=words_for(trx_fault=2.0))
    for cause in KNOWN.signatures.causes:
        found = evidence_of(fresh_state(), KNOWN, ticket, fault, cause)
        for side, sign in zip(found, (1, -1), strict=True):
            weights = [sign * f["weight"] for f in side]
            assert all(w >= 0 for w in weights)
            assert weights == sorted(weights, reverse=True)


def test_an_extent_that_does_not_fit_speaks_against() -> None:
    fault = sure_outage(fresh_state(), "H1")
    _, contradicts = told("core_fault", fault=fault)
    assert contradicts["against.extent"]["values"] == {"extent": "extent.site"}


def test_words_speak_for_what_they_fit_and_against_what_they_do_not() -> None:
    ticket = make_ticket(words=words_for(site_outage=2.0, account_barred=-2.0))
    assert "for.words" in told("site_outage", ticket=ticket)[0]
    assert "against.words" in told("account_barred", ticket=ticket)[1]
    assert told("power_failure", ticket=ticket) == ({}, {})


def test_a_barred_account_is_told_with_its_state() -> None:
    speaks, _ = told("account_barred", ticket=make_ticket(account="suspended"))
    assert speaks["for.account"]["values"] == {"account": "account.suspended"}


def test_thin_coverage_is_told_where_little_serves() -> None:
    speaks, _ = told("weak_coverage", ticket=make_ticket(nothing=0.6))
    assert speaks["for.unserved"]["values"] == {"unserved": "unserved.great"}
    assert "for.unserved" not in told("weak_coverage", ticket=make_ticket(nothing=0.0))[0]


def test_a_basement_speaks_for_indoor_coverage_and_against_thin_coverage_outdoors() -> None:
    ticket = make_ticket(inside="deep")
    assert "for.inside" in told("indoor_coverage", ticket=ticket)[0]
    assert "against.inside" in told("weak_coverage", ticket=ticket)[1]


def test_every_value_of_a_circumstance_has_its_words() -> None:
    known = load_phrases()
    for name, circumstance in fresh_state().background.circumstances.items():
        told_values = {value for value in circumstance.values if value not in UNTOLD}
        assert told_values <= set(known[PHRASES.get(name, name)])
        assert name in set(known["for"]) & set(known["against"])


def test_what_was_not_said_is_not_told() -> None:
    speaks, against = told("indoor_coverage", ticket=make_ticket(inside="unsaid"))
    assert not {"for.inside", "against.inside"} & {*speaks, *against}


def test_what_closed_orders_often_say_is_told_once_there_are_many() -> None:
    state = fresh_state()
    assert "for.orders" not in told("border_roaming", state=state)[0]
    state.background.counts[KNOWN.codes.index("border_roaming")] = 50.0
    assert "for.orders" in told("border_roaming", state=state)[0]


def test_the_measures_told_are_those_that_moved_the_right_way() -> None:
    fault = make_fault(fresh_state(), "H1", episodes={(0, 0): NOON})
    fault.z = np.zeros(len(NAMES))
    fault.z[NAMES.index("ber")] = 9.0
    fault.change = np.where(fault.z > 0, 3.0, 0.0)
    errors = KNOWN.signatures.position("transmission_errors")
    assert telling_measures(KNOWN, fault, errors, speaks=True) == ["measure.ber +9.0"]
    assert telling_measures(KNOWN, fault, errors, speaks=False) == []


def test_several_carriers_of_one_site_are_each_named_in_their_order() -> None:
    fault = sure_outage(fresh_state(), "H1", carriers=frozenset({"TRX10", "TRX2", "TRX1"}))
    assert carriers_of(fault) == ["TRX1", "TRX2", "TRX10"]
    speaks, _ = told("trx_fault", fault=fault)
    assert speaks["for.carriers"]["values"] == {"carriers": ["TRX1", "TRX2", "TRX10"]}


def test_trouble_that_began_this_morning_is_not_thin_coverage() -> None:
    began = NOON - 2 * HOUR
    against = told("weak_coverage", ticket=make_ticket(onset_from=began, onset_to=began))[1]
    assert against["against.onset"]["values"] == {"onset": "began.hours"}


def test_an_active_account_speaks_against_a_barred_one() -> None:
    assert "against.account" in told("account_barred", ticket=make_ticket(account="active"))[1]


def test_a_cluster_says_how_rarely_chance_brings_as_much() -> None:
    fault = sure_outage(fresh_state(), "H1", recurs_days=41.6, cluster_odds=2.5)
    speaks, _ = told("site_outage", fault=fault)
    assert speaks["for.chance"]["values"] == {"days": "42"}
    assert speaks["for.chance"]["weight"] == 2.5
    plain, _ = told("site_outage", fault=sure_outage(fresh_state(), "H1"))
    assert "for.chance" not in plain
