"""Whatever the step tells of an incident or an act has its words on the page."""

import re
from pathlib import Path
from typing import Any

import pytest

from contract.acts import act_schema
from correlate import acts
from correlate.acts.taking import EFFECTIVE
from dashboards.server.incident_sheet import _act, _outcome, act_words, network_causes, sheet_words
from dashboards.wording import LANGUAGES
from kpi.kinds import KINDS

REFUSALS = re.compile(r'Outcome\((?:REFUSED|DONE), "(\w+)"\)|return (?:None, )?"(\w+)"')
ZONE = "Asia/Shanghai"


def act(kind: str, subject: str = "incident", **fields: Any) -> dict[str, Any]:
    """Return an act as the ledger tells it."""
    row = {
        "number": 1, "at": 1773120000, "who": "li", "kind": kind, "subject_kind": subject,
        "subject_id": "X-1", "content": {}, "act_id": "a1", "outcome": None, "outcome_detail": None,
    }  # fmt: skip
    return row | fields


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_kind_of_episode_has_a_word(language: str) -> None:
    assert {kind.name for kind in KINDS} == set(sheet_words(language)["kind"])


def test_each_reason_of_a_refusal_has_a_word() -> None:
    folder = Path(str(acts.__file__)).parent
    text = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    codes = {one for pair in REFUSALS.findall(text) for one in pair if one}
    assert {"overtaken", "notice_over", "merged", "known"} <= codes
    assert codes <= set(act_words("en")["reason"])


@pytest.mark.parametrize(
    ("row", "outcome"),
    [
        (act("comment", content={"text": "a"}), "noted"),
        (act("close", content={"cause": "power_failure"}), "waiting"),
        (act("close", content={"cause": "power_failure"}, outcome="refused"), "refused"),
    ],
    ids=["words", "before a step", "after it"],
)
def test_an_act_is_told_with_what_came_of_it(row: dict[str, Any], outcome: str) -> None:
    assert _outcome(row) == outcome


def test_an_act_says_what_it_carries_and_why_it_was_refused() -> None:
    row = act("repair_time", content={"due_at": 1773137400, "text": "late"})
    told = _act(row | {"outcome": "refused", "outcome_detail": "time_gone"}, "en", ZONE)
    assert told.said == "2026-03-10 18:10 · late"
    assert told.outcome == "refused: that time had gone by"
    assert told.undoes == ""


def test_an_act_on_a_notice_names_it_and_is_taken_back_there() -> None:
    told = _act(act("withdraw", "notice", outcome="done"), "zh", ZONE)
    assert (told.what, told.undoes, told.address) == ("X-1 撤回", "a1", "/notices/X-1/acts")


def test_a_split_says_what_was_split_off_and_is_taken_back() -> None:
    content = {"sites": [f"S{n}" for n in range(9)], "cells": ["C1"], "text": "own cut"}
    told = _act(act("split", content=content, outcome="done"), "en", ZONE)
    assert told.said == "S0, S1, S2, S3, S4, S5, S6, S7 and 2 more · own cut"
    assert (told.what, told.undoes, told.address) == ("Split off", "a1", "/incidents/X-1/acts")


def test_a_merge_of_another_incident_is_named_and_taken_back_there() -> None:
    row = act("merge", content={"into": "X-2"}, outcome="done", is_elsewhere=True)
    told = _act(row, "zh", ZONE)
    assert (told.what, told.said, told.undoes) == ("X-1 合并", "X-2", "a1")


def test_what_changes_the_model_are_kinds_of_acts() -> None:
    for subject, kinds in EFFECTIVE.items():
        assert set(kinds) <= set(act_schema(subject)["discriminator"]["mapping"])


def test_incidents_are_closed_with_causes_of_the_network() -> None:
    codes = {code for code, _ in network_causes("en")}
    assert "power_failure" in codes
    assert "terminal_fault" not in codes
