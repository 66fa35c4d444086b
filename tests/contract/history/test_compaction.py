"""Compacting changes no row that is read, neither after nor while it goes on; what is old goes when nobody reads it."""

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import fsspec
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.history import History, open_history
from tests.contract.history.counter_rows import DAY, Key, drops, hours, key_of

Batch = tuple[str, str, int, float, str | None]
"""Region, cells, first hour, value, received."""


def files(history: History) -> list[str]:
    """Parquet files that are there, listed or not."""
    return [
        path.name
        for path in Path(history.storage.root).rglob("*.parquet")
        if path.name != "homes.parquet"
    ]


def later(history: History, minutes: float) -> History:
    """The history as it will be opened some minutes ahead."""
    return replace(history, clock=lambda: history.clock() + timedelta(minutes=minutes))


def test_many_files_become_one_and_read_alike(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    for value in range(5):
        history.write("kpi", hours("AB", float(value), first=value), region="r", day=DAY)
    before = history.read("kpi")
    assert history.compact("kpi") == 4
    assert history.read("kpi") == before
    there = history.partitions("kpi")
    assert there[["files", "rows"]].to_numpy().tolist() == [[1, 12]]
    assert history.compact("kpi") == 0


def test_only_what_is_asked_is_compacted(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    for region in ("x", "y"):
        for value in (1.0, 2.0):
            history.write("kpi", hours("A" + region, value), region=region, day=DAY)
    assert history.compact("kpi", regions=["x"], days=[DAY, date(2030, 1, 1)]) == 1
    assert history.partitions("kpi").set_index("region")["files"].to_dict() == {"x": 1, "y": 2}
    assert history.compact("nothing") == 0


def test_replaced_files_stay_for_the_grace_and_no_longer(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    for value in (1.0, 2.0):
        history.write("kpi", hours("A", value), region="r", day=DAY)
    history.compact("kpi")
    assert len(files(history)) == 3
    later(history, 59).compact("kpi")
    assert len(files(history)) == 3
    later(history, 61).compact("kpi")
    assert len(files(history)) == 1
    assert set(drops(history).values()) == {2.0}


def test_files_that_no_list_names_are_removed(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    history.write("kpi", hours("A", 1.0), region="r", day=DAY)
    folder = tmp_path / "kpi" / "region=r" / f"day={DAY}"
    (folder / "0000000000000001-aa.parquet").write_bytes(b"half")
    (folder / ".manifest.json.partial").write_bytes(b"half")
    assert len(drops(history)) == 2
    history.compact("kpi")
    assert len(list(folder.iterdir())) == 2


def test_tables_without_a_key_are_compacted(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    for words in (["a", "b"], ["b", "c"]):
        history.write("notes", pd.DataFrame({"what": words}), region="r", day=DAY)
    history.compact("notes")
    assert sorted(history.read("notes")["what"].to_pylist()) == ["a", "b", "c"]


def test_a_move_is_settled_alike_before_and_after(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    history.write("kpi", hours("A", 1.0), region="old", day=DAY)
    history.write("kpi", hours("A", 2.0), region="new", day=DAY)
    history.write("kpi", hours("B", 3.0, first=0), region="old", day=DAY)
    before = drops(history)
    history.compact("kpi")
    assert drops(history) == before
    assert before[("A", 0)] == 2.0


batches = st.tuples(
    st.sampled_from(["x", "y"]),
    st.sampled_from(["A", "B", "AB"]),
    st.integers(0, 2),
    st.sampled_from([1.0, 2.0, 3.0]),
    st.sampled_from([None, "2026-01-02", "2026-01-03"]),
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(st.one_of(batches, st.just("compact")), min_size=1, max_size=7))
def test_any_order_of_writing_and_compacting_reads_by_the_rule(steps: list[Batch | str]) -> None:
    name = f"test-{uuid4().hex}"
    history = open_history(f"memory://{name}")
    expected: dict[Key, tuple[str, int, float]] = {}
    with history.writing() as writer:
        for number, step in enumerate(steps):
            if isinstance(step, str):
                writer.compact("kpi")
                continue
            region, cells, first, value, received = step
            rows = hours(cells, value, first=first, received=received)
            writer.write("kpi", rows, region=region, day=DAY)
            for cell, start in rows[["cell_id", "start"]].itertuples(index=False):
                key = key_of(cell, start)
                expected[key] = max(
                    expected.get(key, ("", -1, 0.0)), (received or "", number, value)
                )
    found = drops(history)
    fsspec.filesystem("memory").rm(f"/{name}", recursive=True)
    assert found == {key: won[2] for key, won in expected.items()}


@pytest.mark.parametrize("grace_min", [60.0, 0.0], ids=["with grace", "without"])
def test_readers_see_each_row_once_while_others_write_and_compact(
    tmp_path: Path, grace_min: float
) -> None:
    history = replace(open_history(str(tmp_path)), grace=timedelta(minutes=grace_min))
    history.write("kpi", hours("AB", 0.0, count=24), region="r", day=DAY)
    ended, faults = threading.Event(), []

    def read() -> None:
        """Read until the writer has ended."""
        least = 0.0
        while not ended.is_set():
            values = drops(history).values()
            if len(values) != 48 or min(values) < least or len(set(values)) != 1:
                faults.append(sorted(values))
            least = min(values)

    reader = threading.Thread(target=read)
    reader.start()
    for value in range(1, 13):
        history.write("kpi", hours("AB", float(value), count=24), region="r", day=DAY)
        history.compact("kpi")
    ended.set()
    reader.join()
    assert faults == []
    assert set(drops(history).values()) == {12.0}


def at(told: str) -> datetime:
    """A moment in Shanghai."""
    return datetime.fromisoformat(told).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def kept_days(history: History) -> list[str]:
    """Days that are there."""
    return [f"{day:%Y-%m-%d}" for day in history.partitions("kpi")["day"]]


def write_days(history: History, *days: str) -> None:
    """Write a row into each of some days."""
    for day in days:
        ahead = pd.Timestamp(day) - pd.Timestamp(DAY)
        rows = hours("A", 1.0, count=1).assign(start=lambda frame, by=ahead: frame["start"] + by)
        history.write("kpi", rows, region="r", day=date.fromisoformat(day))


def test_days_go_when_they_are_older_than_they_are_kept(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    write_days(history, "2026-01-01", "2026-01-02", "2026-01-03")
    taken = history.prune({"kpi": 2}, now=at("2026-01-04 00:30"))
    assert taken["day"].dt.day.tolist() == [1]
    assert kept_days(history) == ["2026-01-02", "2026-01-03"]
    assert len(files(history)) == 3
    later(history, 61).prune({"kpi": 2}, now=at("2026-01-04 00:30"))
    assert len(files(history)) == 2
    assert not (tmp_path / "kpi" / "region=r" / "day=2026-01-01").exists()


def test_a_trial_takes_nothing(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    write_days(history, "2026-01-01")
    assert len(history.prune({"kpi": 2}, now=at("2027-01-01"), is_trial=True)) == 1
    assert kept_days(history) == ["2026-01-01"]


def test_days_of_wrong_clocks_make_nothing_old_and_are_never_old(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    write_days(history, "2025-12-30", "2026-01-03", "2099-01-01")
    history.prune({"kpi": 2}, now=at("2026-01-04"))
    assert kept_days(history) == ["2026-01-03", "2099-01-01"]


def test_a_table_without_a_policy_is_kept(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    write_days(history, "2026-01-01")
    assert history.prune({"alarms": 1}, now=at("2036-01-01")).empty
    assert kept_days(history) == ["2026-01-01"]


def test_a_day_that_went_may_be_written_again(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    write_days(history, "2026-01-01")
    history.prune({"kpi": 1}, now=at("2026-02-01"))
    assert kept_days(history) == []
    write_days(history, "2026-01-01")
    assert kept_days(history) == ["2026-01-01"]
    later(history, 61).compact("kpi")
    assert len(drops(history)) == 1
