import ast
import string
from pathlib import Path

import pytest

from contract.causes import CAUSES
from correlate.case.phrases import finding, load_phrases, sentence

ROOT = Path(__file__).resolve().parents[3]
KEYS = sorted(f"{group}.{name}" for group, rows in load_phrases().items() for name in rows)
GROUPS = set(load_phrases())


def words(key: str) -> dict[str, str]:
    group, name = key.split(".")
    return dict(load_phrases()[group][name])


def slots(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def keys_used() -> set[str]:
    """Every text in the code that looks like the key of a phrase."""
    files = [*(ROOT / "correlate").glob("*.py"), *(ROOT / "dashboards").glob("*.py")]
    nodes = (n for f in files for n in ast.walk(ast.parse(f.read_text(encoding="utf-8"))))
    texts = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return {
        t for t in texts if t.partition(".")[0] in GROUPS and t.count(".") == 1 and " " not in t
    }


@pytest.mark.parametrize("key", KEYS)
def test_every_key_has_both_languages_with_the_same_slots(key: str) -> None:
    said = words(key)
    assert set(said) == {"zh", "en"}
    assert all(said.values())
    assert slots(said["zh"]) == slots(said["en"])


@pytest.mark.parametrize("key", sorted(keys_used()))
def test_every_key_the_code_names_has_a_sentence(key: str) -> None:
    is_begun = key.endswith((".", "_")) and any(known.startswith(key) for known in KEYS)
    assert is_begun or key in KEYS


def test_a_cause_is_told_by_its_name() -> None:
    said = sentence(finding("find.undecided", cause="power_failure", p="0.90"), "zh")
    assert CAUSES["power_failure"].zh in said


def test_a_value_that_is_a_key_becomes_its_words() -> None:
    values = {"cell": "C", "measure": "drop_rate", "z": "+5.0"}
    up = sentence(finding("find.measure", direction="find.above", **values), "en")
    assert "above" in up
    assert "find." not in up


@pytest.mark.parametrize("text", ["find.nonsense", "a.b", "{slot}", "", "100%"])
def test_a_value_of_the_customer_is_shown_as_it_is(text: str) -> None:
    assert text in sentence(finding("find.previous", text=text), "en")


def test_a_key_there_is_not_is_an_error() -> None:
    with pytest.raises(KeyError, match="gremlins"):
        sentence(finding("find.gremlins"), "en")


def test_a_sentence_leaves_its_finding_alone() -> None:
    found = finding("find.symptom", symptom="BUSY")
    sentence(found, "zh")
    assert found == {"key": "find.symptom", "values": {"symptom": "BUSY"}}


def test_clauses_are_sentences_of_their_own_joined_by_semicolons() -> None:
    told = [finding("serves.seen", lapse=finding("lapse.h_before", n=3)), finding("serves.down")]
    found = finding("serves.why", told=told)
    assert sentence(found, "en") == "the number was on it 3 h before; serves normally, down now"
    assert sentence(found, "zh") == "投诉前 3 小时该号码占用此小区;网络正常时占用,当前退服"


def test_lists_are_joined_and_their_keys_become_words() -> None:
    found = finding("for.counters", measures=["measure.ber +4.0", "measure.vswr +3.1"])
    assert "传输误码率 +4.0、驻波比 +3.1" in sentence(found, "zh")
    assert "transmission BER +4.0, VSWR +3.1" in sentence(found, "en")
