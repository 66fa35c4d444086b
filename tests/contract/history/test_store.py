"""What is written is read: each key once, in its types, pruned to what is asked, on any file system."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import uuid4

import fsspec
import pandas as pd
import pyarrow as pa
import pytest

from contract.errors import InputError
from contract.history import History, open_history
from contract.settings import Settings
from tests.contract.history.counter_rows import DAY, MIDNIGHT, drops, hours


@pytest.fixture(params=["local", "memory"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[History]:
    if request.param == "local":
        yield open_history(str(tmp_path / "kept"))
        return
    name = f"test-{uuid4().hex}"
    yield open_history(f"memory://{name}")
    fsspec.filesystem("memory").rm(f"/{name}", recursive=True)


def alarm(number: str, raised: str, **other: object) -> dict[str, object]:
    """A row of alarms."""
    at = pd.Timestamp(raised, tz="Asia/Shanghai").tz_convert("UTC")
    return {"alarm_id": number, "object_id": "S", "raised_at": at, "name": "n", **other}


def test_rows_come_back_as_written(history: History) -> None:
    frame = hours("BA", 3.0)
    before = frame.copy()
    history.write("kpi", frame, region="大理", day=DAY)
    pd.testing.assert_frame_equal(frame, before)
    assert drops(history) == {(cell, hour): 3.0 for cell in "AB" for hour in (0, 1)}


def test_columns_have_the_types_of_the_contract(history: History) -> None:
    frame = hours("A", 3.0).assign(
        cell_id=lambda rows: rows["cell_id"].astype("category"), own="x", row=7
    )
    history.write("kpi", frame, region="r", day=DAY)
    schema = history.read("kpi").schema
    assert schema.field("drops").type == pa.float32()
    assert schema.field("start").type == pa.timestamp("us", "UTC")
    assert schema.field("cell_id").type == pa.string()
    assert schema.field("vswr").type == pa.float32()
    assert schema.names[-1] == "own"


def test_a_number_that_is_none_is_null(history: History) -> None:
    start = pa.array([MIDNIGHT], pa.timestamp("us", "UTC"))
    none = pa.array([float("nan")])
    table = pa.table({"cell_id": ["A"], "start": start, "minutes": [60.0], "drops": none})
    history.write("kpi", table, region="r", day=DAY)
    assert drops(history) == {("A", 0): None}


def test_of_two_rows_the_one_written_later_is_read(history: History) -> None:
    history.write("kpi", hours("AB", 5.0), region="r", day=DAY)
    history.write("kpi", hours("A", 1.0, first=1), region="r", day=DAY)
    assert drops(history) == {("A", 0): 5, ("A", 1): 1, ("A", 2): 1, ("B", 0): 5, ("B", 1): 5}


def test_of_two_rows_the_one_received_later_is_read(history: History) -> None:
    history.write("kpi", hours("A", 5.0, received="2026-01-03"), region="r", day=DAY)
    history.write("kpi", hours("A", 1.0, received="2026-01-02"), region="r", day=DAY)
    assert set(drops(history).values()) == {5.0}


def test_in_one_writing_the_greater_content_is_read(history: History) -> None:
    frame = pd.concat([hours("A", 1.0), hours("A", 9.0), hours("A", float("nan"))])
    history.write("kpi", frame, region="r", day=DAY)
    assert drops(history) == {("A", 0): 9.0, ("A", 1): 9.0}


def test_the_same_again_changes_nothing(history: History) -> None:
    history.write("kpi", hours("AB", 5.0), region="r", day=DAY)
    again = history.write("kpi", hours("BA", 5.0), region="r", day=DAY)
    assert again is None
    assert history.partitions("kpi")["files"].tolist() == [1]


def test_what_was_overwritten_and_comes_again_is_read(history: History) -> None:
    for value in (1.0, 2.0, 1.0):
        history.write("kpi", hours("A", value), region="r", day=DAY)
    assert set(drops(history).values()) == {1.0}


def test_a_cell_that_moved_to_another_region_is_read_once(history: History) -> None:
    history.write("kpi", hours("AB", 1.0), region="old", day=DAY)
    history.write("kpi", hours("A", 2.0), region="new", day=DAY)
    assert drops(history) == {("A", 0): 2, ("A", 1): 2, ("B", 0): 1, ("B", 1): 1}
    assert history.sql("SELECT count(*) FROM kpi").to_pylist() == [{"count_star()": 4}]


def test_an_alarm_that_was_dated_anew_is_read_once(history: History) -> None:
    history.write("alarms", pd.DataFrame([alarm("1", "2026-01-01 10:00")]), region="r", day=DAY)
    later = date(2026, 1, 2)
    history.write("alarms", pd.DataFrame([alarm("1", "2026-01-02 10:00")]), region="r", day=later)
    assert history.read("alarms", columns=["alarm_id", "day"]).to_pylist() == [
        {"alarm_id": "1", "day": later}
    ]


def test_a_clearing_joins_its_alarm(history: History) -> None:
    raised = alarm("1", "2026-01-01 23:00")
    history.write("alarms", pd.DataFrame([raised]), region="r", day=DAY)
    cleared = raised | {"cleared_at": pd.Timestamp("2026-01-02 01:00Z")}
    history.write("alarms", pd.DataFrame([cleared]), region="r", day=DAY)
    assert history.read("alarms", columns=["cleared_at"])["cleared_at"].null_count == 0


def test_only_what_is_asked_is_read(history: History) -> None:
    history.write("kpi", hours("AB", 1.0), region="x", day=DAY)
    history.write("kpi", hours("CD", 1.0), region="y", day=DAY)
    later = hours("C", 1.0).assign(start=lambda rows: rows["start"] + pd.Timedelta(days=1))
    history.write("kpi", later, region="y", day=date(2026, 1, 2))
    columns = ["cell_id", "region"]
    found = history.read("kpi", regions=["y"], days=[DAY], columns=columns, only=["C", "Z"])
    assert found.to_pylist() == [{"cell_id": "C", "region": "y"}] * 2
    assert history.read("kpi", only=[]).num_rows == 0
    assert history.read("kpi", regions=["z"]).num_rows == 0


def test_batches_hold_what_is_read(history: History) -> None:
    history.write("kpi", hours("ABC", 1.0, count=20), region="x", day=DAY)
    found = pa.Table.from_batches(history.batches("kpi", columns=["cell_id", "start"]))
    whole = history.read("kpi", columns=["cell_id", "start"])
    assert found.sort_by([("cell_id", "ascending"), ("start", "ascending")]) == whole
    assert list(history.batches("kpi", regions=["none"])) == []


def test_a_table_of_ones_own_has_the_key_it_was_given(history: History) -> None:
    own = History(history.storage, history.zone, keys={"kpi_hours": ("object_id", "start")})
    frame = pd.DataFrame({"object_id": ["A", "B"], "start": MIDNIGHT, "value": [1, 2]})
    own.write("kpi_hours", frame, region="r", day=DAY)
    own.write("kpi_hours", frame.assign(value=[3, 2]), region="r", day=DAY)
    assert history.read("kpi_hours", columns=["value"])["value"].to_pylist() == [3, 2]
    assert history.forms()["kpi_hours"].key == ("object_id", "start")


def test_rows_alike_are_one_where_there_is_no_key(history: History) -> None:
    frame = pd.DataFrame({"what": ["a", "a", "b"]})
    history.write("notes", frame, region="r", day=DAY)
    history.write("notes", frame.iloc[2:], region="r", day=DAY)
    assert sorted(history.read("notes")["what"].to_pylist()) == ["a", "b"]


def test_columns_that_came_later_are_null_before(history: History) -> None:
    history.write("kpi", hours("A", 1.0), region="r", day=DAY)
    history.write("kpi", hours("B", 1.0).assign(own=4), region="r", day=DAY)
    assert history.read("kpi", columns=["own"])["own"].to_pylist() == [None, None, 4, 4]


def test_no_rows_write_nothing(history: History) -> None:
    assert history.write("kpi", hours("A", 1.0).iloc[:0], region="r", day=DAY) is None
    assert history.read("kpi").num_rows == 0
    assert history.partitions().empty


@pytest.mark.parametrize(
    ("table", "change", "told"),
    [
        ("complaints", {}, "`table` must be one of"),
        ("own", {"msisdn": "15900002291"}, "without numbers of customers"),
        ("Own", {}, "must be lower case letters"),
        ("kpi", {"cell_id": None}, r"`kpi\.cell_id` must have a value in every row; 2 have none"),
        ("kpi", {"start": MIDNIGHT - pd.Timedelta(hours=1)}, "`day` must be that of every `start`"),
        ("kpi", {"start": MIDNIGHT.tz_localize(None)}, r"`kpi\.start` must have a zone"),
        ("kpi", {"drops": "many"}, r"`kpi\.drops` must be count"),
    ],
    ids=["private table", "number", "name", "no key", "other day", "no zone", "no number"],
)
def test_rows_that_do_not_fit_are_refused(
    history: History, table: str, change: dict[str, object], told: str
) -> None:
    with pytest.raises(InputError, match=told):
        history.write(table, hours("A", 1.0).assign(**change), region="r", day=DAY)
    assert history.partitions().empty


def test_a_missing_column_is_named(history: History) -> None:
    with pytest.raises(InputError, match="`kpi` lacks column 'start'"):
        history.write("kpi", hours("A", 1.0).drop(columns="start"), region="r", day=DAY)


def test_what_is_not_there_is_named(history: History) -> None:
    history.write("kpi", hours("A", 1.0), region="r", day=DAY)
    with pytest.raises(InputError, match="`table` must be one of"):
        history.read("nothing")
    with pytest.raises(InputError, match=r"`columns` must be some of .*\['nothing'\] are asked"):
        history.read("kpi", columns=["nothing"])


def test_a_day_is_that_of_the_zone_the_history_began_with(tmp_path: Path) -> None:
    address = str(tmp_path / "kept")
    open_history(address).write("kpi", hours("A", 1.0), region="r", day=DAY)
    elsewhere = open_history(address, settings=Settings(zone="Europe/London"))
    assert elsewhere.zone == "Asia/Shanghai"
    elsewhere.write("kpi", hours("B", 1.0), region="r", day=DAY)
    assert len(drops(elsewhere)) == 4


def test_other_things_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(
        InputError, match=r"must be new, empty or a history; .* holds \['mine.txt'\]"
    ):
        open_history(str(tmp_path))


def test_a_history_that_should_be_there_is_missed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no history\.json"):
        open_history(str(tmp_path / "none"), is_new=False)


@pytest.mark.parametrize(
    ("address", "told"),
    [("nowhere://x", "that fsspec knows"), ("/tmp/a[1]", "without any of")],
    ids=["unknown system", "wild"],
)
def test_an_address_that_can_not_be_used_is_refused(address: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        open_history(address)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("history.json", "{", r"history\.json is damaged"),
        ("history.json", '{"format": 99}', "must hold a history of format 1; it is 99"),
        ("kpi/region=r/day=2026-01-01/manifest.json", "[]", "it is damaged"),
    ],
    ids=["about", "later version", "manifest"],
)
def test_a_damaged_list_is_named(tmp_path: Path, name: str, content: str, told: str) -> None:
    history = open_history(str(tmp_path))
    history.write("kpi", hours("A", 1.0), region="r", day=DAY)
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=told):
        history.read("kpi")


def test_too_little_memory_is_said(tmp_path: Path) -> None:
    settings = Settings(history_memory_mib=64, history_spill_folder=tmp_path / "spill")
    history = open_history(str(tmp_path / "kept"), settings=settings)
    with pytest.raises(InputError, match="`history_memory_mib` must be enough"):
        history.sql("SELECT list(i) FROM range(30000000) t(i)")
