"""Show one investigated work order in the terminal, or print it as one JSON object.

Simple so far: plain text; the page and the map come later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from contract.causes import cause_name
from correlate.phrases import sentence

HEADINGS = {
    "zh": {
        "for": "支持",
        "against": "不支持",
        "excluded": "排除",
        "reply": "回单",
        "ask": "请问用户",
        "object": "对象",
        "since": "始于",
    },
    "en": {
        "for": "for",
        "against": "against",
        "excluded": "excluded",
        "reply": "reply",
        "ask": "ask the customer",
        "object": "object",
        "since": "since",
    },
}
REPLY_FIELDS = {
    "zh": {
        "classification": "投诉分类/原因定性",
        "handling": "处理说明",
        "recovery": "恢复时间/回访人",
    },
    "en": {"classification": "classification", "handling": "handling", "recovery": "recovery"},
}


def spoken(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return a case with every finding turned into a sentence of its language."""
    language = str(case["language"])

    def say(found: Iterable[Mapping[str, Any]]) -> list[str]:
        return [sentence(f, language) for f in found]

    causes = [
        c | {k: say(c[k]) for k in ("evidence_for", "evidence_against")} for c in case["causes"]
    ]
    steps = [
        {
            "step": sentence({"key": s["step"], "values": {}}, language),
            "status": str(s["status"]).removeprefix("status."),
            "window": s["window"],
            "findings": say(s["findings"]),
        }
        for s in case["steps"]
    ]
    excluded = [
        {"cause": e["cause"], "reason": sentence(e["reason"], language)} for e in case["excluded"]
    ]
    reply = {field: " ".join(say(found)) for field, found in case["reply"].items()}
    out = dict(case) | {"causes": causes, "steps": steps, "excluded": excluded, "reply": reply}
    return out | {"questions": say(case["questions"])}


def print_json(case: Mapping[str, Any]) -> None:
    """Print a case as one JSON object."""
    import sys

    json.dump(spoken(case), sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


def print_work_order(case: Mapping[str, Any]) -> None:
    """Print a case for a person."""
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    for line in work_order_lines(case):
        console.print(line, markup=False)


def work_order_lines(case: Mapping[str, Any]) -> list[str]:
    """Return a case as lines of text."""
    language = str(case["language"])
    told, heading = spoken(case), HEADINGS[language]
    lines = [f"{told['ticket_id']}    {told['asked_at']}", ""]
    for number, step in enumerate(told["steps"], start=1):
        status = sentence({"key": f"status.{step['status']}", "values": {}}, language)
        lines.append(
            f"{number}. {step['step']}  [{status}]  {step['window'][0]} .. {step['window'][1]}"
        )
        lines += [f"   {found}" for found in step["findings"]]
    lines.append("")
    for rank, cause in enumerate(told["causes"], start=1):
        name = cause_name(cause["cause"], language)
        lines.append(f"{rank}) {name} [{cause['cause']}]  {cause['probability']:.2f}")
        if cause["object_id"]:
            since = (
                f"  {heading['since']} {cause['fault_started_at']}"
                if cause["fault_started_at"]
                else ""
            )
            lines.append(f"   {heading['object']}: {cause['object_id']}{since}")
        lines += [f"   + {text}" for text in cause["evidence_for"]]
        lines += [f"   - {text}" for text in cause["evidence_against"]]
    for excluded in told["excluded"]:
        lines.append(f"x {excluded['reason']}")
    lines += [f"? {heading['ask']}: {question}" for question in told["questions"]]
    lines += ["", heading["reply"]]
    lines += [f"   {REPLY_FIELDS[language][k]}: {v}" for k, v in told["reply"].items()]
    return lines
