"""Find faults without looking through all of them: the open ones, those that changed, those over at an object.

Every change of a fault is noted in `news` (`Fault.touch`); what is reported takes the news in (`settle`), so each step
costs what changed in it and what is open, not what is remembered.

Simple so far: what ended is found by its object only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar


class Indexed(Protocol):
    """What the index needs to know of a fault."""

    number: int
    object_id: str
    ended_at: int | None
    is_touched: bool


F = TypeVar("F", bound=Indexed)


@dataclass
class FaultIndex(Generic[F]):
    """Faults in memory by what is asked of them; all are filtered again when asked for.

    Attributes
    ----------
    lasting : dict of int to fault
        By number, ascending: all that were open when the news were last taken in.
    news : dict of int to fault
        By number: all that changed since. Faults write themselves into it.
    over : dict of str to dict of int to fault
        By object and number: those that ended.
    unjudged : dict of int to fault
        By number: those that ended and of which nobody has said yet whether their alarms were right.
    """

    lasting: dict[int, F] = field(default_factory=dict)
    news: dict[int, F] = field(default_factory=dict)
    over: dict[str, dict[int, F]] = field(default_factory=dict)
    unjudged: dict[int, F] = field(default_factory=dict)

    def open_ones(self) -> list[F]:
        """Return the faults that last, the oldest number first."""
        self._take_in(
            n for n, f in self.news.items() if f.ended_at is None and n not in self.lasting
        )
        return [fault for fault in self.lasting.values() if fault.ended_at is None]

    def touched(self) -> list[F]:
        """Return the faults that changed since the news were last taken in, the oldest number first."""
        return [self.news[number] for number in sorted(self.news) if self.news[number].is_touched]

    def settle(self) -> None:
        """Take the news in, but for those faults that must be reported yet."""
        known = [fault for fault in self.news.values() if not fault.is_touched]
        self._take_in(f.number for f in known if f.ended_at is None)
        for fault in known:
            del self.news[fault.number]
            if fault.ended_at is not None:
                self.lasting.pop(fault.number, None)
                self.unjudged[fault.number] = fault
                self.note_over(fault)

    def note_over(self, fault: F) -> None:
        """Let an ended fault be found by its object."""
        self.over.setdefault(fault.object_id, {})[fault.number] = fault

    def over_at(self, object_id: str) -> list[F]:
        """Return the faults of an object that ended."""
        found = self.over.get(object_id, {}).values()
        return [f for f in found if f.ended_at is not None and f.object_id == object_id]

    def forget(self, gone: Iterable[F]) -> None:
        """Forget some faults."""
        numbers = {fault.number for fault in gone}
        for held in (self.lasting, self.news, self.unjudged, *self.over.values()):
            for number in numbers & held.keys():
                del held[number]
        self.over = {name: held for name, held in self.over.items() if held}

    def _take_in(self, numbers: Iterable[int]) -> None:
        """Take faults of the news in among those that last, in order."""
        newest = next(reversed(self.lasting), 0)
        fresh = sorted(numbers)
        self.lasting.update((number, self.news[number]) for number in fresh)
        if fresh and fresh[0] < newest:
            self.lasting = dict(sorted(self.lasting.items()))
