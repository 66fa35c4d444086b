"""Words: how names and supplementary texts are read."""

from pathlib import Path

import pytest

from alarms.words import (
    load_words,
    matching_rule,
    plain_detail,
    plain_text,
    standard_key,
    vendor_name,
)
from contract.errors import InputError

WORDS = load_words()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("UtranCell_ServiceUnavailable", "utran cell service unavailable"),
        ("ＣＰＵ过载", "cpu 过载"),
        ("RHUB与pRRU间链路异常", "rhub 与 prru 间链路异常"),
        ("小区不可用 (E684762)", "小区不可用"),
        ("EXTERNAL AL 5", "external al 5"),
        ("1588时钟 198092217", "1588 时钟"),
    ],
)
def test_texts_become_comparable(text: str, plain: str) -> None:
    assert plain_text(text) == plain


@pytest.mark.parametrize(
    ("detail", "plain"),
    [
        ("机柜号=0, 框号=60, 槽号=7, 具体问题=小区不可用, 累计时长(s)=90", "小区不可用"),
        ("Location: Rack=1,Shelf=1,Slot=7", ""),
        ("SubNetwork=RAN,MeContext=E607597,HWFault=7 FanUnit", "hw fault 7 fan unit"),
        ("VSWR minor alarm", "vswr minor alarm"),
        ("Slot No.=3, Board Type=MRRU, SN=2102AB77, Software Version=V100R019", ""),
        ("网元名称=双阳站, 本地小区标识=11, 基站IP=10.1.2.3, 光口丢失", "光口丢失"),
    ],
    ids=["specific problem", "location only", "named unit", "free text", "what it is", "whose"],
)
def test_detail_keeps_what_and_drops_where(detail: str, plain: str) -> None:
    assert plain_detail(detail) == plain


# Names no row of the catalogue has, as vendors and operators word them.
@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("AC Mains Failure", "mains_off"),
        ("交流停电", "mains_off"),
        ("Battery Discharging", "mains_off"),
        ("蓄电池组电压过低", "battery_low"),
        ("Battery Discharge Test In Progress", "battery_test"),
        ("Rectifier Module Failure", "power_module"),
        ("整流模块故障", "power_module"),
        ("Shelter High Temperature", "temperature"),
        ("空调故障告警", "temperature"),
        ("水浸告警", "environment"),
        ("Cabinet Door Opened", "environment"),
        ("基站脱管", "site_disconnected"),
        ("eNodeB Disconnected", "site_disconnected"),
        ("基站退服告警", "site_down"),
        ("gNodeB Out of Service", "site_down"),
        ("NR小区不可用", "cell_down"),
        ("EUtranCell Service Unavailable", "cell_down"),
        ("小区降质", "cell_degraded"),
        ("小区被人工闭塞", "cell_blocked"),
        ("Cell Energy Saving Activated", "cell_shutdown"),
        ("AAU链路异常", "rf_unit"),
        ("RRH Connection Lost", "rf_unit"),
        ("室分干放故障", "indoor_unit"),
        ("直放站下行输出异常", "repeater"),
        ("Transmit Power Too Low", "rf_power"),
        ("天馈驻波比过大", "vswr"),
        ("High Return Loss", "vswr"),
        ("Rx Diversity Lost", "rx_path"),
        ("TRX Faulty Major", "trx"),
        ("MBCCH载频故障", "bcch"),
        ("上行底噪过高", "ul_interference"),
        ("GPS失锁", "clock"),
        ("System Clock Out Of Lock", "clock_lost"),
        ("E1链路中断", "transport_down"),
        ("Fibre Cut", "transport_down"),
        ("微波链路中断", "microwave"),
        ("Packet Loss Rate High", "transport_degraded"),
        ("传输误码率过高", "transport_degraded"),
        ("SDH保护倒换", "ring_switch"),
        ("NG Interface Fault", "s1_down"),
        ("SCTP偶联断开", "s1_down"),
        ("Xn接口故障", "x2"),
        ("PCU Hung", "gb_link"),
        ("RNC Processor Restarted", "controller"),
        ("Transcoder Pool Unavailable", "transcoder"),
        ("MME Overall Registration Success Low", "core"),
        ("核心网元业务成功率低", "core"),
        ("短信中心不可用", "sms"),
        ("TCH Congestion", "voice_congestion"),
        ("无线利用率高", "congestion"),
        ("邻区参数配置错误", "configuration"),
        ("许可即将到期", "licence"),
        ("内存占用率过高", "cpu"),
    ],
)
def test_names_not_listed_are_read_by_words(name: str, meaning: str) -> None:
    rule = matching_rule(plain_text(name), WORDS)
    assert rule is not None
    assert rule.meaning == meaning


@pytest.mark.parametrize(
    "text", ["lossOfSignal", "LOSS_OF_SIGNAL", "Loss of signal (29)", "loss-of-signal"]
)
def test_probable_causes_are_the_same_in_any_spelling(text: str) -> None:
    assert standard_key(text) == "lossofsignal"
    assert WORDS.probable_causes[standard_key(text)] == "transport_down"


# Words that stand inside other words must not be found there.
@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Regenerator Section Signal Deteriorated", "transport_degraded"),
        ("Critical Limit In Security Reporting Reached", "notice"),
        ("Battery Midpoint Voltage Unbalanced", "battery_low"),
        ("CPU Temperature High", "temperature"),
        ("Ir接口光口失步", "rf_unit"),
        ("RSL Low", "microwave"),
    ],
)
def test_a_word_inside_another_is_not_found(name: str, meaning: str) -> None:
    rule = matching_rule(plain_text(name), WORDS)
    assert rule is not None
    assert rule.meaning == meaning


def test_nothing_is_read_from_an_empty_text() -> None:
    assert matching_rule("", WORDS) is None


@pytest.mark.parametrize("spelling", ["华为", "HUAWEI", "Huawei Technologies"])
def test_vendors_have_one_name(spelling: str) -> None:
    assert vendor_name(spelling, WORDS) == "huawei"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("rule = [", "must be a TOML file"),
        ("[[rule]]\nid = 'A'\nmeaning = 'fan'\n[engineering]\nwords = 'x'", "lacks"),
        (
            "[[rule]]\nid='A'\nmeaning='fan'\nspecificity=1\nwords='('\n[engineering]\nwords='x'",
            "must be a regular expression",
        ),
    ],
    ids=["no toml", "part missing", "no expression"],
)
def test_bad_word_files_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "patterns.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_words(path)
