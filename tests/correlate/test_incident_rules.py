from pathlib import Path

import pytest

from contract.errors import InputError
from correlate.case.phrases import load_phrases
from correlate.incident_rules import INCIDENT_RULES_FILE, load_incident_rules


def test_every_rule_speaks_both_languages() -> None:
    rules = load_incident_rules().rules
    assert {"OPEN-1", "CAUSE-1", "MERGE-1", "SPLIT-1", "SIZE-1", "FREEZE-1"} <= set(rules)
    assert all(rule.zh and rule.en and rule.source for rule in rules.values())
    assert set(load_phrases()["rule"]) == set(rules)


def test_limits_are_read_as_numbers() -> None:
    limits = load_incident_rules().limits
    assert (limits.freeze_h, limits.most_sites) == (120.0, 30.0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[limits.freeze_h]\nvalue = 120", "[limits.freeze_h]\nvalue = 'long'", "freeze_h"),
        ("[limits.most_sites]", "[limits.most_cells]", "most_sites"),
        ('[rules.OPEN-1]\nzh = "立案：故障成立的概率足够高"', "[rules.OPEN-1]", "OPEN-1"),
    ],
    ids=["no number", "another name", "no Chinese"],
)
def test_a_broken_file_is_named(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = INCIDENT_RULES_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "rules.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_incident_rules(path)
