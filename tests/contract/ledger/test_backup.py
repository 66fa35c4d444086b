"""A copy of a running server's data, put back elsewhere, goes on to where the server came to."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from contract.bundles import Bundle, read_bundle
from contract.ledger import schema
from contract.ledger.backup import (
    LIST,
    SQLITE,
    BackupError,
    check_backup,
    latest_backups,
    make_backup,
    prune_backups,
    restore_backup,
)
from contract.ledger.store import open_ledger
from contract.settings import Settings
from correlate.knowledge import Knowledge, gather
from correlate.live.driver import Driver
from correlate.live.intake import Intake
from correlate.live.replay import US, batches
from tests.contract.ledger.postgres import binaries, postgres
from tests.correlate.live.small_bundle import STEP_S, write_bundle

TABLES = (schema.ARRIVALS, schema.DIAGNOSES, schema.INCIDENTS, schema.NOTICES, schema.TICKETS)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The bundle of one afternoon."""
    return read_bundle(write_bundle(tmp_path_factory.mktemp("bundle")), Settings())


@pytest.fixture(scope="module")
def known(bundle: Bundle) -> Knowledge:
    """What a server with it knows."""
    return gather(bundle.tables, Settings())


def play(address: str, history: Path, bundle: Bundle, known: Knowledge, upto: int) -> int:
    """Send the first batches and take their steps; return how many steps were taken again at the start."""
    ledger = open_ledger(address)
    intake = Intake(ledger, history, Settings(), bundle.tables)
    driver = Driver(ledger, known, history, "this version", time.time, snapshot_every_s=0.0)
    again = driver.recover()
    for batch in list(batches(bundle.tables, step_s=STEP_S))[:upto]:
        intake.take(batch.submissions, now_us=batch.at * US)
        while driver.advance(batch.at) is not None:
            pass
    ledger.close()
    return again


def contents(address: str) -> dict[str, list[str]]:
    """Return what stands in a ledger."""
    ledger = open_ledger(address)
    with ledger.reading() as connection:
        told = {
            table.name: sorted(str(tuple(row)) for row in connection.execute(select(table)))
            for table in TABLES
        }
    ledger.close()
    return told


def files(history: Path) -> dict[str, bytes]:
    """Return the counters of a history."""
    return {str(p.relative_to(history)): p.read_bytes() for p in history.rglob("*.parquet")}


def test_a_copy_put_back_goes_on_to_where_the_server_came(
    tmp_path: Path, bundle: Bundle, known: Knowledge
) -> None:
    first, other = (f"sqlite:///{tmp_path}/{name}.db" for name in ("first", "other"))
    play(first, tmp_path / "first", bundle, known, 8)
    reader = open_ledger(first)
    with reader.writing():
        told = make_backup(first, tmp_path / "first", tmp_path / "copy")
    reader.close()
    assert check_backup(tmp_path / "copy") == told
    then = contents(first), files(tmp_path / "first")
    play(first, tmp_path / "first", bundle, known, 99)
    restore_backup(tmp_path / "copy", other, tmp_path / "other")
    assert (contents(other), files(tmp_path / "other")) == then
    assert then[0] != contents(first)
    assert play(other, tmp_path / "other", bundle, known, 99) == 0
    assert contents(other) == contents(first)
    assert files(tmp_path / "other") == files(tmp_path / "first")


def small_backup(tmp_path: Path) -> tuple[str, Path]:
    """Return the ledger of a small server, and its back-up."""
    address = f"sqlite:///{tmp_path}/ledger.db"
    open_ledger(address).close()
    (tmp_path / "history" / "counters").mkdir(parents=True)
    (tmp_path / "history" / "counters" / "a.parquet").write_bytes(b"abc")
    (tmp_path / "history" / ".a.part").write_bytes(b"not finished")
    make_backup(address, tmp_path / "history", tmp_path / "copy")
    return address, tmp_path / "copy"


def test_only_what_is_finished_is_copied(tmp_path: Path) -> None:
    _, copy = small_backup(tmp_path)
    listed = json.loads((copy / LIST).read_text(encoding="utf-8"))["files"]
    assert set(listed) == {SQLITE, "history/counters/a.parquet"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"abd", "not what was written", id="changed"),
        pytest.param(b"ab", "missing or cut", id="cut"),
    ],
)
def test_a_copy_that_is_not_whole_touches_nothing(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    _, copy = small_backup(tmp_path)
    (copy / "history" / "counters" / "a.parquet").write_bytes(content)
    with pytest.raises(BackupError, match=reason):
        restore_backup(copy, f"sqlite:///{tmp_path}/new.db", tmp_path / "new")
    assert not (tmp_path / "new.db").exists()
    assert not (tmp_path / "new").exists()


def test_a_copy_goes_into_an_empty_place_or_moves_aside_what_is_there(tmp_path: Path) -> None:
    address, copy = small_backup(tmp_path)
    with pytest.raises(BackupError, match="empty place"):
        restore_backup(copy, address, tmp_path / "history")
    restore_backup(copy, address, tmp_path / "history", force=True)
    assert (tmp_path / "history" / "counters" / "a.parquet").read_bytes() == b"abc"
    assert len(list(tmp_path.glob("ledger.db.before-*"))) == 1
    assert len(list(tmp_path.glob("history.before-*"))) == 1


def test_a_copy_is_not_laid_over_anything(tmp_path: Path) -> None:
    address, copy = small_backup(tmp_path)
    with pytest.raises(BackupError, match="new folder"):
        make_backup(address, tmp_path / "history", copy)


def test_a_list_that_names_files_elsewhere_is_refused(tmp_path: Path) -> None:
    _, copy = small_backup(tmp_path)
    (copy / LIST).write_text('{"made_at": "", "files": {"../ledger.db": {}}}', encoding="utf-8")
    with pytest.raises(BackupError, match="names files elsewhere"):
        check_backup(copy)


def test_the_oldest_daily_copies_go_and_no_others(tmp_path: Path) -> None:
    for day in ("2026-03-01", "2026-03-02", "2026-03-03"):
        (tmp_path / day).mkdir()
        (tmp_path / day / LIST).write_text("{}", encoding="utf-8")
    (tmp_path / "mine").mkdir()
    assert prune_backups(tmp_path, kept=2) == ["2026-03-01"]
    assert [path.name for path in latest_backups(tmp_path)] == ["2026-03-03", "2026-03-02"]
    assert (tmp_path / "mine").is_dir()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    """An empty database on a PostgreSQL of our own."""
    if binaries() is None:
        pytest.skip("PostgreSQL is NOT tested: its server is not installed")
    with postgres(tmp_path) as address:
        yield address


def test_postgresql_is_copied_and_put_back(
    tmp_path: Path, database: str, bundle: Bundle, known: Knowledge
) -> None:
    play(database, tmp_path / "history", bundle, known, 6)
    make_backup(database, tmp_path / "history", tmp_path / "copy")
    then = contents(database)
    play(database, tmp_path / "history", bundle, known, 99)
    with pytest.raises(BackupError, match="empty place"):
        restore_backup(tmp_path / "copy", database, tmp_path / "new")
    restore_backup(tmp_path / "copy", database, tmp_path / "new", force=True)
    assert contents(database) == then
