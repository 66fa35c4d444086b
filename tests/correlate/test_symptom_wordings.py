"""Measure the reader on wordings written apart from its rules.

`wordings.csv` holds complaints as customers and agents write them, in two halves. The working half was used to extend
the lexicon and stands among the examples of the guesser; the held-out half was written after that and only measured.
`dominant` is the symptom meant (`any`: not judged), `also` further symptoms, `expects` flags (`!` before one that must
not stand).
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from correlate.lexicon import default_lexicon
from correlate.symptoms import read_symptoms

FILE = Path(__file__).with_name("wordings.csv")
WORDINGS = pd.read_csv(FILE, dtype="str", keep_default_na=False)
LEXICON = default_lexicon()
CODES = list(LEXICON.codes)


def half(name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = WORDINGS[WORDINGS["half"] == name].reset_index(drop=True)
    return rows, read_symptoms(rows["text"], LEXICON)


def is_met(row: pd.Series, expectation: str) -> bool:
    if "=" in expectation:
        name, value = expectation.split("=")
        return bool(row[name] == value)
    is_wanted = not expectation.startswith("!")
    return bool(row[expectation.removeprefix("!")]) == is_wanted


@pytest.mark.parametrize(("name", "floor"), [("working", 0.95), ("held out", 0.73)])
def test_the_dominant_symptom_is_right_in_most_wordings(name: str, floor: float) -> None:
    rows, read = half(name)
    is_judged = rows["dominant"] != "any"
    assert (read["dominant"] == rows["dominant"])[is_judged].mean() >= floor


@pytest.mark.parametrize(
    ("name", "precision", "recall"), [("working", 0.89, 0.96), ("held out", 0.77, 0.76)]
)
def test_symptoms_read_are_said_and_symptoms_said_are_read(
    name: str, precision: float, recall: float
) -> None:
    rows, read = half(name)
    said = [{*also.split(), own} for also, own in zip(rows["also"], rows["dominant"], strict=True)]
    wanted = np.array([[code in codes for code in CODES] for codes in said])
    judged = (wanted.any(axis=1) | (rows["dominant"] == "")).to_numpy()
    found = read[CODES].to_numpy() > 0
    right = (wanted & found)[judged].sum()
    assert right / found[judged].sum() >= precision
    assert right / wanted[judged].sum() >= recall


@pytest.mark.parametrize(("name", "floor"), [("working", 0.95), ("held out", 0.85)])
def test_circumstances_are_flagged_in_most_wordings(name: str, floor: float) -> None:
    rows, read = half(name)
    met = [
        is_met(read.loc[row], expectation)
        for row, expectations in rows["expects"].items()
        for expectation in expectations.split()
    ]
    assert float(np.mean(met)) >= floor


@pytest.mark.parametrize("code", CODES)
def test_every_symptom_has_wordings_in_both_halves(code: str) -> None:
    counts = WORDINGS[WORDINGS["dominant"] == code].groupby("half").size()
    assert counts["working"] >= 6
    assert counts["held out"] >= 4


def test_no_wording_stands_twice() -> None:
    assert WORDINGS["text"].is_unique


def test_no_held_out_wording_is_an_example_of_the_guesser() -> None:
    examples = pd.read_csv(
        Path(__file__).resolve().parents[2] / "correlate" / "symptom_examples.csv", dtype="str"
    )
    held_out = WORDINGS.loc[WORDINGS["half"] == "held out", "text"]
    assert not set(held_out) & set(examples["text"])
