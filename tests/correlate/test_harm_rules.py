from pathlib import Path

import pytest

from contract.errors import InputError
from correlate.harm_rules import CATALOGUE, load_harm_rules


def test_every_rule_is_a_positive_number() -> None:
    assert all(value > 0 for value in vars(load_harm_rules()).values())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[tail]", "[tale]", "lacks \\['tail'\\]"),
        ('unit = "h"\n', "", "lacks \\['unit'\\]"),
        ("value = 4.0", 'value = "long"', "must be a number"),
        ("[tail]", "[tail", "can't be read"),
    ],
    ids=["missing", "no unit", "no number", "no toml"],
)
def test_a_wrong_file_of_rules_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "harm.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_harm_rules(path)
