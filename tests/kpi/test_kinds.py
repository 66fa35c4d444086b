"""Claims about the kinds of hidden faults."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from kpi.kinds import KINDS, kind_scores, read_kinds, speaking, yielding
from kpi.measures import MEASURE_INDEX, MEASURES

NAMES = [kind.name for kind in KINDS]
GOOD = """
[[kind]]
name = "k"
signature = { vswr = 1.0 }
drift = 1.0
open = 5.0
quiet = 60
gate = [{ measure = "vswr", at_least = 1.4 }]
source = "s"
verified = "v"
"""


def row(**named: float) -> np.ndarray:
    out = np.full((1, len(MEASURES)), np.nan, dtype=np.float32)
    for name, value in named.items():
        out[0, MEASURE_INDEX[name]] = value
    return out


def test_an_unusual_but_harmless_size_does_not_speak() -> None:
    scores, passed = kind_scores(KINDS, row(vswr=9.0), values=row(vswr=1.3), change=row(vswr=0.15))
    assert not speaking(KINDS, scores, passed).any()


def test_a_high_standing_wave_speaks_for_itself_only() -> None:
    scores, passed = kind_scores(KINDS, row(vswr=9.0), values=row(vswr=2.4), change=row(vswr=1.2))
    speaks = speaking(KINDS, scores, passed)[0]
    assert [name for name, flag in zip(NAMES, speaks, strict=True) if flag] == ["vswr"]


def test_the_general_kind_yields_to_the_one_that_explains_it() -> None:
    speaks = np.zeros((1, len(KINDS)), dtype=np.bool_)
    speaks[0, [NAMES.index("interference"), NAMES.index("quality")]] = True
    better = yielding(KINDS, speaks)[0]
    assert better[NAMES.index("quality")]
    assert not better[NAMES.index("interference")]


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("drift = 1.0\n", "", r"lacks \['drift'\]"),
        ("vswr = 1.0", "nothing = 1.0", "must be one of"),
        ("at_least", "above", "`gate` of 'k' needs one of"),
        ('verified = "v"', 'verified = "v"\nyields_to = ["x"]', "unknown kinds"),
    ],
    ids=["lacks a key", "unknown measure", "unknown limit", "unknown kind"],
)
def test_a_bad_file_is_named(tmp_path: Path, old: str, new: str, match: str) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=match):
        read_kinds(path)


def test_a_good_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "kinds.toml"
    path.write_text(GOOD, encoding="utf-8")
    assert [kind.name for kind in read_kinds(path)] == ["k"]
