import numpy as np
import pandas as pd

from kpi.bands import Bands, usual_bands
from kpi.episodes import Watch, observe, start_watch
from kpi.measures import MEASURE_INDEX, MEASURES

START = pd.Timestamp("2026-03-02 00:00", tz="UTC")
DAYS = 8
CELLS = pd.DataFrame({"rat": ["LTE"] * 3, "freq_mhz": [1800.0] * 3, "site": [0, 1, 2]})


def watched(days: int = DAYS) -> Watch:
    """Watch three healthy cells for some days."""
    watch = start_watch(CELLS)
    rng = np.random.default_rng(7)
    for hour in range(days * 24):
        at = START + pd.Timedelta(hours=hour)
        rows = {
            "setup_attempts": np.full(3, 200.0),
            "setup_successes": rng.binomial(200, 0.98, 3).astype(float),
            "traffic_erl": rng.normal(10.0, 0.5, 3),
            "ul_interference_dbm": rng.normal(-110.0, 0.5, 3),
        }
        start = np.datetime64(at.tz_localize(None), "us")
        watch = observe(watch, np.arange(3), start, np.full(3, 60), rows, at + pd.Timedelta("1h"))
    return watch


def bands_of(watch: Watch, *, attempts: float = 200.0) -> Bands:
    hours = int(START.timestamp()) // 3600 + 8 + DAYS * 24 + np.arange(24)
    tried = np.full((1, 24, len(MEASURES)), attempts, dtype=np.float32)
    return usual_bands(watch, np.array([1]), hour_keys=hours, attempts=tried)


def test_the_band_holds_what_was_usual_in_the_units_of_each_measure() -> None:
    bands = bands_of(watched())
    for name, usual in (
        ("setup_success", 0.98),
        ("traffic_erl", 10.0),
        ("ul_interference_dbm", -110),
    ):
        i = MEASURE_INDEX[name]
        middle, low, high = (part[0, 12, i] for part in (bands.usual, bands.low, bands.high))
        assert low < middle < high
        assert abs(middle - usual) < 0.1 * abs(usual)


def test_few_attempts_widen_the_band_of_a_share() -> None:
    i = MEASURE_INDEX["setup_success"]
    many, few = (bands_of(watched(), attempts=n) for n in (2000.0, 20.0))
    assert few.low[0, 12, i] < many.low[0, 12, i]
    assert np.nanmax(many.high[..., i]) <= 1.0


def test_of_what_was_never_seen_nothing_is_known() -> None:
    bands = bands_of(watched())
    assert np.isnan(bands.usual[..., MEASURE_INDEX["vswr"]]).all()
    assert np.isnan(bands_of(start_watch(CELLS)).usual[..., MEASURE_INDEX["traffic_erl"]]).all()


def test_asking_leaves_the_watch_alone() -> None:
    watch = watched(2)
    ring, key = watch.baseline.ring, watch.baseline.cached_key
    slots = ring.slots_before(10**6)
    before = ring.read(3, slots)
    bands_of(watch)
    assert np.array_equal(ring.read(3, slots), before, equal_nan=True)
    assert watch.baseline.cached_key == key
