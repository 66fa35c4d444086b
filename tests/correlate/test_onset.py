from pathlib import Path

import pandas as pd
import pytest

from contract.errors import InputError
from correlate.onset import load_time_words, read_onsets

NOW = pd.Timestamp("2025-09-24 14:30", tz="Asia/Shanghai")


def onset(text: str, now: pd.Timestamp = NOW) -> pd.Series:
    created = pd.Series([now.tz_convert("UTC")])
    return read_onsets(pd.Series([text]), created, "Asia/Shanghai").iloc[0]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("今早没信号", "2025-09-24 07:30"),
        ("昨天打不通", "2025-09-23 12:00"),
        ("昨晚八点断网", "2025-09-23 20:00"),
        ("昨儿下午就没网", "2025-09-23 15:00"),
        ("大前天下午", "2025-09-21 15:00"),
        ("3小时前没信号", "2025-09-24 11:30"),
        ("半个小时前", "2025-09-24 14:00"),
        ("9月20号开始", "2025-09-20 09:00"),
        ("20号起上网慢", "2025-09-20 09:00"),
        ("上周五开始", "2025-09-19 09:00"),
        ("周一开始", "2025-09-22 09:00"),
        ("从6.5开始", "2025-06-05 12:00"),
        ("月初开始", "2025-09-03 12:00"),
        ("从中午12点左右开始", "2025-09-24 12:00"),
        ("从晚上6点多开始", "2025-09-23 18:20"),
        ("刚刚开始没信号", "2025-09-24 14:10"),
        ("since yesterday around 8:00", "2025-09-23 08:00"),
        ("for 3 hours", "2025-09-24 11:30"),
        ("this morning no signal", "2025-09-24 09:00"),
        ("since about 8am", "2025-09-24 08:00"),
        ("since Monday", "2025-09-22 12:00"),
        ("since Tuseday", "2025-09-23 12:00"),
        ("since 20 Sep", "2025-09-20 12:00"),
        ("last night", "2025-09-23 21:00"),
        ("an hour ago", "2025-09-24 13:30"),
        ("since the day before yesterday", "2025-09-22 12:00"),
    ],
)
def test_the_window_holds_the_moment_meant(text: str, moment: str) -> None:
    read = onset(text)
    at = pd.Timestamp(moment, tz="Asia/Shanghai")
    assert read["earliest_at"] <= at <= read["latest_at"]
    assert read["latest_at"] - read["earliest_at"] <= pd.Timedelta(days=8)


@pytest.mark.parametrize("text", ["从前天开始", "最近几天", "since the day before yesterday"])
def test_vague_days_are_open_to_the_left(text: str) -> None:
    assert onset(text)["is_open_left"]


@pytest.mark.parametrize("text", ["长期以来信号弱", "一直信号不好", "weak signal for years"])
def test_long_standing_trouble_has_no_beginning(text: str) -> None:
    read = onset(text)
    assert pd.isna(read["earliest_at"]) or read["earliest_at"] < NOW - pd.Timedelta(days=300)
    assert read["is_open_left"]
    assert read["latest_at"] < NOW - pd.Timedelta(days=2)


@pytest.mark.parametrize(
    "text",
    [
        "没信号",
        "昨天刚充了100,断网",
        "没网,下午方便接听",
        "今天好像恢复了",
        "18栋没信号",
        "best after 5pm",
        "drops several times a day",
        "",
    ],
)
def test_other_times_are_no_onset(text: str) -> None:
    read = onset(text)
    assert pd.isna(read["latest_at"])
    assert read["phrase"] == ""


def test_the_marked_beginning_outweighs_another_time() -> None:
    read = onset("今天打电话给你们,从9月20号开始就没信号")
    assert read["phrase"] == "从9月20号开始"


def test_no_window_ends_after_the_complaint() -> None:
    morning = pd.Timestamp("2025-09-24 07:00", tz="Asia/Shanghai")
    for text in ("今天", "今早", "今天下午开始", "since about 8am", "刚刚", "晚上8点开始"):
        read = onset(text, morning)
        assert pd.isna(read["latest_at"]) or read["latest_at"] <= morning


def test_the_acceptance_order_begins_two_days_before_or_earlier() -> None:
    read = onset("从前天开始不能主被叫", pd.Timestamp("2010-06-28 13:45:37", tz="Asia/Shanghai"))
    assert read["earliest_at"] == pd.Timestamp("2010-06-26", tz="Asia/Shanghai")
    assert read["latest_at"] == pd.Timestamp("2010-06-27", tz="Asia/Shanghai")
    assert read["is_open_left"]


def test_index_is_kept_input_unchanged_and_missing_times_allowed() -> None:
    texts = pd.Series(["昨天", None], index=["x", "y"])
    created = pd.Series([NOW.tz_convert("UTC"), pd.NaT], index=["x", "y"])
    before = texts.copy(), created.copy()
    read = read_onsets(texts, created, "Asia/Shanghai")
    assert read.index.tolist() == ["x", "y"]
    assert read["latest_at"].isna().tolist() == [False, True]
    assert str(read["earliest_at"].dtype) == "datetime64[us, UTC]"
    pd.testing.assert_series_equal(texts, before[0])
    pd.testing.assert_series_equal(created, before[1])


def test_empty_input_gives_an_empty_table() -> None:
    created = pd.Series([], dtype="datetime64[us, UTC]")
    read = read_onsets(pd.Series([], dtype="str"), created, "Asia/Shanghai")
    assert read.empty
    assert read.columns.tolist() == ["earliest_at", "latest_at", "is_open_left", "phrase"]


def test_hours_are_counted_across_a_change_of_clocks() -> None:
    created = pd.Series(pd.to_datetime(["2026-03-29 03:00:00+00:00"]))
    read = read_onsets(pd.Series(["no signal for 4 hours"]), created, "Europe/London").iloc[0]
    assert read["earliest_at"] <= pd.Timestamp("2026-03-28 23:00", tz="UTC") <= read["latest_at"]


def test_a_users_file_adds_ways_of_naming_a_time(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[[rules_zh]]\nmeaning = 'just_now'\npattern = '将将'\n", encoding="utf-8")
    created = pd.Series([NOW.tz_convert("UTC")])
    words = load_time_words(file)
    read = read_onsets(pd.Series(["将将没信号"]), created, "Asia/Shanghai", time_words=words)
    assert read.loc[0, "phrase"] == "将将"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[[rules_zh]]\nmeaning = 'some_day'\npattern = 'x'\n", "meaning"),
        ("[[rules_zh]]\nmeaning = 'just_now'\npattern = '(x'\n", "regular expressions"),
        ("[[rules_zh", "TOML"),
    ],
    ids=["meaning", "pattern", "syntax"],
)
def test_a_faulty_users_file_is_explained(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_time_words(file)
