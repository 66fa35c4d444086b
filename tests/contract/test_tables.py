"""The declaration holds what the contract says."""

import pytest

from contract.causes import CAUSES, cause_name
from contract.errors import InputError
from contract.tables import OUTPUTS, TABLES, Column, empty_table


def test_sites_and_cells_alone_are_required() -> None:
    assert [name for name, table in TABLES.items() if table.is_required] == ["sites", "cells"]


def test_keys_are_those_of_the_contract() -> None:
    assert {name: table.key for name, table in TABLES.items() if table.key} == {
        "sites": ("site_id",),
        "cells": ("cell_id",),
        "links": ("node", "parent", "kind"),
        "alarms": ("alarm_id",),
        "kpi": ("cell_id", "start"),
        "complaints": ("ticket_id",),
        "locations": ("msisdn", "seen_at"),
        "accounts": ("msisdn", "since"),
        "verdicts": ("ticket_id",),
    }


def test_outputs_are_those_of_the_contract() -> None:
    assert list(OUTPUTS) == [
        "diagnoses",
        "serving_cells",
        "incidents",
        "interceptions",
        "rates",
        "rejected",
        "repairs",
    ]


def test_there_are_forty_causes_and_the_unknown_one() -> None:
    assert len(CAUSES) == 41
    assert TABLES["verdicts"].column("cause").choices == tuple(CAUSES)


def test_incidents_carry_faults_of_the_network_only() -> None:
    outside = {code for code, cause in CAUSES.items() if not cause.is_network}
    customer = {code for code, cause in CAUSES.items() if cause.family == "customer"}
    assert outside == customer | {"weak_coverage", "indoor_coverage", "border_roaming"}


def test_cause_names_come_in_two_languages() -> None:
    assert cause_name("trx_fault", "zh") == "载频故障"
    assert cause_name("trx_fault", "en") == "Transceiver fault"


@pytest.mark.parametrize(("code", "lang"), [("flood", "en"), ("trx_fault", "fr")])
def test_unknown_cause_or_language_is_named(code: str, lang: str) -> None:
    with pytest.raises(InputError, match=r"flood|fr"):
        cause_name(code, lang)


def test_counters_are_single_precision() -> None:
    kinds = empty_table(TABLES["kpi"]).dtypes.astype(str)
    assert kinds["drops"] == "float32"
    assert kinds["minutes"] == "float64"
    assert kinds["start"] == "datetime64[us, UTC]"


def test_limits_are_said_in_words() -> None:
    assert Column("drops", "count", low=0.0).limits == "at least 0"
    assert Column("drops", "count").limits == ""
