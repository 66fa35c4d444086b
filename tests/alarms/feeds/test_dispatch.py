"""Dispatch texts become one alarm for every object they name."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alarms.feeds.dispatch import dispatch_labels, read_dispatch
from alarms.feeds.notification_table import notification_table
from alarms.feeds.notifications import alarm_rows

OWN = (
    "【告警信息】: 小区不可用告警<br/>【告警位置】: /LteSystem=某市/Voder=1/eNodeB=500123/RRU=东坡R_5"
    "<br/>【告警时间】: 2026-03-01 18:20:03<br/>【告警级别】: D<br/>【告警详细信息】: eNodeB名称=东坡机房BBU6, "
    "本地小区标识=11, 小区名称=东坡R_5, eNodeB标识=500123, 小区标识=82, 具体问题=射频单元异常   基站制式=L, "
    "累计时长(s)=90<br/>【告警来源】: 省网管L网华为<br/>【网格信息】: 网格名称:东区<br/>【基站等级】: C"
)
LISTED = (
    "<br/>【压缩信息】: 告警对象友好名称：东坡R_5,网元名称：东坡机房BBU6\n<br/>"
    "告警对象友好名称：西村R_2,网元名称：西村BBU1\n<br/>告警对象友好名称：西村R_2,网元名称：西村BBU1\n"
    "<br/>告警对象友好名称：南街（第二载波）,网元名称：南街BBU4"
)
TEXT = OWN + LISTED
OBJECTS = ["东坡R_5", "西村R_2", "南街（第二载波）"]


def objects(text: str) -> list[str]:
    return [told.object_id for told in read_dispatch(text).notifications]


def test_every_object_of_the_list_becomes_a_notification_once() -> None:
    intake = read_dispatch(TEXT)
    assert [told.object_id for told in intake.notifications] == OBJECTS
    assert {told.name for told in intake.notifications} == {"小区不可用告警"}
    assert {told.severity for told in intake.notifications} == {"warning"}
    assert {told.vendor for told in intake.notifications} == {"华为"}
    assert {str(told.at) for told in intake.notifications} == {"2026-03-01 10:20:03+00:00"}
    assert intake.records == 1
    assert not intake.repaired


def test_own_object_keeps_the_detail_and_its_numbers() -> None:
    own, other = read_dispatch(TEXT).notifications[:2]
    assert "具体问题=射频单元异常" in own.detail
    assert "位置: /LteSystem=某市" in own.detail
    assert dict(own.extra)["cell_identity"] == "500123-82"
    assert dict(other.extra)["ne_name"] == "西村BBU1"
    assert dict(other.extra)["compressed_into"] == "东坡R_5"


@pytest.mark.parametrize(
    "written",
    [
        TEXT.replace("<br/>", "\n"),
        TEXT.replace("<br/>", "< BR />"),
        TEXT.replace("<br/>", "&lt;br&gt;"),
        TEXT.replace("<br/>", "").replace("\n", ""),
        TEXT.replace(": ", "：").replace(",", "，").replace("=", "＝"),
        f"<div><p>{TEXT}</p></div>",
        TEXT.replace("【", "[").replace("】", "]"),
    ],
    ids=["lines", "blanks", "escaped", "no breaks", "full width", "tags", "square"],
)
def test_breaks_and_width_do_not_matter(written: str) -> None:
    assert objects(written) == OBJECTS


def test_message_without_a_list_is_about_its_own_object() -> None:
    assert objects(OWN) == OBJECTS[:1]


def test_node_is_the_object_where_no_cell_is_named() -> None:
    text = "【告警信息】: 网元断链告警【告警位置】: /LteSystem=某市/eNodeB=502990【告警时间】: 2026-03-01 08:00"
    assert objects(text) == ["/LteSystem=某市/eNodeB=502990"]


def test_radio_unit_that_may_be_a_cell_leaves_both_readings_open() -> None:
    place, at = "/eNodeB=502990/RRU=北山R_1", "【告警时间】: 2026-03-01 08:00"
    text = f"【告警信息】: 小区退服【告警位置】: {place}{at}"
    assert objects(text) == [f"{place},小区名称=北山R_1"]
    assert objects(f"{text}【压缩信息】: 告警对象友好名称：北山R_1") == ["北山R_1"]


def test_object_comes_from_the_detail_where_the_place_is_missing() -> None:
    text = "【告警信息】: 网元断链告警【告警时间】: 2026-03-01 08:00【告警详细信息】: eNodeB名称=北山BBU1; x=1"
    assert objects(text) == ["北山BBU1"]


@pytest.mark.parametrize(
    "over",
    [
        OWN.replace("小区不可用告警", "小区不可用告警（已恢复）"),
        OWN.replace("小区不可用告警", "[清除]小区不可用告警"),
        OWN.replace("小区不可用告警", "小区不可用告警-已清除"),
        OWN.replace("小区不可用告警", "【已恢复】小区不可用告警"),
        OWN.replace("【告警信息】", "【告警恢复】"),
        OWN + "【告警状态】: 已清除",
        OWN + "【清除时间】: 2026-03-01 18:20:03",
    ],
    ids=["behind", "before", "hyphen", "bold", "head", "state", "time"],
)
def test_clearing_message_clears_every_object(over: str) -> None:
    over = over.replace("18:20:03", "19:20:03")
    raised = read_dispatch(TEXT).notifications
    folded = alarm_rows(notification_table([*raised, *read_dispatch(over + LISTED).notifications]))
    cleared = folded.alarms["cleared_at"]
    assert len(folded.alarms) == 3 or "清除时间" in over
    assert (cleared == pd.Timestamp("2026-03-01 11:20:03", tz="UTC")).sum() >= 3


def test_message_with_both_times_is_a_whole_alarm() -> None:
    intake = read_dispatch(OWN + "【告警清除时间】: 2026-03-01 19:00:00")
    row = alarm_rows(notification_table(intake.notifications)).alarms.iloc[0]
    assert (row["raised_at"].hour, row["cleared_at"].hour) == (10, 11)


def test_alarm_named_after_recovery_is_no_clearing() -> None:
    told = read_dispatch(OWN.replace("小区不可用告警", "自动恢复失败告警")).notifications[0]
    assert (told.kind, told.name) == ("raise", "自动恢复失败告警")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("早上好", "告警信息"),
        ("", "告警信息"),
        (OWN.replace("2026-03-01 18:20:03", "傍晚"), "告警时间"),
        ("【告警信息】: 甲【告警时间】: 2026-03-01 08:00", "告警位置"),
    ],
    ids=["talk", "nothing", "time", "object"],
)
def test_text_without_what_it_needs_is_refused(text: str, reason: str) -> None:
    intake = read_dispatch(text, first_row=9)
    assert reason in intake.refused[0].reason
    assert intake.refused[0].row == 9


def test_parts_not_read_are_listed() -> None:
    intake = read_dispatch("各位好 " + OWN + "【备注】: 请处理" + LISTED + "\n共4条")
    assert [noted.content for noted in intake.repaired] == ["各位好", "【备注】: 请处理", "共4条"]


def test_texts_one_after_the_other_are_told_apart() -> None:
    intake = read_dispatch(OWN + "\n" + TEXT.replace("东坡R_5", "北山R_1"))
    assert intake.records == 2
    assert [told.row for told in intake.notifications] == [1, 2, 2, 2]


def test_telephone_numbers_of_refused_texts_are_masked() -> None:
    assert "159****2291" in read_dispatch("请联系15900002291").refused[0].content


@settings(max_examples=60, deadline=1000)
@given(
    st.lists(
        st.sampled_from([*OWN.split("<br/>"), LISTED, "【", "】: ", "<br>", "a=b", "\n", " " * 300])
    ).map("".join)
)
def test_any_text_is_read_or_refused(text: str) -> None:
    intake = read_dispatch(text)
    assert intake.records == len({told.row for told in intake.notifications}) + len(intake.refused)


def test_labels_are_known_by_their_plain_form() -> None:
    assert dispatch_labels()["告警信息"] == "name"
