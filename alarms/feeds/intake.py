"""Hold what a message was read as: notifications, and what of it was refused, passed over or repaired.

Simple so far: of a record that is refused the reason and its first signs are kept.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from alarms.feeds.notification_table import Notification
from contract.privacy import masked_numbers

CONTENT = 500


@dataclass(frozen=True)
class Noted:
    """A record and what is to be said of it.

    Attributes
    ----------
    row
        Number of the record.
    reason
        Why it was refused, passed over or repaired; of a field its path.
    content
        The record as it came, cut off, numbers of customers masked.
    """

    row: int
    reason: str
    content: str = ""


@dataclass(frozen=True)
class Intake:
    """What messages were read as.

    Attributes
    ----------
    records
        Records that came; each is the source of notifications, refused or passed over.
    notifications
        What they tell; several may come from one record.
    refused
        Records that are not what they should be.
    passed
        Records that are right, but tell of no alarm.
    repaired
        Records of which a value was left out.
    """

    records: int = 0
    notifications: tuple[Notification, ...] = ()
    refused: tuple[Noted, ...] = ()
    passed: tuple[Noted, ...] = ()
    repaired: tuple[Noted, ...] = ()

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return why records were refused, in their order."""
        return tuple(noted.reason for noted in self.refused)


def joined(parts: Iterable[Intake]) -> Intake:
    """Return what several messages were read as, as one."""
    every = list(parts)
    if len(every) == 1:
        return every[0]
    return Intake(
        records=sum(part.records for part in every),
        notifications=tuple(one for part in every for one in part.notifications),
        refused=tuple(one for part in every for one in part.refused),
        passed=tuple(one for part in every for one in part.passed),
        repaired=tuple(one for part in every for one in part.repaired),
    )


def noted(row: int, reason: str, record: object = "") -> Noted:
    """Return a record with what is to be said of it.

    Examples
    --------
    >>> noted(3, "event.commonEventHeader is missing", {"caller": "15900002291"}).content
    '{"caller": "159****2291"}'
    """
    text = record if isinstance(record, str) else json.dumps(record, ensure_ascii=False)
    return Noted(row, reason, masked_numbers(text[: 2 * CONTENT])[:CONTENT])


def refusal(row: int, reason: str, record: object = "") -> Intake:
    """Return one refused record."""
    return Intake(records=1, refused=(noted(row, reason, record),))
