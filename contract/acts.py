"""Say what people may do to incidents, notices and tickets, and check what they send.

An act has an id that its sender chooses: sent again with the same content it is the same act. Its kind says what else
it carries; kinds differ by subject.

Simple so far: who somebody assigns to is a name as it is written, not an account.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from contract.causes import CAUSES
from contract.errors import InputError

INCIDENT, NOTICE, TICKET = "incident", "notice", "ticket"
LONGEST_TEXT = 2_000
MOST_PARTS = 2_000
"""Sites or cells that one act names at most."""
SCRIPT = r"^[a-z]+_(zh|en)$"
"""Name of a script: channel and language, as `agent_zh`."""


def _network_cause(code: str) -> str:
    """Return a code that an incident may carry."""
    if not CAUSES[_cause(code)].is_network:
        msg = "is no cause of an incident"
        raise ValueError(msg)
    return code


def _cause(code: str) -> str:
    """Return a code that is a cause of the contract."""
    if code not in CAUSES:
        msg = "is no cause of the contract"
        raise ValueError(msg)
    return code


ActId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
Line = Annotated[str, Field(min_length=1, max_length=100)]
Said = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
MaySay = Annotated[str, Field(max_length=LONGEST_TEXT)]
CauseCode = Annotated[str, AfterValidator(_cause)]
IncidentCause = Annotated[str, AfterValidator(_network_cause)]
Parts = Annotated[tuple[Line, ...], Field(max_length=MOST_PARTS)]
Scripts = Annotated[
    dict[Annotated[str, Field(pattern=SCRIPT)], Said], Field(min_length=1, max_length=20)
]


class Act(BaseModel):
    """What every act carries."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)
    act_id: ActId

    def content(self, zone: str) -> dict[str, Any]:
        """Return what the act carries beside its id and kind; instants as seconds since 1970, names in order.

        An instant without an offset is local time in `zone`.
        """
        told = self.model_dump(exclude={"act_id", "kind"})
        return {name: _plain(value, zone) for name, value in told.items()}


def _plain(value: object, zone: str) -> object:
    """Return a value as JSON has it."""
    if isinstance(value, dt.datetime):
        local = value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(zone))
        return int(local.timestamp())
    return sorted(set(value)) if isinstance(value, tuple) else value


class Remarked(Act):
    """What may be done with a remark."""

    text: MaySay = ""


class Plain(Remarked):
    """Something is done."""

    kind: Literal["acknowledge", "reopen"]


class Assign(Remarked):
    """Somebody is to see to it."""

    kind: Literal["assign"]
    to: Line


class Comment(Act):
    """Something is said."""

    kind: Literal["comment"]
    text: Said


class RepairTime(Remarked):
    """The repair is expected to be done at a time."""

    kind: Literal["repair_time"]
    due_at: dt.datetime


class Merge(Remarked):
    """An incident is the same as another."""

    kind: Literal["merge"]
    into: Line


class Split(Remarked):
    """Parts of an incident are a fault of their own: some of its sites or cells, one at least."""

    kind: Literal["split"]
    sites: Parts = ()
    cells: Parts = ()

    @model_validator(mode="after")
    def _names_some(self) -> Self:
        """Refuse an act that names no part."""
        if not self.sites and not self.cells:
            msg = "needs `sites` or `cells`"
            raise ValueError(msg)
        return self


class Close(Remarked):
    """An incident is over, and what it was."""

    kind: Literal["close"]
    cause: IncidentCause


class Undo(Remarked):
    """An act that nothing has overtaken is taken back."""

    kind: Literal["undo"]
    undoes: ActId


class Edit(Remarked):
    """A notice says something else: scripts by channel and language."""

    kind: Literal["edit"]
    scripts: Scripts


class Decide(Remarked):
    """A notice is approved, issued or withdrawn."""

    kind: Literal["approve", "issue", "withdraw"]


class Verdict(Act):
    """What a ticket was, and what the customer is told."""

    kind: Literal["verdict"]
    cause: CauseCode
    reply: MaySay = ""


class ReplySent(Act):
    """The customer was answered."""

    kind: Literal["reply_sent"]
    reply: MaySay = ""
    channel: Annotated[str, Field(max_length=20)] = ""


class CloseTicket(Remarked):
    """A ticket is done with."""

    kind: Literal["close"]


class Move(Remarked):
    """A ticket comes to another state of its way."""

    kind: Literal["state"]
    state: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,39}$")]


_OF_INCIDENT = Plain | Assign | Comment | RepairTime | Merge | Split | Close | Undo
_OF_NOTICE = Edit | Decide | Comment | Undo
_OF_TICKET = Plain | Assign | Comment | Verdict | ReplySent | CloseTicket | Move | Undo
_FORMS: Mapping[str, TypeAdapter[Any]] = MappingProxyType(
    {
        INCIDENT: TypeAdapter(Annotated[_OF_INCIDENT, Field(discriminator="kind")]),
        NOTICE: TypeAdapter(Annotated[_OF_NOTICE, Field(discriminator="kind")]),
        TICKET: TypeAdapter(Annotated[_OF_TICKET, Field(discriminator="kind")]),
    }
)


def act_schema(subject_kind: str) -> dict[str, Any]:
    """Return what may be done to a kind of subject as a JSON schema."""
    return _FORMS[subject_kind].json_schema()


def read_act(subject_kind: str, given: object) -> Act:
    """Return an act that somebody sends.

    Parameters
    ----------
    subject_kind : {"incident", "notice", "ticket"}
    given : object
        As JSON has it: `kind`, `act_id` and what the kind carries.

    Raises
    ------
    InputError
        If there is no such kind for the subject, or something lacks or can't be used: each is named.

    Examples
    --------
    >>> read_act("incident", {"kind": "assign", "act_id": "a1", "to": "Li"}).content("UTC")
    {'text': '', 'to': 'Li'}
    """
    try:
        read: Act = _FORMS[subject_kind].validate_python(given)
    except ValidationError as error:
        raise InputError("; ".join(_told(one) for one in error.errors())) from None
    return read


def _told(one: Mapping[str, Any]) -> str:
    """Return one thing that is wrong as a sentence without what was sent."""
    place = ".".join(str(part) for part in one["loc"][1:])
    text = str(one["msg"]).removeprefix("Value error, ")
    return f"`{place}`: {text}" if place else text
