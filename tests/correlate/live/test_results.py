"""A report of what a live server concluded says what a report of a run over the same rows does."""

import datetime as dt
import time
from pathlib import Path

import pandas as pd
import pytest

from contract.bundles import read_bundle
from contract.errors import InputError
from contract.ledger import schema
from contract.ledger.arrivals import Entry, append, first_seq_from
from contract.ledger.store import open_ledger
from contract.settings import Settings
from correlate.daily.report import day_report
from correlate.knowledge import gather
from correlate.live.driver import Driver
from correlate.live.fingerprints import fingerprint
from correlate.live.intake import Intake
from correlate.live.replay import US, batches
from correlate.live.results import write_result
from correlate.run import run_to_folder
from tests.correlate.live.small_bundle import STEP_S, write_bundle

DAY = dt.date(2026, 3, 11)
EQUAL = ("headline", "faults", "rates", "notices", "late", "thin", "outage_classes", "repeaters")


def live_settings(home: Path) -> Settings:
    """Return the settings of a server."""
    return Settings(
        ledger=f"sqlite:///{home}/ledger.db",
        history=home / "history",
        inventory=home / "bundle",
        language="en",
    )


def test_a_live_report_is_that_of_a_run(tmp_path: Path) -> None:
    folder, settings = write_bundle(tmp_path / "bundle"), live_settings(tmp_path)
    bundle = read_bundle(folder, settings)
    ledger = open_ledger(str(settings.ledger))
    mark = fingerprint(settings, folder)
    known = gather(bundle.tables, settings)
    driver = Driver(ledger, known, tmp_path / "history", mark, time.time, 0.0)
    driver.recover()
    intake = Intake(ledger, tmp_path / "history", settings, bundle.tables)
    for count, batch in enumerate(batches(bundle.tables, step_s=STEP_S)):
        driver.snapshot_every_s = 0.0 if count < 5 else 1e9
        intake.take(batch.submissions, now_us=batch.at * US)
        while driver.advance(batch.at) is not None:
            pass
    reached = write_result(ledger, settings, tmp_path / "live")
    run_to_folder(folder, tmp_path / "run", settings)
    assert reached.step == driver.number
    assert 0 < reached.again < 100
    told, expected = (
        day_report(tmp_path / name, DAY, settings).__dict__ for name in ("live", "run")
    )
    for name in EQUAL:
        pd.testing.assert_frame_equal(told[name], expected[name], obj=name)
    assert len(told["faults"]) == 1
    with ledger.reading() as connection:
        assert len(connection.execute(schema.STEPS.select()).all()) > 1
    ledger.close()


def test_a_server_to_which_nothing_came_has_nothing_to_report(tmp_path: Path) -> None:
    write_bundle(tmp_path / "bundle")
    settings = live_settings(tmp_path)
    (tmp_path / "history").mkdir()
    ledger = open_ledger(str(settings.ledger))
    with pytest.raises(InputError, match="nothing to report on"):
        write_result(ledger, settings, tmp_path / "live")
    ledger.close()


def test_the_first_arrival_from_a_moment_is_found_by_halving(tmp_path: Path) -> None:
    ledger = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    entries = [Entry("alarms", f"A{i}", "d", "{}", at) for i, at in enumerate((5, 5, 7, 9))]
    with ledger.writing() as connection:
        append(connection, entries)
        assert [first_seq_from(connection, at) for at in (0, 5, 6, 7, 9, 10)] == [1, 1, 3, 3, 4, 5]
    ledger.close()
