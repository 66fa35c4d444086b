"""The Dali ticket is explained as its engineers explained it, and each variant as what it shows."""

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd
import pytest

from contract.settings import Settings
from correlate.case.investigation import investigate
from correlate.case.phrases import sentence
from examples.dali_bundle import VARIANTS, dali_tables, write_bundle

TICKET = "2010062801365464"
SITE, NEIGHBOUR = "DL4419", "DL4413"
CELLS = {"8740-4419", "8740-4420", "8740-4421"}
ZONE = "Asia/Shanghai"
ONSET = pd.Timestamp("2010-06-24 17:00:00", tz=ZONE)
# An alarm that flickers is believed only after some minutes.
FILTER_DELAY = pd.Timedelta("10min")
OUTAGES = {
    *("power_failure", "power_equipment", "transmission_break", "last_mile_transmission"),
    *("site_outage", "cell_outage"),
}
Cases = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Cases:
    """The case of the ticket by variant, each investigated once."""
    folder = tmp_path_factory.mktemp("dali")

    @cache
    def case_of(variant: str) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
            write_bundle(folder / variant, dali_tables(variant))
            return investigate(folder / variant, TICKET, Settings())

    return case_of


def first(case: dict[str, Any]) -> dict[str, Any]:
    """The likeliest cause of a case."""
    return dict(case["causes"][0])


def test_village_is_located_at_its_own_site_not_at_its_town(cases: Cases) -> None:
    served = cases("as_found")["serving_cells"]
    assert {row["cell_id"] for row in served[:3]} == CELLS
    assert sum(row["probability"] for row in served[:3]) > 0.6


def test_main_carrier_fault_of_the_site_comes_first(cases: Cases) -> None:
    cause = first(cases("as_found"))
    assert (cause["cause"], cause["object_id"]) == ("bcch_trx_fault", SITE)
    assert cause["probability"] > 0.5


def test_fault_began_when_its_alarms_began(cases: Cases) -> None:
    started = pd.Timestamp(first(cases("as_found"))["fault_started_at"])
    assert abs(started - ONSET) <= FILTER_DELAY


def test_evidence_names_the_three_main_carriers(cases: Cases) -> None:
    told = str(first(cases("as_found"))["evidence_for"])
    assert set(re.findall(r"TRX-?(\d+)", told)) == {"3", "8", "11"}


@pytest.mark.parametrize("cause", ["weak_coverage", "parameter_error", "voice_congestion"])
def test_other_explanations_are_excluded_with_a_reason(cases: Cases, cause: str) -> None:
    reasons = {row["cause"]: row["reason"] for row in cases("as_found")["excluded"]}
    assert reasons[cause]


@pytest.mark.parametrize(
    ("variant", "cause"),
    [("traffic_up_congested", "voice_congestion"), ("non_bcch_trx", "trx_fault")],
)
def test_variant_is_explained_by_what_it_shows(cases: Cases, variant: str, cause: str) -> None:
    found = first(cases(variant))
    assert found["cause"] == cause
    assert found["object_id"] in {SITE, *CELLS, "8740-4419/TRX-2"}


def test_alarm_after_the_ticket_does_not_explain_it(cases: Cases) -> None:
    case = cases("alarm_after_ticket")
    created = pd.Timestamp("2010-06-28 13:45:37", tz=ZONE)
    begun = [c["fault_started_at"] for c in case["causes"] if c["fault_started_at"]]
    assert first(case)["cause"] != "bcch_trx_fault"
    assert all(pd.Timestamp(at) <= created for at in begun)


def test_crowding_beside_a_dead_site_is_the_outage_of_that_site(cases: Cases) -> None:
    cause = first(cases("neighbour_down"))
    assert cause["cause"] in OUTAGES
    assert cause["object_id"] == NEIGHBOUR


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_is_stated_is_in_order(cases: Cases, variant: str) -> None:
    stated = [cause["probability"] for cause in cases(variant)["causes"]]
    assert stated == sorted(stated, reverse=True)
    assert sum(stated) <= 1.001


def parts(case: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The parts of all steps of a case by number."""
    return {p["number"]: p for s in case["steps"] for p in s["parts"]}


def reasons(case: dict[str, Any], kind: str = "excluded") -> dict[str, str]:
    """What was excluded (or could not be), by cause, in English."""
    return {row["cause"]: sentence(row["reason"], "en") for row in case[kind]}


def test_steps_are_walked_in_the_order_of_the_procedure(cases: Cases) -> None:
    steps = cases("as_found")["steps"]
    names = [s["step"].removeprefix("steps.") for s in steps]
    assert names == ["ticket", "place", "alarms", "hidden", "coverage", "reply", "beside"]
    assert [s["number"] for s in steps] == list("1234567")


def test_the_ticket_is_read_as_its_engineers_read_it(cases: Cases) -> None:
    said = cases("as_found")["ticket"]
    assert said["msisdn"] == "159****2291"
    assert said["second_numbers"] == ["159****4261"]
    assert said["group"] == "group"
    assert said["symptoms"][0] == "BUSY"
    assert "SLOW" not in said["symptoms"]
    onset_from, onset_to = said["onset"]
    assert onset_from is None
    assert pd.Timestamp(onset_to) <= pd.Timestamp("2010-06-27", tz=ZONE)


def test_exclusions_come_with_the_figures_behind_them(cases: Cases) -> None:
    told = reasons(cases("as_found"))
    share = re.search(r"traffic fell \(24 hours: (\d+)%", told["voice_congestion"])
    assert share is not None
    assert int(share[1]) < 50
    assert "TCH congestion 0.00 %" in told["voice_congestion"]
    assert "SD congestion 0.00 %" in told["voice_congestion"]
    assert "2010-06-22 17:00 to 2010-06-25 17:00" in told["parameter_error"]
    assert "dBm" in told["external_interference"]
    assert {"site_outage", "account_barred", "terminal_fault", "planned_work"} <= set(told)


def test_counters_that_are_not_reported_exclude_nothing(cases: Cases) -> None:
    case = cases("as_found")
    for cause, number in (("transmission_errors", "4.2"), ("antenna_fault", "4.3")):
        if parts(case)[number]["status"] == "status.not_queried":
            assert cause not in reasons(case)
            assert cause in reasons(case, "undecided")


def test_the_main_carriers_are_told_as_such(cases: Cases) -> None:
    found = parts(cases("as_found"))["4.11"]["findings"]
    carriers = {f["values"]["carrier"] for f in found if f["key"] == "find.main_carrier"}
    assert carriers == {"TRX3", "TRX8", "TRX11"}


def test_repeated_alarms_of_ten_days_are_told(cases: Cases) -> None:
    found = parts(cases("as_found"))["4.10"]["findings"]
    assert {f["values"]["object"] for f in found} >= {"8740-4419/TRX-3", "8740-4421/TRX-11"}
    assert all(f["values"]["count"] >= 15 for f in found if "TRX" in f["values"]["object"])


def test_previous_node_is_answered_point_by_point(cases: Cases) -> None:
    previous = cases("as_found")["previous"]
    assert previous["asks"] == ["fault", "recovery"]
    assert [f["key"] for f in previous["answer"]] == ["answer.fault", "answer.recovery_limit"]


def test_reply_has_the_three_fields_of_the_operator(cases: Cases) -> None:
    reply = cases("as_found")["reply"]
    said = {field: sentence(found[0], "zh") for field, found in reply.items()}
    assert said["classification"] == "无线网络质量类投诉 基站故障 主B载频故障"
    for word in (
        "大理银桥双阳",
        "TRX3、TRX8、TRX11",
        "主B载频(MBCCH)",
        "2010-06-24 17:00",
        "回访用户",
    ):
        assert word in said["handling"]
    assert "____" in said["recovery"]
    assert "4261" not in said["customer"]


def test_no_full_number_is_in_any_case(cases: Cases) -> None:
    for variant in VARIANTS:
        text = json.dumps(cases(variant), ensure_ascii=False)
        assert re.findall(r"(?<!\d)1[3-9]\d{9}(?!\d)", text) == []


def test_congestion_is_not_excluded_where_it_is_the_cause(cases: Cases) -> None:
    case = cases("traffic_up_congested")
    assert "voice_congestion" not in reasons(case)
    congested = parts(case)["4.5"]
    assert congested["status"] == "status.found"


def test_a_carrier_that_is_not_the_main_one_is_not_told_as_one(cases: Cases) -> None:
    found = parts(cases("non_bcch_trx"))["4.11"]
    assert found["status"] == "status.nothing"
    assert "MBCCH" not in sentence(cases("non_bcch_trx")["reply"]["handling"][0], "zh")


def test_a_dead_neighbour_is_found_and_not_excluded(cases: Cases) -> None:
    case = cases("neighbour_down")
    states = {row["site_id"]: (row["role"], row["state"]) for row in case["neighbourhood"]}
    assert states[NEIGHBOUR] == ("neighbour", "down")
    assert "site_outage" not in reasons(case)
    assert case["reply"]["handling"][0]["key"] == "reply.handling_neighbour"


def test_counters_are_told_with_their_usual_band(cases: Cases) -> None:
    cells = cases("as_found")["counters"]["cells"]
    assert {cell["cell_id"] for cell in cells} >= CELLS
    for cell in cells:
        success = next(m for m in cell["measures"] if m["measure"] == "setup_success")
        known = [i for i, v in enumerate(success["values"]) if v is not None]
        assert success["telling"]
        assert success["values"][known[-1]] < success["low"][known[-1]]


def test_an_alarm_that_goes_on_hourly_is_one_fault_and_never_told_as_repaired(
    cases: Cases,
) -> None:
    case = cases("non_bcch_trx")
    assert abs(pd.Timestamp(first(case)["fault_started_at"]) - ONSET) <= FILTER_DELAY
    keys = [f["key"] for field in case["reply"].values() for f in field]
    assert [key for key in keys if key.endswith("_over")] == []
    assert "修复" not in sentence(case["reply"]["customer"][0], "zh")
