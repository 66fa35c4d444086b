"""Draw up the report of the day by itself when its hour has come, send it, and draw up those that are asked for.

The ledger says what was drawn up and sent, so after a restart what was missed is made up for, once, and nothing is sent
twice. Only the last day that is due is made up for.

Simple so far: one after the other; a report that failed is tried again twice, after a while.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from contract.errors import InputError
from contract.ledger.arrivals import opening_us
from contract.ledger.reports import FAILED, ITSELF, MADE, is_given, put_report, report_row
from contract.ledger.store import Ledger
from contract.settings import Settings
from correlate.daily.known_then import local_instant
from dashboards.delivery.sending import send_report
from dashboards.delivery.ways import Sending, load_sending
from dashboards.server.due_days import hour_of, last_due
from dashboards.server.pushing import Message
from dashboards.server.report_drawing import Asked, Drawn, draw, report_folder
from dashboards.server.writing import US

logger = logging.getLogger(__name__)
LOOK_EVERY_S = 1.0
AGAIN_AFTER_S = 600.0
MOST_TRIES = 3
MOST_ASKED = 3
OPENING = ("alarms", "kpi", "complaints")
"""Streams without which there is nothing to report on."""
Draw = Callable[[Settings, Asked, threading.Event], Drawn | None]


@dataclass
class ReportKeeper:
    """What draws up reports.

    Attributes
    ----------
    clock : callable
        Gives seconds since 1970, of the replay where there is one.
    is_ready : callable
        Tells whether the steps have caught up.
    tell : callable
        Told when something changed.
    draw : callable
        Draws up a report.
    """

    settings: Settings
    ledger: Ledger
    clock: Callable[[], int]
    is_ready: Callable[[], bool]
    tell: Callable[[Message], None]
    draw: Draw = draw
    sending: Sending | None = None
    under_way: str = ""
    _asked: deque[Asked] = field(default_factory=deque)
    _resend: deque[str] = field(default_factory=deque)
    _not_before: float = 0.0
    _delivered: str = ""

    def __post_init__(self) -> None:
        """Read who is sent the report."""
        if self.settings.serve_sending is not None:
            self.sending = load_sending(self.settings.serve_sending)

    def run(self, is_ending: threading.Event) -> None:
        """Look after the reports until the server ends."""
        while not is_ending.wait(LOOK_EVERY_S):
            try:
                self.look(is_ending)
            except SQLAlchemyError:
                logger.exception("the ledger does not answer; reports wait")

    def look(self, is_ending: threading.Event) -> None:
        """Do what is due now."""
        while self._asked and self._is_told(self._asked[0]) and not is_ending.is_set():
            self._make(self._asked[0], is_ending)
            self._asked.popleft()
        while self._resend:
            self._send(self._resend.popleft())
        if self.is_ready():
            self._look_at_day(is_ending)

    def ask(self, by: str) -> str | None:
        """Ask for a report of today as known now and return its name; None where too many are asked for already."""
        if len(self._asked) >= MOST_ASKED:
            return None
        day, hour = hour_of(self.clock(), self.settings.zone)
        name = f"{day.isoformat()}T{int(hour):02d}{int(hour * 60 % 60):02d}"
        self._asked.append(Asked(name, day, hour, by))
        return name

    def send_again(self, report_id: str) -> None:
        """Send a report on the ways on which that failed."""
        self._resend.append(report_id)

    def _is_told(self, asked: Asked) -> bool:
        """Tell whether the steps were given all that came by the moment as of which a report is known."""
        at = int(local_instant(asked.day, asked.hour, self.settings.zone).timestamp())
        with self.ledger.reading() as connection:
            return self.is_ready() and is_given(connection, until_us=at * US)

    def _look_at_day(self, is_ending: threading.Event) -> None:
        """Draw up the report of the day, if it is due and lacks, and send it."""
        now = self.clock()
        settled = int(self.settings.step_min * 60)
        day, at = last_due(now - settled, self.settings.serve_report_hour, self.settings.zone)
        name = day.isoformat()
        if name == self._delivered or time.monotonic() < self._not_before:
            return
        with self.ledger.reading() as connection:
            opened = opening_us(connection, OPENING)
            known = report_row(connection, name)
            is_told = opened is not None and opened <= at * US
            if not is_told or not is_given(connection, until_us=at * US):
                return
        if known is None or known["state"] != MADE:
            if known is not None and int(known["tries"] or 0) >= MOST_TRIES:
                self._delivered = name
                return
            asked = Asked(name, day, self.settings.serve_report_hour, ITSELF)
            if not self._make(asked, is_ending):
                self._not_before = time.monotonic() + AGAIN_AFTER_S
                return
        self._send(name)
        self._delivered = name

    def _make(self, asked: Asked, is_ending: threading.Event) -> bool:
        """Draw up a report, put down what became of it, and return whether it was made."""
        self.under_way = asked.report_id
        self.tell({"kind": "report"})
        drawn = self.draw(self.settings, asked, is_ending)
        self.under_way = ""
        if drawn is None:
            return False
        if drawn.failure:
            logger.error("the report %s was not drawn up: %s", asked.report_id, drawn.failure)
        with self.ledger.writing() as connection:
            known = report_row(connection, asked.report_id)
            row = {
                "report_id": asked.report_id,
                "day": asked.day.isoformat(),
                "by": asked.by,
                "known_at": int(
                    local_instant(asked.day, asked.hour, self.settings.zone).timestamp()
                ),
                "made_at": int(time.time()),
                "state": FAILED if drawn.failure else MADE,
                "detail": drawn.failure or drawn.lacking or None,
                "tries": 1 + (0 if known is None else int(known["tries"] or 0)),
            }
            put_report(connection, row)
        self.tell({"kind": "report"})
        return not drawn.failure

    def _send(self, report_id: str) -> None:
        """Send a report on the ways on which it was not sent yet."""
        if self.sending is None:
            return
        folder = report_folder(self.settings, report_id)
        try:
            send_report(self.ledger, self.sending, folder, now=lambda: int(time.time()))
        except InputError as error:
            logger.error("the report %s was not sent: %s", report_id, error)  # noqa: TRY400
        self.tell({"kind": "report"})
