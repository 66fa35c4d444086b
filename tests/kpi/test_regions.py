"""Claims about regions: learned from the history, watched day by day, alike wherever the work is done."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from contract.history import open_history
from kpi.regions import learn_regions, watch_regions
from kpi.schedules import Schedule

FIRST = date(2026, 3, 2)
DAYS = 9
CELLS = 14
ILL_HOUR = 10


def inventory() -> pd.DataFrame:
    """Return the cells of two regions."""
    names = [f"{region}-{i:02d}" for region in ("east", "west") for i in range(CELLS)]
    return pd.DataFrame(
        {
            "cell_id": names,
            "region": [name[:4] for name in names],
            "rat": "LTE",
            "freq_mhz": 1800.0,
            "site": [name[:-1] for name in names],
            "feed": [name[:4] for name in names],
        }
    )


def hour_of(region: str, day: int, hour: int) -> pd.DataFrame:
    """Return the counters of a region in an hour; from 10 o'clock of the last day on cell 3 of the west has a fault."""
    rng = np.random.default_rng((day, hour, len(region), ord(region[0])))
    load = 200 + 150 * np.sin((hour - 6) / 24 * 2 * np.pi)
    attempts = rng.poisson(load, CELLS).astype(np.float32)
    vswr = rng.normal(1.2, 0.02, CELLS)
    if region == "west" and day == DAYS - 1 and hour >= ILL_HOUR:
        vswr[3] = 2.9
    start = pd.Timestamp(FIRST + timedelta(days=day), tz="Asia/Shanghai") + pd.Timedelta(hours=hour)
    columns = {
        "cell_id": [f"{region}-{i:02d}" for i in range(CELLS)],
        "start": start.tz_convert("UTC"),
        "minutes": 60.0,
        "setup_attempts": attempts,
        "setup_successes": rng.binomial(attempts.astype(int), 0.98),
        "drops": rng.binomial(attempts.astype(int), 0.01),
        "traffic_erl": load / 40 * rng.normal(1, 0.05, CELLS),
        "vswr": vswr,
        "availability": 1.0,
    }
    return pd.DataFrame(columns)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a history of two regions."""
    folder = str(tmp_path_factory.mktemp("regions") / "history")
    with open_history(folder).writing() as writer:
        for region in ("east", "west"):
            for day in range(DAYS):
                rows = pd.concat([hour_of(region, day, hour) for hour in range(24)])
                writer.write("kpi", rows, region=region, day=FIRST + timedelta(days=day))
    return folder


def days(first: int, last: int) -> list[date]:
    return [FIRST + timedelta(days=day) for day in range(first, last)]


def fingerprint(folder: Path) -> dict[str, str]:
    """Return a digest of every ring and of every array of every watch."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.suffix == ".npz":
            with np.load(path) as saved:
                parts = {f"{name}:{key}": saved[key].tobytes() for key in sorted(saved.files)}
        else:
            parts = {name: path.read_bytes()} if path.is_file() else {}
        found |= {key: hashlib.sha256(part).hexdigest() for key, part in parts.items()}
    return found


@pytest.fixture(scope="module")
def alone(
    address: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, Any, dict[str, str]]:
    """Return counts, episodes and folder when all is done in this process."""
    return _done(address, tmp_path_factory.mktemp("alone") / "watches", Schedule())


def _done(address: str, out: Path, schedule: Schedule) -> tuple[Any, Any, dict[str, str]]:
    counts = learn_regions(address, inventory(), out, days=days(0, DAYS - 1), schedule=schedule)
    found = watch_regions(address, out, day=days(DAYS - 1, DAYS)[0], schedule=schedule)
    return counts, found, fingerprint(out)


def test_every_row_is_used_or_rejected(alone: tuple[Any, Any, Any]) -> None:
    counts, _, _ = alone
    assert counts["region"].tolist() == ["east", "west"]
    assert (counts["rows"] == counts["used"] + counts["rejected"]).all()
    assert counts["used"].tolist() == [CELLS * 24 * (DAYS - 1)] * 2


def test_a_fault_of_the_day_is_an_episode(alone: tuple[Any, Any, Any]) -> None:
    _, found, _ = alone
    ill = found[(found["cell_id"] == "west-03") & (found["z_vswr"] > 3)]
    begun = pd.Timestamp(days(DAYS - 1, DAYS)[0], tz="Asia/Shanghai") + pd.Timedelta(hours=ILL_HOUR)
    assert len(ill) >= 1
    assert (ill["onset_at"] == begun).any()
    assert set(found["cell_id"]) == {"west-03"}


def test_a_day_played_again_changes_nothing(address: str, tmp_path: Path) -> None:
    learn_regions(address, inventory(), tmp_path / "w", days=days(0, DAYS - 1))
    first = watch_regions(address, tmp_path / "w", day=days(DAYS - 1, DAYS)[0])
    again = watch_regions(address, tmp_path / "w", day=days(DAYS - 1, DAYS)[0])
    pd.testing.assert_frame_equal(first, again)


def test_processes_of_this_machine_give_the_same(
    address: str, alone: tuple[Any, Any, dict[str, str]], tmp_path: Path
) -> None:
    counts, found, folder = _done(address, tmp_path / "w", Schedule(jobs=2))
    _assert_same((counts, found, folder), alone)


@pytest.fixture
def cluster() -> Iterator[str]:
    """Yield the address of a Dask cluster of two worker processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running.scheduler_address


def test_a_cluster_of_two_workers_gives_the_same(
    address: str, alone: tuple[Any, Any, dict[str, str]], cluster: str, tmp_path: Path
) -> None:
    _assert_same(_done(address, tmp_path / "w", Schedule(scheduler=cluster)), alone)


def _assert_same(
    there: tuple[Any, Any, dict[str, str]], here: tuple[Any, Any, dict[str, str]]
) -> None:
    pd.testing.assert_frame_equal(there[0], here[0])
    pd.testing.assert_frame_equal(there[1], here[1])
    assert there[2] == here[2]


def test_no_scheduler_at_the_address_is_told(
    monkeypatch: pytest.MonkeyPatch, address: str, tmp_path: Path
) -> None:
    monkeypatch.setattr("kpi.schedules.PATIENCE_SECONDS", 0.2)
    with pytest.raises(InputError, match="scheduler"):
        learn_regions(
            address, inventory(), tmp_path / "w", schedule=Schedule(scheduler="tcp://127.0.0.1:9")
        )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"drop": "rat"}, "rat"),
        ({"region": "north"}, "north"),
        ({"days": [date(2020, 1, 1)]}, "days asked for"),
    ],
    ids=["no technology", "other regions", "other days"],
)
def test_what_does_not_fit_is_named(
    address: str, tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    cells = inventory()
    if "drop" in change:
        cells = cells.drop(columns=change["drop"])
    if "region" in change:
        cells["region"] = change["region"]
    with pytest.raises(InputError, match=told):
        learn_regions(address, cells, tmp_path / "w", days=change.get("days"))


def test_a_folder_of_something_else_is_left_alone(address: str, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(InputError, match="something else"):
        learn_regions(address, inventory(), tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "dear"


def test_a_folder_without_watches_is_told(address: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="counters learn"):
        watch_regions(address, tmp_path, day=FIRST)
