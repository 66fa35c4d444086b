"""The sites of an incident are listed with what is seen at each, so that parts can be told apart."""

from typing import Any

import pytest

from dashboards.server.incident_parts import Part, parts_of
from tests.correlate.small_network import small_tables

INVENTORY = small_tables()


def dossier(**fields: Any) -> dict[str, Any]:
    """Return what is known of an incident on two sites."""
    return {"cells": ["H1-G", "H1-L", "H2-G"], "alarms": [], "evidence": None} | fields


def test_sites_come_with_the_cells_that_the_incident_reaches() -> None:
    first, second = parts_of(dossier(), INVENTORY)
    assert (first.name, first.label) == ("H1", "H1 station")
    assert [cell.name for cell in first.cells] == ["H1-G", "H1-L"]
    assert second.cells == (Part("H2-G", "H2-G", 0, 0),)


def test_alarms_and_counters_are_told_where_they_are_the_most_first() -> None:
    alarms = [{"object_id": name} for name in ("H2", "H2-G/TRX-1", "H1-L", "HUB", None)]
    counters = [{"kind": "cell_lost", "cells": ["H1-L"]}, {"kind": "access", "cells": ["H1-L"]}]
    first, second = parts_of(dossier(alarms=alarms, evidence={"counters": counters}), INVENTORY)
    assert (first.name, first.alarms, first.counters) == ("H2", 2, 0)
    assert (second.name, second.alarms, second.counters) == ("H1", 1, 1)
    assert [(c.alarms, c.counters) for c in second.cells] == [(0, 0), (1, 1)]


@pytest.mark.parametrize("cells", [[], ["GONE"]])
def test_what_the_inventory_does_not_know_is_no_part(cells: list[str]) -> None:
    assert parts_of(dossier(cells=cells), INVENTORY) == ()
