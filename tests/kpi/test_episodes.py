"""Claims about the watch and its episodes."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from kpi.episodes import Watch, evidence_matrix, observe, open_episodes, start_watch
from kpi.measures import MEASURE_INDEX

CELLS = 60
FIRST = np.datetime64("2026-03-02T00:00:00", "s")
Counters = dict[str, np.ndarray]
Change = Callable[[Counters, int], None]


def inventory() -> pd.DataFrame:
    return pd.DataFrame(
        {"rat": "LTE", "freq_mhz": 1800.0, "is_indoor": False, "site": np.arange(CELLS) // 3}
    )


def healthy(hour: float, minutes: int, rng: np.random.Generator) -> Counters:
    load = 1 + 0.6 * np.sin((hour % 24 - 9) / 24 * 2 * np.pi)
    attempts = rng.poisson(np.linspace(60, 400, CELLS) * load * minutes / 60).astype(float)
    data = rng.poisson(attempts * 2 + 1).astype(float)
    successes = rng.binomial(attempts.astype(int), 0.995).astype(float)
    return {
        "setup_attempts": attempts,
        "setup_successes": successes,
        "congestion_failures": np.zeros(CELLS),
        "drops": rng.binomial(successes.astype(int), 0.005).astype(float),
        "ho_attempts": attempts.copy(),
        "ho_successes": rng.binomial(attempts.astype(int), 0.98).astype(float),
        "data_attempts": data,
        "data_successes": rng.binomial(data.astype(int), 0.995).astype(float),
        "active_users": attempts / 20 * 60 / minutes,
        "prb_utilisation": np.clip(0.2 * load + rng.normal(0, 0.01, CELLS), 0, 1),
        "ul_interference_dbm": -115 + rng.normal(0, 0.5, CELLS),
        "cqi": 10.5 + rng.normal(0, 0.2, CELLS),
        "throughput_mbps": 20 * np.exp(rng.normal(0, 0.1, CELLS)),
        "vswr": 1.2 + rng.normal(0, 0.02, CELLS),
        "ber": 10 ** (-8 + rng.normal(0, 0.15, CELLS)),
        "availability": np.ones(CELLS),
    }


def feed(
    periods: int,
    *,
    change: Change | None = None,
    minutes: int = 60,
    absent: Callable[[int], list[int]] = lambda _: [],
) -> tuple[Watch, pd.Timestamp]:
    """Run a watch; `change` spoils counters, `absent` names the cells without rows."""
    rng = np.random.default_rng(3)
    watch, now = start_watch(inventory()), pd.Timestamp(FIRST, tz="UTC")
    for step in range(periods):
        counters = healthy(step * minutes / 60, minutes, rng)
        if change is not None:
            change(counters, step)
        cells = np.setdiff1d(np.arange(CELLS), absent(step))
        start = FIRST + np.timedelta64(step * minutes, "m")
        now = pd.Timestamp(start, tz="UTC") + pd.Timedelta(minutes=minutes + 20)
        rows = {name: column[cells] for name, column in counters.items()}
        watch = observe(watch, cells, start, np.full(len(cells), minutes), rows, now)
    return watch, now


def found(watch: Watch, now: pd.Timestamp) -> set[tuple[int, str]]:
    table = open_episodes(watch, now)
    return set(zip(table["cell"].tolist(), table["kind"].tolist(), strict=True))


def at(counter: str, value: float, *, cells: list[int], since: int, until: int = 10_000) -> Change:
    def change(counters: Counters, step: int) -> None:
        if since <= step < until:
            counters[counter][cells] = value

    return change


def test_a_healthy_network_has_no_episodes() -> None:
    watch, now = feed(96)
    assert open_episodes(watch, now, keep_hours=200).empty


@pytest.mark.parametrize(
    ("counter", "value", "kind"),
    [
        ("vswr", 2.6, "vswr"),
        ("ul_interference_dbm", -101.0, "interference"),
        ("ber", 1e-5, "transport_errors"),
        ("availability", 0.0, "cell_lost"),
        ("cqi", 6.0, "cochannel"),
        ("data_successes", 0.0, "data_lost"),
        ("ho_successes", 2.0, "handover"),
    ],
)
def test_a_strong_fault_is_found_in_one_period_and_named(
    counter: str, value: float, kind: str
) -> None:
    watch, now = feed(61, change=at(counter, value, cells=[31], since=60))
    assert found(watch, now) == {(31, kind)}


def test_a_weak_fault_must_persist() -> None:
    def change(counters: Counters, step: int) -> None:
        if step >= 60:
            counters["drops"][31] = np.round(counters["setup_successes"][31] * 0.04)
            counters["setup_successes"][31] = np.round(counters["setup_attempts"][31] * 0.97)

    early, now = feed(61, change=change)
    assert not found(early, now)
    later, now = feed(72, change=change)
    assert found(later, now) == {(31, "quality")}
    onset = open_episodes(later, now)["onset_at"].iloc[0]
    assert abs(onset - pd.Timestamp(FIRST + np.timedelta64(60, "h"), tz="UTC")) <= pd.Timedelta(
        "3h"
    )


def test_an_episode_closes_after_the_fault() -> None:
    watch, now = feed(70, change=at("vswr", 2.6, cells=[31], since=60, until=63))
    table = open_episodes(watch, now)
    assert table["closed_at"].notna().all()
    assert table["last_at"].iloc[0] == pd.Timestamp(FIRST + np.timedelta64(63, "h"), tz="UTC")
    assert open_episodes(watch, now, keep_hours=1).empty


def test_a_fault_of_a_week_does_not_become_normal() -> None:
    watch, now = feed(24 * 10, change=at("ul_interference_dbm", -103.0, cells=[7], since=72))
    assert found(watch, now) == {(7, "interference")}
    assert evidence_matrix(watch, now)[0][7, MEASURE_INDEX["ul_interference_dbm"]] > 6


def test_everyone_together_is_a_holiday() -> None:
    def change(counters: Counters, step: int) -> None:
        if step >= 72:
            for name in ("setup_attempts", "setup_successes", "data_attempts", "data_successes"):
                counters[name] *= 1.8
            counters["active_users"] *= 1.8

    watch, now = feed(84, change=change)
    assert not found(watch, now)


def test_a_sleeping_cell_is_not_a_lost_one() -> None:
    def change(counters: Counters, step: int) -> None:
        if step >= 60:
            for name in counters:
                if name.endswith(("attempts", "successes", "users")) or name == "drops":
                    counters[name][31] = 0.0

    watch, now = feed(61, change=change)
    assert found(watch, now) == {(31, "sleeping")}


def test_a_site_without_rows_for_two_hours_is_lost_and_for_one_may_lack_its_file() -> None:
    watch, now = feed(61, absent=lambda step: [30, 31, 32] if step == 60 else [])
    assert not found(watch, now)
    watch, now = feed(62, absent=lambda step: [30, 31, 32] if step >= 60 else [])
    assert found(watch, now) == {(cell, "cell_lost") for cell in (30, 31, 32)}


def test_one_missing_row_is_not_enough_but_three_are() -> None:
    watch, now = feed(61, absent=lambda step: [31] if step == 60 else [])
    assert not found(watch, now)
    watch, now = feed(63, absent=lambda step: [31] if step >= 60 else [])
    assert found(watch, now) == {(31, "cell_lost")}


def test_rows_lost_now_and_then_never_add_up() -> None:
    def change(counters: Counters, _: int) -> None:
        counters["availability"][:] = np.nan

    watch, now = feed(120, change=change, absent=lambda step: [31] if step % 10 == 0 else [])
    assert open_episodes(watch, now, keep_hours=200).empty


def test_nothing_depends_on_what_comes_later() -> None:
    spoil = at("vswr", 2.6, cells=[31], since=40)
    short, now = feed(50, change=spoil)
    whole, _ = feed(60, change=spoil)
    table, later = open_episodes(short, now), open_episodes(whole, now)
    pd.testing.assert_series_equal(table["opened_at"], later["opened_at"])
    pd.testing.assert_series_equal(table["onset_at"], later["onset_at"])


def test_a_gap_of_the_feed_is_no_fault() -> None:
    watch, now = feed(64, absent=lambda step: list(range(50)) if step in (60, 61) else [])
    assert not found(watch, now)
    assert [gap.missing_share for gap in watch.gaps] == pytest.approx([50 / 60, 50 / 60])


def test_rows_that_come_late_take_back_the_loss() -> None:
    watch, now = feed(61, absent=lambda step: [30, 31, 32] if step == 60 else [])
    counters = healthy(60, 60, np.random.default_rng(4))
    late = {name: column[30:33] for name, column in counters.items()}
    start = FIRST + np.timedelta64(60, "h")
    later = now + pd.Timedelta(minutes=30)
    watch = observe(watch, np.arange(30, 33), start, np.full(3, 60), late, later)
    assert open_episodes(watch, later)["closed_at"].notna().all()


def test_rows_that_come_twice_change_nothing() -> None:
    watch, now = feed(61, change=at("vswr", 1.55, cells=[31], since=60))
    before = watch.evidence.sums.copy()
    counters = healthy(60, 60, np.random.default_rng(4))
    start = FIRST + np.timedelta64(60, "h")
    watch = observe(watch, np.arange(CELLS), start, np.full(CELLS, 60), counters, now)
    np.testing.assert_array_equal(watch.evidence.sums, before)


@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_shorter_periods_find_the_same_fault(minutes: int) -> None:
    steps = 30 * 60 // minutes
    watch, now = feed(
        steps, minutes=minutes, change=at("vswr", 2.6, cells=[31], since=steps - 60 // minutes)
    )
    assert found(watch, now) == {(31, "vswr")}


def test_the_batch_is_left_as_it_was_and_its_order_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    counters = healthy(0, 60, rng)
    kept = {name: column.copy() for name, column in counters.items()}
    now = pd.Timestamp("2026-03-02T01:20:00Z")
    first = observe(
        start_watch(inventory()), np.arange(CELLS), FIRST, np.full(CELLS, 60), counters, now
    )
    turned = {name: column[::-1] for name, column in counters.items()}
    cells = np.arange(CELLS)[::-1]
    second = observe(start_watch(inventory()), cells, FIRST, np.full(CELLS, 60), turned, now)
    assert all((counters[name] == kept[name]).all() for name in counters)
    np.testing.assert_allclose(first.z_smooth, second.z_smooth, rtol=1e-5)


def test_strangers_are_left_out_and_an_empty_batch_is_no_news() -> None:
    watch, now = feed(2)
    rows = {"vswr": np.array([9.0])}
    watch = observe(watch, np.array([-1]), FIRST, np.array([60]), rows, now)
    empty = {"vswr": np.zeros(0)}
    watch = observe(watch, np.zeros(0, int), FIRST, np.zeros(0, int), empty, now)
    assert open_episodes(watch, now).empty


def test_one_cell_alone_can_be_watched() -> None:
    watch = start_watch(inventory().head(1))
    now = pd.Timestamp("2026-03-02T01:20:00Z")
    watch = observe(watch, np.array([0]), FIRST, np.array([60]), {"vswr": np.array([1.2])}, now)
    z, age = evidence_matrix(watch, now)
    assert z.shape == age.shape == (1, len(MEASURE_INDEX))
