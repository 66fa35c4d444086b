"""Hold what a run has seen and concluded so far: the state that the step takes and returns.

Simple so far: the state lives in memory; it is neither saved nor restored.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from alarms.groups import GroupBook
from alarms.lifecycle import AlarmBook
from alarms.silence import FeedWatch
from correlate.acts.book import ActBook
from correlate.background import Background
from correlate.calibration import Calibration
from correlate.clusters import Recent
from correlate.docket import Docket
from correlate.episode_log import EpisodeLog
from correlate.faults import FaultBook
from correlate.first_signs import SiteDiary
from correlate.harm import HarmBook
from correlate.harm_units import ground_of
from correlate.incidents import Incident, IncidentLife, Version
from correlate.interception import Interception
from correlate.knowledge import Knowledge
from correlate.learning.start import started_background, started_calibration, started_rates
from correlate.notices.batteries import Batteries
from correlate.notices.notice import NoticeBook
from correlate.rates import Rates
from correlate.service_seen import ServiceSeen
from correlate.tickets import Ticket
from correlate.words import WordModel
from kpi.episodes import Watch, start_watch


@dataclass(frozen=True)
class Change:
    """A change or a window of work at an object; times in seconds since 1970."""

    object_id: str
    at: int
    until: int | None
    family: str
    is_work: bool
    service: float
    parameter: str
    cells: frozenset[int]


@dataclass
class Reliability:
    """How often alarms of each name proved real: (felt, not felt), learned as counters come in."""

    counts: dict[str, tuple[float, float]] = field(default_factory=dict)

    def chance(self, name: str, prior: float, *, weight: float = 4.0) -> float:
        """Return the chance that an alarm of that name is felt; the prior counts as `weight` alarms."""
        felt, not_felt = self.counts.get(name, (0.0, 0.0))
        return (prior * weight + felt) / (weight + felt + not_felt)

    def note(self, name: str, *, felt: bool) -> None:
        """Count one more alarm of that name."""
        a, b = self.counts.get(name, (0.0, 0.0))
        self.counts[name] = (a + 1, b) if felt else (a, b + 1)


@dataclass
class Purged:
    """How much a state has let go of (`correlate.purging`), so that running numbers go on.

    `marks` are moments (seconds since 1970) with the number the next fault had then, the oldest first.
    """

    incidents: int = 0
    notices: int = 0
    drafts: int = 0
    verdicts: int = 0
    marks: list[tuple[int, int]] = field(default_factory=list)

    def number_at(self, moment: int) -> int:
        """Return a number that every fault opened after a moment exceeds or has; 0 where none is known."""
        return max((number for at, number in self.marks if at <= moment), default=0)

    def forget_marks(self, moment: int) -> None:
        """Forget the marks before a moment but the last of them."""
        first = sum(at <= moment for at, _ in self.marks) - 1
        self.marks = self.marks[max(0, first) :]


@dataclass
class State:
    """What was seen and concluded by `now` (seconds since 1970).

    `notices` are the rows issued, `notice_book` the notices behind them; `taught` are the tickets whose verdicts words
    learn from, `coverage` tells what that was taught, `harm` what complaints taught of episodes of the counters, `acts`
    what people did.
    """

    book: AlarmBook
    watch: Watch
    background: Background
    rates: Rates
    now: int = 0
    counters_since: int = 0
    reported_at: int = 0
    faults: FaultBook = field(default_factory=FaultBook)
    recent: Recent = field(default_factory=Recent)
    tickets: dict[str, Ticket] = field(default_factory=dict)
    held: list[Ticket] = field(default_factory=list)
    docket: Docket = field(default_factory=Docket)
    callers: dict[str, list[str]] = field(default_factory=dict)
    accounts: dict[str, tuple[int, str]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    verdicts: list[tuple[str, str]] = field(default_factory=list)
    taught: list[str] = field(default_factory=list)
    words: WordModel | None = None
    words_learned_on: int = 0
    calibration: Calibration = field(default_factory=Calibration)
    reliability: Reliability = field(default_factory=Reliability)
    incidents: dict[int, Incident] = field(default_factory=dict)
    notices: list[Interception] = field(default_factory=list)
    open_notice: dict[int, Interception] = field(default_factory=dict)
    notice_book: NoticeBook = field(default_factory=NoticeBook)
    batteries: Batteries = field(default_factory=Batteries)
    versions: dict[int, list[Version]] = field(default_factory=dict)
    life: IncidentLife = field(default_factory=IncidentLife)
    diary: SiteDiary = field(default_factory=SiteDiary)
    groups: GroupBook = field(default_factory=GroupBook)
    service: ServiceSeen = field(default_factory=lambda: ServiceSeen.nothing(0))
    has_new_service: bool = False
    had_works: bool = False
    feeds: FeedWatch = field(default_factory=FeedWatch)
    heard: list[tuple[str, pd.Timestamp]] = field(default_factory=list)
    listened_at: int = 0
    alarm_log: list[pd.DataFrame] = field(default_factory=list)
    logged: AlarmBook = field(default_factory=AlarmBook)
    logged_at: int = 0
    coverage: str = ""
    harm: HarmBook = field(default_factory=HarmBook)
    episode_log: EpisodeLog = field(default_factory=EpisodeLog)
    pooled: dict[tuple[int, int], int] = field(default_factory=dict)
    purged: Purged = field(default_factory=Purged)
    acts: ActBook = field(default_factory=ActBook)


def start_state(knowledge: Knowledge) -> State:
    """Return the state before anything arrived."""
    cells = knowledge.network.cells[["rat", "freq_mhz", "is_indoor", "site"]]
    owned = knowledge.network.sites[["vendor", "county"]].astype("str").fillna("")
    owners = owned["vendor"] + " " + owned["county"]
    feed = owners.to_numpy(object)[cells["site"].to_numpy()]
    return State(
        book=AlarmBook(),
        watch=start_watch(cells.assign(feed=feed), pools=knowledge.pools.members),
        background=started_background(knowledge.start, knowledge.codes),
        rates=started_rates(
            knowledge.start, knowledge.signatures.per_user_hour, knowledge.signatures.causes
        ),
        calibration=started_calibration(knowledge.start),
        service=ServiceSeen.nothing(len(cells)),
        harm=HarmBook(ground=ground_of(knowledge)),
    )
