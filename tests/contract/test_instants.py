"""Instants are read from whatever the exporter wrote."""

import datetime
from itertools import product

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract.instants import INSTANT, parse_instants

ZONE = "Asia/Shanghai"
MOMENT = pd.Timestamp("2010-06-28T05:45:37Z")
MINUTE = pd.Timestamp("2010-06-28T05:45:00Z")
MIDNIGHT = pd.Timestamp("2010-06-27T16:00:00Z")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2010-06-28 13:45:37", MOMENT),
        (" 2010-06-28 13:45:37 ", MOMENT),
        ("2010/6/28 13:45", MINUTE),
        ("2010.6.28 13:45:37", MOMENT),
        ("2010年6月28日 13:45", MINUTE),
        ("2010年6月28日13时45分37秒", MOMENT),
        ("2010-06-28T13:45:37+08:00", MOMENT),
        ("2010-06-28T05:45:37Z", MOMENT),
        ("2010-06-28 13:45:37+0800", MOMENT),
        ("2010-06-28T13:45:37.250+08:00", MOMENT + pd.Timedelta("250ms")),
        ("2010-06-28 13:45:37 DST", MOMENT),
        ("2010/6/28 下午 1:45:37", MOMENT),
        ("2010/6/28 1:45:37 PM", MOMENT),
        ("20100628134537", MOMENT),
        ("2010-06-28", MIDNIGHT),
        ("2010/6/28", MIDNIGHT),
        ("40357.573344907", MOMENT),
        ("40357", MIDNIGHT),
    ],
)
def test_written_form_is_read(text: str, expected: pd.Timestamp) -> None:
    assert parse_instants(pd.Series([text]), ZONE)[0] == expected


def test_excel_serial_is_read_to_the_millisecond() -> None:
    found = parse_instants(pd.Series(["40357.5733"]), ZONE)[0]
    assert found == pd.Timestamp("2010-06-28T05:45:33.120Z")


@pytest.mark.parametrize(
    "text", ["", "soon", "2010-02-30 10:00", "2010-13-01", "2010-06-28 25:00", "12345", "2010"]
)
def test_unreadable_text_gives_nothing(text: str) -> None:
    assert parse_instants(pd.Series([text]), ZONE).isna().all()


def test_forms_may_be_mixed_and_the_input_stays() -> None:
    text = pd.Series(
        ["2010-06-28 13:45:37", None, "2010/6/28 13:45", "40357", "x"], index=[5, 3, 3, 1, 0]
    )
    before = text.copy()
    found = parse_instants(text, ZONE)
    assert found.dtype == INSTANT
    assert found.index.equals(text.index)
    assert found.tolist()[:1] + found.tolist()[2:4] == [MOMENT, MINUTE, MIDNIGHT]
    pd.testing.assert_series_equal(text, before)


def test_clock_set_back_means_winter_time_unless_tagged() -> None:
    text = pd.Series(["2010-10-31 01:30:00", "2010-10-31 01:30:00 DST", "2010-03-28 01:30"])
    found = parse_instants(text, "Europe/London").dt.strftime("%H:%M").tolist()
    assert found == ["01:30", "00:30", "01:00"]


def test_timestamps_are_local_without_zone() -> None:
    naive = pd.Series(pd.to_datetime(["2010-06-28 13:45:37"]))
    aware = naive.dt.tz_localize("Europe/London")
    assert parse_instants(naive, ZONE)[0] == MOMENT
    assert parse_instants(aware, ZONE)[0] == aware[0]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.datetimes(datetime.datetime(1990, 1, 1), datetime.datetime(2090, 1, 1)),  # noqa: DTZ001
        max_size=8,
    ),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S"]),
)
def test_what_is_written_in_utc_is_read_back(moments: list[datetime.datetime], form: str) -> None:
    whole = [moment.replace(microsecond=0) for moment in moments]
    text = pd.Series([f"{m:{form}}" for m in whole], dtype="str")
    found = parse_instants(text, "UTC")
    assert [stamp.to_pydatetime().replace(tzinfo=None) for stamp in found] == whole


def test_instants_that_all_bear_an_offset_are_read_as_among_others() -> None:
    parts = (
        ("1900", "2026", "2199"),
        ("00", "02", "12", "13"),
        ("01", "29", "32"),
        ("T00", " 23", "T24"),
        ("00", "59", "60"),
        ("00", "60"),
        ("", ".5", ".123456"),
        ("Z", "+00:00", "-13:59", "+08:00"),
    )
    written = [f"{y}-{m}-{d}{h}:{n}:{s}{f}{z}" for y, m, d, h, n, s, f, z in product(*parts)]
    alone = parse_instants(pd.Series(written), "Asia/Shanghai")
    among = parse_instants(pd.Series([*written, "2010.6.28 13:45"]), "Asia/Shanghai")
    pd.testing.assert_series_equal(alone, among.iloc[:-1])
    assert 0 < alone.notna().sum() < len(written)
