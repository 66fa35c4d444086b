"""The ledger keeps what it was given, once, in order, on SQLite and on PostgreSQL alike."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError

from contract.errors import SettingsError
from contract.ledger import schema
from contract.ledger.accounts import (
    caller_of_password,
    caller_of_token,
    close_token,
    has_callers,
    make_token,
    make_user,
)
from contract.ledger.arrivals import (
    Entry,
    about,
    append,
    between,
    digest_of,
    head,
    last_seq_until,
    latest,
    latest_us,
    next_us,
)
from contract.ledger.audit import note
from contract.ledger.store import Ledger, open_ledger, put
from tests.contract.ledger.postgres import binaries, postgres


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server for this module."""
    if binaries() is None:
        pytest.skip(
            "PostgreSQL is NOT tested: its server is not installed (apt-get install postgresql)"
        )
    with postgres(tmp_path_factory.mktemp("postgres")) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    if request.param == "sqlite":
        made = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    else:
        made = open_ledger(request.getfixturevalue("server"))
        names = ", ".join(table.name for table in schema.METADATA.sorted_tables)
        with made.engine.begin() as connection:
            connection.execute(text(f"TRUNCATE {names}"))
    yield made
    made.close()


def entry(key: str, content: str, at: int, stream: str = "alarms") -> Entry:
    """Return an entry."""
    return Entry(stream, key, digest_of(content), content, at, "test", f"object of {key}")


def test_migrations_make_the_tables_that_are_declared(ledger: Ledger) -> None:
    with ledger.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.METADATA) == []


def test_a_ledger_is_opened_again_as_it_was_left(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path}/a/ledger.db"
    first = open_ledger(address)
    with first.writing() as connection:
        append(connection, [entry("A", "raised", 1)])
    first.close()
    with open_ledger(address).reading() as connection:
        assert head(connection) == 1


def test_sqlite_keeps_what_is_committed_through_a_loss_of_power(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path}/ledger.db").reading() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2


def test_a_content_of_a_key_is_put_down_once(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        first = append(connection, [entry("A", "x", 5), entry("A", "x", 6), entry("A", "y", 7)])
    with ledger.writing() as connection:
        again = append(connection, [entry("A", "x", 8), entry("B", "x", 9)])
    assert [e and e.seq for e in first] == [1, None, 2]
    assert [e and e.seq for e in again] == [None, 3]


def test_arrival_never_goes_back(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        append(connection, [entry("A", "x", 50)])
        append(connection, [entry("B", "x", 20), entry("C", "x", 70)])
        assert [e.arrived_us for e in between(connection, 0, 9)] == [50, 50, 70]
        assert last_seq_until(connection, 0, 60) == 2
        assert last_seq_until(connection, 2, 60) == 2
        assert next_us(connection, 2) == 70
        assert next_us(connection, 3) is None
        assert latest_us(connection, "test") == 70
        assert latest_us(connection, "nobody") is None


def test_arrivals_are_found_by_subject_and_by_age(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        append(connection, [entry("A", "x", 1), entry("B", "x", 2), entry("A", "y", 3)])
        assert [e.payload for e in about(connection, "alarms", ["object of A"], upto=9)] == [
            "x",
            "y",
        ]
        assert [e.payload for e in about(connection, "alarms", ["object of A"], upto=2)] == ["x"]
        assert [e.seq for e in latest(connection, "alarms", upto=9, most=2)] == [2, 3]


def put_down_and_fail(ledger: Ledger) -> None:
    """Put one row down well and another in its place, in one go."""
    with ledger.writing() as connection:
        append(connection, [entry("A", "x", 1)])
        connection.execute(insert(schema.ARRIVALS), [asdict(entry("B", "x", 2)) | {"seq": 1}])


def test_what_fails_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(IntegrityError, match="(?i)unique|duplicate"):
        put_down_and_fail(ledger)
    with ledger.reading() as connection:
        assert head(connection) == 0


def test_put_replaces_the_rest_of_a_row(ledger: Ledger) -> None:
    row = {"fault": 1, "incident_id": "INC-1"}
    with ledger.writing() as connection:
        put(connection, schema.FAULT_INCIDENTS, [row, {"fault": 2, "incident_id": None}])
        put(connection, schema.FAULT_INCIDENTS, [row | {"incident_id": "INC-2"}])
        found = connection.execute(select(schema.FAULT_INCIDENTS).order_by(text("fault"))).all()
    assert [tuple(r) for r in found] == [(1, "INC-2"), (2, None)]


def test_the_audit_is_only_added_to(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        note(connection, "somebody", "revealed", "T1", detail="asked by the customer")
    for change in (update(schema.AUDIT).values(who="nobody"), delete(schema.AUDIT)):
        with pytest.raises(DatabaseError, match="only added to"), ledger.writing() as connection:
            connection.execute(change)


def test_a_token_opens_until_it_is_closed_and_is_not_kept(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        assert not has_callers(connection)
        token = make_token(connection, "nms", role="feed", counties="Hill|Vale")
        caller = caller_of_token(connection, token)
        kept = str(connection.execute(select(schema.TOKENS)).all())
        assert has_callers(connection)
        close_token(connection, "nms")
        assert caller_of_token(connection, token) is None
    assert caller is not None
    assert (caller.name, caller.counties) == ("nms", frozenset({"Hill", "Vale"}))
    assert caller.may("send")
    assert not caller.may("tickets")
    assert token not in kept


def test_a_password_is_known_again_and_not_kept(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        make_user(connection, "li", "a long password", role="engineer")
        assert caller_of_password(connection, "li", "a long password") is not None
        assert caller_of_password(connection, "li", "another password") is None
        assert caller_of_password(connection, "nobody", "a long password") is None
        kept = str(connection.execute(select(schema.USERS)).all())
    assert "$argon2id$" in kept
    assert "a long password" not in kept


@pytest.mark.parametrize(
    ("name", "role", "match"),
    [("nms", "king", "role"), ("", "feed", "name"), ("taken", "feed", "taken")],
)
def test_a_wrong_account_is_refused(tmp_path: Path, name: str, role: str, match: str) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    with ledger.writing() as connection:
        make_token(connection, "taken", role="feed")
        with pytest.raises(SettingsError, match=match):
            make_token(connection, name, role=role)
    ledger.close()


@pytest.mark.parametrize("address", ["nonsense", "sqlite:////proc/none/ledger.db"])
def test_a_wrong_address_is_told(address: str) -> None:
    with pytest.raises(SettingsError, match="`ledger`"):
        open_ledger(address)
