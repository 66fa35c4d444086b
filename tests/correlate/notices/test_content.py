from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from contract.errors import InputError
from correlate.notices.content import (
    CATALOGUE,
    area_cells,
    content_of,
    load_services,
    services_hit,
    severe_because,
)
from correlate.notices.outlook import is_worth, outlook_of
from correlate.reporting import report
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    fresh_state,
    knowledge_with,
    make_fault,
    sure_outage,
    with_towns,
)

KNOWN = with_towns()
CAUSE = KNOWN.signatures.position("site_outage")


@pytest.mark.parametrize(
    ("sites", "fields", "users", "rule"),
    [
        (("H1",), {}, 10.0, ""),
        (("H1",), {}, 3000.0, "users"),
        (("V1",), {}, 10.0, "vip"),
        (("V1-G",), {"extent": "cell"}, 10.0, ""),
        (("V1",), {"family": "radio"}, 10.0, ""),
        (("H1", "H2"), {}, 10.0, ""),
        (("H1", "H2", "H3", "H4"), {}, 10.0, "town"),
    ],
    ids=["one site", "many users", "VIP", "a cell of a VIP", "VIP degraded", "half a town", "town"],
)
def test_a_fault_is_severe_by_a_rule(
    sites: tuple[str, ...], fields: dict[str, Any], users: float, rule: str
) -> None:
    fault = sure_outage(fresh_state(), *sites, **fields)
    assert severe_because(KNOWN, fault, users=users) == rule


def test_a_controller_that_takes_most_sites_is_told_at_all_of_them() -> None:
    gsm = [f"{s}-G" for s in ("H1", "H2", "H3", "V1")]
    fault = sure_outage(fresh_state(), *gsm, extent="controller")
    fault.object_id = "BSC"
    assert len(area_cells(KNOWN, fault)) == len(KNOWN.cell_ids)
    few = sure_outage(fresh_state(), "H1-G", extent="controller")
    few.object_id = "BSC"
    assert area_cells(KNOWN, few).tolist() == cells_of("H1-G").tolist()


@pytest.mark.parametrize(
    ("cells", "cause", "services"),
    [
        (("H1",), "site_outage", ("calls", "data")),
        (("H1-L",), "data_congestion", ("data",)),
        (("H1-G",), "bcch_trx_fault", ("calls",)),
        (("H1",), "sms_centre_fault", ("texts",)),
    ],
)
def test_the_services_hit_follow_cause_and_technology(
    cells: tuple[str, ...], cause: str, services: tuple[str, ...]
) -> None:
    fault = make_fault(fresh_state(), *cells)
    found = services_hit(KNOWN, fault, cause)
    assert set(services) <= set(found)
    assert found != ("calls", "data", "texts") or cause == "site_outage"


def test_a_notice_says_who_where_until_when_and_how_many() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    report(state, KNOWN, now=NOON + 600)
    incident = state.incidents[fault.number]
    outlook = outlook_of(state, KNOWN, fault, cause=CAUSE, now=NOON + 600)
    said = content_of(KNOWN, fault, incident, outlook=outlook)
    assert (said.county, said.towns, said.grade, said.repair_class) == (
        "Hill", ("Hilltown",), "C", "D2",
    )  # fmt: skip
    assert (said.since, said.due_at) == (NOON, NOON + 8 * HOUR)
    assert 0 <= said.low <= said.expected <= said.high
    assert said.unit == "无线设备维护"


def test_what_is_late_is_expected_to_be_later() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    early, late = (
        outlook_of(state, KNOWN, fault, cause=CAUSE, now=NOON + h * HOUR) for h in (1, 24)
    )
    assert (early.is_overdue, early.due_at) == (False, NOON + 8 * HOUR)
    assert late.is_overdue
    assert late.due_at - (NOON + 24 * HOUR) > 8 * HOUR


def test_announced_work_is_due_when_announced() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1", family="work", work_until=NOON + 3 * HOUR)
    outlook = outlook_of(state, KNOWN, fault, cause=CAUSE, now=NOON)
    assert (outlook.due_at, outlook.is_overdue, outlook.spread) == (NOON + 3 * HOUR, False, 0.0)


def test_a_notice_is_worth_it_when_it_saves_more_than_it_costs() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    sure = outlook_of(state, KNOWN, fault, cause=CAUSE, now=NOON)
    assert is_worth(sure, least=sure.expected - 0.05)
    assert not is_worth(sure, least=sure.expected + 0.05)
    unsure = replace(sure, real=0.5, to_come=sure.to_come * sure.real / 0.5)
    assert unsure.expected == pytest.approx(sure.expected)
    assert not is_worth(unsure, least=sure.expected - 0.05)


def test_the_interval_is_wider_than_chance_alone_makes_it() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    outlook = outlook_of(state, KNOWN, fault, cause=CAUSE, now=NOON)
    low, high = outlook.interval()
    alone = replace(outlook, spread=0.0).interval()
    assert low <= alone[0]
    assert high > alone[1]


def test_who_repairs_is_told_as_the_operator_says(tmp_path: Path) -> None:
    path = tmp_path / "owners.csv"
    path.write_text("of,zh,en\nsite_outage,山区班,hill crew\n", encoding="utf-8")
    known = knowledge_with(repair_owners=path, language="en")
    state = fresh_state()
    fault = sure_outage(state, "H1")
    report(state, known, now=NOON + 600)
    outlook = outlook_of(state, known, fault, cause=CAUSE, now=NOON + 600)
    said = content_of(known, fault, state.incidents[fault.number], outlook=outlook)
    assert said.unit == "hill crew"


def test_a_service_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "services.toml"
    shipped = CATALOGUE.read_text(encoding="utf-8")
    path.write_text(shipped.replace('"texts"]', '"fax"]', 1), encoding="utf-8")
    with pytest.raises(InputError, match="fax"):
        load_services(path)
