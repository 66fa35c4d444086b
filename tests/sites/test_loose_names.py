"""Misspelt pieces find the names they were meant for, and only those."""

from collections.abc import Sequence

import pytest

from sites.loose_names import LooseIndex, build_loose_index, fuzzy_hits
from sites.names import build_index
from sites.sounds import load_sounds

KEYS = [
    "大石桥村", "阳光花园", "滨江名城", "石沟镇", "张家湾村", "红星村",
    "oakdale village", "victoria hotel", "thornbury", "kelwell logistics park", "fernford",
    "st mary's cross",
]  # fmt: skip


@pytest.fixture(scope="module")
def loose() -> LooseIndex:
    index = build_index(KEYS, [False] * len(KEYS))
    return build_loose_index(index, range(len(KEYS)), load_sounds())


def best(loose: LooseIndex, piece: str) -> str:
    found = fuzzy_hits(loose, [piece]).sort_values("score", ascending=False)
    return KEYS[int(found["key"].iloc[0])] if len(found) else ""


@pytest.mark.parametrize(
    ("piece", "name"),
    [
        pytest.param("大石村", "大石桥村", id="dropped-character"),
        pytest.param("滨红名城", "滨江名城", id="wrong-character"),
        pytest.param("杨光花圆", "阳光花园", id="homophones"),
        pytest.param("洪兴村没信号", "红星村", id="homophones-in-a-sentence"),
        pytest.param("时勾镇", "石沟镇", id="near-homophones"),
        pytest.param("oakdle village", "oakdale village", id="dropped-letter"),
        pytest.param("tornberry", "thornbury", id="sounds-alike"),
        pytest.param("kelwell", "kelwell logistics park", id="half-a-name"),
        pytest.param("saint marys x", "st mary's cross", id="short-forms"),
    ],
)
def test_a_slip_finds_its_name(loose: LooseIndex, piece: str, name: str) -> None:
    assert best(loose, piece) == name


@pytest.mark.parametrize(
    "piece", ["同样情况", "please check", "fernover", "月亮花坛", "the evening"]
)
def test_other_words_find_nothing(loose: LooseIndex, piece: str) -> None:
    assert best(loose, piece) == ""


@pytest.mark.parametrize("pieces", [[], ["zzzzzz"]], ids=["none", "nothing-shared"])
def test_nothing_to_match_gives_no_hits(loose: LooseIndex, pieces: Sequence[str]) -> None:
    assert fuzzy_hits(loose, pieces).empty


def test_no_names_give_no_hits() -> None:
    empty = build_loose_index(build_index([], []), [], load_sounds())
    assert fuzzy_hits(empty, ["thornbury"]).empty
