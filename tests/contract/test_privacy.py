import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.privacy import masked_column, masked_number, masked_numbers, masked_texts


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("15900002291来电", "159****2291来电"),
        ("+8615900002291", "+86159****2291"),
        ("159 0000 2291", "159****2291"),
        ("0871-63120000", "087*****0000"),
        ("身份证530102199001011234", "身份证****1234"),
        ("53010219900101123X", "****123X"),
        ("card 6222 0000 0000 1234", "card ****1234"),
        ("mail j.doe@example.co.uk.", "mail j***@example.co.uk."),
    ],
    ids=["mobile", "country code", "blanks", "landline", "identity", "identity x", "card", "mail"],
)
def test_what_tells_who_somebody_is_is_masked(text: str, masked: str) -> None:
    assert masked_numbers(text) == masked
    assert masked_numbers(masked) == masked


@pytest.mark.parametrize(
    "text",
    [
        "工单2010062801365464",
        "2026-03-10 13:02:11",
        "201006281345",
        "102.1234567890",
        "CI 4419, eNB 123456",
        "159****2291",
        "",
    ],
)
def test_what_tells_nobody_stays(text: str) -> None:
    assert masked_numbers(text) == text


@pytest.mark.parametrize(
    ("number", "masked"),
    [("15900002291", "159****2291"), ("", ""), ("4261", "**61"), ("a*1", "a*1")],
)
def test_one_number_is_masked_as_a_whole(number: str, masked: str) -> None:
    assert masked_number(number) == masked


def test_a_column_of_texts_is_masked_as_each_text_is() -> None:
    texts = pd.Series(["row 15900002291", "at 2026-03-10 13:02:11", None], dtype="str")
    before = texts.copy()
    masked = masked_texts(texts)
    assert masked.fillna("").tolist() == ["row 159****2291", "at 2026-03-10 13:02:11", ""]
    pd.testing.assert_series_equal(texts, before)


@given(st.lists(st.text(alphabet="0123456789 -@.xA*号", max_size=40), max_size=5))
def test_no_text_that_would_be_masked_is_passed_over(texts: list[str]) -> None:
    column = pd.Series(texts, dtype="str")
    assert masked_texts(column).tolist() == [masked_numbers(text) for text in texts]


def test_a_column_of_numbers_is_masked_whole_and_words_stay() -> None:
    numbers = pd.Series(["15900002291", "63120000", "none", None], dtype="str")
    assert masked_column(numbers).fillna("").tolist() == ["159****2291", "631*0000", "none", ""]
