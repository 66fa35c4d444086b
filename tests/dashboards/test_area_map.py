from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards.area_map import MapContent, area_map, frame_of, projected
from dashboards.map_furniture import scale_length
from dashboards.map_labels import overlaps, placed_labels
from dashboards.map_outlines import MOST_SEEDS, county_outlines, thinned
from dashboards.report_cells import report_words

WORDS = report_words("en")["map"]


def sites(count: int = 12) -> pd.DataFrame:
    number = np.arange(count)
    return pd.DataFrame(
        {
            "lon": 100 + 0.02 * (number % 4),
            "lat": 25 + 0.02 * (number // 4),
            "county": np.where(number < count / 2, "West", "East"),
        }
    )


def content(*, ground: pd.DataFrame | None = None) -> MapContent:
    faults = pd.DataFrame(
        {
            "lon": [100.0, 100.02, 100.04],
            "lat": [25.0, 25.02, 25.04],
            "severity": ["critical", "minor", "cleared"],
            "is_silent": [False, True, False],
            "number": [1, 2, 0],
        }
    )
    places = pd.DataFrame(
        {
            "name": ["Mill <b>", "Ford $\\bad{$"],
            "kind": ["seat", "town"],
            "lon": [100.01, 100.03],
            "lat": [25.01, 25.03],
        }
    )
    ground = sites() if ground is None else ground
    return MapContent(ground, places, faults, sites(2), sites(1))


def test_map_is_well_formed_and_follows_the_colours_of_the_page() -> None:
    drawn = str(area_map(content(), WORDS))
    root = ElementTree.fromstring(drawn)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == WORDS["label"]
    assert "var(--critical-fill)" in drawn
    assert "#c8102e" not in drawn


def test_map_is_the_same_each_time_and_changes_nothing() -> None:
    shown = content()
    before = [frame.copy() for frame in vars(shown).values()]
    assert area_map(shown, WORDS) == area_map(shown, WORDS)
    for frame, copy in zip(vars(shown).values(), before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


def test_network_without_positions_has_no_map() -> None:
    assert area_map(content(ground=sites().assign(lon=np.nan)), WORDS) == ""


def test_one_site_is_enough_for_a_map() -> None:
    assert "<svg" in area_map(content(ground=sites(1)), WORDS)


def test_sites_by_the_ten_thousand_become_one_picture() -> None:
    rng = np.random.default_rng(0)
    many = pd.DataFrame(
        {"lon": 100 + rng.random(20_000), "lat": 25 + rng.random(20_000), "county": "West"}
    )
    drawn = area_map(content(ground=many), WORDS)
    assert "<image" in drawn
    assert len(drawn) < 600_000


def test_mistyped_position_does_not_shrink_the_land() -> None:
    x = np.append(np.linspace(0, 10_000, 400), 9e6)
    left, _, right, _ = frame_of(x, np.linspace(0, 10_000, 401))
    assert right - left < 20_000


def test_projection_keeps_distances() -> None:
    tables = projected({"sites": sites(2)})
    assert tables is not None
    xy = tables["sites"][["x_m", "y_m"]].to_numpy()
    assert np.hypot(*(xy[1] - xy[0])) == pytest.approx(2018, abs=5)


@pytest.mark.parametrize(("width", "length"), [(43_000, 10_000), (900, 200), (4_100, 1_000)])
def test_scale_bar_has_a_round_length(width: float, length: float) -> None:
    assert scale_length(width) == length


def test_county_is_the_land_of_its_sites() -> None:
    tables = projected({"sites": sites()})
    assert tables is not None
    lands = county_outlines(tables["sites"], span_m=10_000)
    assert sorted(lands["county"]) == ["East", "West"]
    assert lands.geometry.iloc[0].intersection(lands.geometry.iloc[1]).area == pytest.approx(
        0, abs=1
    )


def test_outlines_need_four_sites() -> None:
    tables = projected({"sites": sites(3)})
    assert tables is not None
    assert county_outlines(tables["sites"], span_m=10_000).empty


def test_many_sites_are_thinned_for_outlines() -> None:
    rng = np.random.default_rng(1)
    many = pd.DataFrame(rng.random((50_000, 2)) * 1e5, columns=["x_m", "y_m"])
    assert len(thinned(many, span_m=1e5)) <= 1.1 * MOST_SEEDS


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200), st.floats(5, 80)), max_size=25))
def test_no_two_labels_overlap(drawn: list[tuple[float, float, float]]) -> None:
    table = np.array(drawn, dtype=float).reshape(-1, 3)
    points, sizes = table[:, :2], np.column_stack([table[:, 2], np.full(len(table), 12.0)])
    taken = np.array([[100.0, 80.0, 140.0, 120.0]])
    middles = placed_labels(points, sizes, frame=(300, 200), taken=taken)
    is_placed = ~np.isnan(middles).any(axis=1)
    boxes = np.hstack([middles - sizes / 2, middles + sizes / 2])[is_placed]
    boxes = np.vstack([taken, boxes])
    crossing = overlaps(boxes, boxes)
    assert crossing.sum() == len(boxes)
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= [300, 200]).all()


def test_label_without_room_is_left_out() -> None:
    points, sizes = np.array([[30.0, 10.0], [30.0, 10.0]]), np.array([[22.0, 18.0], [22.0, 18.0]])
    middles = placed_labels(points, sizes, frame=(60, 20))
    assert not np.isnan(middles[0]).any()
    alone = placed_labels(points[1:], sizes[1:], frame=(60, 20))
    assert not np.isnan(alone).any()
    full = np.array([[0.0, 0.0, 60.0, 20.0]])
    assert np.isnan(placed_labels(points, sizes, frame=(60, 20), taken=full)).all()


def test_very_many_faults_are_drawn_smaller_but_for_those_with_a_number() -> None:
    rng = np.random.default_rng(2)
    many = pd.DataFrame(
        {
            "lon": 100 + 0.06 * rng.random(900),
            "lat": 25 + 0.04 * rng.random(900),
            "severity": "minor",
            "is_silent": True,
            "number": np.r_[1, np.zeros(899, dtype=int)],
        }
    )
    shown = content()
    drawn = area_map(
        MapContent(shown.sites, shown.places, many, shown.noticed, shown.planned), WORDS
    )
    assert "stroke-width: 0.8" in drawn
    assert "stroke-width: 0.10" in drawn
