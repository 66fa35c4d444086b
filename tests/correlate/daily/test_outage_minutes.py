from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from contract.errors import InputError
from correlate.daily.exceptions import exempt_sites, no_exceptions
from correlate.daily.outage_minutes import (
    load_assessment,
    outage_classes,
    outages,
    top_outages,
    weighted_minutes,
)
from tests.correlate.small_daybook import AT, ZONE, local, rows_of, small_known, small_run

GROUP = {
    "group_id": "G1", "object_id": "S1", "kind": "site", "rule": "SITE-1", "change_rule": "END-1",
    "cause": "site_outage", "chance": 0.9, "service_effect": "down", "is_planned": False, "site_ids": "S1",
    "sites": 1, "cells": 3, "alarms": 1, "started_at": "03-09 10:00", "opened_at": "03-09 10:05",
    "changed_at": "03-09 10:05", "ended_at": "03-09 12:00",
}  # fmt: skip


def run_of(*groups: dict[str, Any]) -> dict[str, pd.DataFrame]:
    return small_run(alarm_groups=rows_of("alarm_groups", GROUP, list(groups)))


def exempt(site_id: str | None = None) -> pd.DataFrame:
    rows = no_exceptions()
    if site_id is not None:
        row = {
            "kind": "exemption",
            "object_id": site_id,
            "since": local("03-01 00:00"),
            "approved_by": "x",
        }
        rows = pd.DataFrame([{**dict.fromkeys(rows.columns), **row}]).astype(dict(rows.dtypes))
    return exempt_sites(rows, AT)


def classes(run: dict[str, pd.DataFrame], left_out: str | None = None) -> pd.DataFrame:
    known = small_known(run)
    table = outage_classes(known, run, outages(known, run, exempt(left_out)))
    return table.set_index(["scope", "class", "county"])


@pytest.mark.parametrize(
    ("begin", "end", "minutes"),
    [
        ("03-09 05:00", "03-09 09:00", 120 + 72),
        ("03-09 21:00", "03-10 07:00", 72 + 120 + 60),
        ("03-01 00:00", "03-02 00:00", 120 + 14 * 72 + 120),
    ],
    ids=["morning", "over night", "a whole day"],
)
def test_minutes_weigh_by_the_hour_of_the_day(begin: str, end: str, minutes: float) -> None:
    found = weighted_minutes(pd.Series([local(begin)]), pd.Series([local(end)]), ZONE)
    assert found.tolist() == [pytest.approx(minutes)]


def test_the_mean_is_over_all_cells_of_the_class() -> None:
    table = classes(run_of({}, {"group_id": "G2", "cells": 1}))
    hill = table.loc[("county", "B", "Hill")]
    assert (hill["cells"], hill["outages"]) == (3, 2)
    assert hill["minutes"] == pytest.approx(144 + 144 / 3)
    assert not hill["is_passed"]
    vale = table.loc[("county", "C+D", "Vale")]
    assert (vale["minutes"], vale["below"]) == (0.0, 300.0)


def test_exempt_sites_are_left_out_of_the_second_figure() -> None:
    hill = classes(run_of({}), "S1").loc[("county", "B", "Hill")]
    assert hill["minutes"] == pytest.approx(144.0)
    assert pd.isna(hill["minutes_exempt"])


@pytest.mark.parametrize(
    "change",
    [
        {"is_planned": True},
        {"service_effect": "degraded"},
        {"opened_at": "03-10 09:00"},
        {"merged_into": "G0"},
    ],
    ids=["announced work", "not out", "not known yet", "ended in another"],
)
def test_what_is_no_outage_counts_nowhere(change: dict[str, Any]) -> None:
    run = run_of(change)
    assert outages(small_known(run), run, exempt()).empty


def test_outages_of_more_than_an_hour_are_told_by_their_share() -> None:
    hill = classes(run_of({}, {"group_id": "G2", "ended_at": "03-09 10:50"})).loc[
        ("county", "B", "Hill")
    ]
    assert hill["long_share"] == pytest.approx(120 / ((9 * 24 + 8) * 60))
    assert hill["is_long_passed"]


def test_sites_are_ranked_by_minutes_and_by_count() -> None:
    vale = {"object_id": "S2", "site_ids": "S2", "cells": 2}
    run = run_of(
        {}, {"group_id": "G2", **vale, "ended_at": "03-09 10:30"},
        {"group_id": "G3", **vale, "started_at": "03-09 11:00", "ended_at": "03-09 11:10"},
        {"group_id": "G4", "started_at": "02-20 10:00", "ended_at": "02-20 12:00"},
    )  # fmt: skip
    found = top_outages(outages(small_known(run), run, exempt())).set_index("site_id")
    assert list(found.index) == ["S1", "S2"]
    assert found["minutes"].tolist() == [120.0, 40.0]
    assert (found.loc["S1", "by_minutes"], found.loc["S2", "by_count"]) == (1, 1)


def test_an_outage_that_lasts_counts_to_the_moment() -> None:
    run = run_of({"started_at": "03-10 07:00", "opened_at": "03-10 07:05", "ended_at": None})
    found = outages(small_known(run), run, exempt())
    assert (found["minutes"].tolist(), found["is_open"].tolist()) == ([60.0], [True])


def test_a_file_without_bands_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("band = []\n", encoding="utf-8")
    with pytest.raises(InputError, match="class"):
        load_assessment(path)
