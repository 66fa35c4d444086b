"""Claims about regions of a run: wherever their complaints are read, in any order, the run is the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from contract.settings import Settings
from correlate.lexicon import default_lexicon
from correlate.region_reading import read_words
from correlate.run import Result, run_bundle
from kpi.schedules import Schedule
from tests.bundles import random_bundle, write_bundle

TEXTS = (
    "手机没有信号,打不通电话",
    "从昨天开始上网很慢",
    "no signal since this morning",
    "信号弱,室内打电话断断续续",
    "signl gone agian cannot cal",
)


def complaints() -> pd.DataFrame:
    """Return ten complaints of three counties and of none, in no order of them."""
    counties = ["east", "west", "east", None, "north", "west", "east", "north", None, "west"]
    return pd.DataFrame(
        {
            "text": pd.Series([TEXTS[i % len(TEXTS)] for i in range(10)], dtype="str"),
            "category": pd.Series([None] * 10, dtype="str"),
            "created_at": pd.Timestamp("2026-03-02 10:00", tz="UTC").as_unit("us"),
            "county": pd.Series(counties, dtype="str"),
        }
    )


@pytest.fixture
def cluster() -> Iterator[str]:
    """Yield the address of a Dask cluster of two worker processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running.scheduler_address


def test_regions_read_apart_say_what_all_read_at_once_say() -> None:
    rows = complaints()
    given = rows.copy()
    at_once = read_words(rows, Settings(), default_lexicon())
    apart = read_words(rows, Settings(), default_lexicon(), schedule=Schedule())
    for one, other in zip(at_once, apart, strict=True):
        pd.testing.assert_frame_equal(one, other)
    pd.testing.assert_frame_equal(rows, given)


def test_no_complaints_are_read_wherever_that_is() -> None:
    symptoms, onsets = read_words(
        complaints().iloc[:0], Settings(), default_lexicon(), schedule=Schedule()
    )
    assert len(symptoms) == len(onsets) == 0


def assert_same_run(there: Result, here: Result) -> None:
    """Check that two runs wrote the same tables, those of the daybook too."""
    assert len(here.tables["diagnoses"]) > 0
    for name, table in here.tables.items():
        pd.testing.assert_frame_equal(there.tables[name], table)
    for name, table in here.daybook.items():
        pd.testing.assert_frame_equal(there.daybook[name], table)


def test_a_run_over_regions_on_two_workers_is_the_single_run(tmp_path: Path, cluster: str) -> None:
    given = random_bundle(np.random.default_rng(3), sites=6, days=1, complaints=14)
    folder = write_bundle(tmp_path / "world", given)
    alone = run_bundle(folder, Settings())
    assert_same_run(run_bundle(folder, Settings(), schedule=Schedule()), alone)
    assert_same_run(run_bundle(folder, Settings(), schedule=Schedule(scheduler=cluster)), alone)


@pytest.mark.parametrize("jobs", [0, -2])
def test_fewer_processes_than_one_are_refused(jobs: int) -> None:
    with pytest.raises(InputError, match="`jobs` must be 1 or more"):
        Schedule(jobs=jobs)
