from dataclasses import replace
from pathlib import Path

import pytest

from contract.errors import InputError
from correlate import symptom_guessing
from correlate.lexicon import Lexicon, default_lexicon, view_of
from correlate.symptom_guessing import LEAST_SURE, guessed

LEXICON = default_lexicon()


def guess(text: str) -> tuple[str, float]:
    return guessed([view_of(text, LEXICON)], LEXICON)[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("跟朋友打电话里面混着别个在说", "XTALK"),
        ("an odd voice bleeding into my call", "XTALK"),
        ("text comes back with exclamation mark", "SMSTX"),
    ],
)
def test_a_wording_near_known_ones_is_guessed(text: str, code: str) -> None:
    own, sure = guess(text)
    assert own == code
    assert LEAST_SURE <= sure < 1


@pytest.mark.parametrize(
    "text", ["", "请核实处理", "网络有问题", "something wrong with the network", "xq"]
)
def test_what_says_nothing_of_a_symptom_is_not_guessed(text: str) -> None:
    assert guess(text) == ("", 0.0)


def test_a_guess_does_not_hang_on_the_other_texts() -> None:
    texts = ["里面混着别个在说", "网络有问题", "text comes back with exclamation mark"]
    together = guessed([view_of(text, LEXICON) for text in texts], LEXICON)
    assert [code for code, _ in together] == [guess(text)[0] for text in texts]
    assert [sure for _, sure in together] == pytest.approx([guess(text)[1] for text in texts])


def test_no_texts_give_no_guesses() -> None:
    assert guessed([], LEXICON) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("symptom,text\nNOSIG,x\n", "lacks columns"),
        ("symptom,text,source,verified\nFOO,x,own,u\n", "symptoms of the lexicon"),
    ],
    ids=["column", "symptom"],
)
def test_a_faulty_table_of_examples_is_explained(
    content: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "examples.csv"
    file.write_text(content, encoding="utf-8")
    monkeypatch.setattr(symptom_guessing, "EXAMPLES_FILE", file)
    with pytest.raises(InputError, match=message):
        guessed([view_of("x", LEXICON)], default_lexicon_with_one_more())


def default_lexicon_with_one_more() -> Lexicon:
    return replace(LEXICON, phrases=(*LEXICON.phrases, ("NOSIG", "nothing learned of this yet")))
