import pandas as pd
import pytest

from correlate.daily.coverage import thin_places
from tests.correlate.small_daybook import small_known, small_run


def ticket(number: int, **changes: object) -> dict[str, object]:
    return {"ticket_id": f"T{number}", "cause": "weak_coverage", "caller": f"P{number}", **changes}


def thin(*tickets: dict[str, object]) -> pd.DataFrame:
    run = small_run(tickets=tickets)
    return thin_places(small_known(run), run)


def test_complaints_are_gathered_at_the_nearest_named_place() -> None:
    found = thin(
        ticket(1),
        ticket(2, lon=100.004, cause="indoor_coverage"),
        ticket(3, caller="P1"),
        ticket(4, cause="site_outage"),
    )
    (row,) = found.to_dict("records")
    assert (row["place"], row["kind"], row["county"]) == ("Hilltop", "village", "Hill")
    assert (row["complaints"], row["callers"], row["indoor"]) == (3, 2, 1)
    assert row["lon"] == pytest.approx(100.001)
    assert row["is_few"]


def test_the_nearest_planned_site_is_named() -> None:
    (row,) = thin(ticket(1)).to_dict("records")
    assert (row["planned_id"], row["planned_on_air"]) == ("P1", "2026-06-01")
    assert row["planned_km"] == pytest.approx(4.03, abs=0.02)
    assert row["users"] == 3000.0


def test_a_place_without_a_name_is_told_by_its_site() -> None:
    (row,) = thin(ticket(1, lon=100.5, site_id="S2")).to_dict("records")
    assert (row["place"], row["kind"], row["site_id"]) == ("Vale station", "site", "S2")
    assert pd.isna(row["planned_id"])
    assert pd.isna(row["planned_km"])


def test_complaints_older_than_thirty_days_are_left_out() -> None:
    old = ticket(1, created_at="02-01 12:00", arrived_at="02-01 12:00", diagnosed_at="02-01 12:30")
    assert thin(old).empty


def test_a_callers_who_is_not_known_counts_by_ticket() -> None:
    found = thin(ticket(1, caller=None), ticket(2, caller=None))
    assert found["callers"].tolist() == [2]


def test_most_callers_come_first() -> None:
    far = [ticket(n, lon=100.5, site_id="S2") for n in (2, 3)]
    assert list(thin(ticket(1), *far)["place"]) == ["Vale station", "Hilltop"]


def test_five_complaints_may_be_published() -> None:
    assert thin(*[ticket(n) for n in range(5)])["is_few"].tolist() == [False]
