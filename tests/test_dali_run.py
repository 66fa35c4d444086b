"""The Dali ticket is explained as its engineers explained it, and each variant as what it shows."""

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pandas as pd
import pytest

from contract.settings import Settings
from correlate.investigation import investigate
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
