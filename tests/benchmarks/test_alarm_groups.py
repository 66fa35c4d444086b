"""The peers of grouping do what is published of them, and the day made up is what it says."""

import pandas as pd
import pytest

from benchmarks.alarm_days import START, country, day_of_alarms, storm_of_alarms
from benchmarks.alarm_groups import alec_labels

LINKS = pd.DataFrame({"node": ["A", "B"], "parent": ["H", "H"]})


def alarms(*rows: tuple[str, str, float]) -> pd.DataFrame:
    """Return alarms: object, its site or node, seconds."""
    at = [START + pd.Timedelta(seconds=row[2]) for row in rows]
    return pd.DataFrame(
        {
            "object_id": [row[0] for row in rows],
            "place": [row[1] for row in rows],
            "raised_at": pd.DatetimeIndex(at).as_unit("us"),
        }
    )


@pytest.mark.parametrize(
    ("rows", "edge", "is_one"),
    [
        ([("A", "A", 0), ("A", "A", 75)], 100.0, True),
        ([("A", "A", 0), ("A", "A", 76)], 100.0, False),
        ([("A", "A", 0), ("H", "H", 26)], 100.0, True),
        ([("A", "A", 0), ("H", "H", 27)], 100.0, False),
        ([("A", "A", 0), ("A1", "A", 20)], 100.0, True),
        ([("A1", "A", 0), ("A1/TRX-1", "A", 20)], 100.0, True),
        ([("A", "A", 0), ("B", "B", 0)], 100.0, False),
        ([("A", "A", 0), ("B", "B", 70)], 1.0, True),
        ([("A", "A", 0), ("Z", "Z", 0)], 1.0, False),
    ],
    ids=[
        "one object within 75 s", "one object later", "one edge within 26 s", "one edge later",
        "cell and site", "carrier and cell", "two edges", "edges that weigh little", "no path",
    ],
)  # fmt: skip
def test_alec_joins_what_its_distance_says(
    rows: list[tuple[str, str, float]], edge: float, is_one: bool
) -> None:
    labels = alec_labels(alarms(*rows), LINKS, edge=edge)
    assert (labels[0] == labels[1]) == is_one


def test_alec_chains_alarms_and_keeps_their_order() -> None:
    rows = alarms(("A", "A", 140), ("B", "B", 500), ("A", "A", 0), ("A", "A", 70))
    first, other, second, third = alec_labels(rows, LINKS, edge=100.0)
    assert first == second == third != other


def test_a_day_is_as_asked_and_repeats_itself() -> None:
    place = country(40)
    day = day_of_alarms(place, 2000)
    assert len(day) == pytest.approx(2000, rel=0.1)
    assert set(day["object_id"]) <= {
        *place.network.sites["site_id"], *place.network.cells["cell_id"], *place.topology.graph,
    }  # fmt: skip
    assert (day["arrived_at"] > day["raised_at"]).all()
    pd.testing.assert_frame_equal(day, day_of_alarms(country(40), 2000))


def test_a_storm_is_of_so_many_sites_within_a_minute() -> None:
    place = country(60)
    storm = storm_of_alarms(place, 500, 24, at=START)
    site = storm["object_id"].str.split("-").str[0]
    assert (len(storm), site.nunique()) == (500, 24)
    assert storm["alarm_id"].is_unique
    assert storm["raised_at"].max() - storm["raised_at"].min() < pd.Timedelta("1min")
