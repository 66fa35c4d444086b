import pytest

from correlate.lexicon import default_lexicon, view_of
from correlate.symptom_mending import mended

LEXICON = default_lexicon()


def mend(text: str) -> tuple[str, str]:
    view = mended([view_of(text, LEXICON)], LEXICON)[0]
    return view.zh, view.en.strip(" ,")


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("sginal", "signal"),
        ("intrnet", "internet"),
        ("dissapearing", "disappearing"),
        ("fial", "fail"),
        ("lsow", "slow"),
        ("connected bu tnothing opens", "connected but nothing opens"),
        ("notsent", "not sent"),
    ],
    ids=["swapped", "missing", "two slips", "short", "first letters", "blank moved", "blank lost"],
)
def test_badly_typed_english_words_are_mended(text: str, right: str) -> None:
    assert mend(text)[1] == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("手机新号差", "手机信号差"),
        ("wangluo差", "网络差"),
        ("信hao差", "信号差"),
        ("信不号好", "信号不好"),
    ],
    ids=["same sound", "pinyin", "half pinyin", "swapped"],
)
def test_badly_typed_chinese_words_are_mended(text: str, right: str) -> None:
    assert mend(text)[0] == right


@pytest.mark.parametrize("text", ["network is fine", "quux zyzzyva", "cat"])
def test_known_words_and_words_like_none_are_left(text: str) -> None:
    assert mend(text)[1] == text


@pytest.mark.parametrize("text", ["网络忙", "网络慢"])
def test_words_that_sound_alike_are_not_taken_for_each_other(text: str) -> None:
    assert mend(text)[0] == text


def test_nothing_to_mend_gives_nothing() -> None:
    assert mended([], LEXICON) == []
    assert mend("") == ("", "")


def test_views_come_back_in_their_order_and_the_plain_text_is_kept() -> None:
    views = [view_of(text, LEXICON) for text in ("sginal", "没信号", "slow")]
    again = mended(views, LEXICON)
    assert [view.plain for view in again] == ["sginal", "没信号", "slow"]
    assert again[1:] == views[1:]
