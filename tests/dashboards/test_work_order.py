import json
from copy import deepcopy
from typing import Any

import pytest

from correlate.phrases import finding
from dashboards.work_order import print_json, print_work_order, spoken, work_order_lines

CASE: dict[str, Any] = {
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
        "classification": [finding("reply.class_network", cause="site_outage")],
        "handling": [finding("reply.handling_cover", cause="site_outage", site="H1 station")],
        "recovery": [finding("reply.recovery")],
    },
}


def test_every_finding_becomes_a_sentence_and_the_case_is_left_alone() -> None:
    before = deepcopy(CASE)
    told = spoken(CASE)
    assert told["causes"][0]["evidence_for"] == ["alarms speak for it: [Site down]"]
    assert told["steps"][0]["status"] == "not_queried"
    assert told["questions"] == ["ask to try the SIM in another phone"]
    assert set(told["reply"]) == {"classification", "handling", "recovery"}
    assert before == CASE


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("not queried", "Base station out of service", "since", "ask the customer")),
        ("zh", ("未查询", "基站退服", "始于", "请问用户", "回单")),
    ],
)
def test_lines_are_in_the_language_asked_for(language: str, words: tuple[str, ...]) -> None:
    shown = "\n".join(work_order_lines(CASE | {"language": language}))
    assert all(word in shown for word in words)
    assert "find." not in shown
    assert "None" not in shown


def test_steps_and_causes_are_numbered_in_order() -> None:
    lines = work_order_lines(CASE)
    assert lines[0].startswith("T1")
    assert [n for n in ("1. ", "2. ") if any(line.startswith(n) for line in lines)] == [
        "1. ",
        "2. ",
    ]
    ranks = [line for line in lines if line.startswith(("1) ", "2) "))]
    assert "[site_outage]  0.91" in ranks[0]
    assert "[terminal_fault]  0.05" in ranks[1]


def test_json_is_one_object_of_the_contract(capsys: pytest.CaptureFixture[str]) -> None:
    print_json(CASE | {"language": "zh"})
    written = capsys.readouterr().out
    assert "\\u" not in written
    told = json.loads(written)
    fields = {"ticket_id", "serving_cells", "causes", "excluded", "steps", "reply"}
    assert fields <= set(told)
    cause = {"cause", "probability", "object_id", "fault_started_at"}
    assert cause | {"evidence_for", "evidence_against"} <= set(told["causes"][0])


def test_brackets_of_an_alarm_name_are_shown_as_they_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_work_order(CASE)
    assert "+ alarms speak for it: [Site down]" in capsys.readouterr().out
