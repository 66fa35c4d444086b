"""Run all parts of the server together: the ledger, its writer, the steps, what is watched and what is replayed.

Simple so far: the inventory that rows are judged against is read anew when its files change, at the next look.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contract.errors import InputError, SettingsError
from contract.ledger.accounts import has_callers
from contract.ledger.acts import STREAM, Deed, deed_of
from contract.ledger.arrivals import Entry
from contract.ledger.store import Ledger, open_ledger
from contract.needed_settings import needed
from contract.settings import Settings
from correlate.live.fingerprints import inventory_fingerprint
from correlate.live.intake import Intake
from correlate.live.inventories import inventory_tables
from correlate.live.whereabouts import Whereabouts
from dashboards.server.daily_jobs import DailyJobs
from dashboards.server.known_tokens import KnownTokens
from dashboards.server.metrics import Metrics
from dashboards.server.pushing import ARRIVED, Hub, Message
from dashboards.server.replaying import Pace, Replay
from dashboards.server.report_keeper import ReportKeeper
from dashboards.server.step_keeper import StepKeeper
from dashboards.server.writing import US, Writer

logger = logging.getLogger(__name__)
LOCAL = ("127.0.0.1", "::1", "localhost")
LOOK_EVERY_S = 30.0


@dataclass
class Server:
    """Everything that runs while the server does."""

    settings: Settings
    ledger: Ledger
    intake: Intake
    hub: Hub
    metrics: Metrics
    writer: Writer
    steps: StepKeeper
    reports: ReportKeeper
    replay_from: Pace | None = None
    tokens: KnownTokens = field(default_factory=KnownTokens)
    _is_ending: threading.Event = field(default_factory=threading.Event)
    _known: tuple[object, Whereabouts] | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Start all parts."""
        if self.replay_from is not None:
            self._replay(self.replay_from)
        self.writer.start()
        self.steps.start()
        self._spawn(self._watch_inventory, "inventory")
        self._spawn(self.whereabouts, "whereabouts")
        self._spawn(lambda: self.reports.run(self._is_ending), "reports")
        jobs = DailyJobs(self.settings, self.ledger)
        self._spawn(lambda: jobs.run(self._is_ending), "daily jobs")
        if self.settings.serve_watched is not None:
            from dashboards.server.watched_folder import watch

            folder = self.settings.serve_watched
            self._spawn(lambda: watch(folder, self.writer, self._is_ending), "watched folder")

    def whereabouts(self) -> Whereabouts:
        """Return where the names of the inventory are, laid out once for each inventory."""
        with self._turn:
            inventory = self.intake.inventory
            if self._known is None or self._known[0] is not inventory:
                self._known = inventory, Whereabouts.of(inventory)
            return self._known[1]

    def stop(self) -> None:
        """End all parts; what was acknowledged is on disk."""
        self._is_ending.set()
        self.steps.stop()
        self.writer.stop()
        self.ledger.close()

    def _replay(self, pace: Pace) -> None:
        """Send the rows of a bundle as fast as asked."""
        replay = Replay(pace, self.settings, self.writer, self.steps)
        self.writer.clock = replay.now_us
        self.steps.go_until(0)
        self._spawn(lambda: replay.run(self.ledger, self._is_ending), "replay")

    def _spawn(self, work: object, name: str) -> None:
        """Run something beside."""
        thread = threading.Thread(target=work, name=name, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _watch_inventory(self) -> None:
        """Judge rows against the inventory as it is now."""
        folder = Path(str(self.settings.inventory))
        seen = inventory_fingerprint(folder)
        while not self._is_ending.wait(LOOK_EVERY_S):
            found = inventory_fingerprint(folder)
            if found != seen:
                seen = found
                self._read_inventory()

    def _read_inventory(self) -> None:
        """Take the inventory as it is now; one that can't be used is logged, and the old one kept."""
        try:
            tables = inventory_tables(self.settings)
        except InputError as error:
            logger.error("the inventory can't be used: %s", error)  # noqa: TRY400 - no fault of ours
            return
        self.intake.use(tables)
        self.whereabouts()
        self.hub.tell({"kind": "inventory"})


def _told(deed: Deed) -> Message:
    """Return what pages are told of an act; what it says they ask for."""
    subject = {"subject_kind": deed.subject_kind, "subject_id": deed.subject_id}
    return {"kind": "act", "act": deed.kind, "act_id": deed.act_id} | subject


def make_server(settings: Settings) -> Server:
    """Return the server of some settings, not started.

    Raises
    ------
    InputError
        If a setting is missing, the inventory or the ledger can't be used, or it would listen to others before
        anybody is known to it.
    """
    address, history, _ = needed(settings, "ledger", "history", "inventory", for_what="a server")
    if settings.oidc is not None:
        from dashboards.server.single_sign_on import read_provider

        read_provider(settings.oidc)
    history.mkdir(parents=True, exist_ok=True)
    ledger = open_ledger(address)
    with ledger.reading() as connection:
        is_known = settings.oidc is not None or has_callers(connection)
        if settings.serve_host not in LOCAL and not is_known:
            msg = (
                f"`serve_host` must be {LOCAL[0]} until somebody is known to the server; it is "
                f"{settings.serve_host!r}. Make a token first: `cellcause token add NAME --role ROLE`."
            )
            raise SettingsError(msg)
    tables = inventory_tables(settings)
    intake = Intake(ledger, history, settings, tables)
    hub, metrics = Hub(), Metrics()

    def on_step(message: Message) -> None:
        """Count a step and tell the pages."""
        metrics.stepped(message)
        hub.tell(message)

    def on_fresh(fresh: Sequence[Entry]) -> None:
        """Count what came in and tell the pages."""
        counts = Counter(entry.stream for entry in fresh)
        metrics.arrived(counts)
        if counts:
            hub.tell({"kind": ARRIVED, "counts": dict(counts)})
        for deed in (deed_of(entry) for entry in fresh if entry.stream == STREAM):
            hub.tell(_told(deed))

    steps = StepKeeper(settings, on_step)
    writer = Writer(intake, settings.serve_waiting_rows, lambda: int(time.time() * US), on_fresh)
    reports = _reports(settings, ledger, writer, steps, hub)
    return Server(settings, ledger, intake, hub, metrics, writer, steps, reports)


def _reports(
    settings: Settings, ledger: Ledger, writer: Writer, steps: StepKeeper, hub: Hub
) -> ReportKeeper:
    """Return what draws up the reports, by the clock that arrivals are dated with."""
    return ReportKeeper(
        settings,
        ledger,
        clock=lambda: writer.clock() // US,
        is_ready=lambda: steps.is_ready,
        tell=hub.tell,
    )
