import datetime as dt
from typing import Any

import pandas as pd
import pytest

from correlate.daily.movers import MOST_FAULTS, movers
from correlate.daily.numerators import numerators
from correlate.daily.rates import daily_counts
from tests.correlate.small_daybook import DAY, small_known, small_run

BEFORE = DAY - dt.timedelta(days=1)


def ticket(number: int, day: str = "03-09", **changes: Any) -> dict[str, Any]:
    at = {
        "created_at": f"{day} 12:00",
        "arrived_at": f"{day} 12:00",
        "diagnosed_at": f"{day} 12:30",
    }
    return {"ticket_id": f"T{number}", "caller": f"P{number}", **at, **changes}


def of(incident: str, day: str = "03-09") -> dict[str, Any]:
    return {"incident_id": incident, "incident_at": f"{day} 12:30"}


def moved(*tickets: dict[str, Any], first: str = "2026-03-07") -> pd.DataFrame:
    run = small_run(tickets=tickets, versions=[{}])
    known = small_known(run)
    span = (dt.date.fromisoformat(first), BEFORE)
    return movers(known, daily_counts(known, run["subscribers"], span=span), DAY)


def test_the_parts_of_a_change_add_up_to_it() -> None:
    found = moved(
        ticket(1, **of("I1")), ticket(2, **of("I1")), ticket(3), ticket(4, "03-08"),
        ticket(5, "03-08", **of("I0", "03-08")),
    )  # fmt: skip
    hill = found[found["county"] == "Hill"].set_index("kind")
    assert hill["complaints"].to_dict() == {"fault": 2.0, "other_faults": 0.0, "background": 1.0}
    assert hill["usual"].to_dict() == {"fault": 0.0, "other_faults": 0.5, "background": 0.5}
    assert hill["moved"].sum() == 3 - 1
    assert hill["moved_per_10k"].sum() == pytest.approx(1.0)
    assert (hill.loc["fault", "cause"], hill.loc["fault", "area"]) == ("site_outage", "Hilltop")


def test_small_faults_are_told_together() -> None:
    tickets = [ticket(n, **of(f"I{n}")) for n in range(MOST_FAULTS + 3)]
    found = moved(*tickets)
    hill = found[found["county"] == "Hill"]
    assert (hill["kind"] == "fault").sum() == MOST_FAULTS
    assert hill.loc[hill["kind"] == "other_faults", "complaints"].tolist() == [3.0]


def test_intercepted_complaints_move_nothing() -> None:
    covered = {"covered_by": "N1", "covered_at": "03-09 12:00"}
    found = moved(ticket(1, **of("I1"), **covered), ticket(2, "03-08"))
    assert (found["kind"] != "fault").all()


def test_without_an_earlier_day_nothing_is_told() -> None:
    assert moved(ticket(1), first="2026-03-09").empty


def test_each_way_of_counting_stands_beside_the_others() -> None:
    tickets = [
        ticket(1, **of("I1")),
        ticket(2, caller="P1", **of("I1")),
        ticket(3, is_repeat=True),
        ticket(4, is_customer_side=True),
        ticket(5, covered_by="N1", covered_at="03-09 12:00"),
        ticket(6, "03-08", caller="P1"),
    ]
    run = small_run(tickets=tickets, versions=[{}])
    known = small_known(run)
    counts = daily_counts(known, run["subscribers"], span=(dt.date(2026, 3, 7), BEFORE))
    found = numerators(known, counts, DAY)
    hill = found[found["county"] == "Hill"].set_index("numerator")
    assert hill["complaints"].to_dict() == {
        "orders": 5, "not_intercepted": 4, "no_repeats": 3, "network_side": 3, "callers": 3, "events": 3,
    }  # fmt: skip
    assert hill["month_complaints"]["orders"] == 6
    assert hill["per_10k"]["orders"] == pytest.approx(2.5)
    assert found[found["scope"] == "all"]["complaints"].max() == 5
