from pathlib import Path

import pandas as pd
import pytest

from contract.errors import InputError
from correlate.lexicon import load_lexicon
from correlate.symptoms import read_symptoms

LEXICON = load_lexicon()
WORLDS = Path(__file__).resolve().parents[3] / "shared" / "worlds"


def read(text: str, category: str | None = None) -> pd.Series:
    categories = None if category is None else pd.Series([category])
    return read_symptoms(pd.Series([text]), LEXICON, categories=categories).iloc[0]


@pytest.mark.parametrize("code", LEXICON.codes)
def test_every_wording_of_the_lexicon_is_read_as_its_symptom(code: str) -> None:
    phrases = pd.Series([phrase for key, phrase in LEXICON.phrases if key == code])
    dominant = read_symptoms(phrases, LEXICON)["dominant"]
    assert phrases[dominant != code].tolist() == []


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("不是信号不好是打不通", "NOCALL"),
        ("不是没信号,是上网慢", "SLOW"),
        ("信号满格但打不出去", "NOCALL"),
        ("不影响打电话只是不能上网", "NODATA"),
        ("没有掉话只是听不清", "CHOP"),
        ("电话能打进不能打出", "NOCALL"),
        ("除了短信其他都不行", ""),
        ("之前说信号差其实不是,主要是老掉话", "DROP"),
        ("it's not the coverage, texts won't send", "SMSTX"),
        ("calls are ok but the pages never load", "NODATA"),
        ("bars are full yet calls drop constantly", "DROP"),
        ("full bars but no internet", "NODATA"),
        ("not a single bar", "NOSIG"),
        ("no problem with the signal, just slow", "SLOW"),
    ],
)
def test_what_is_not_wrong_is_not_a_symptom(text: str, code: str) -> None:
    assert read(text)["dominant"] == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("我屋头一格信号都莫得,啥子电话都打不成", "NOSIG"),
        ("手机訊號很差,經常只有一格", "WEAK"),
        ("ＷｉＦｉ没问题，４Ｇ上网特别卡", "SLOW"),
        ("客户称volte通话对方听不到他说话", "ONEWAY"),
        ("聊着聊着电话就自己挂了", "DROP"),
        ("银行的验证码老是收不到", "SMSNO"),
        ("莫名其妙给我开了个会员,每个月扣10块", "VAS"),
        ("小孩平板卡插上去没网", "CARD"),
        ("在自家院子里老收到邻省的欢迎短信", "ROAM"),
        ("user说5G icon不见了,一直4G", "NR5G"),
        ("the reception round here is dire", "WEAK"),
        ("cust cant recieve or make any calls", "NOCALL"),
        ("every time I ring it says the network is busy", "BUSY"),
        ("my mum sounds like she is under water, words missing", "CHOP"),
        ("i could hear two strangers talking in my call", "XTALK"),
        ("Youtube keeps buffering, 0.4 mbps", "SLOW"),
        ("been billed 5 pounds for some horoscope service", "VAS"),
        ("recpetion is rubish, singal is very weka", "WEAK"),
    ],
)
def test_wording_the_lexicon_was_not_written_for_is_read(text: str, code: str) -> None:
    assert read(text)["dominant"] == code


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("周围用户存在同样情况", "is_group"),
        ("the whole street has it", "is_group"),
        ("周围朋友能上网", "is_single"),
        ("my friends on the same network are fine", "is_single"),
        ("长期以来信号弱", "is_chronic"),
        ("ever since I moved in", "is_chronic"),
        ("原来好好的突然没信号", "is_sudden"),
        ("地下室没信号", "is_indoor"),
        ("drops when driving on the motorway", "is_moving"),
        ("第3次打电话了还没解决", "is_repeat"),
        ("再不解决投诉工信部", "is_escalated"),
        ("换手机就好了", "is_handset_suspect"),
        ("刚交完费还是不行", "is_account_hint"),
        ("there was a power cut here", "mentions_power_cut"),
        ("之前信号不好现在恢复了", "is_resolved_now"),
    ],
)
def test_circumstances_are_flagged(text: str, flag: str) -> None:
    assert read(text)[flag]


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("周围朋友能上网", "is_group"),
        ("电信的卡在这里没事", "is_single"),
        ("other operator works here", "is_single"),
        ("视频一直转圈", "is_chronic"),
        ("搬来三年都没问题", "is_chronic"),
        ("我试过手机没坏,不怀疑手机问题", "is_handset_suspect"),
        ("话费有余额,没有欠费", "is_account_hint"),
        ("没停电,打不通", "mentions_power_cut"),
        ("什么时候能恢复", "is_resolved_now"),
        ("when will it be back", "is_resolved_now"),
    ],
)
def test_look_alikes_are_not_flagged(text: str, flag: str) -> None:
    assert not read(text)[flag]


def test_the_first_symptom_dominates_and_the_others_are_kept_weaker() -> None:
    row = read("信号很弱,而且电话打到一半自动断线")
    assert row["dominant"] == "WEAK"
    assert row["WEAK"] == 1.0
    assert 0 < row["DROP"] < 1


def test_a_turn_puts_the_weight_on_what_follows() -> None:
    assert read("上网有点慢,但主要是老掉话")["dominant"] == "DROP"


def test_the_acceptance_order_is_read_whole() -> None:
    row = read(
        "159****2291来电反映从前天开始在大理银桥镇双阳村出现不能主被叫的问题,提示:网络忙,其它功能也有影响,"
        "用户手机诺基亚SN,周围用户存在同样情况(159****4261),请贵部查询处理,谢谢!(联系方式:本机,随时)"
    )
    assert row["dominant"] == "BUSY"
    assert row["NOCALL"] > 0
    assert row["SLOW"] == 0
    assert row["is_group"]
    assert not row["is_single"]
    assert row["handset"] == "Nokia"
    assert row["second_number"] == "159****4261"
    assert row["service"] == "voice"


def test_a_number_to_ring_back_is_not_a_second_sufferer() -> None:
    assert read("用户199****6439反映没信号,请拨打备用号199****9135")["second_number"] == ""
    assert read("no signal, 999****3910 has the same issue")["second_number"] == "999****3910"


def test_the_category_alone_gives_half_strength() -> None:
    row = read("手机不好用", "网络质量→移动数据→上网慢")
    assert row["dominant"] == "SLOW"
    assert row["SLOW"] == 0.5


def test_the_text_outweighs_a_category_that_differs() -> None:
    row = read("calls keep dropping", "Network/Data/Slow data")
    assert row["dominant"] == "DROP"
    assert row["DROP"] > row["SLOW"] > 0


def test_nothing_said_is_nothing_read() -> None:
    row = read_symptoms(pd.Series([None, "请核实处理"], index=["a", "b"]), LEXICON)
    assert row.index.tolist() == ["a", "b"]
    assert row["dominant"].tolist() == ["", ""]
    assert row[list(LEXICON.codes)].to_numpy().sum() == 0


def test_empty_input_gives_an_empty_table() -> None:
    assert read_symptoms(pd.Series([], dtype="str"), LEXICON).empty


def test_input_is_unchanged_and_the_answer_does_not_hang_on_the_order() -> None:
    texts = pd.Series(["没信号", "calls drop", "上网慢"], index=[5, 3, 9])
    before = texts.copy()
    forward = read_symptoms(texts, LEXICON)
    backward = read_symptoms(texts.iloc[::-1], LEXICON).loc[texts.index]
    pd.testing.assert_series_equal(texts, before)
    pd.testing.assert_frame_equal(forward, backward)


def test_a_users_file_adds_wordings(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(
        "[symptoms.NOSIG]\nzh = ['手机扑街']\nsource = 'own'\nverified = true\n", encoding="utf-8"
    )
    row = read_symptoms(pd.Series(["手机扑街", "没信号"]), load_lexicon(file))
    assert row["dominant"].tolist() == ["NOSIG", "NOSIG"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[symptom.NOSIG]\n", "unknown tables"),
        ("[symptoms.NOSIG]\nzh = ['x']\n", "lacks"),
        ("[symptoms.NOSIG]\nzh = ['(x']\nsource = 'own'\nverified = true\n", "regular expressions"),
        ("[symptoms", "TOML"),
    ],
    ids=["table", "source", "pattern", "syntax"],
)
def test_a_faulty_users_file_is_explained(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "own.toml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_lexicon(file)


@pytest.mark.worlds
@pytest.mark.parametrize("world", ["plain-zh", "hills-en", "coast-zh", "coast-en"])
def test_nine_complaints_in_ten_state_a_symptom(world: str) -> None:
    file = WORLDS / world / "complaints.csv"
    if not file.exists():
        pytest.skip("the practice worlds are not beside the checkout")
    texts = pd.read_csv(file, usecols=["text"], dtype=str)["text"]
    assert (read_symptoms(texts, LEXICON)["dominant"] != "").mean() > 0.9
