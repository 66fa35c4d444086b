"""The back-up of a day is made once, at its hour, and the oldest goes."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.ledger.backup import LIST, latest_backups
from contract.ledger.store import open_ledger
from contract.settings import Settings
from dashboards.server import daily_jobs
from dashboards.server.daily_jobs import DailyJobs


def at(day: int, hour: float) -> float:
    """Return a moment of March 2026 of the operator."""
    midnight = dt.datetime(2026, 3, day, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp()
    return midnight + hour * 3600


def look(tmp_path: Path, moments: list[float]) -> list[str]:
    """Look at some moments and return the back-ups there are then, the latest first."""
    address = f"sqlite:///{tmp_path}/ledger.db"
    ledger = open_ledger(address)
    (tmp_path / "history").mkdir(exist_ok=True)
    settings = Settings(
        ledger=address,
        inventory=tmp_path / "inventory",
        history=tmp_path / "history",
        serve_backup_folder=tmp_path / "copies",
        serve_backup_kept=2,
    )
    left = list(moments)
    jobs = DailyJobs(settings, ledger, clock=lambda: left[0])
    while left:
        jobs.look()
        left.pop(0)
    ledger.close()
    return [path.name for path in latest_backups(tmp_path / "copies")]


def test_each_day_is_backed_up_once_and_the_oldest_go(tmp_path: Path) -> None:
    days = [at(10, 3), at(10, 4), at(11, 1), at(11, 2), at(12, 9)]
    assert look(tmp_path, days) == ["2026-03-12", "2026-03-11"]
    first = (tmp_path / "copies" / "2026-03-12" / LIST).stat().st_mtime_ns
    assert look(tmp_path, [at(12, 23)]) == ["2026-03-12", "2026-03-11"]
    assert (tmp_path / "copies" / "2026-03-12" / LIST).stat().st_mtime_ns == first


def test_a_back_up_that_fails_is_tried_again_an_hour_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[str] = []

    def fail(*_: object) -> None:
        """Have no room."""
        tried.append("x")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(daily_jobs, "make_backup", fail)
    assert look(tmp_path, [at(10, 3), at(10, 3.5), at(10, 4.1)]) == []
    assert len(tried) == 2
    assert "tried again in an hour" in caplog.text
