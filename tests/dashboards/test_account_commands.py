"""Accounts are kept by commands; a password comes from the environment or standard input and is never printed."""

import io
from pathlib import Path

import pytest

import cli

PASSWORD = "a long password"


@pytest.fixture
def settings(tmp_path: Path) -> str:
    """The name of a file of settings with a ledger."""
    path = tmp_path / "server.toml"
    path.write_text('ledger = "sqlite:///ledger.db"\n', encoding="utf-8")
    return str(path)


def run(settings: str, *words: str) -> int:
    """Run a command with the settings."""
    return cli.main([*words, "--settings", settings])


def test_users_are_added_changed_closed_and_listed(
    settings: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PASSWORD", PASSWORD)
    assert run(settings, "user", "add", "li", "--role", "engineer", "--counties", "Hill|Vale") == 0
    monkeypatch.delenv("PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO("another password\n"))
    assert run(settings, "user", "password", "li") == 0
    assert run(settings, "user", "close", "li") == 0
    assert run(settings, "user", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split("\t") == ["name", "role", "counties", "made", "closed"]
    assert lines[1].split("\t")[:3] == ["li", "engineer", "Hill|Vale"]
    assert lines[1].split("\t")[4]
    assert PASSWORD not in str(lines)


def test_tokens_are_listed_without_their_text(
    settings: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run(settings, "token", "add", "nms", "--role", "feed")
    token = capsys.readouterr().out.strip()
    run(settings, "token", "list")
    shown = capsys.readouterr().out
    assert shown.splitlines()[1].startswith("nms\tfeed\tall\t")
    assert token not in shown


def test_a_short_password_is_refused(
    settings: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("PASSWORD", raising=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert run(settings, "user", "add", "li", "--role", "engineer") == 2
    assert "10 characters" in capsys.readouterr().err
