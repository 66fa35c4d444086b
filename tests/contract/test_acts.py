"""What people send is checked: each kind by what it carries, each fault named, nothing that was sent told back."""

import pytest

from contract.acts import INCIDENT, NOTICE, TICKET, read_act
from contract.errors import InputError


@pytest.mark.parametrize(
    ("subject", "given", "content"),
    [
        (INCIDENT, {"kind": "acknowledge"}, {"text": ""}),
        (INCIDENT, {"kind": "comment", "text": " on site "}, {"text": "on site"}),
        (
            INCIDENT,
            {"kind": "repair_time", "due_at": "2026-03-10T18:00"},
            {"due_at": 1773136800, "text": ""},
        ),
        (
            INCIDENT,
            {"kind": "repair_time", "due_at": "2026-03-10T18:00Z"},
            {"due_at": 1773165600, "text": ""},
        ),
        (
            INCIDENT,
            {"kind": "close", "cause": "power_failure"},
            {"cause": "power_failure", "text": ""},
        ),
        (
            INCIDENT,
            {"kind": "split", "sites": ["S2", "S1", "S2"]},
            {"sites": ["S1", "S2"], "cells": [], "text": ""},
        ),
        (
            NOTICE,
            {"kind": "edit", "scripts": {"agent_en": "Soon."}},
            {"scripts": {"agent_en": "Soon."}, "text": ""},
        ),
        (
            TICKET,
            {"kind": "verdict", "cause": "terminal_fault", "reply": "ok"},
            {"cause": "terminal_fault", "reply": "ok"},
        ),
        (TICKET, {"kind": "state", "state": "in_field"}, {"state": "in_field", "text": ""}),
    ],
    ids=lambda value: value.get("kind", "") if isinstance(value, dict) else str(value),
)
def test_an_act_carries_what_its_kind_has(
    subject: str, given: dict[str, object], content: dict[str, object]
) -> None:
    assert read_act(subject, given | {"act_id": "a-1"}).content("Asia/Shanghai") == content


@pytest.mark.parametrize(
    ("subject", "given", "why"),
    [
        (TICKET, {"kind": "merge", "act_id": "a", "into": "INC-1"}, "merge"),
        (INCIDENT, {"kind": "assign", "act_id": "a"}, "`to`: Field required"),
        (INCIDENT, {"kind": "comment", "act_id": "a", "text": "  "}, "`text`"),
        (INCIDENT, {"kind": "acknowledge"}, "`act_id`: Field required"),
        (INCIDENT, {"kind": "acknowledge", "act_id": "a b"}, "`act_id`"),
        (INCIDENT, {"kind": "acknowledge", "act_id": "a", "more": 1}, "`more`"),
        (
            INCIDENT,
            {"kind": "close", "act_id": "a", "cause": "terminal_fault"},
            "no cause of an incident",
        ),
        (INCIDENT, {"kind": "close", "act_id": "a", "cause": "ghosts"}, "`cause`: is no cause"),
        (INCIDENT, {"kind": "repair_time", "act_id": "a", "due_at": "soon"}, "`due_at`"),
        (NOTICE, {"kind": "edit", "act_id": "a", "scripts": {}}, "`scripts`"),
        (INCIDENT, {"kind": "split", "act_id": "a", "sites": []}, "needs `sites` or `cells`"),
        (INCIDENT, {"kind": "split", "act_id": "a", "sites": "S1"}, "`sites`"),
        (INCIDENT, ["acknowledge"], "dictionary"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(subject: str, given: object, why: str) -> None:
    with pytest.raises(InputError, match=why):
        read_act(subject, given)


def test_what_is_wrong_does_not_tell_numbers_back() -> None:
    with pytest.raises(InputError) as caught:
        read_act(INCIDENT, {"kind": "comment", "act_id": "15900002291 x", "text": 15900002291})
    assert "15900002291" not in str(caught.value)
