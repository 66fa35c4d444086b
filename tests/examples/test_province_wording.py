"""Claims about how the practice operator's complaints are worded."""

import time

import numpy as np
import pandas as pd
import pytest

from examples.province.onset_words import onset_words
from examples.province.phrasing import load_wording
from examples.province.slips import misspelt
from examples.province.wording import complaint_texts

SYMPTOMS = (
    "NOSVC WEAK BUSY CHOP ONEWAY XTALK DROP NODATA SLOW SMSTX SMSNO MMS CARD ROAM NR5G".split()  # noqa: SIM905
)
COLUMNS = ["text", "address", "previous_opinion", "category", "channel"]
LANGUAGES = ("zh", "en")
MONDAY = pd.Timestamp("2026-03-09 00:00")


def intents(size: int, **given: object) -> pd.DataFrame:
    """Return plain intents, all alike but for what is given."""
    plain: dict[str, object] = {
        "created_at": MONDAY + pd.Timedelta(hours=10),
        "cause": "site_outage",
        "symptom": "NOSVC",
        "place_name": "Lindenau",
        "place_kind": "village",
        "town": "Brookfield",
        "county": "Ashby County",
        "site_name": "",
        "is_indoor": False,
        "group": None,
        "onset_at": MONDAY + pd.Timedelta(hours=8),
        "is_chronic": False,
        "is_moving": False,
        "is_repeat": False,
        "msisdn": "13912345678",
        "second_msisdn": "",
        "knows_address": 0.9,
    }
    frame = pd.DataFrame(index=range(size))
    return frame.assign(**{**plain, **given})


def worded(table: pd.DataFrame, language: str, seed: int = 0) -> pd.DataFrame:
    """Return the texts of intents."""
    return complaint_texts(table, language=language, rng=np.random.default_rng(seed))


def onsets(hours_before: float, language: str = "en", *, called_at: float = 10.0) -> set[str]:
    """Return the different words for one beginning."""
    called = MONDAY + pd.Timedelta(hours=called_at)
    table = intents(300, created_at=called, onset_at=called - pd.Timedelta(hours=hours_before))
    return set(onset_words(table, load_wording(language), np.random.default_rng(0))) - {""}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_symptom_has_a_dozen_patterns(language: str) -> None:
    patterns = load_wording(language).sections["symptoms"]
    assert {name: len(set(patterns[name])) >= 12 for name in SYMPTOMS} == dict.fromkeys(
        SYMPTOMS, True
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_symptom_and_cause_can_be_worded(language: str) -> None:
    causes = list(load_wording(language).sections["hints"])
    pairs = pd.MultiIndex.from_product([SYMPTOMS, [*causes, "unknown"]]).to_frame(index=False)
    texts = worded(intents(len(pairs), symptom=pairs[0], cause=pairs[1]), language)
    assert list(texts.columns) == COLUMNS
    assert texts.notna().all(axis=None)
    assert (texts["text"].str.len() > 2).all()
    assert not texts["text"].str.contains(r"[{}|]").any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_intent_has_hundreds_of_texts(language: str) -> None:
    texts = worded(intents(1000), language)["text"]
    assert texts.nunique() > 900


def test_same_seed_gives_same_texts_and_another_gives_others() -> None:
    table = intents(50)
    pd.testing.assert_frame_equal(worded(table, "en"), worded(table, "en"))
    assert not worded(table, "en")["text"].equals(worded(table, "en", seed=1)["text"])


def test_index_is_kept_and_intents_unchanged() -> None:
    table = intents(5).set_index(pd.Index([9, 3, 7, 1, 5]))
    before = table.copy(deep=True)
    assert worded(table, "en").index.tolist() == [9, 3, 7, 1, 5]
    pd.testing.assert_frame_equal(table, before)


def test_no_intents_give_no_texts() -> None:
    assert worded(intents(5).iloc[:0], "zh").shape == (0, 5)


def test_missing_columns_are_named() -> None:
    with pytest.raises(ValueError, match=r"lacks columns \['symptom'\]"):
        worded(intents(2).drop(columns="symptom"), "en")


def test_symptoms_without_phrases_are_named() -> None:
    with pytest.raises(ValueError, match="without phrases: .*SMELL"):
        worded(intents(2, symptom="SMELL"), "en")


def test_unknown_language_is_named() -> None:
    with pytest.raises(ValueError, match="`language` must be one of .* it is 'fr'"):
        worded(intents(2), "fr")


@pytest.mark.parametrize(
    ("hours_before", "called_at", "expected"),
    [
        pytest.param(0.1, 10.0, "just now", id="minutes"),
        pytest.param(14.0, 10.0, "since last night", id="last night"),
        pytest.param(48.0, 10.0, "since the day before yesterday", id="two days"),
        pytest.param(100.0, 10.0, "since Thursday", id="weekday"),
        pytest.param(240.0, 10.0, "for about 10 days", id="fortnight"),
    ],
)
def test_onset_is_told_as_seen_from_the_call(
    hours_before: float, called_at: float, expected: str
) -> None:
    assert expected in onsets(hours_before, called_at=called_at)


def test_clock_words_name_the_hour_of_the_beginning_or_a_later_one() -> None:
    words = onsets(13.5, "zh", called_at=10.0)
    assert "昨晚八点" in words
    assert not {"昨晚七点", "昨晚六点"} & words


def test_onset_is_never_told_for_after_the_call() -> None:
    assert onsets(-5.0) <= set(load_wording("en").phrases("onset", "now"))


def test_chronic_trouble_has_no_date() -> None:
    table = intents(200, is_chronic=True)
    words = set(onset_words(table, load_wording("en"), np.random.default_rng(0))) - {""}
    assert words <= set(load_wording("en").phrases("onset", "chronic"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", [True, False])
def test_group_answer_is_told_as_given_and_never_the_other(language: str, group: bool) -> None:
    phrases = load_wording(language).sections["group"]
    texts = worded(intents(400, group=group), language)["text"].str.lower()
    said, other = (
        [phrase.lower() for phrase in phrases[key] if "{" not in phrase]
        for key in ((str(group).lower(), str(not group).lower()))
    )
    assert texts.map(lambda text: any(phrase in text for phrase in said)).mean() > 0.2
    assert not texts.map(lambda text: any(phrase in text for phrase in other)).any()


def test_second_number_is_told_where_there_is_one() -> None:
    texts = worded(intents(400, second_msisdn="13700001111", group=True), "zh")["text"]
    assert 0.1 < texts.str.contains("13700001111").mean() < 0.9
    assert not worded(intents(200), "zh")["text"].str.contains("13700001111").any()


def test_address_is_fuller_the_better_it_is_known() -> None:
    exact, vague = (
        worded(intents(300, knows_address=known), "en")["address"] for known in (0.95, 0.05)
    )
    assert exact.str.contains("Lindenau").mean() > 0.95
    assert vague.str.contains("Lindenau").mean() < 0.2


@pytest.mark.parametrize("language", LANGUAGES)
def test_place_without_a_town_leaves_no_hole(language: str) -> None:
    texts = worded(intents(500, town=""), language)
    for column in ("text", "address"):
        assert not texts[column].str.contains(r"\(\)|, ,|^,|between and").any()
    assert not texts["address"].str.contains("Ashby County(?:, )?Ashby County").any()


def test_cause_shows_only_as_a_customer_could_know_it() -> None:
    texts = worded(intents(2000, cause="power_failure"), "zh")["text"]
    others = worded(intents(2000, cause="bcch_trx_fault"), "zh")["text"]
    assert 0.05 < texts.str.contains("停电").mean() < 0.35
    assert others.str.contains("停电").mean() < 0.02
    assert not pd.concat([texts, others]).str.contains("载频|TRX|BCCH|市电").any()


def test_nobody_with_a_broken_phone_found_another_phone_no_better() -> None:
    texts = worded(intents(2000, cause="terminal_fault", symptom="NODATA"), "en")["text"]
    assert not texts.str.contains("tried another phone").any()
    assert texts.str.contains("SIM works in another phone").any()


def test_desk_does_not_call_a_barred_account_active() -> None:
    texts = worded(intents(1000, cause="account_barred", symptom="NODATA"), "en")
    assert not texts["previous_opinion"].str.contains("active|no arrears", case=False).any()


def test_desk_asks_for_restoration_time() -> None:
    opinions = worded(intents(500), "zh")["previous_opinion"]
    assert 0.4 < (opinions != "").mean() < 0.75
    assert opinions.str.contains("恢复时间").any()


def test_category_is_right_but_for_an_eighth() -> None:
    texts = worded(intents(3000, symptom="ROAM"), "en")["category"]
    right = texts.isin(load_wording("en").phrases("category", "ROAM")).mean()
    assert 0.84 < right < 0.92


def test_traps_deny_one_trouble_and_name_another() -> None:
    texts = worded(intents(2000, symptom="SLOW"), "zh")["text"]
    assert texts.str.contains("不是没信号").mean() > 0.01


def test_misspelling_changes_one_word_only() -> None:
    texts = np.array(["signal and signal"], dtype=object)
    slipped = misspelt(texts, [("signal", "singal")], np.random.default_rng(0), words=True)
    assert slipped[0] == "singal and signal"
    assert texts[0] == "signal and signal"


def test_fifty_thousand_texts_take_seconds() -> None:
    table = intents(50_000, symptom=np.resize(SYMPTOMS, 50_000))
    began = time.perf_counter()
    texts = worded(table, "zh")["text"]
    assert time.perf_counter() - began < 20
    assert texts.nunique() > 25_000
