import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.settings import Settings
from correlate.case.casebook import (
    cache_folder,
    casebook_path,
    compressed,
    find_case,
    save_cases,
    told_settings,
    unpacked,
)
from correlate.case.counters import packed_series

CASE: dict[str, Any] = {
    "ticket_id": "T1",
    "causes": [{"cause": "weak_coverage", "probability": 0.5}],
    "at": None,
}


def kept(*cases: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Give cases as they are kept."""
    return ((case["ticket_id"], compressed(case)) for case in cases)


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a bundle of one table, with the user's cache beside it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "sites.csv").write_text("site_id\nA\n", encoding="utf-8")
    return folder


def test_a_case_comes_back_as_it_was_kept(bundle: Path) -> None:
    path = casebook_path(bundle, "{}")
    save_cases(path, kept(CASE, {"ticket_id": "工单2", "text": "没信号"}))
    assert find_case(path, "T1") == CASE
    assert find_case(path, "工单2") == {"ticket_id": "工单2", "text": "没信号"}
    assert find_case(path, "T9") is None


def test_of_two_cases_of_one_ticket_the_later_counts(bundle: Path) -> None:
    path = casebook_path(bundle, "{}")
    save_cases(path, kept(CASE, {"ticket_id": "T1"}))
    assert find_case(path, "T1") == {"ticket_id": "T1"}


def test_the_same_bundle_and_settings_have_the_same_casebook(bundle: Path) -> None:
    assert casebook_path(bundle, "{}") == casebook_path(bundle, "{}")
    assert casebook_path(bundle, "{}").parent == cache_folder()


def test_a_casebook_is_void_when_a_file_or_a_setting_changes(bundle: Path) -> None:
    paths = [casebook_path(bundle, "{}"), casebook_path(bundle, '{"hold_min": 5}')]
    (bundle / "sites.csv").write_text("site_id\nA\nB\n", encoding="utf-8")
    paths.append(casebook_path(bundle, "{}"))
    os.utime(bundle / "sites.csv", ns=(1, 1))
    paths.append(casebook_path(bundle, "{}"))
    (bundle / "cells.csv").write_text("cell_id\n", encoding="utf-8")
    paths.append(casebook_path(bundle, "{}"))
    (bundle / "kpi").mkdir()
    (bundle / "kpi" / "part-0.parquet").write_bytes(b"x")
    paths.append(casebook_path(bundle, "{}"))
    assert len(set(paths)) == len(paths)


def test_the_truth_of_a_world_is_not_looked_at(bundle: Path) -> None:
    before = casebook_path(bundle, "{}")
    (bundle / "truth").mkdir()
    (bundle / "truth" / "faults.csv").write_text("fault_id\n", encoding="utf-8")
    assert casebook_path(bundle, "{}") == before


def test_a_casebook_that_fails_half_way_leaves_nothing(bundle: Path) -> None:
    path = casebook_path(bundle, "{}")
    with pytest.raises(KeyError, match="ticket_id"):
        save_cases(path, kept(CASE, {"no": "id"}))
    assert list(path.parent.iterdir()) == []


def test_a_damaged_or_absent_casebook_holds_no_case(
    bundle: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = casebook_path(bundle, "{}")
    assert find_case(path, "T1") is None
    path.parent.mkdir(parents=True)
    path.write_bytes(b"this is no database, it is a line of text" * 100)
    assert find_case(path, "T1") is None
    assert "damaged" in caplog.text


def test_the_language_of_the_reader_does_not_make_a_casebook_void() -> None:
    chinese, english = Settings(language="zh"), Settings(language="en")
    assert told_settings(chinese) == told_settings(english)
    assert told_settings(chinese) != told_settings(Settings(hold_min=5))


def test_a_casebook_is_readable_by_its_owner_only(bundle: Path) -> None:
    path = casebook_path(bundle, "{}")
    save_cases(path, kept(CASE))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_series_come_back_as_lists_with_what_is_not_known() -> None:
    values = np.array([0.012345, 12345.0, np.nan], dtype=np.float32)
    zero = np.zeros(3, dtype=np.float32)
    measure = {"measure": "ber", "series": packed_series(values, zero, -values, zero)}
    cells = [{"cell_id": "A", "measures": [measure]}]
    case: dict[str, Any] = {
        "ticket_id": "T1",
        "counters": {"times": ["a", "b", "c"], "cells": cells},
    }
    told = unpacked(case)["counters"]["cells"][0]["measures"][0]
    assert told["values"] == [
        pytest.approx(0.012345, rel=1e-3),
        pytest.approx(12345, rel=1e-3),
        None,
    ]
    assert told["low"][0] == -told["values"][0]
    assert (told["usual"], told["high"]) == ([0.0] * 3, [0.0] * 3)
    assert told["times"] == ["a", "b", "c"]
    assert case["counters"]["cells"][0]["measures"][0] is measure
    assert unpacked(unpacked(case)) == unpacked(case)
