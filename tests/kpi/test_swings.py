"""Claims about how much a move of a measure tells."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from kpi.measures import MEASURES
from kpi.swings import CATALOGUE, full_changes, swing


def test_a_sure_and_large_move_counts_whole_a_sure_and_small_one_the_least_share() -> None:
    least, full = full_changes()
    z = np.full(len(MEASURES), 30.0)
    assert swing(z, full).tolist() == pytest.approx([1.0] * len(MEASURES))
    assert swing(-z, -9 * full).tolist() == pytest.approx([-1.0] * len(MEASURES))
    assert swing(z, 0 * full).tolist() == pytest.approx([least] * len(MEASURES))


def test_moves_are_left_as_they_were() -> None:
    z, change = np.array([np.nan, 2.0] * 2), np.array([np.nan, 0.1] * 2)
    pad = len(MEASURES) - 4
    z, change = np.pad(z, (0, pad)), np.pad(change, (0, pad))
    before = z.copy(), change.copy()
    swing(z, change)
    np.testing.assert_array_equal(z, before[0])
    np.testing.assert_array_equal(change, before[1])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("cqi = 0.8", "", "lacks .*cqi", id="a measure without a size"),
        pytest.param("cqi = 0.8", "cqi = 0", "`cqi` of .full. must be a size above 0", id="zero"),
        pytest.param("cqi = 0.8", 'cqi = "much"', "must be a number", id="a word"),
        pytest.param("cqi = 0.8", "cqi = 0.8\nmoon = 1", "unknown keys .*moon", id="no measure"),
        pytest.param("least = 0.1", "least = 1.5", "share from 0 to 1", id="more than whole"),
        pytest.param("least = 0.1", "", "lacks .*least", id="no least share"),
        pytest.param("verified = false", "", "lacks .*verified", id="origin"),
        pytest.param("[full]", "[full", "can't be read", id="no TOML"),
    ],
)
def test_a_catalogue_that_does_not_fit_is_told(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "swings.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=told):
        full_changes(path)


def test_a_catalogue_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere"):
        full_changes(tmp_path / "nowhere.toml")
