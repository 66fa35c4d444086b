from typing import Any

import pytest

from correlate.case.incident_story import past_finding, story
from correlate.case.phrases import sentence
from correlate.incident_rules import load_incident_rules

DETAILS = {
    "OPEN-1": "H1: site_outage",
    "SPLIT-1": "H1: site_outage",
    "SPLIT-3": "li",
    "MERGE-5": "li",
    "SIZE-1": "30",
    "SIZE-2": "-: unknown",
    "CAUSE-1": "site_outage > power_failure",
    "OBJECT-1": "- > HUB",
    "DATE-1": "2026-03-10 12:00 > 2026-03-10 11:00",
    "GROW-1": "2 > 4 | 1 > 2",
    "SHRINK-1": "4 > 2 | 1 > 1",
    "WITHDRAW-1": "0.2 > 0.05",
    "BACK-1": "3.0 h",
    "AGAIN-1": "3.0 h",
    "FREEZE-1": "72 h",
}


def said(rule: str, language: str = "en", **fields: Any) -> str:
    change = {"at": "2026-03-10T12:00:00+08:00", "rule": rule, "detail": DETAILS.get(rule)} | fields
    return sentence(story([change])[0]["said"], language)


@pytest.mark.parametrize("rule", load_incident_rules().rules)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_rule_can_be_said(rule: str, language: str) -> None:
    told = said(rule, language, other_id="INC-1", evidence="")
    assert getattr(load_incident_rules().rules[rule], language) in told
    assert "INC-1" in told
    assert "{" not in told
    assert " > " not in told


def test_what_changed_is_said_before_and_after() -> None:
    assert "Site out of service" not in said("OBJECT-1")
    assert said("OBJECT-1").endswith("(object not known → HUB)")
    assert said("GROW-1").endswith("(cells 2 → 4, sites 1 → 2)")
    assert said("SHRINK-1").endswith("(cells 4 → 2, sites 1)")
    assert "停电掉站" in said("CAUSE-1", "zh")
    assert said("SPLIT-3").endswith("(by li)")


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ("alarms:2 NE: down, Mains", "new alarms, 2: NE: down, Mains"),
        ("counters:3|tickets:2", "counters of 3 more cells; about 2 more complaints"),
        ("orders:1|changes:tilt@H1", "orders closed: 1; changed before: tilt@H1"),
        ("alarms_say:+1.2|extent_says:+0.5", "alarms weigh +1.2; the extent weighs +0.5"),
        ("counters_say:+1.0|changes_say:+1.0|complaints_say:+1.0", "complaints and closed orders"),
        ("healthy:2.0|silence:1.0", "counters in order, weight 2.0; nobody complains"),
    ],
)
def test_evidence_is_said_in_words(evidence: str, words: str) -> None:
    assert words in said("SIGN-1", evidence=evidence)
    assert said("SIGN-1", "zh", evidence=evidence)


def test_a_change_without_more_is_its_rule_alone() -> None:
    assert said("END-1") == "ended: all its alarms cleared"


def row(**fields: Any) -> dict[str, Any]:
    return {
        "incident_id": "I1",
        "cause": "site_outage",
        "started_at": "2026-03-01T10:00:00+08:00",
        "ended_at": "2026-03-01T14:00:00+08:00",
        "state": "ended",
        "closed_as": None,
        "closed_count": 0,
        "orders": 0,
    } | fields


def test_the_past_is_said_with_how_often_when_how_it_ended_and_the_verdict() -> None:
    closed = row(closed_as="power_failure", closed_count=2, orders=3)
    told = past_finding({"same": "object", "times": 4, "rows": [closed]})
    text = " ".join(sentence(one, "en") for one in told)
    for part in ("times: 4", "last I1", "2026-03-01 10:00 to 2026-03-01 14:00 (ended)", "(2 of 3)"):
        assert part in text
    assert all(sentence(one, "zh") for one in told)


def test_what_is_not_over_has_no_end() -> None:
    (told,) = past_finding({"same": "cells", "times": 1, "rows": [row(ended_at=None)]})
    assert "not over" in sentence(told, "en")


def test_nothing_before_says_nothing() -> None:
    assert past_finding({"same": "", "times": 0, "rows": []}) == []
