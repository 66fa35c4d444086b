"""Tests of how far counters are believed."""

from pathlib import Path

import pytest

from contract.errors import InputError
from correlate.counter_rules import CATALOGUE, load_counter_rules


def test_every_number_is_read() -> None:
    rules = load_counter_rules()
    assert rules.silence_most > 0
    assert 0 < rules.silence_share <= 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[silence_most]", "[silence_mist]", "silence_most"),
        ('unit = "m"', 'units = "m"', r"unit.*weather_region_m"),
        ("value = 40000.0", 'value = "far"', "weather_region_m.*must be a number"),
    ],
    ids=["misspelt", "no unit", "no number"],
)
def test_a_faulty_number_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "counter_rules.toml"
    content = CATALOGUE.read_text(encoding="utf-8").replace(old, new)
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_counter_rules(path)
