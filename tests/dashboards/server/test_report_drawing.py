"""A report is drawn up from a live ledger in a process of its own, whole, and a failure is told."""

import datetime as dt
import threading
import time
from pathlib import Path

from contract.bundles import read_bundle
from contract.ledger.store import open_ledger
from contract.settings import Settings
from correlate.knowledge import gather
from correlate.live.driver import Driver
from correlate.live.fingerprints import fingerprint
from correlate.live.intake import Intake
from correlate.live.replay import US, batches
from dashboards.delivery.letter import load_letter
from dashboards.printing import browser
from dashboards.report_documents import WRITTEN
from dashboards.server.report_drawing import Asked, draw, report_folder
from tests.correlate.live.small_bundle import STEP_S, write_bundle

DAY = dt.date(2026, 3, 11)


def live(home: Path) -> Settings:
    """Return the settings of a server to which the bundle of one afternoon came."""
    settings = Settings(
        ledger=f"sqlite:///{home}/ledger.db", history=home / "history", inventory=home / "bundle"
    )
    folder = write_bundle(home / "bundle")
    bundle = read_bundle(folder, settings)
    ledger = open_ledger(str(settings.ledger))
    mark = fingerprint(settings, folder)
    driver = Driver(ledger, gather(bundle.tables, settings), home / "history", mark, time.time)
    driver.recover()
    intake = Intake(ledger, home / "history", settings, bundle.tables)
    for batch in batches(bundle.tables, step_s=STEP_S):
        intake.take(batch.submissions, now_us=batch.at * US)
        while driver.advance(batch.at) is not None:
            pass
    ledger.close()
    return settings


def test_a_report_is_drawn_up_whole_and_one_of_another_time_fails_with_its_reason(
    tmp_path: Path,
) -> None:
    settings = live(tmp_path)
    drawn = draw(settings, Asked(DAY.isoformat(), DAY, 7.5, "cellcause"), threading.Event())
    assert drawn is not None
    assert drawn.failure == ""
    folder = report_folder(settings, DAY.isoformat())
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    lacking = set() if browser() else {name for name in WRITTEN if name.endswith(".pdf")}
    assert found == WRITTEN - lacking
    assert bool(drawn.lacking) == bool(lacking)
    letter = load_letter(folder, "en")
    assert letter.known == "2026-03-11, as known at 2026-03-11 07:30"
    assert "6 complaints on 2026-03-10" in letter.lines[0]
    later = dt.date(2026, 4, 1)
    failed = draw(settings, Asked("2026-04-01", later, 7.5), threading.Event())
    assert failed is not None
    assert "must be a day of the run" in failed.failure
    is_ending = threading.Event()
    is_ending.set()
    assert draw(settings, Asked("2026-03-11", DAY, 7.5), is_ending) is None
