"""Accounts are changed, closed and listed; who was logged in with them is not any more."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from contract.errors import SettingsError
from contract.ledger.accounts import (
    ALONE,
    Caller,
    accounts,
    caller_of_password,
    change_password,
    close_token,
    close_user,
    make_token,
    make_user,
    roles,
)
from contract.ledger.schema import AUDIT
from contract.ledger.sessions import Lasting, open_session, session_of
from contract.ledger.store import Ledger, open_ledger

OLD, NEW = "a long password", "another password"
NOW = 1_800_000_000
LASTING = Lasting(600, 3600)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A ledger that knows Li and the program nms."""
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    with ledger.writing() as connection:
        make_user(connection, "li", OLD, role="engineer", counties="Hill")
        make_token(connection, "nms", role="feed")
    return ledger


def logged_in(connection: Connection) -> str:
    """Return the number of a session of Li."""
    return open_session(connection, Caller("li", "engineer"), now=NOW, lasting=LASTING)


def test_a_new_password_counts_and_the_old_does_not(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        change_password(connection, "li", NEW)
        assert caller_of_password(connection, "li", OLD) is None
        assert caller_of_password(connection, "li", NEW) is not None


@pytest.mark.parametrize(
    "change", [lambda c: change_password(c, "li", NEW), lambda c: close_user(c, "li")]
)
def test_a_change_of_the_account_logs_out(
    ledger: Ledger, change: Callable[[Connection], None]
) -> None:
    with ledger.writing() as connection:
        number = logged_in(connection)
        assert session_of(connection, number, now=NOW + 1, lasting=LASTING) is not None
        change(connection)
        assert session_of(connection, number, now=NOW + 1, lasting=LASTING) is None


def test_a_session_carries_what_the_account_says_now(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        session = session_of(connection, logged_in(connection), now=NOW, lasting=LASTING)
    assert session is not None
    assert session.caller == Caller("li", "engineer", frozenset({"Hill"}))


def test_whom_another_system_vouches_for_keeps_what_it_said(ledger: Ledger) -> None:
    caller = Caller("li", "manager", frozenset({"Vale"}))
    with ledger.writing() as connection:
        number = open_session(connection, caller, now=NOW, lasting=LASTING, source="sso")
        session = session_of(connection, number, now=NOW, lasting=LASTING)
    assert session is not None
    assert session.caller == caller


@pytest.mark.parametrize(("later", "is_there"), [(599, True), (600, False), (3700, False)])
def test_a_session_ends_when_it_is_not_used(ledger: Ledger, later: int, is_there: bool) -> None:
    with ledger.writing() as connection:
        number = logged_in(connection)
        found = session_of(connection, number, now=NOW + later, lasting=LASTING)
    assert (found is not None) == is_there


def test_what_is_closed_stays_listed_without_what_it_is_known_by(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        close_token(connection, "nms")
        close_user(connection, "li")
        users, tokens = accounts(connection, "users"), accounts(connection, "tokens")
        told = list(connection.execute(select(AUDIT.c.what)).scalars())
    assert [(row["name"], row["closed_at"] is None) for row in users] == [("li", False)]
    assert [(row["name"], row["closed_at"] is None) for row in tokens] == [("nms", False)]
    assert not {"password_hash", "digest"} & ({*users[0]} | {*tokens[0]})
    assert told == ["user made", "token made", "token closed", "user closed"]


def test_what_is_not_open_can_not_be_changed(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        close_user(connection, "li")
        with pytest.raises(SettingsError, match="user that is open"):
            close_user(connection, "li")
        with pytest.raises(SettingsError, match="user that is open"):
            change_password(connection, "li", NEW)
        with pytest.raises(SettingsError, match="token that is open"):
            close_token(connection, "none")
        with pytest.raises(SettingsError, match="10 characters"):
            change_password(connection, "li", "short")


def test_nobody_is_given_the_role_of_who_is_alone(ledger: Ledger) -> None:
    with (
        ledger.writing() as connection,
        pytest.raises(SettingsError, match=r"`role` must be one of .*admin"),
    ):
        make_user(connection, "wu", OLD, role=ALONE)


def test_who_is_alone_may_do_all_but_make_accounts() -> None:
    every = set().union(*(acts for name, acts in roles().items() if name != ALONE))
    assert roles()[ALONE] == every - {"accounts"}
