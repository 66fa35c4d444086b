from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from contract.bundles import Bundle
from contract.daybook import DAYBOOK
from correlate.arrival_gaps import arrival_gaps, arrival_span, counter_gaps, silences
from tests.correlate.small_network import HOUR, NOON, arriving, at, bundle_tables

ZONE = ZoneInfo("Asia/Shanghai")
CELLS = [f"{s}-{x}" for s in ("H1", "H2", "H3", "H4", "V1", "V2") for x in "GL"]
HILL, VALE = CELLS[:8], CELLS[8:]
HOURS = 30


def counters(
    missing: dict[int, list[str]], late: dict[int, list[str]] | None = None
) -> pd.DataFrame:
    """Return hourly counters from noon on without some cells in some hours, others hours late."""
    late = late or {}
    rows = [
        (
            cell,
            NOON + h * HOUR,
            NOON + (h + 1) * HOUR + (9 * HOUR if cell in late.get(h, ()) else 1200),
        )
        for h in range(HOURS)
        for cell in CELLS
        if cell not in missing.get(h, ())
    ]
    cells, starts, arrived = zip(*rows, strict=True)
    return arriving(
        "kpi", list(arrived), cell_id=list(cells), start=[at(s) for s in starts], minutes=60.0
    )


def found(missing: dict[int, list[str]], late: dict[int, list[str]] | None = None) -> pd.DataFrame:
    tables = bundle_tables(kpi=counters(missing, late))
    return counter_gaps(tables, end=NOON + (HOURS + 6) * HOUR, zone=ZONE)


def test_counters_that_all_came_have_no_gap_until_they_stop() -> None:
    (row,) = found({}).to_dict("records")
    assert (row["scope"], row["since"]) == ("network", NOON + HOURS * HOUR)
    assert pd.isna(row["until"])


def test_hours_missing_in_a_county_are_one_gap() -> None:
    gaps = found({10: HILL, 11: HILL})
    row = gaps[gaps["since"] == NOON + 10 * HOUR].iloc[0]
    assert (row["scope"], row["county"], row["cells"], row["share"]) == ("county", "Hill", 8, 1.0)
    assert row["until"] == NOON + 12 * HOUR
    assert row["known_at"] == NOON + 14 * HOUR


def test_hours_missing_everywhere_are_the_networks() -> None:
    gaps = found({10: CELLS})
    row = gaps[gaps["since"] == NOON + 10 * HOUR].iloc[0]
    assert row["scope"] == "network"
    assert pd.isna(row["county"])
    assert row["cells"] == 12


def test_a_few_cells_missing_are_no_gap() -> None:
    assert NOON + 10 * HOUR not in found({10: HILL[:3]})["since"].tolist()


def test_counters_that_came_hours_late_were_missing() -> None:
    gaps = found({}, {10: VALE})
    row = gaps[gaps["since"] == NOON + 10 * HOUR].iloc[0]
    assert (row["county"], row["until"]) == ("Vale", NOON + 11 * HOUR)


def test_a_feed_that_stopped_has_a_gap_without_end() -> None:
    gaps = found(dict.fromkeys(range(25, HOURS), HILL))
    assert gaps.set_index("since").loc[NOON + 25 * HOUR, "county"] == "Hill"


def test_the_gap_of_one_maker_is_told_of_the_maker() -> None:
    tables = bundle_tables(kpi=counters({10: HILL[:4] + VALE}))
    makers = ["Huawei", "Huawei", "Nokia", "Nokia", "Huawei", "Huawei"]
    tables["sites"] = tables["sites"].assign(vendor=makers)
    gaps = counter_gaps(tables, end=NOON + (HOURS + 6) * HOUR, zone=ZONE)
    rows = gaps[gaps["since"] == NOON + 10 * HOUR]
    assert rows[["scope", "vendor"]].to_numpy().tolist() == [["vendor", "Huawei"]]
    assert rows["county"].isna().all()


def feed(gap_h: float, *, every_s: int = 1200) -> pd.DataFrame:
    """Return alarms every twenty minutes for two days with one silence."""
    moments = np.arange(0, 48 * HOUR, every_s)
    moments = moments[(moments < 24 * HOUR) | (moments >= (24 + gap_h) * HOUR)]
    arrived = [NOON + int(m) for m in moments]
    return arriving("alarms", arrived, alarm_id=[f"A{m}" for m in moments], vendor="Huawei")


@pytest.mark.parametrize(("gap_h", "expected"), [(3.0, 0), (18.0, 1)], ids=["short", "long"])
def test_a_feed_is_silent_when_its_habit_does_not_allow_it(gap_h: float, expected: int) -> None:
    gaps = silences(feed(gap_h), "alarms", "vendor", end=NOON + 48 * HOUR)
    assert len(gaps) == expected
    if expected:
        (row,) = gaps.to_dict("records")
        assert (row["scope"], row["vendor"]) == ("vendor", "Huawei")
        assert row["until"] == NOON + 42 * HOUR
        assert row["since"] < row["known_at"] < row["until"]


def test_a_feed_of_few_rows_has_no_habit_yet() -> None:
    assert silences(feed(18.0, every_s=4 * HOUR), "alarms", "vendor", end=NOON + 48 * HOUR).empty


def test_tables_that_never_came_are_gaps_of_the_network() -> None:
    tables = bundle_tables(kpi=counters({}))
    none = pd.DataFrame()
    gaps = arrival_gaps(Bundle(Path("small"), tables, none, none, none), ZONE)
    assert list(gaps.columns) == list(DAYBOOK["gaps"].column_names)
    never = gaps[gaps["since"].isna()]
    assert {"alarms", "complaints", "subscribers"} <= set(never["table"])
    assert "kpi" not in set(never["table"])
    assert str(gaps["since"].dtype).startswith("datetime64")


def test_a_bundle_in_which_nothing_arrives_has_no_span() -> None:
    assert arrival_span(bundle_tables()) == (None, None)
    assert arrival_span(bundle_tables(kpi=counters({})))[0] == at(NOON + HOUR + 1200)
