"""Hold what the look-ups of one inquiry gave, for the steps, exclusions, answers and the reply that follow from it.

Simple so far: everything is looked up for every ticket, also what a step would spare.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from correlate.case.counters import Seen
from correlate.case.hidden_faults import Told
from correlate.case.inquiry import Inquiry
from correlate.case.phrases import Finding, finding
from correlate.tickets import NEVER

COVERAGE = ("weak_coverage", "indoor_coverage")
CONGESTION = ("voice_congestion", "data_congestion", "event_congestion")
SUSPECTED = 0.25


@dataclass(frozen=True)
class Gathered:
    """What was looked up: the `sections` of the case, counters as `seen`, hidden-fault `topics`, ranked `causes`."""

    inquiry: Inquiry
    sections: Mapping[str, Any]
    seen: Seen
    topics: Mapping[str, Told]
    causes: list[dict[str, Any]]

    @property
    def alarm_rows(self) -> list[dict[str, Any]]:
        """The rows of alarms told."""
        return list(self.sections["alarms"]["rows"])

    @property
    def no_alarms(self) -> Finding | None:
        """Why the alarms could not be asked, None when they could."""
        if "alarms" in self.inquiry.archive.missing:
            return finding("reason.no_table", table="alarms")
        if not len(self.inquiry.around):
            return finding("reason.no_place")
        if not len(self.inquiry.state.book):
            return finding("reason.no_rows", table="alarms")
        return None

    @property
    def no_changes(self) -> Finding | None:
        """Why the changes could not be asked, None when they could."""
        if "changes" in self.inquiry.archive.missing:
            return finding("reason.no_table", table="changes")
        return None if len(self.inquiry.around) else finding("reason.no_place")

    @property
    def is_network_fault(self) -> bool:
        """Whether a fault of the network is the likeliest explanation."""
        return self.inquiry.fault is not None

    @property
    def suspects_coverage(self) -> bool:
        """Whether thin coverage is likely enough to follow the branch of coverage."""
        return self.inquiry.cause in COVERAGE or self.inquiry.chance(*COVERAGE) >= SUSPECTED

    @property
    def is_sudden(self) -> bool:
        """Whether the customer says the trouble began, rather than that it always was."""
        ticket = self.inquiry.ticket
        return ticket.onset_to > NEVER and not ticket.is_chronic
