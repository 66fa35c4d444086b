"""Observations keep where a number was seen from, and never the number."""

from types import SimpleNamespace
from typing import Any

import pandas as pd

from correlate.observing import observed
from sites.inventory import Network, build_network


def network() -> Network:
    """Return two sites with a cell each."""
    sites = pd.DataFrame(
        {
            "site_id": ["A", "B"],
            "site_name": ["a", "b"],
            "lon": [100.0, 100.02],
            "lat": [25.0, 25.0],
        }
    )
    cells = pd.DataFrame(
        {"cell_id": ["A-1", "B-1"], "site_id": ["A", "B"], "rat": "LTE", "freq_mhz": 1800.0}
    )
    return build_network({"sites": sites, "cells": cells})


def ticket(msisdn: str, basis: str = "address", radius_m: float = 300.0) -> Any:
    """Return what is looked at of a ticket created at the epoch's hour 10."""
    return SimpleNamespace(
        msisdn=msisdn,
        created_at=36_000,
        arrived_at=36_060,
        x_m=1.0,
        y_m=2.0,
        radius_m=radius_m,
        basis=basis,
    )


def locations(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Return look-ups: number, hour of 1970-01-01, cell."""
    frame = pd.DataFrame(list(rows), columns=["msisdn", "seen_at", "cell_id"])
    return frame.assign(seen_at=pd.to_datetime("1970-01-01 " + frame["seen_at"], utc=True))


def test_the_freshest_sighting_of_each_cell_counts() -> None:
    table = locations(
        ("13800000001", "07:00", "A-1"),
        ("13800000001", "09:00", "A-1"),
        ("13800000001", "09:30", "B-1"),
        ("13800000002", "09:30", "B-1"),
    )
    before = table.copy()
    found = observed([ticket("13800000001")], table, network())
    assert sorted(zip(found.cell.tolist(), found.age_h.tolist(), strict=True)) == [
        (0, 1.0),
        (1, 0.5),
    ]
    assert found.arrived_at.tolist() == [36_060, 36_060]
    pd.testing.assert_frame_equal(table, before)


def test_no_number_is_kept() -> None:
    found = observed([ticket("13800000001")], locations(("13800000001", "09:00", "A-1")), network())
    assert "13800000001" not in repr(found)


def test_places_from_the_register_or_too_wide_teach_nothing() -> None:
    table = locations(("1", "09:00", "A-1"), ("2", "09:00", "A-1"))
    tickets = [ticket("1", basis="register"), ticket("2", radius_m=20_000.0)]
    assert len(observed(tickets, table, network())) == 0


def test_unknown_cells_and_other_weeks_teach_nothing() -> None:
    table = locations(("1", "09:00", "X-9"))
    old = table.assign(seen_at=table["seen_at"] - pd.Timedelta(days=30), cell_id="A-1")
    assert len(observed([ticket("1")], pd.concat([table, old]), network())) == 0


def test_without_look_ups_there_is_nothing() -> None:
    assert len(observed([ticket("1")], locations(), network())) == 0
