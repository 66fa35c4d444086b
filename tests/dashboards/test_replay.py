"""A replay shows a stretch of a bundle in words, plainly in a pipe, and never a whole number."""

import io
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from rich.console import Console

from contract.errors import InputError
from contract.settings import Settings
from correlate.unfolding import Event
from dashboards.replay import WORDS_FILE, asked_stretch, event_line, replay
from dashboards.wording import load_words

DALI = Path(__file__).resolve().parents[2] / "examples" / "dali"
ZONE = "Asia/Shanghai"


@cache
def played(language: str) -> tuple[str, Counter[str]]:
    """The text of a stretch of the work order of Dali and the events counted."""
    text = io.StringIO()
    settings = Settings().model_copy(update={"language": language})
    stretch = asked_stretch("2010-06-28 13:00", "2010-06-28 15:00", ZONE)
    counts = replay(DALI, stretch, settings, console=Console(file=text, width=80))
    return text.getvalue(), counts


@pytest.mark.parametrize(("language", "word"), [("zh", "投诉"), ("en", "complaint")])
def test_a_stretch_is_told_in_plain_lines(language: str, word: str) -> None:
    text, counts = played(language)
    lines = [line for line in text.splitlines() if "2010062801365464" in line]
    assert word in lines[0]
    assert "13:4" in lines[0]
    assert counts["complaint"] == counts["diagnosis"] == 1
    assert "\x1b" not in text
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", text)


def test_on_a_terminal_how_things_stand_stays_below_the_events() -> None:
    text = io.StringIO()
    stretch = asked_stretch("2010-06-28 13:40", "2010-06-28 14:20", ZONE)
    screen = Console(file=text, width=120, force_terminal=True)
    replay(DALI, stretch, Settings(language="en"), console=screen)
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text.getvalue())
    assert "open faults" in shown
    assert "2010062801365464" in shown
    assert "told before" in shown.splitlines()[-1]


def test_what_came_before_the_stretch_is_not_shown() -> None:
    assert "06-17" not in played("en")[0]


def test_a_complaint_is_told_as_told_before_or_as_come_untold() -> None:
    words = load_words(WORDS_FILE, "en")
    told = {
        "number": "159****2291", "county": "X", "place": "Y", "symptom": "NOSIG", "is_repeat": False,
        "cause": "power_failure", "probability": 0.8, "object_id": "S1", "covered_by": "N-000001",
        "is_customer_side": False,
    }  # fmt: skip
    line = event_line(Event(0, "diagnosis", "T1", told), words, "en", clock="08:00")
    assert "told before it came (N-000001)" in line.plain
    untold = told | {"covered_by": None}
    line = event_line(Event(0, "diagnosis", "T1", untold), words, "en", clock="08:00")
    assert "came untold" in line.plain


@pytest.mark.parametrize(
    ("since", "until", "speed", "match"),
    [
        ("soon", "2010-06-28", 0.0, "`from` needs a time"),
        ("2010-06-28", "never", 0.0, "`to` needs a time"),
        ("2010-06-28", "2010-06-28", 0.0, "`to` must be later"),
        ("2010-06-27", "2010-06-28", -1.0, "`speed` must be 0 or more"),
    ],
)
def test_a_stretch_that_cannot_be_is_refused(
    since: str, until: str, speed: float, match: str
) -> None:
    with pytest.raises(InputError, match=match):
        asked_stretch(since, until, ZONE, speed=speed)
