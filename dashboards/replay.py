"""Show a stretch of a bundle in the terminal as it unfolded: what was known when, who was told, who called anyway.

It plays the very steps of `run`; what came before the stretch is played silently. On a terminal a line with how things
stand stays at the bottom; in a pipe it is printed before each step in which something happened.

Simple so far: one stretch, forwards only.
"""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.live import Live
from rich.text import Text

from alarms.group_rules import group_rules
from contract.bundles import read_bundle
from contract.causes import cause_name
from contract.errors import InputError
from contract.instants import parse_instants
from contract.privacy import masked_numbers
from contract.settings import Settings
from correlate.case.incident_story import story
from correlate.case.phrases import load_phrases, sentence
from correlate.feed import build_feed
from correlate.instants import seconds
from correlate.knowledge import Knowledge, gather
from correlate.run import Progress, known_by, play_feed
from correlate.state import State
from correlate.step import Issued
from correlate.unfolding import Event, Standing, Unfolding
from dashboards.progress import progress_bar
from dashboards.terminal_text import plain_text
from dashboards.wording import Words, load_words

WORDS_FILE = Path(__file__).with_name("replay_words.toml")
STYLES = {
    "alarm_group": "dim",
    "incident": "yellow",
    "notice": "green",
    "notice_ended": "green",
    "complaint": "",
    "diagnosis": "",
}
LONGEST_WAIT_S = 5.0
"""Seconds waited at most between two steps, however long nothing happened."""


@dataclass(frozen=True)
class Stretch:
    """What is shown: from, to (seconds since 1970); `speed` times as fast as it was, 0 = at once; `by_step` asks on."""

    since: int
    until: int
    speed: float = 0.0
    by_step: bool = False


def asked_stretch(
    since: str, until: str, zone: str, *, speed: float = 0.0, by_step: bool = False
) -> Stretch:
    """Return the stretch that is asked for.

    Raises
    ------
    InputError
        If a time can't be read, the end is not after the beginning, or the speed is below 0.

    Examples
    --------
    >>> stretch = asked_stretch("2010-06-28 08:00", "2010-06-28 09:00", "Asia/Shanghai")
    >>> stretch.until - stretch.since
    3600
    """
    moments = []
    for name, text in (("from", since), ("to", until)):
        moment = parse_instants(pd.Series([text], dtype="str"), zone)
        if moment.isna().any():
            msg = f"`{name}` needs a time such as '2010-06-28 14:15:00'; {text!r} can't be read."
            raise InputError(msg)
        moments.append(int(seconds(moment)[0]))
    if moments[1] <= moments[0]:
        msg = f"`to` must be later than `from`; {until!r} is not later than {since!r}."
        raise InputError(msg)
    if not 0 <= speed < float("inf"):
        msg = f"`speed` must be 0 or more, got {speed:g}; 60 shows an hour in a minute."
        raise InputError(msg)
    return Stretch(moments[0], moments[1], speed, by_step)


def replay(
    folder: Path, stretch: Stretch, settings: Settings, *, console: Console | None = None
) -> Counter[str]:
    """Play a bundle up to the end of a stretch, show the stretch, and return how many events of each kind it had.

    Raises
    ------
    InputError
        If the bundle can't be used.
    """
    bundle = read_bundle(folder, settings)
    knowledge = gather(bundle.tables, settings)
    feed = build_feed(known_by(bundle.tables, stretch.until), knowledge)
    screen = console or Console(highlight=False)
    with ExitStack() as stack:
        bar = stack.enter_context(progress_bar(settings, quiet=False))
        show = _Show(screen, stretch, knowledge, settings.language, bar=bar, stack=stack)
        try:
            play_feed(feed, knowledge, until=stretch.until, progress=show.progress, look=show.look)
        except _StoppedError:
            screen.print("")
    show.tell_total()
    return show.counts


class _StoppedError(Exception):
    """Say that whoever watches wants no more."""


@dataclass
class _Show:
    """What is shown of a stretch so far."""

    console: Console
    stretch: Stretch
    knowledge: Knowledge
    language: str
    bar: Progress | None
    stack: ExitStack
    counts: Counter[str] = field(default_factory=Counter)
    shown_at: int = 0
    live: Live | None = None

    def __post_init__(self) -> None:
        """Begin at nothing told."""
        self.words: Words = load_words(WORDS_FILE, self.language)
        self.unfolding = Unfolding(self.knowledge)

    def progress(self, done: int, total: int, now: int) -> None:
        """Show how far the silent part has come."""
        if self.bar is not None and now < self.stretch.since:
            self.bar(done, total, now)

    def look(self, state: State, issued: Issued) -> None:
        """Show a step that was taken, if it is in the stretch."""
        events, standing = self.unfolding.look(state, issued)
        if standing.at < self.stretch.since:
            return
        if self.bar is not None:
            self.stack.close()
            self.bar = None
        self._wait(standing.at)
        for event in events:
            self.counts[event.kind] += 1
            self.counts["covered"] += bool(event.told.get("covered_by"))
        self._print(events, standing)

    def tell_total(self) -> None:
        """Tell how many events there were."""
        kinds = ("incident", "notice", "complaint", "diagnosis", "covered")
        told = {kind: self.counts[kind] for kind in kinds}
        span = {n: self._clock(getattr(self.stretch, n), "%m-%d %H:%M") for n in ("since", "until")}
        self._line(Text(self.words["head"]["total"].format(**told, **span), style="bold"))

    def _print(self, events: list[Event], standing: Standing) -> None:
        """Print the events of a step and how things stand."""
        header = Text(self._header(standing), style="bold")
        if self.console.is_terminal and not self.stretch.by_step:
            if self.live is None:
                live = Live(console=self.console, auto_refresh=False)
                self.live = self.stack.enter_context(live)
            self.live.update(header, refresh=True)
        elif events:
            self._line(header)
        for event in events:
            self._line(event_line(event, self.words, self.language, clock=self._clock(event.at)))
        if self.stretch.by_step and events and sys.stdin.isatty():
            self._ask_on()

    def _ask_on(self) -> None:
        """Wait for Enter; raise when whoever watches wants no more."""
        if self.console.input(self.words["head"]["wait"]).strip().lower() == "q":
            raise _StoppedError

    def _line(self, line: Text) -> None:
        """Print a line as wide as it is in a pipe, folded on a terminal."""
        self.console.print(line, soft_wrap=not self.console.is_terminal)

    def _wait(self, now: int) -> None:
        """Wait as long as the speed asks for."""
        if self.stretch.speed and self.shown_at:
            time.sleep(min(LONGEST_WAIT_S, (now - self.shown_at) / self.stretch.speed))
        self.shown_at = now

    def _header(self, standing: Standing) -> str:
        """Return the line that tells how things stand."""
        told = {
            "at": self._clock(standing.at, "%Y-%m-%d %H:%M"),
            "faults": standing.faults,
            "users": f"{standing.users:,.0f}",
            "notices": standing.notices,
            "complaints": standing.complaints,
            "covered": standing.covered,
            "per_10k": f"{standing.per_10k:.2f}",
        }
        return self.words["head"]["line"].format(**told)

    def _clock(self, at: int, form: str = "%H:%M") -> str:
        """Return an instant in the zone of the settings."""
        return dt.datetime.fromtimestamp(at, tz=self.knowledge.zone).strftime(form)


def event_line(event: Event, words: Words, language: str, *, clock: str) -> Text:
    """Return an event as a line: when, what kind, what is told of it, numbers masked.

    Parameters
    ----------
    words : mapping
        Of `replay_words.toml` in that language.
    clock : str
        The time of the event as it is shown.
    """
    told = _values(event, words, language)
    said = words["said"][_key(event)].format(**told)
    text = plain_text(" ".join(masked_numbers(said).split()), style=STYLES[event.kind])
    return Text.assemble(f"  {clock} ", (words["kind"][event.kind], "bold"), " ", text)


def _key(event: Event) -> str:
    """Return which sentence tells of an event."""
    if event.kind == "notice":
        return "notice_revised" if event.told["revises"] else "notice"
    if event.kind == "diagnosis":
        if event.told["covered_by"]:
            return "told"
        return "customer" if event.told["is_customer_side"] else "anyway"
    return event.kind


def _values(event: Event, words: Words, language: str) -> Mapping[str, object]:
    """Return the values that the sentence of an event is made of."""
    told = event.told
    values: dict[str, object] = {**told, "name": event.name}
    if "cause" in told:
        values["cause"] = cause_name(str(told["cause"]), language)
        values["object"] = told["object_id"] or ""
    if "probability" in told:
        values["chance"] = f"{float(str(told['probability'])):.0%}"
    if event.kind == "alarm_group":
        values["rule"] = getattr(group_rules()[str(told["rule"])], language)
    elif event.kind == "incident":
        change = {k: told[k] for k in ("rule", "detail", "evidence", "other_id")} | {"at": ""}
        values["change"] = sentence(story([change])[0]["said"], language)
    elif event.kind in ("notice", "notice_ended"):
        values["users"] = f"{float(str(told['users'])):,.0f}"
        values["expected"] = f"{float(str(told['expected'])):.1f}"
        values["reason"] = words["reason"].get(str(told.get("end_reason")), "")
    else:
        values["symptom"] = _symptom(str(told["symptom"]), language)
        values["place"] = told["place"] or told["county"]
        values["repeat"] = words["said"]["repeat"] if told["is_repeat"] else ""
        values["notice"] = told.get("covered_by") or ""
    return values


def _symptom(code: str, language: str) -> str:
    """Return the word of a symptom."""
    known = load_phrases()["symptom"].get(code)
    return known[language] if known else code
