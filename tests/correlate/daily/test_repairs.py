from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from contract.errors import InputError
from correlate.daily.exceptions import (
    exempt_sites,
    no_exceptions,
    read_exceptions,
    with_suspensions,
)
from correlate.daily.known_then import Known
from correlate.daily.repairs import late_by_county, late_repairs, repair_clocks
from correlate.repair_owners import load_owners
from tests.correlate.small_daybook import AT, ZONE, local, small_known, small_run


def over(number: int, ended: str, **changes: Any) -> dict[str, Any]:
    return {"incident_id": f"I{number}", "at": ended, "ended_at": ended, **changes}


def counted(known: Known) -> pd.DataFrame:
    return late_by_county(known, repair_clocks(known))


def stop(since: str, until: str | None = None, **changes: Any) -> pd.DataFrame:
    row = {"kind": "suspension", "object_id": "I1", "reason": "property", "approved_by": "chief"}
    times = {"since": local(since), "until": local(until)}
    made = pd.DataFrame([row | times | changes])
    return made.astype(dict(no_exceptions().dtypes))


def clock_of(exceptions: pd.DataFrame, **version: Any) -> pd.Series:
    known = small_known(small_run(versions=[version]))
    return repair_clocks(with_suspensions(known, exceptions)).iloc[0]


def test_open_faults_beyond_their_limit_are_late_the_latest_first() -> None:
    later = {"incident_id": "I2", "due_at": "03-10 07:00"}
    intime = {"incident_id": "I3", "due_at": "03-10 09:00"}
    known = small_known(small_run(versions=[later, intime, {}, over(4, "03-09 23:00")]))
    found = late_repairs(repair_clocks(known))
    assert list(found["incident_id"]) == ["I1", "I2"]
    assert found["late_h"].tolist() == [pytest.approx(15 + 55 / 60), pytest.approx(1.0)]


def test_counties_are_told_what_is_late_and_what_was_in_time() -> None:
    versions: list[dict[str, Any]] = [
        {},
        {"incident_id": "I2", "due_at": "03-10 07:55"},
        over(3, "03-09 15:00"),
        over(4, "03-09 17:00"),
        {"incident_id": "I5", "county": "Vale", "due_at": "03-10 12:00"},
    ]
    found = counted(small_known(small_run(versions=versions))).set_index("county")
    hill, vale = found.loc["Hill"], found.loc["Vale"]
    assert (hill["open"], hill["late"]) == (2, 2)
    assert hill["late_worst_h"] == pytest.approx(15 + 55 / 60)
    assert hill["late_mean_h"] == pytest.approx((15 + 55 / 60 + 5 / 60) / 2)
    assert (hill["due_month"], hill["on_time_month"], hill["on_time_share"]) == (4, 1, 0.25)
    assert (vale["open"], vale["late"], vale["due_month"]) == (1, 0, 0)
    assert pd.isna(vale["on_time_share"])


def test_mistaken_and_merged_faults_do_not_count() -> None:
    run = small_run(
        versions=[over(1, "03-09 12:00", real=0.1), over(2, "03-09 12:00")],
        merges=[{"incident_id": "I2", "into": "I3", "at": "03-09 12:00"}],
    )
    assert counted(small_known(run)).empty


def test_faults_of_no_county_are_told_too() -> None:
    found = counted(small_known(small_run(versions=[{"county": None}])))
    assert found["county"].isna().tolist() == [True]


def test_each_clock_has_a_state_an_owner_and_what_is_left() -> None:
    versions: list[dict[str, Any]] = [
        {},
        {"incident_id": "I2", "due_at": "03-10 09:00", "cause": "power_failure"},
        over(3, "03-09 15:00"),
        over(4, "03-09 17:00"),
    ]
    found = repair_clocks(small_known(small_run(versions=versions)))
    assert found["clock"].to_dict() == {
        "I1": "overdue",
        "I2": "running",
        "I4": "late",
        "I3": "in_time",
    }
    assert found.loc["I2", "owner_en"] == "power maintenance contractor"
    assert found.loc["I2", "left_h"] == pytest.approx(1.0)


def test_a_clock_stands_still_while_an_approved_reason_lasts() -> None:
    over_by_two = clock_of(stop("03-09 11:05", "03-09 13:05"))
    assert over_by_two["suspended_h"] == pytest.approx(2.0)
    assert over_by_two["late_h"] == pytest.approx(13 + 55 / 60)
    still = clock_of(stop("03-09 15:05"))
    assert (still["clock"], still["suspension"]) == ("suspended", "property")
    assert still["left_h"] == pytest.approx(1.0)


def test_a_reason_that_came_after_the_limit_puts_nothing_off() -> None:
    found = clock_of(stop("03-09 18:00"))
    assert (found["clock"], found["suspended_h"]) == ("overdue", 0.0)


def test_stretches_that_overlap_count_once() -> None:
    both = pd.concat([stop("03-09 11:05", "03-09 13:05"), stop("03-09 12:05", "03-09 13:35")])
    assert clock_of(both)["suspended_h"] == pytest.approx(2.5)


@pytest.mark.parametrize("object_id", ["I1", "S1"], ids=["incident", "site"])
def test_a_suspension_names_an_incident_or_a_site(object_id: str) -> None:
    assert clock_of(stop("03-09 15:05", object_id=object_id))["clock"] == "suspended"


def written(tmp_path: Path, *rows: str) -> pd.DataFrame:
    path = tmp_path / "exceptions.csv"
    head = "kind,object_id,since,until,reason,approved_by"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return read_exceptions(path, ZONE)


def test_what_nobody_approved_does_not_count(tmp_path: Path) -> None:
    found = written(
        tmp_path,
        "suspension,I1,2026-03-09 15:05,,weather,",
        "exemption,S1,2026-03-01,,rebuilt,chief",
    )
    assert found["kind"].tolist() == ["exemption"]
    assert exempt_sites(found, AT)["until"].tolist() == [AT.tz_convert("UTC")]


def test_a_reason_that_stops_no_clock_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holiday"):
        written(tmp_path, "suspension,I1,2026-03-09 15:05,,holiday,chief")


def test_the_operators_owners_are_laid_over_ours(tmp_path: Path) -> None:
    path = tmp_path / "owners.csv"
    path.write_text("of,zh,en\npower_failure,一队,first crew\n", encoding="utf-8")
    owners = load_owners(path)
    assert owners["power_failure"] == ("一队", "first crew")
    assert owners["antenna"] == load_owners()["antenna"]
    path.with_name("strange.csv").write_text("of,zh,en\nmoon,x,y\n", encoding="utf-8")
    with pytest.raises(InputError, match="moon"):
        load_owners(path.with_name("strange.csv"))
