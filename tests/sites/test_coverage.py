"""Check which cells serve a place."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError, SettingsError
from sites import coverage
from sites.inventory import build_network
from sites.layers import read_layers
from sites.levels import candidate_cells
from sites.radio import build_radio
from sites.shares import fitted_preference_db


def network_of(cells: Any, places: Any) -> Any:
    sites = pd.DataFrame(
        {
            "site_id": list(places),
            "site_name": list(places),
            "lon": [100.0 + x / 100_900 for x, _ in places.values()],
            "lat": [25.0 + y / 110_770 for _, y in places.values()],
        }
    )
    columns = ["cell_id", "site_id", "rat", "freq_mhz", "azimuth_deg", "users"]
    return build_network({"sites": sites, "cells": pd.DataFrame(cells, columns=columns)})


PLACES = {"A": (0.0, 0.0), "B": (2000.0, 0.0)}
CELLS = [
    ("A-E", "A", "LTE", 1800.0, 90.0, np.nan),
    ("A-W", "A", "LTE", 1800.0, 270.0, np.nan),
    ("A-G", "A", "GSM", 900.0, np.nan, np.nan),
    ("B-E", "B", "LTE", 1800.0, 90.0, np.nan),
    ("B-W", "B", "LTE", 1800.0, 270.0, np.nan),
    ("B-N", "B", "NR", 3500.0, 270.0, np.nan),
]


@pytest.fixture(scope="module")
def network() -> Any:
    return network_of(CELLS, PLACES)


def place(network: Any, x_from_a: Any, y_from_a: Any = 0.0) -> Any:
    x_m, y_m = np.broadcast_arrays(np.atleast_1d(x_from_a), np.atleast_1d(y_from_a))
    return network.sites.loc[0, "x_m"] + x_m, network.sites.loc[0, "y_m"] + y_m


def chance(serving: Any, network: Any, cell_id: Any, row: Any = 0) -> Any:
    hit = serving.cell[row] == network.cell_position[cell_id]
    return float(serving.probability[row][hit].sum())


def test_probabilities_and_nothing_sum_to_one(network: Any) -> None:
    serving = coverage.serving_probabilities(network, *place(network, [100.0, 900.0, 20_000.0]))
    total = serving.probability.sum(axis=1) + serving.nothing
    np.testing.assert_allclose(total, 1.0)
    assert (np.diff(serving.probability, axis=1) <= 0).all()


def test_the_near_sector_that_faces_the_place_is_first(network: Any) -> None:
    serving = coverage.serving_probabilities(network, *place(network, 400.0), service="data")
    assert network.cells.loc[serving.cell[0, 0], "cell_id"] == "A-E"
    assert serving.distance_m[0, 0] == pytest.approx(400.0, abs=1.0)


def test_rows_shorter_than_asked_are_padded(network: Any) -> None:
    serving = coverage.serving_probabilities(network, *place(network, 400.0), top=9)
    assert serving.cell.shape == (1, 9)
    assert (serving.cell[0, 6:] == -1).all()
    assert (serving.probability[0, 6:] == 0).all()
    assert np.isnan(serving.distance_m[0, 6:]).all()


def test_far_from_every_site_nothing_serves(network: Any) -> None:
    serving = coverage.serving_probabilities(network, *place(network, [500.0, 300_000.0]))
    assert serving.nothing[0] < 0.01
    assert serving.nothing[1] > 0.95


def test_cells_that_are_down_serve_nobody(network: Any) -> None:
    down = network.cells["site_id"].eq("A").to_numpy()
    serving = coverage.serving_probabilities(network, *place(network, 400.0), down=down)
    assert set(network.cells.loc[serving.cell[serving.cell >= 0], "site_id"]) == {"B"}
    everything = coverage.serving_probabilities(
        network, *place(network, 400.0), down=np.ones(len(down), dtype=bool)
    )
    assert everything.nothing[0] == pytest.approx(1.0)
    assert (everything.cell == -1).all()


def test_an_offset_moves_a_cell_and_none_moves_nothing(network: Any) -> None:
    at = place(network, 400.0)
    plain = coverage.serving_probabilities(network, *at)
    none = coverage.serving_probabilities(network, *at, offset_db=np.zeros(len(CELLS)))
    np.testing.assert_array_equal(plain.probability, none.probability)
    weaker = np.where(network.cells["cell_id"] == "A-E", -10.0, 0.0)
    moved = coverage.serving_probabilities(network, *at, offset_db=weaker)
    assert chance(moved, network, "A-E") < chance(plain, network, "A-E")
    assert moved.nothing[0] >= plain.nothing[0]


def test_an_answer_does_not_depend_on_who_else_asks(network: Any) -> None:
    at = place(network, np.linspace(-3000.0, 30_000.0, 40), 100.0)
    together = coverage.serving_probabilities(network, *at, indoor=np.linspace(0.0, 1.0, 40))
    for row in (0, 17, 39):
        alone = coverage.serving_probabilities(
            network, at[0][[row]], at[1][[row]], indoor=np.linspace(0.0, 1.0, 40)[[row]]
        )
        np.testing.assert_array_equal(alone.probability[0], together.probability[row])
        assert alone.nothing[0] == together.nothing[row]


def test_data_needs_more_than_calls_and_distance_more_than_both(network: Any) -> None:
    at = place(network, [500.0, 8000.0, 15_000.0])
    voice, data = (
        coverage.serving_probabilities(network, *at, service=service).nothing
        for service in ("voice", "data")
    )
    assert (np.diff(voice) > 0).all()
    assert (voice[1:] < data[1:]).all()


def test_a_technology_can_be_weighted_out(network: Any) -> None:
    weight = np.array([[0.0, 1.0, 1.0, 1.0]])
    serving = coverage.serving_probabilities(network, *place(network, 400.0), rat_weight=weight)
    assert chance(serving, network, "A-G") == 0.0


def test_voice_leans_to_gsm_and_data_away_from_it(network: Any) -> None:
    at = place(network, 400.0)
    voice, neither, data = (
        chance(coverage.serving_probabilities(network, *at, service=service), network, "A-G")
        for service in ("voice", None, "data")
    )
    assert voice > neither > data


def test_inside_a_building_low_bands_gain_and_nothing_grows(network: Any) -> None:
    at = place(network, 1500.0)
    outside = coverage.serving_probabilities(network, *at)
    inside = coverage.serving_probabilities(network, *at, indoor=np.array([1.0]))
    assert chance(inside, network, "B-N") < chance(outside, network, "B-N")
    assert inside.nothing[0] > outside.nothing[0]


def test_an_indoor_cell_serves_its_building_only() -> None:
    cells = pd.DataFrame(
        {
            "cell_id": ["A-1", "A-in"],
            "site_id": ["A", "A"],
            "rat": "LTE",
            "freq_mhz": [1800.0, 2300.0],
            "indoor": [0, 1],
        }
    )
    sites = pd.DataFrame({"site_id": ["A"], "site_name": ["Mall"], "lon": [100.0], "lat": [25.0]})
    mall = build_network({"sites": sites, "cells": cells})
    at = (np.array([15.0, 400.0]), np.zeros(2))
    serving = coverage.serving_probabilities(mall, *at, indoor=np.array([1.0, 1.0]))
    assert chance(serving, mall, "A-in", 0) > 0.5
    assert chance(serving, mall, "A-in", 1) < 0.05


def test_a_layer_carries_the_users_the_inventory_gives_it() -> None:
    users = dict(zip([row[0] for row in CELLS], [10, 10, 900, 10, 10, 10], strict=True))
    crowded = network_of([(*row[:5], users[row[0]]) for row in CELLS], PLACES)
    plain = network_of(CELLS, PLACES)
    at = place(plain, 400.0)
    more = chance(coverage.serving_probabilities(crowded, *at), crowded, "A-G")
    assert more > chance(coverage.serving_probabilities(plain, *at), plain, "A-G")
    assert more > 0.5


def test_the_preferences_are_fitted_once_however_asked_for(network: Any) -> None:
    named = coverage.preference_of(network, sigma_db=coverage.SIGMA_DB)
    assert coverage.preference_of(network) is named
    assert coverage.preference_of(network, coverage.SIGMA_DB) is named


def test_unknown_users_leave_the_starting_preferences(network: Any) -> None:
    radio = build_radio(network)
    fitted = fitted_preference_db(radio, temperature_db=7.0)
    np.testing.assert_array_equal(fitted, radio.preference_db)


def test_the_result_does_not_depend_on_chunks(network: Any, monkeypatch: Any) -> None:
    at = place(network, np.linspace(-3000.0, 5000.0, 50), np.linspace(500.0, -500.0, 50))
    whole = coverage.serving_probabilities(network, *at)
    monkeypatch.setattr(coverage, "_CHUNK_POINTS", 7)
    parts = coverage.serving_probabilities(network, *at)
    np.testing.assert_array_equal(whole.cell, parts.cell)
    np.testing.assert_allclose(whole.probability, parts.probability)


def test_no_points_give_no_rows(network: Any) -> None:
    serving = coverage.serving_probabilities(network, [], [])
    assert serving.cell.shape == (0, 12)
    assert serving.nothing.shape == (0,)


def test_a_place_of_points_is_their_weighted_mean(network: Any) -> None:
    x_m, y_m = place(network, [300.0, 1700.0, 300.0])
    points = pd.DataFrame({"row": [0, 0, 1], "x_m": x_m, "y_m": y_m, "weight": [3.0, 1.0, 5.0]})
    before = points.copy()
    each = coverage.serving_probabilities(network, x_m, y_m)
    whole = coverage.integrated_serving(network, points, places=3)
    expected = 0.75 * chance(each, network, "A-E", 0) + 0.25 * chance(each, network, "A-E", 1)
    assert chance(whole, network, "A-E", 0) == pytest.approx(expected)
    assert chance(whole, network, "A-E", 1) == pytest.approx(chance(each, network, "A-E", 2))
    np.testing.assert_allclose(whole.probability[:2].sum(axis=1) + whole.nothing[:2], 1.0)
    assert np.isnan(whole.nothing[2])
    assert (whole.cell[2] == -1).all()
    pd.testing.assert_frame_equal(points, before)


def test_levels_fall_with_distance_and_behind_the_antenna(network: Any) -> None:
    at = place(network, [200.0, 800.0, -800.0])
    level = coverage.received_power_dbm(network, *at, cells=np.zeros((3, 1), dtype=int)).level_dbm
    assert level[0, 0] > level[1, 0] > level[2, 0]
    assert level[1, 0] - level[2, 0] == pytest.approx(20.0, abs=5.0)


def test_candidates_are_the_cells_of_the_nearest_sites(network: Any) -> None:
    radio = build_radio(network)
    cells = candidate_cells(radio, *place(network, [100.0, 1900.0]), nearest=1)
    assert cells.tolist() == [[0, 1, 2], [3, 4, 5]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"x_m": [np.nan]}, "finite metres", id="no place"),
        pytest.param({"x_m": [1.0, 2.0]}, "one length", id="lengths"),
        pytest.param({"down": np.zeros(2, dtype=bool)}, "`down` needs 6 rows", id="down"),
        pytest.param({"offset_db": np.zeros(3)}, "`offset_db` needs 6 rows", id="offset"),
        pytest.param({"sigma_db": 0.0}, "`sigma_db` needs", id="sigma"),
    ],
)
def test_wrong_questions_are_told_what_was_needed(network: Any, change: Any, message: Any) -> None:
    with pytest.raises(InputError, match=message):
        coverage.serving_probabilities(network, **({"x_m": [0.0], "y_m": [0.0]} | change))


def test_points_without_weight_are_named(network: Any) -> None:
    with pytest.raises(InputError, match=r"`points` lacks columns \['weight'\]"):
        coverage.integrated_serving(network, pd.DataFrame({"row": [0], "x_m": [0.0], "y_m": [0.0]}))


def test_a_network_without_cells_is_refused(network: Any) -> None:
    bare = build_network(
        {
            "sites": network.sites,
            "cells": pd.DataFrame(
                {"cell_id": ["x"], "site_id": ["ghost"], "rat": ["LTE"], "freq_mhz": [1800.0]}
            ),
        }
    )
    with pytest.raises(InputError, match="at least one cell"):
        coverage.serving_probabilities(bare, [0.0], [0.0])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[[technology", "readable TOML", id="broken"),
        pytest.param('[[technology]]\nrat = "GSM"\n', "lacks", id="fields"),
        pytest.param("", "lacks technologies", id="empty"),
    ],
)
def test_a_wrong_layers_file_is_told_what_is_wrong(tmp_path: Any, text: Any, message: Any) -> None:
    path = tmp_path / "layers.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        read_layers(path)


def test_a_missing_layers_file_is_named(tmp_path: Any) -> None:
    with pytest.raises(SettingsError, match="readable TOML"):
        read_layers(tmp_path / "none.toml")


def test_every_layer_row_states_its_source() -> None:
    layers = read_layers()
    assert set(layers.technologies) == {"GSM", "UMTS", "LTE", "NR"}
    assert layers.band_from_mhz[0] == 0.0
