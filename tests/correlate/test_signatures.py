from pathlib import Path

import numpy as np
import pytest

from contract.causes import CAUSES
from contract.errors import InputError
from correlate.interception import GRADES, load_repair_limits, load_scripts
from correlate.signatures import (
    EXTENTS,
    Signatures,
    counter_log_weights,
    load_signatures,
)
from kpi.kinds import KINDS
from kpi.measures import MEASURES
from kpi.swings import full_changes, swing
from tests.correlate.small_network import small_knowledge

NAMES = tuple(m.name for m in MEASURES)
KIND_NAMES = tuple(k.name for k in KINDS)
SIGNATURES = load_signatures(NAMES, KIND_NAMES)
NETWORK_CAUSES = [c.code for c in CAUSES.values() if c.is_network and c.code != "unknown"]
ROW = '[{cause}]\nfrequency = 1.0\nper_10k_hour = 1.0\nrepair = "D2"\nextent = {{ site = 1 }}\n'


def told(**deviations: float) -> dict[str, float]:
    z = np.full((1, len(NAMES)), np.nan)
    for name, value in deviations.items():
        z[0, NAMES.index(name)] = value
    return dict(zip(SIGNATURES.causes, counter_log_weights(SIGNATURES, z)[0].tolist(), strict=True))


def overridden(folder: Path, text: str) -> Signatures:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_signatures(NAMES, KIND_NAMES, override=path)


def test_exactly_the_causes_an_incident_may_carry_have_a_signature() -> None:
    assert sorted(SIGNATURES.causes) == sorted(NETWORK_CAUSES)


@pytest.mark.parametrize("cause", NETWORK_CAUSES)
def test_every_cause_of_the_network_has_script_profile_and_repair_limit(cause: str) -> None:
    assert {"zh", "en"} <= set(load_scripts()[cause])
    assert cause in small_knowledge().profiles.causes
    repair = SIGNATURES.repair[SIGNATURES.position(cause)]
    assert all(load_repair_limits()[repair, grade] > 0 for grade in GRADES)


def test_arrays_are_as_wide_as_the_names_and_finite() -> None:
    count = len(SIGNATURES.causes)
    assert SIGNATURES.up.shape == SIGNATURES.down.shape == (count, len(NAMES))
    assert SIGNATURES.kinds.shape == (count, len(KIND_NAMES))
    assert SIGNATURES.extent.shape == (count, len(EXTENTS))
    assert np.isfinite(SIGNATURES.log_frequency).all()
    assert (SIGNATURES.per_user_hour > 0).all()
    assert (SIGNATURES.flat >= 0).all()


def test_nothing_known_says_nothing() -> None:
    assert set(told().values()) == {0.0}


def test_noise_on_the_uplink_speaks_for_interference_and_its_absence_against() -> None:
    loud, quiet = told(ul_interference_dbm=6.0), told(ul_interference_dbm=-6.0)
    assert loud["external_interference"] > 0 > quiet["external_interference"]
    assert loud["external_interference"] > loud["transmission_errors"]


def test_bit_errors_speak_for_transmission_and_a_high_vswr_for_the_antenna() -> None:
    errors, standing = told(ber=8.0), told(vswr=8.0)
    assert max(errors, key=lambda c: errors[c]) == "transmission_errors"
    assert max(standing, key=lambda c: standing[c]) == "antenna_fault"


def test_an_enormous_deviation_counts_little_more_than_a_large_one() -> None:
    large, enormous = told(ber=9.0), told(ber=900.0)
    assert enormous["transmission_errors"] <= 1.05 * large["transmission_errors"]


def test_swing_is_odd_bounded_and_takes_the_unknown_as_nothing() -> None:
    z = np.array([-1e9, -2.0, np.nan, 2.0, 1e9])
    moved = swing(z)
    assert moved[2] == 0.0
    assert np.allclose(moved, -moved[::-1])
    assert np.abs(moved).max() <= 1.0


@pytest.mark.parametrize(
    ("extent", "cause"),
    [
        ("trx", "trx_fault"),
        ("cell", "cell_outage"),
        ("site", "site_outage"),
        ("node", "transmission_break"),
        ("controller", "controller_fault"),
        ("network", "core_fault"),
    ],
)
def test_each_extent_fits_the_cause_it_is_typical_of(extent: str, cause: str) -> None:
    column = SIGNATURES.extent[:, EXTENTS.index(extent)]
    assert column[SIGNATURES.position(cause)] > 0
    assert column[SIGNATURES.position(cause)] > np.median(column)


def test_a_site_whose_other_cells_serve_has_power_and_transmission() -> None:
    few = SIGNATURES.extent[:, EXTENTS.index("cells")]
    for cause in ("power_failure", "site_outage", "transmission_break"):
        assert few[SIGNATURES.position(cause)] <= -3
    assert few[SIGNATURES.position("external_interference")] > 0
    between = few[SIGNATURES.position("cell_outage")]
    assert between == pytest.approx((1.6 - 1.0) / 2)


def test_the_only_cell_of_a_site_tells_nothing_of_the_extent() -> None:
    assert not SIGNATURES.extent[:, EXTENTS.index("sole")].any()


def test_a_file_of_the_user_replaces_a_cause_whole_and_leaves_the_others(tmp_path: Path) -> None:
    mine = overridden(tmp_path, ROW.format(cause="site_outage") + 'source = "own"\n')
    at = mine.position("site_outage")
    assert not mine.up[at].any()
    assert not mine.down[at].any()
    other = mine.position("power_failure")
    assert (mine.down[other] == SIGNATURES.down[SIGNATURES.position("power_failure")]).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROW.format(cause="site_outage"), r"lacks \['source'\]"),
        (ROW.format(cause="site_outage") + 'source = "x"\nup = { karma = 1 }', "karma"),
        (ROW.format(cause="site_outage") + 'source = "x"\nkinds = { ghost = 1 }', "ghost"),
        ("[site_outage\n", "can't be read"),
    ],
    ids=["no source", "unknown measure", "unknown kind", "no TOML"],
)
def test_a_faulty_file_of_the_user_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        overridden(tmp_path, text)


def test_a_small_move_tells_less_than_a_large_one_as_sure() -> None:
    z = np.full(len(NAMES), 9.0)
    _, full = full_changes()
    small, large = swing(z, 0.2 * full), swing(z, 3 * full)
    assert (small > 0).all()
    assert (small < 0.5 * large).all()
    assert np.allclose(swing(z, np.full(len(NAMES), np.nan)), swing(z))


def test_every_measure_needs_a_size(tmp_path: Path) -> None:
    path = tmp_path / "swings.toml"
    origin = 'least = 0.1\nsource = "we"\nverified = false\n'
    path.write_text(origin + "[full]\ncqi = 0.0\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"lacks .* in \[full\]"):
        full_changes(path)


@pytest.mark.parametrize(
    ("data_z", "is_packet", "cause"),
    [
        pytest.param(-12.0, True, "data_congestion", id="LTE, data fails as well"),
        pytest.param(0.0, True, "voice_congestion", id="LTE, calls alone"),
        pytest.param(-12.0, False, "voice_congestion", id="GSM shares its channels"),
    ],
)
def test_blocked_calls_are_the_data_s_where_both_share_the_air_and_data_fails(
    data_z: float, cause: str, *, is_packet: bool
) -> None:
    z = np.full((1, len(NAMES)), np.nan)
    for name, value in (("congestion_rate", 12.0), ("prb_utilisation", 12.0)):
        z[0, NAMES.index(name)] = value
    z[0, NAMES.index("data_success")] = data_z
    log = counter_log_weights(SIGNATURES, z, is_packet=np.array([is_packet]))[0]
    rivals = {c: log[SIGNATURES.position(c)] for c in ("voice_congestion", "data_congestion")}
    assert max(rivals, key=lambda c: rivals[c]) == cause


def test_a_strange_part_of_packet_is_refused(tmp_path: Path) -> None:
    text = ROW.format(cause="low_power") + 'source = "s"\npacket = { upward = { vswr = 1.0 } }\n'
    with pytest.raises(InputError, match="upward"):
        overridden(tmp_path, text)
