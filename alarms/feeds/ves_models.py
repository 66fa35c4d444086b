"""Say what an ONAP VES event must look like, in versions 4 to 7.

Version 7 is strict, as its schema is: no unknown fields, no other types, no other words. Versions 4
to 6 leave unknown fields in. What is wrong is told field by field.

Simple so far: of domains other than `fault` and `stndDefined` the header, the block and the names
of its required fields are checked, and addresses of a `pnfRegistration`.

References
----------
.. [1] ONAP VES Event Listener 7.2.1, 4.1 and appendix (common event format 30.2.1); 5.4.1 (28.4.1);
   4.1 (27.2).
"""

import csv
import ipaddress
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

DOMAINS_FILE = Path(__file__).with_name("ves_domains.csv")
FIRST_SECOND, LAST_SECOND = 946_684_800, 7_258_118_400
"""2000 to 2200. Seconds and milliseconds in a field of microseconds are known by their size."""
_STRANGE = 3

Priority = Literal["High", "Medium", "Normal", "Low"]
Severity = Literal["CRITICAL", "MAJOR", "MINOR", "WARNING", "NORMAL"]
Status = Literal[
    "Active", "Idle", "Preparing to terminate", "Ready to terminate", "Requesting termination"
]
Domain = Literal[
    "fault", "heartbeat", "measurement", "mobileFlow", "notification", "other", "perf3gpp",
    "pnfRegistration", "sipSignaling", "stateChange", "stndDefined", "syslog",
    "thresholdCrossingAlert", "voiceQuality",
]  # fmt: skip
OldDomain = Literal[
    "fault", "heartbeat", "measurementsForVfScaling", "mobileFlow", "other", "sipSignaling",
    "stateChange", "syslog", "thresholdCrossingAlert", "voiceQuality",
]  # fmt: skip


def _instant(value: float) -> float:
    """Return microseconds since 1970, whatever the size of the number says the unit is."""
    for unit in (1, 1_000, 1_000_000):
        if FIRST_SECOND * unit <= value < LAST_SECOND * unit:
            return value * (1_000_000 // unit)
    msg = "must be microseconds since 1970, in the years 2000 to 2199"
    raise ValueError(msg)


def _ipv4(value: str) -> str:
    """Return an IPv4 address."""
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        msg = "must be an IPv4 address"
        raise ValueError(msg) from None
    return value


def _ipv6(value: str) -> str:
    """Return an IPv6 address, with or without a zone (`%eth2`)."""
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        msg = "must be an IPv6 address"
        raise ValueError(msg) from None
    return value


def _filled(value: str) -> str:
    """Return a text that says something."""
    if not value.strip():
        msg = "must not be empty"
        raise ValueError(msg)
    return value


Microseconds = Annotated[StrictFloat, AfterValidator(_instant)]
Text = Annotated[StrictStr, AfterValidator(_filled)]
IPv4 = Annotated[StrictStr, AfterValidator(_ipv4)]
IPv6 = Annotated[StrictStr, AfterValidator(_ipv6)]


class _Closed(BaseModel):
    """A part of an event of version 7: nothing unknown, no type turned into another."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Open(BaseModel):
    """A part of an event of versions 4 to 6."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Header(_Closed):
    """The `commonEventHeader` of version 7."""

    domain: Domain
    eventId: Text
    eventName: StrictStr
    eventType: StrictStr = ""
    internalHeaderFields: dict[str, Any] = Field(default_factory=dict)
    lastEpochMicrosec: Microseconds
    nfcNamingCode: StrictStr = ""
    nfNamingCode: StrictStr = ""
    nfVendorName: StrictStr = ""
    priority: Priority
    reportingEntityId: StrictStr = ""
    reportingEntityName: StrictStr
    sequence: StrictInt
    sourceId: StrictStr = ""
    sourceName: Text
    startEpochMicrosec: Microseconds
    stndDefinedNamespace: StrictStr = ""
    timeZoneOffset: StrictStr = ""
    version: Literal["4.0", "4.0.1", "4.1"]
    vesEventListenerVersion: Literal["7.0", "7.0.1", "7.1", "7.1.1", "7.2", "7.2.1"]


class OldHeader(_Open):
    """The `commonEventHeader` of versions 5 and 6."""

    domain: OldDomain
    eventId: Text
    eventName: StrictStr
    lastEpochMicrosec: Microseconds
    priority: Priority
    reportingEntityName: StrictStr
    sequence: StrictInt
    sourceName: Text
    startEpochMicrosec: Microseconds
    version: StrictFloat


class OldestHeader(_Open):
    """The `commonEventHeader` of version 4."""

    domain: OldDomain
    eventId: Text
    eventType: StrictStr = ""
    functionalRole: StrictStr
    lastEpochMicrosec: Microseconds
    priority: Priority
    reportingEntityName: StrictStr
    sequence: StrictInt
    sourceName: Text
    startEpochMicrosec: Microseconds
    version: StrictFloat = 0.0


class FaultFields(_Closed):
    """The `faultFields` of version 7."""

    alarmAdditionalInformation: dict[str, StrictStr] = Field(default_factory=dict)
    alarmCondition: Text
    alarmInterfaceA: StrictStr = ""
    eventCategory: StrictStr = ""
    eventSeverity: Severity
    eventSourceType: StrictStr
    faultFieldsVersion: Literal["4.0"]
    specificProblem: StrictStr
    vfStatus: Status


class NamedValue(_Open):
    """A name and its value, as versions 4 to 6 list them."""

    name: StrictStr
    value: StrictStr


class OldFaultFields(_Open):
    """The `faultFields` of versions 4 to 6."""

    alarmAdditionalInformation: tuple[NamedValue, ...] = ()
    alarmCondition: Text
    alarmInterfaceA: StrictStr = ""
    eventCategory: StrictStr = ""
    eventSeverity: Severity
    eventSourceType: StrictStr
    faultFieldsVersion: StrictFloat = 0.0
    specificProblem: StrictStr
    vfStatus: Status


class StandardFields(_Closed):
    """The `stndDefinedFields` of version 7: a notification of another standard."""

    data: dict[str, Any]
    schemaReference: StrictStr = ""
    stndDefinedFieldsVersion: Literal["1.0"]


class Registration(BaseModel):
    """What is checked of `pnfRegistrationFields`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    oamV4IpAddress: IPv4 | None = None
    oamV6IpAddress: IPv6 | None = None
    macAddress: StrictStr | None = None
    pnfRegistrationFieldsVersion: Literal["2.0", "2.1"]


def problems_of(error: ValidationError, path: str) -> str:
    """Return what is wrong with fields, each with its path.

    Examples
    --------
    >>> try:
    ...     NamedValue.model_validate({"name": 3})
    ... except ValidationError as error:
    ...     problems_of(error, "event.x")
    'event.x.name must be a string; it is 3; event.x.value is missing'
    """
    found = [_problem(problem, path) for problem in error.errors(include_url=False)]
    rest = f"; and {len(found) - _STRANGE} more" if len(found) > _STRANGE else ""
    return "; ".join(found[:_STRANGE]) + rest


def _problem(problem: Any, path: str) -> str:
    """Return what is wrong with one field."""
    where = ".".join([path, *(str(part) for part in problem["loc"])])
    kind, value = problem["type"], problem["input"]
    if kind == "missing":
        return f"{where} is missing"
    if kind == "extra_forbidden":
        return f"{where} is not a field of this version"
    if kind == "literal_error":
        return f"{where} must be {problem['ctx']['expected']}; it is {_shown(value)}"
    if kind == "value_error":
        return f"{where} {problem['ctx']['error']}; it is {_shown(value)}"
    said = str(problem["msg"]).removeprefix("Input should be a valid ")
    article = "an" if said[0] in "aeiou" else "a"
    return f"{where} must be {article} {said}; it is {_shown(value)}"


def _shown(value: object) -> str:
    """Return a value as it is told, cut off."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


@cache
def block_names() -> frozenset[str]:
    """Return the names of all blocks."""
    return frozenset(block for block, _ in domain_blocks().values())


@cache
def domain_blocks() -> Mapping[str, tuple[str, tuple[str, ...]]]:
    """Return the block of each domain and the fields it must have."""
    with DOMAINS_FILE.open(encoding="utf-8", newline="") as lines:
        return {
            row["domain"]: (
                row["block"],
                tuple(row["required"].split("|")) if row["required"] else (),
            )
            for row in csv.DictReader(lines)
        }
