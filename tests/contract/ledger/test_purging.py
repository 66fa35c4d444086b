"""What was kept long enough goes, with a proof, and a recovery after it comes to the same."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from contract.bundles import Bundle, read_bundle
from contract.errors import SettingsError
from contract.ledger import schema
from contract.ledger.arrivals import Entry, append
from contract.ledger.purging import Retention, load_retention, purge_arrivals
from contract.ledger.store import Ledger, open_ledger
from contract.settings import Settings
from correlate.knowledge import Knowledge, gather
from correlate.live.driver import Driver
from correlate.live.intake import Intake
from correlate.live.replay import US, batches
from correlate.live.snapshots import covered_seq
from tests.correlate.live.small_bundle import STEP_S, write_bundle

DAY_US = 86_400 * US
ALL = Retention(
    dict.fromkeys(("alarms", "clearings", "kpi", "locations"), (62, "remove")), frozenset()
)
ISSUED = (schema.DIAGNOSES, schema.INCIDENTS, schema.NOTICES, schema.TICKETS, schema.NOTICE_SHEETS)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The bundle of one afternoon."""
    return read_bundle(write_bundle(tmp_path_factory.mktemp("bundle")), Settings())


@pytest.fixture(scope="module")
def known(bundle: Bundle) -> Knowledge:
    """What a server with it knows."""
    return gather(bundle.tables, Settings())


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    made = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    yield made
    made.close()


def play(ledger: Ledger, home: Path, bundle: Bundle, known: Knowledge, part: slice) -> int:
    """Send some batches and take their steps; return how many steps were taken again at the start."""
    intake = Intake(ledger, home, Settings(), bundle.tables)
    driver = Driver(ledger, known, home, "this version", time.time, snapshot_every_s=0.0)
    again = driver.recover()
    for batch in list(batches(bundle.tables, step_s=STEP_S))[part]:
        intake.take(batch.submissions, now_us=batch.at * US)
        while driver.advance(batch.at) is not None:
            pass
    return again


def contents(ledger: Ledger) -> dict[str, list[str]]:
    """Return what was issued."""
    with ledger.reading() as connection:
        return {
            table.name: sorted(str(tuple(row)) for row in connection.execute(select(table)))
            for table in ISSUED
        }


def test_a_recovery_after_purging_comes_to_the_same(
    tmp_path: Path, ledger: Ledger, bundle: Bundle, known: Knowledge
) -> None:
    (tmp_path / "whole").mkdir()
    whole = open_ledger(f"sqlite:///{tmp_path}/whole/ledger.db")
    play(whole, tmp_path / "whole", bundle, known, slice(None))
    play(ledger, tmp_path, bundle, known, slice(8))
    upto = covered_seq(tmp_path, fingerprint="this version")
    last = list(batches(bundle.tables, step_s=STEP_S))[8].at * US
    gone = purge_arrivals(ledger, tmp_path, ALL, now_us=last + 63 * DAY_US, upto=upto)
    assert upto > 0
    assert gone["alarms"] > 0
    assert gone["kpi"] > 0
    assert play(ledger, tmp_path, bundle, known, slice(8, None)) == 0
    assert contents(ledger) == contents(whole)
    with ledger.reading() as connection:
        files = connection.execute(
            select(schema.ARRIVALS.c.payload).where(schema.ARRIVALS.c.stream == "kpi")
        ).scalars()
        named = {str(json.loads(text)["file"]) for text in files}
        audit = connection.execute(select(schema.AUDIT)).mappings().all()
    assert {
        str(p.relative_to(tmp_path)) for p in (tmp_path / "counters").rglob("*.parquet")
    } == named
    assert {(row["what"], row["subject"]) for row in audit} == {("purged", name) for name in gone}
    whole.close()


def test_only_what_every_saved_state_of_this_version_holds_is_touched(
    tmp_path: Path, ledger: Ledger, bundle: Bundle, known: Knowledge
) -> None:
    assert covered_seq(tmp_path, fingerprint="this version") == 0
    play(ledger, tmp_path, bundle, known, slice(6))
    upto = covered_seq(tmp_path, fingerprint="this version")
    assert covered_seq(tmp_path, fingerprint="another version") == 0
    purge_arrivals(ledger, tmp_path, ALL, now_us=2**60, upto=upto - 1)
    with ledger.reading() as connection:
        seqs = connection.execute(select(schema.ARRIVALS.c.seq)).scalars().all()
        last = int(connection.execute(select(func.max(schema.ARRIVALS.c.seq))).scalar() or 0)
    assert set(range(upto, last + 1)) <= set(seqs)
    (newest, *_) = sorted((tmp_path / "snapshots").iterdir(), reverse=True)
    newest.write_bytes(newest.read_bytes()[:-1])
    assert covered_seq(tmp_path, fingerprint="this version") == 0


def test_complaints_lose_who_and_what_was_said_but_for_those_held(
    tmp_path: Path, ledger: Ledger
) -> None:
    rule = Retention({"complaints": (730, "anonymise")}, frozenset({"15900001111"}))
    told = {"ticket_id": "T", "text": "Mr Li, 15900002222", "msisdn": "1590", "county": "Hill"}
    entries = [
        Entry("complaints", f"T{i}", "d", json.dumps(told), at, "s", subject)
        for i, (at, subject) in enumerate(
            [(1, "15900002222"), (1, None), (1, "15900001111"), (DAY_US * 700, "15900002222")]
        )
    ]
    with ledger.writing() as connection:
        append(connection, entries)
    now = 731 * DAY_US
    assert purge_arrivals(ledger, tmp_path, rule, now_us=now, upto=4) == {"complaints": 2}
    assert purge_arrivals(ledger, tmp_path, rule, now_us=now, upto=4) == {}
    with ledger.reading() as connection:
        rows = connection.execute(select(schema.ARRIVALS).order_by(schema.ARRIVALS.c.seq))
        payloads = [json.loads(row["payload"]) for row in rows.mappings()]
    gone = {"ticket_id": "T", "text": "", "county": "Hill"}
    assert payloads == [gone, gone, told, told]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[alarms]\nkeep_days = 5\nact = 'remove'", id="too short"),
        pytest.param("[alarms]\nkeep_days = 90\nact = 'anonymise'", id="only complaints"),
        pytest.param("[audit]\nkeep_days = 90\nact = 'remove'", id="audit"),
    ],
)
def test_a_rule_that_can_not_be_kept_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "retention.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match="keep_days"):
        load_retention(tmp_path / "retention.toml")


def test_a_file_overrides_stream_by_stream_and_names_who_is_held(tmp_path: Path) -> None:
    text = "[alarms]\nkeep_days = 400\nact = 'remove'\n[hold]\nsubjects = ['15900001111']\n"
    (tmp_path / "retention.toml").write_text(text, encoding="utf-8")
    found = load_retention(tmp_path / "retention.toml")
    assert found.rules["alarms"] == (400, "remove")
    assert found.rules["locations"] == (90, "remove")
    assert found.held == {"15900001111"}
