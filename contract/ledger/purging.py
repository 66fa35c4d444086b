"""Let go of what arrived and was kept long enough, with a line in the audit as the proof.

Only entries that the saved states of this version already hold are touched: a recovery begins after them. Files of
counters go after the entries that named them. What a person or object under legal hold sent stays.

Simple so far: what was issued (incidents, tickets with masked numbers, notices) stays; a database gives the room back
when it is vacuumed.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, or_, select, update

from contract.errors import SettingsError
from contract.knowledge_files import read_knowledge
from contract.ledger.audit import note
from contract.ledger.schema import ARRIVALS
from contract.ledger.store import AT_A_TIME, Ledger

logger = logging.getLogger(__name__)
FILE = Path(__file__).with_name("retention.toml")
ARGUMENT = "serve_retention"
HOLD, ACTS, STREAMS = "hold", ("remove", "anonymise"), (
    "accounts", "alarms", "changes", "clearings", "complaints", "kpi", "locations", "strays", "verdicts",
)  # fmt: skip
NOBODY = ""
"""Subject of a complaint that was anonymised."""
LEAST_DAYS = 62
"""Reports look back on two months at most."""
PERSONAL = ("msisdn", "address", "lon", "lat", "lon_given", "lat_given")
COUNTERS, WHO, DAY_US = "kpi", "cellcause", 86_400_000_000


@dataclass(frozen=True)
class Retention:
    """Days and act by stream, and the subjects that are held."""

    rules: Mapping[str, tuple[int, str]]
    held: frozenset[str]


def load_retention(path: Path | None = None) -> Retention:
    """Return how long what arrived is kept.

    Raises
    ------
    SettingsError
        If a stream, a key or a figure of the file can't be used.
    """
    told = dict(read_knowledge(FILE, ARGUMENT))
    told |= {} if path is None else read_knowledge(path, ARGUMENT)
    held = told.pop(HOLD, {}).get("subjects", [])
    rules = {}
    for stream, row in told.items():
        days, act = row.get("keep_days"), row.get("act")
        is_right = isinstance(days, int) and days >= LEAST_DAYS and act in ACTS
        if stream not in STREAMS or not is_right or (act == ACTS[1] and stream != "complaints"):
            msg = (
                f"`{ARGUMENT}` [{stream}] must be one of {list(STREAMS)} with `keep_days` of {LEAST_DAYS} at least and "
                f"`act` remove, of complaints also anonymise; it has {days!r} and {act!r}."
            )
            raise SettingsError(msg)
        rules[stream] = (int(days), str(act))
    return Retention(rules, frozenset(map(str, held)))


def purge_arrivals(
    ledger: Ledger, history: Path, retention: Retention, *, now_us: int, upto: int
) -> dict[str, int]:
    """Let go of what was kept long enough, and return how many entries of each stream.

    Parameters
    ----------
    history : Path
        Folder with the files of counters.
    now_us : int
        Microseconds since 1970.
    upto : int
        The last arrival that every saved state holds; later ones are not touched.
    """
    gone: dict[str, int] = {}
    for stream, (days, act) in retention.rules.items():
        before = now_us - days * DAY_US
        count = 0
        while part := _part(ledger, stream, act, before_us=before, upto=upto, held=retention.held):
            files = _let_go(ledger, stream, act, part)
            for name in files:
                (history / name).unlink(missing_ok=True)
            count += len(part)
        if count:
            gone[stream] = count
            with ledger.writing() as connection:
                detail = f"{act}: {count} entries older than {days} days, up to arrival {upto}"
                note(connection, WHO, "purged", stream, detail=detail)
            logger.info("let go of %d entries of %s", count, stream)
    return gone


def _part(
    ledger: Ledger, stream: str, act: str, *, before_us: int, upto: int, held: frozenset[str]
) -> Sequence[Any]:
    """Return the next entries to let go of."""
    asked = select(ARRIVALS.c.seq, ARRIVALS.c.payload).where(
        ARRIVALS.c.stream == stream, ARRIVALS.c.arrived_us < before_us, ARRIVALS.c.seq <= upto
    )
    if held:
        asked = asked.where(or_(ARRIVALS.c.subject.is_(None), ARRIVALS.c.subject.not_in(held)))
    if act == ACTS[1]:
        asked = asked.where(or_(ARRIVALS.c.subject.is_(None), ARRIVALS.c.subject != NOBODY))
    with ledger.reading() as connection:
        return connection.execute(asked.order_by(ARRIVALS.c.seq).limit(AT_A_TIME)).all()


def _let_go(ledger: Ledger, stream: str, act: str, part: Sequence[Any]) -> list[str]:
    """Let go of some entries, and return the files that no entry names any more."""
    with ledger.writing() as connection:
        if act == ACTS[1]:
            _anonymise(connection, part)
            return []
        connection.execute(delete(ARRIVALS).where(ARRIVALS.c.seq.in_([seq for seq, _ in part])))
    return [str(json.loads(text)["file"]) for _, text in part] if stream == COUNTERS else []


def _anonymise(connection: Connection, part: Sequence[Any]) -> None:
    """Take number, text, address and place out of complaints."""
    for seq, text in part:
        record = {name: v for name, v in json.loads(text).items() if name not in PERSONAL}
        payload = json.dumps(record | {"text": ""}, ensure_ascii=False, sort_keys=True)
        connection.execute(
            update(ARRIVALS).where(ARRIVALS.c.seq == seq).values(payload=payload, subject=NOBODY)
        )
