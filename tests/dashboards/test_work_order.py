import io
import json
import re
from copy import deepcopy
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console

from correlate.case.phrases import finding
from dashboards.work_order import print_json, print_work_order, spoken
from tests.dashboards.full_case import full_case

SMALL: dict[str, Any] = {
    "ticket_id": "T1",
    "asked_at": "2026-03-10T13:30:00+08:00",
    "language": "en",
    "serving_cells": [],
    "causes": [
        {
            "cause": "site_outage",
            "probability": 0.91,
            "object_id": "H1",
            "fault_started_at": "2026-03-10T12:00:00+08:00",
            "evidence_for": [finding("for.alarms", names="[Site down]") | {"weight": 4.0}],
            "evidence_against": [finding("against.words") | {"weight": -1.0}],
        },
        {
            "cause": "terminal_fault",
            "probability": 0.05,
            "object_id": None,
            "fault_started_at": None,
            "evidence_for": [],
            "evidence_against": [],
        },
    ],
    "excluded": [{"cause": "account_barred", "reason": finding("excluded.account")}],
    "steps": [
        {
            "step": "steps.alarms",
            "status": "status.not_queried",
            "window": ["2026-02-28 13:30", "2026-03-10 13:30"],
            "findings": [],
        },
        {
            "step": "steps.ticket",
            "status": "status.found",
            "window": ["2026-03-10 13:00", "2026-03-10 13:30"],
            "findings": [finding("find.symptom", symptom="NOSIG")],
        },
    ],
    "questions": [finding("ask.handset")],
    "reply": {
        "classification": [
            finding("reply.class_network", kind="class.equipment", cause="site_outage")
        ],
        "handling": [finding("reply.recovery")],
        "recovery": [finding("reply.recovery")],
    },
}


def shown(case: dict[str, Any], *, width: int = 100, colour: bool = False) -> str:
    """What the terminal shows."""
    out = io.StringIO()
    print_work_order(
        case, console=Console(file=out, width=width, force_terminal=colour, highlight=False)
    )
    return out.getvalue()


def test_every_finding_becomes_a_sentence_and_the_case_is_left_alone() -> None:
    case = full_case()
    before = deepcopy(case)
    told = spoken(case)
    shown(case)
    assert told["causes"][0]["evidence_for"][0] == "alarms speak for it: [TRX] <FAULTY>"
    assert [s["status"] for s in told["steps"]] == ["found", "nothing", "not_queried"]
    assert all(isinstance(answer, str) for answer in told["previous"]["answer"])
    assert all(isinstance(told["reply"][f], str) for f in told["reply"])
    assert before == case


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("not queried", "Base station out of service", "since", "Ask the customer")),
        ("zh", ("未查询", "基站退服", "始于", "请问用户", "回单")),
    ],
)
def test_what_is_shown_is_in_the_language_asked_for(language: str, words: tuple[str, ...]) -> None:
    told = shown(SMALL | {"language": language})
    assert all(word in told for word in words)
    assert "find." not in told
    assert "None" not in told


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_section_of_a_full_case_is_shown(language: str) -> None:
    told = shown(full_case(language))
    for text in ("159****4261", "H1-2", "BCF FAULTY", "39.1 %", "tilt", "Hill two", "T2", "91 %"):
        assert text in told


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("taken from the whole network", "the words name its site; in its beam, 420 m")),
        ("zh", ("按全网估计", "工单提到该站;天线正对,420 m")),
    ],
)
def test_the_place_and_its_likely_cells_say_why(language: str, words: tuple[str, ...]) -> None:
    told = shown(full_case(language))
    assert all(word in told for word in words)
    assert told.count(words[1]) == 4


def test_reasons_are_sentences_in_the_json() -> None:
    place = spoken(full_case())["place"]
    assert place["why"].endswith("the words name <b>双阳</b>, which is there.")
    assert place["cells"][0]["why"] == "the words name its site; in its beam, 420 m"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [80, 110, 200])
def test_no_line_is_wider_than_the_terminal(language: str, width: int) -> None:
    lines = shown(full_case(language), width=width).splitlines()
    assert max(cell_len(line) for line in lines) <= min(width, 110)


def test_status_is_told_by_mark_and_word() -> None:
    told = shown(full_case())
    assert re.search(r"✓ 1 Read the ticket +found", told)
    assert re.search(r"○ 2 .*nothing found", told)
    assert re.search(r"∅ 3 .*not queried", told)


def test_a_counter_outside_its_band_has_an_arrow_and_its_usual_band() -> None:
    lines = shown(full_case()).splitlines()
    line = next(line for line in lines if line.startswith("Call setup success"))
    assert re.search(r"39\.1 % +▼ +95\.7 – 99\.7 %", line)
    assert "··" in line


def test_a_pipe_gets_no_escape_codes_even_from_the_ticket(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    case = full_case()
    case["ticket"]["text"] = "\x1b[31mred\x1b]0;title\x07 end"
    print_work_order(case)
    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert "\x07" not in told
    assert max(cell_len(line) for line in told.splitlines()) <= 80


def test_a_terminal_gets_no_codes_of_the_ticket() -> None:
    case = full_case()
    case["ticket"]["text"] = "\x1b[31mred"
    assert "\x1b[31m" not in shown(case, colour=True)


def test_no_colour_is_shown_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    case = shown(full_case(), colour=True)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", case)


def test_numbers_are_masked_also_inside_text() -> None:
    told = shown(full_case())
    assert "15912342291" not in told
    assert told.count("159****2291") >= 3


@pytest.mark.parametrize(
    "lacking", ["ticket", "place", "alarms", "counters", "changes", "around", "previous"]
)
def test_a_case_without_a_section_is_shown(lacking: str) -> None:
    case = full_case()
    del case[lacking]
    assert "Draft of the reply" in shown(case)


def test_json_is_one_object_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(SMALL | {"language": "zh"})
    written = capsys.readouterr().out
    assert "\\u" not in written
    told = json.loads(written)
    fields = {"ticket_id", "serving_cells", "causes", "excluded", "steps", "reply"}
    assert fields <= set(told)
    cause = {"cause", "probability", "object_id", "fault_started_at"}
    assert cause | {"evidence_for", "evidence_against"} <= set(told["causes"][0])


def test_brackets_of_others_are_shown_as_they_are() -> None:
    assert "alarms speak for it: [Site down]" in shown(SMALL)
    assert "[bold]打不通[/bold]" in shown(full_case())
