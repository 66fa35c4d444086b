from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.errors import InputError
from contract.settings import Settings
from correlate.case.investigation import investigate
from correlate.case.phrases import sentence
from tests.correlate.small_network import small_tables

TEXT = "H1 station 没有信号 周围用户同样"
SMALL = ("sites", "cells", "links", "neighbours")


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a bundle of the small network: H1 falls at noon, one complaint at one, one in the evening."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name in SMALL:
        small_tables()[name].to_csv(folder / f"{name}.csv", index=False)
    written = {
        "alarms": "alarm_id,object_id,raised_at,name\nA1,H1,2026-03-10 12:00,NE Is Disconnected\n",
        "complaints": f"ticket_id,created_at,text,address\nT1,2026-03-10 13:02,{TEXT},H1 station\n"
        f"T2,2026-03-10 20:00,{TEXT},V1 station\n",
    }
    for name, text in written.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def asked(bundle: Path) -> Callable[..., dict[str, Any]]:
    """Return a function that investigates a ticket of the bundle."""

    def ask(ticket: str = "T1", **given: Any) -> dict[str, Any]:
        settings = Settings(language=given.pop("language", "en"))
        return investigate(bundle, ticket, settings, **given)

    return ask


def test_the_outage_of_the_own_site_is_found_with_evidence(
    asked: Callable[..., dict[str, Any]],
) -> None:
    case = asked()
    first = case["causes"][0]
    assert first["object_id"] == "H1"
    assert first["fault_started_at"].startswith("2026-03-10T1")
    assert "for.alarms" in [f["key"] for f in first["evidence_for"]]
    assert sum(c["probability"] for c in case["causes"]) <= 1.0
    assert case["serving_cells"][0]["cell_id"].startswith("H1-")
    assert {"excluded", "steps", "reply", "questions", "asked_at"} <= set(case)


def test_the_place_and_each_serving_cell_say_why(asked: Callable[..., dict[str, Any]]) -> None:
    case = asked()
    why = sentence(case["place"]["why"], "en")
    assert why.startswith("Placed by the words, which name H1 station (name of a site), within")
    told = [sentence(row["why"], "en") for row in case["serving_cells"]]
    assert all(told)
    assert "the words name its site" in told[0]
    assert "down now" in told[0]


def test_it_is_told_as_it_stood_when_the_ticket_was_diagnosed(
    asked: Callable[..., dict[str, Any]],
) -> None:
    assert "2026-03-10T13:02" < asked()["asked_at"] <= "2026-03-10T13:32"


def test_asking_again_says_the_same_from_the_casebook(
    asked: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = asked()

    def unused(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("correlate.case.investigation.play", unused)
    assert asked() == first
    assert asked(language="zh") == first | {"language": "zh"}


def test_an_earlier_moment_knows_no_later_row(asked: Callable[..., dict[str, Any]]) -> None:
    case = asked(at="2026-03-10 13:10")
    assert case["asked_at"] <= "2026-03-10T13:10:00+08:00"
    assert case["causes"][0]["object_id"] == "H1"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"ticket": "T9"}, "`ticket` 'T9' is no usable row of `complaints`"),
        ({"ticket": "T9", "at": "2026-03-10 13:10"}, "`ticket` 'T9'"),
        ({"ticket": "T2", "at": "2026-03-10 13:10"}, "before ticket 'T2' arrived"),
        ({"at": "half past"}, "`at` needs a time"),
    ],
    ids=["no such ticket", "no such ticket then", "too early", "no time"],
)
def test_what_cannot_be_asked_is_named(
    asked: Callable[..., dict[str, Any]], given: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        asked(**given)


def test_a_bundle_there_is_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="gone"):
        investigate(tmp_path / "gone", "T1", Settings())
