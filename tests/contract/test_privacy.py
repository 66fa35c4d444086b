import pytest

from contract.privacy import masked_number, masked_numbers


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
