"""What feeds do wrong is seen, told and survived."""

import pytest

from benchmarks.dirty_twin import Twin, compare
from examples.province.settings import Settings

RARELY_TOLD = {"traditional", "misspelt_name", "moved_site", "turned_azimuth"}
RARELY_TOLD |= {"crs_mislabelled", "crs_unlabelled", "alarm_silence", "full_width"}
"""Kinds of which a small operator has too few rows to be sure of."""


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Twin:
    """Run a small operator and its dirty twin."""
    folder = tmp_path_factory.mktemp("twin")
    return compare(folder, world=Settings(cells=150, days=8, seed=3))


def test_every_kind_of_dirt_is_told(twin: Twin) -> None:
    unseen = twin.kinds[twin.kinds["told"] == 0]
    assert set(unseen["kind"]) <= RARELY_TOLD


def test_dirt_costs_little(twin: Twin) -> None:
    assert twin.dirty["cause_top1"] > twin.clean["cause_top1"] - 0.15
    assert twin.dirty["site_top1"] > twin.clean["site_top1"] - 0.15
