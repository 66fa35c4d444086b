import numpy as np
import pandas as pd
import pytest

from alarms.lifecycle import AlarmBook, update_book
from correlate.case.archive import PlannedSite
from correlate.case.phrases import sentence
from correlate.case.questions import questions_of
from correlate.case.replies import family_of, limit_hours, reply_of
from tests.correlate.case.desk import archive_of, gather_all, lay, placed
from tests.correlate.small_network import NOON, at, fresh_state, make_ticket, sure_outage

FIELDS = {"classification", "handling", "recovery", "customer"}


def said(reply: dict[str, list[dict[str, object]]], field: str, language: str) -> str:
    return " ".join(sentence(f, language) for f in reply[field])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_fault_is_told_with_station_object_carriers_and_start(language: str) -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", carriers=frozenset({"TRX10", "TRX2"}))
    reply = reply_of(gather_all(lay(state=state, fault=fault, likely="trx_fault")))
    handling = said(reply, "handling", language)
    for word in ("H1 station", "2026-03-10 12:00", "TRX2", "TRX10", "H1-G"):
        assert word in handling
    assert set(reply) == FIELDS


def test_main_carriers_have_words_of_their_own() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", carriers=frozenset({"TRX3"}))
    reply = reply_of(gather_all(lay(state=state, fault=fault, likely="bcch_trx_fault")))
    assert "MBCCH" in said(reply, "handling", "zh")
    assert said(reply, "classification", "zh") == "无线网络质量类投诉 基站故障 主B载频故障"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_recovery_time_is_left_open_with_the_limit_as_a_hint(language: str) -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    gathered = gather_all(lay(state=state, fault=fault, likely="site_outage"))
    told = said(reply_of(gathered), "recovery", language)
    assert "____" in told
    hours = limit_hours(gathered, fault)
    assert hours is not None
    assert f"{hours:g}" in told


def test_announced_work_has_its_end_and_a_repaired_fault_its_time() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", family="work", work_until=NOON + 6 * 3600)
    reply = reply_of(gather_all(lay(state=state, fault=fault, likely="planned_work")))
    assert "2026-03-10 18:00" in said(reply, "recovery", "en")
    assert "2026-03-10 18:00" in said(reply, "customer", "en")
    over = sure_outage(state, "H1", ended_at=NOON + 3600)
    reply = reply_of(gather_all(lay(state=state, fault=over)))
    assert "2026-03-10 13:00" in said(reply, "recovery", "zh")


def test_a_neighbour_outage_is_told_as_the_neighbours() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H2")
    reply = reply_of(gather_all(lay(state=state, fault=fault)))
    assert reply["handling"][0]["key"] == "reply.handling_neighbour"
    assert "H2 station" in said(reply, "handling", "en")


@pytest.mark.parametrize(
    ("cause", "classification", "handling"),
    [
        ("account_barred", "reply.class_customer", "reply.handling_customer"),
        ("terminal_fault", "reply.class_customer", "reply.handling_customer"),
        ("weak_coverage", "reply.class_network", "reply.handling_cover"),
        ("border_roaming", "reply.class_network", "reply.handling_open"),
        ("unknown", "reply.class_network", "reply.handling_open"),
    ],
)
def test_without_a_fault_the_reply_follows_the_cause(
    cause: str, classification: str, handling: str
) -> None:
    reply = reply_of(gather_all(lay(likely=cause)))
    assert reply["classification"][0]["key"] == classification
    assert [f["key"] for f in reply["handling"]] == [handling]
    assert all(said(reply, field, "zh") and said(reply, field, "en") for field in FIELDS)


def test_a_planned_site_near_is_named() -> None:
    archive = archive_of()
    ticket = placed()
    near = PlannedSite("P9", "New mast", 100.0, 25.0, ticket.x_m + 900, ticket.y_m, "2026-06-01")
    archive.planned = (near,)
    reply = reply_of(gather_all(lay(ticket, archive=archive, likely="weak_coverage")))
    assert reply["handling"][0]["key"] == "reply.handling_planned"
    assert "New mast" in said(reply, "handling", "en")


def test_a_ticket_without_a_place_names_no_station() -> None:
    lost = make_ticket(cells=np.array([-1]), share=np.array([0.0]))
    reply = reply_of(gather_all(lay(lost, likely="weak_coverage")))
    assert reply["handling"][0]["values"]["site"] == ""


def test_the_customers_words_hold_no_other_number_and_no_code() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    ticket = placed(second_number="15900004261", names=("Village",))
    told = said(reply_of(gather_all(lay(ticket, state=state, fault=fault))), "customer", "en")
    assert "Village" in told
    assert "4261" not in told
    assert "site_outage" not in told


def test_every_cause_has_a_family_to_word_it() -> None:
    assert family_of("unknown") == "unknown"
    assert family_of("weak_coverage") == "coverage"


def test_nothing_is_asked_when_the_data_say_enough() -> None:
    state = fresh_state()
    inquiry = lay(state=state, fault=sure_outage(state, "H1"), p=0.9)
    assert questions_of(gather_all(inquiry, p=0.9)) == []


def test_what_the_ticket_already_says_is_not_asked_again() -> None:
    bare = gather_all(lay(placed(basis="county"), likely="unknown"), p=0.3)
    asked = [q["key"] for q in questions_of(bare)]
    assert asked[:3] == ["ask.there", "ask.place", "ask.relative"]
    assert {"ask.others", "ask.since", "ask.handset"} <= set(asked)
    full = placed(basis="coordinates", is_group=True, onset_to=NOON, second_number="1")
    asked = [q["key"] for q in questions_of(gather_all(lay(full, likely="unknown"), p=0.3))]
    assert asked == ["ask.detail", "ask.callback"]


def test_thin_coverage_without_a_plan_asks_for_the_value_of_a_site() -> None:
    asked = [q["key"] for q in questions_of(gather_all(lay(likely="weak_coverage"), p=0.9))]
    assert {"ask.households", "ask.indoor"} <= set(asked)


def hourly_book(*, silent_h: float) -> AlarmBook:
    """Return alarms A0 to A4, each up for most of an hour; the last cleared some hours before two o'clock."""
    last = NOON + 2 * 3600 - int(silent_h * 3600)
    ends = [last - 3600 * back for back in range(4, -1, -1)]
    names = [f"A{n}" for n in range(5)]
    raised = pd.DataFrame(
        {"alarm_id": names, "object_id": "H1", "name": "Site down"}
        | {"raised_at": pd.DatetimeIndex([at(end - 3540) for end in ends]).as_unit("us")}
    )
    cleared = pd.DataFrame(
        {"alarm_id": names, "cleared_at": pd.DatetimeIndex([at(e) for e in ends]).as_unit("us")}
    )
    return update_book(AlarmBook(), raised, cleared, at(NOON + 2 * 3600))


@pytest.mark.parametrize(
    ("silent_h", "key"), [(0.2, "unstable"), (1.5, "over")], ids=["awaited", "silent for long"]
)
def test_an_alarm_that_keeps_coming_back_is_cleared_but_not_repaired(
    silent_h: float, key: str
) -> None:
    state = fresh_state()
    state.book = hourly_book(silent_h=silent_h)
    state.now = NOON + 2 * 3600
    fault = sure_outage(state, "H1", alarm_ids={"A4"}, ended_at=state.now - int(silent_h * 3600))
    gathered = gather_all(lay(state=state, fault=fault))
    reply = reply_of(gathered)
    assert reply["recovery"][0]["key"] == f"reply.recovery_{key}"
    assert reply["customer"][0]["key"] == f"reply.customer_{key}"
    told = said(reply, "recovery", "en")
    assert ("came back 4 times in ten days" in told) is (key == "unstable")
    assert ("repaired" in said(reply, "customer", "en")) is (key == "over")
    assert ("修复" in said(reply, "customer", "zh")) is (key == "over")
