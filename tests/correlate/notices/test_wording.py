from zoneinfo import ZoneInfo

import numpy as np
import pytest

from contract.causes import CAUSES
from correlate.notices.wording import SMS_LENGTH, county_and_towns, places_near, scripts_of
from tests.correlate.small_network import NOON, small_knowledge, with_towns

CODES = [c.code for c in CAUSES.values() if c.is_network]
NAMES = {
    "zh": ["黄泥河镇", "清水河镇", "三江口乡"],
    "en": ["Upper Woodhouse Green", "Nether Wallop", "Stow"],
}
HANDY = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("cause", CODES)
def test_a_text_message_is_never_too_long(cause: str, language: str) -> None:
    for names in (NAMES[language], [NAMES[language][0] * 12], []):
        told = scripts_of(cause, names, since=NOON, due_at=NOON + 7200, zone=HANDY)
        assert 0 < len(told[f"sms_{language}"]) <= SMS_LENGTH[language]
        assert "{" not in "".join(told.values())


def test_a_text_message_names_as_many_places_as_fit() -> None:
    told = scripts_of("site_outage", NAMES["en"], since=NOON, due_at=NOON, zone=HANDY)
    assert "Upper Woodhouse Green, Nether Wallop, Stow" in told["sms_en"]
    long = ["A" * 60, "B" * 60]
    told = scripts_of("site_outage", long, since=NOON, due_at=NOON, zone=HANDY)
    assert ("A" * 60 in told["sms_en"], "B" in told["sms_en"].replace("Base", "")) == (True, False)


def test_every_channel_has_words_in_both_languages() -> None:
    told = scripts_of("site_outage", ["H1"], since=NOON, due_at=NOON + 7200, zone=HANDY)
    assert sorted(told) == ["agent_en", "agent_zh", "ivr_en", "ivr_zh", "sms_en", "sms_zh"]
    assert told["ivr_zh"] == "您好。" + told["agent_zh"]
    assert "3月10日14:00" in told["sms_zh"]
    assert "10 Mar 14:00" in told["sms_en"]


def test_county_and_towns_come_with_those_of_most_users_first() -> None:
    known = with_towns()
    assert county_and_towns(known, np.array([0, 1, 4])) == ("Hill", ("Hilltown", "Valetown"))
    assert places_near(known, np.array([], dtype=np.int64)) == ()


def test_no_town_is_named_where_none_is_known() -> None:
    assert county_and_towns(small_knowledge(), np.array([0])) == ("Hill", ())
