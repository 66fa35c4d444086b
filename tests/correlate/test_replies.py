import numpy as np
import pytest

from correlate.phrases import sentence
from correlate.replies import questions_of, reply_of
from tests.correlate.small_network import (
    NOON,
    fresh_state,
    make_ticket,
    small_knowledge,
    sure_outage,
)

KNOWN = small_knowledge()


def said(reply: dict[str, list[dict[str, object]]], field: str, language: str) -> str:
    return " ".join(sentence(f, language) for f in reply[field])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_fault_is_told_with_station_object_and_start(language: str) -> None:
    fault = sure_outage(fresh_state(), "H1", carriers=frozenset({"TRX10", "TRX2"}))
    reply = reply_of(KNOWN, make_ticket(), fault, {"cause": "trx_fault"})
    handling = said(reply, "handling", language)
    for word in ("H1 station", "2026-03-10 12:00", "TRX2, TRX10"):
        assert word in handling
    assert reply["classification"][0]["key"] == "reply.class_network"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_recovery_time_is_left_open(language: str) -> None:
    fault = sure_outage(fresh_state(), "H1")
    reply = reply_of(KNOWN, make_ticket(), fault, {"cause": "site_outage"})
    assert "____" in said(reply, "recovery", language)


@pytest.mark.parametrize(
    ("cause", "classification", "handling"),
    [
        ("account_barred", "reply.class_customer", "reply.handling_customer"),
        ("terminal_fault", "reply.class_customer", "reply.handling_customer"),
        ("weak_coverage", "reply.class_network", "reply.handling_cover"),
        ("border_roaming", "reply.class_network", "reply.handling_cover"),
    ],
)
def test_without_a_fault_the_reply_follows_the_cause(
    cause: str, classification: str, handling: str
) -> None:
    reply = reply_of(KNOWN, make_ticket(), None, {"cause": cause})
    assert reply["classification"][0]["key"] == classification
    assert [f["key"] for f in reply["handling"]] == [handling]
    assert set(reply) == {"classification", "handling", "recovery"}


def test_a_ticket_without_a_place_names_no_station() -> None:
    lost = make_ticket(cells=np.array([-1]), share=np.array([0.0]))
    reply = reply_of(KNOWN, lost, None, {"cause": "weak_coverage"})
    assert reply["handling"][0]["values"]["site"] == ""


def test_nothing_is_asked_when_the_data_say_enough() -> None:
    assert questions_of(make_ticket(), np.array([0.9, 0.1])) == []


def test_what_the_ticket_already_says_is_not_asked_again() -> None:
    unsure = np.array([0.3, 0.3, 0.4])
    bare = [q["key"] for q in questions_of(make_ticket(basis="county"), unsure)]
    assert bare == ["ask.place", "ask.others", "ask.since", "ask.handset"]
    full = make_ticket(basis="coordinates", is_group=True, onset_to=NOON)
    assert [q["key"] for q in questions_of(full, unsure)] == ["ask.handset"]
