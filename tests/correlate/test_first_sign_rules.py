from pathlib import Path

import pytest

from contract.errors import InputError
from correlate.first_sign_rules import CATALOGUE, load_first_signs


def test_every_sign_lasts_and_names_a_cause() -> None:
    for sign in load_first_signs():
        assert (sign.before_s > 0) is bool(sign.meanings)
        assert (sign.lasts_s > 0) is not bool(sign.meanings)
        assert sign.least >= 1
        assert sign.causes


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('meanings = ["mains_off"]', 'meanings = ["mains"]', "names \\['mains'\\]"),
        ("power_failure = 0.8", "power_cut = 0.8", "names \\['power_cut'\\]"),
        ("power_failure = 0.8", "power_failure = 1.8", "between 0 and 1"),
        ("otherwise = 0.02\n", "", "lacks \\['otherwise'\\]"),
        ("least = 3", 'least = "three"', "must be a number"),
        ("lasts_s = 86400", "lasts_s = 86400\nleast = 2", "unknown keys \\['least'\\]"),
    ],
    ids=["meaning", "cause", "chance", "no otherwise", "no number", "mixed"],
)
def test_a_wrong_file_of_signs_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = CATALOGUE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "first_signs.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_first_signs(path)
