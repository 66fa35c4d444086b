"""Declare every table of the ledger once, for SQLite and PostgreSQL alike.

Names ending in `_at` are whole seconds since 1970, those in `_us` microseconds. Arrivals and the audit are only ever
added to; the rows of what was issued are brought up to date by the step.

Simple so far: texts are kept as they came, without a key of their own; nothing is purged.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(column_0_label)s",
    }
)
NUMBERED = BigInteger().with_variant(Integer, "sqlite")
"""A number that the database counts up."""


def _ids(*names: str) -> list[Column[str]]:
    """Return text columns that are the key."""
    return [Column(name, Text, primary_key=True) for name in names]


def _texts(*names: str) -> list[Column[str]]:
    """Return text columns that may be null."""
    return [Column(name, Text) for name in names]


def _times(*names: str) -> list[Column[int]]:
    """Return columns of instants, or counts, that may be null."""
    return [Column(name, BigInteger) for name in names]


def _numbers(*names: str) -> list[Column[float]]:
    """Return columns of numbers that may be null."""
    return [Column(name, Float) for name in names]


ARRIVALS = Table(
    "arrivals",
    METADATA,
    Column("seq", NUMBERED, primary_key=True, autoincrement=False),
    Column("stream", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("subject", Text),
    Column("arrived_us", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("payload", Text, nullable=False),
    UniqueConstraint("stream", "key", "digest"),
    Index("ix_arrivals_subject", "stream", "subject"),
    Index("ix_arrivals_stream", "stream", "seq"),
)
"""What arrived, in the order in which it was accepted; one content of one key stands there once."""
ALARMS = Table(
    "alarms",
    METADATA,
    *_ids("alarm_id"),
    *_texts("source_id", "object_id", "given_id", "name", "severity", "payload"),
    *_times("raised_at", "cleared_at", "seq"),
    Index("ix_alarms_object_id", "object_id"),
    Index("ix_alarms_given_id", "given_id"),
    Index("ix_alarms_source_id", "source_id"),
    Index("ix_alarms_cleared_at", "cleared_at"),
)
STEPS = Table(
    "steps",
    METADATA,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    *_times("at", "upto_seq", "taken_at"),
)
"""Each step taken, and the last arrival it was given: taken again it is given the same."""
TICKETS = Table(
    "tickets",
    METADATA,
    *_ids("ticket_id"),
    *_times("created_at", "arrived_at", "diagnosed_at", "fault", "updates"),
    *_texts("county", "symptom", "place", "site_id", "town", "number", "same_as", "covered_by"),
    *_texts("cause"),
    *_numbers("probability", "lon", "lat"),
    Column("is_repeat", Boolean),
    Index("ix_tickets_created_at", "created_at"),
    Index("ix_tickets_fault", "fault"),
)
DIAGNOSES = Table(
    "diagnoses",
    METADATA,
    *_ids("ticket_id"),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    *_texts("cause", "object_id", "cell_id"),
    *_numbers("probability"),
    *_times("fault_started_at", "fault", "diagnosed_at"),
)
SERVING_CELLS = Table(
    "serving_cells",
    METADATA,
    *_ids("ticket_id"),
    Column("rank", Integer, primary_key=True, autoincrement=False),
    *_texts("cell_id"),
    *_numbers("probability", "distance_m"),
)
INCIDENTS = Table(
    "incidents",
    METADATA,
    *_ids("incident_id"),
    *_times("fault", "started_at", "detected_at", "ended_at"),
    *_texts("cause", "object_id", "cells", "first_alert", "county", "area"),
    *_numbers("users", "expected_complaints", "probability"),
    *_times("complaints"),
    Index("ix_incidents_ended_at", "ended_at"),
)
FAULT_INCIDENTS = Table(
    "fault_incidents",
    METADATA,
    Column("fault", BigInteger, primary_key=True, autoincrement=False),
    *_texts("incident_id"),
)
"""The incident that each fault is told as in the end: itself, or what it was merged into."""
VERSIONS = Table(
    "incident_versions",
    METADATA,
    *_ids("incident_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    *_times("at", "started_at", "ended_at", "due_at"),
    *_texts("cause", "object_id", "county", "area", "grade", "site_ids"),
    *_times("sites", "cells"),
    *_numbers("users", "reached", "probability", "real", "limit_h"),
)
CHANGES = Table(
    "incident_changes",
    METADATA,
    *_ids("incident_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    *_times("at", "other"),
    *_texts("rule", "detail", "evidence"),
)
INCIDENT_STATES = Table(
    "incident_states",
    METADATA,
    *_ids("incident_id"),
    *_texts("state", "first_sign", "merged_into", "split_from"),
    *_numbers("impact", "recurs_days"),
    *_times("frozen_at", "due_at"),
)
"""How each incident stands, as in the daybook's `problems`; `due_at` is the repair time a person gave."""
INCIDENT_ALARMS = Table(
    "incident_alarms",
    METADATA,
    *_ids("alarm_id"),
    *_texts("incident_id"),
    Index("ix_incident_alarms_incident_id", "incident_id"),
)
"""The incident that an alarm belongs to."""
INCIDENT_EVIDENCE = Table(
    "incident_evidence",
    METADATA,
    *_ids("incident_id"),
    *_texts("content"),
)
"""What speaks for and against an incident, as JSON (`correlate.live.incident_outputs`)."""
NOTICES = Table(
    "notices",
    METADATA,
    *_ids("interception_id"),
    *_texts("incident_id", "revises", "end_reason", "cause", "object_id", "cells", "script"),
    *_times("issued_at", "valid_until"),
    *_numbers("users", "expected_complaints"),
    Index("ix_notices_valid_until", "valid_until"),
)
NOTICE_SHEETS = Table(
    "notice_sheets",
    METADATA,
    *_ids("notice_id"),
    *_texts("incident_id", "state", "county", "level", "content"),
    *_times("drafted_at", "issued_at", "ended_at"),
    Index("ix_notice_sheets_state", "state"),
    Index("ix_notice_sheets_incident_id", "incident_id"),
)
"""Each notice through all its revisions: `content` is its row of the daybook's `notices` as JSON."""
ACTS = Table(
    "acts",
    METADATA,
    Column("number", NUMBERED, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject_kind", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("content", Text, nullable=False),
    *_texts("act_id"),
    Index("ix_acts_subject_id", "subject_kind", "subject_id"),
    Index("ix_acts_act_id", "act_id", unique=True),
    sqlite_autoincrement=True,
)
"""What people did to an incident, ticket or notice: acknowledged, assigned, commented, closed with a verdict."""
ACT_OUTCOMES = Table(
    "act_outcomes",
    METADATA,
    *_ids("act_id"),
    *_texts("outcome", "detail"),
    *_times("at"),
)
"""What the step made of an act: `done`, `refused` with the reason, or `undone`; it stands there once a step took it."""
AUDIT = Table(
    "audit",
    METADATA,
    Column("number", NUMBERED, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_audit_at", "at"),
    sqlite_autoincrement=True,
)
REPORTS = Table(
    "reports",
    METADATA,
    *_ids("report_id"),
    *_texts("day", "by", "state", "detail"),
    *_times("known_at", "made_at", "tries"),
    Index("ix_reports_day", "day"),
)
"""Daily reports drawn up: that of a day by itself under the day, those asked for under the day and the hour."""
DELIVERIES = Table(
    "deliveries",
    METADATA,
    *_ids("report_id", "channel"),
    *_texts("state", "detail"),
    *_times("tries", "tried_at", "sent_at"),
)
"""What became of each report on each way to its readers: none is sent twice."""
USERS = Table(
    "users",
    METADATA,
    *_ids("name"),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("counties", Text, nullable=False),
    *_times("made_at", "closed_at"),
)
TOKENS = Table(
    "tokens",
    METADATA,
    *_ids("name"),
    Column("digest", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("counties", Text, nullable=False),
    *_times("made_at", "closed_at"),
    UniqueConstraint("digest"),
)
SESSIONS = Table(
    "sessions",
    METADATA,
    *_ids("digest"),
    Column("name", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("counties", Text, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger),
    Index("ix_sessions_name", "name"),
)
"""Who is logged in at the pages; `source` is who vouches for the name."""
TELLINGS = Table(
    "tellings",
    METADATA,
    Column("number", NUMBERED, primary_key=True, autoincrement=True),
    Column("notice_id", Text, nullable=False),
    Column("incident_id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
    *_texts("county", "place", "cell_id", "ticket_id"),
    Index("ix_tellings_incident_id", "incident_id"),
    Index("ix_tellings_at", "at"),
    sqlite_autoincrement=True,
)
"""Callers who were told of a notice before they complained; `notice_id` is the row of `notices` that was read out."""
