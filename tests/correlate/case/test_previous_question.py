import pytest

from correlate.case.answers import ANSWERS, previous_section
from correlate.case.phrases import sentence
from correlate.case.previous_question import asked_kinds, load_question_words
from tests.correlate.case.desk import gather_all, lay, placed
from tests.correlate.small_network import fresh_state, sure_outage


@pytest.mark.parametrize(
    ("opinion", "kinds"),
    [
        (
            "用户无欠费停机,已指导重启仍无效,请网络部核实故障原因并答复恢复时间。",
            ["fault", "recovery"],
        ),
        ("该区域有基站退服,请反馈恢复时间", ["recovery"]),
        ("请核实是否有规划站点", ["planned_site"]),
        ("疑似弱覆盖,请现场测试", ["coverage", "on_site"]),
        ("请核查用户是否欠费停机", ["account"]),
        ("处理完毕后请联系用户", ["callback"]),
        ("Please check network and call the customer back", ["fault", "callback"]),
        ("When will the site be repaired?", ["recovery"]),
        ("Is a new mast planned here?", ["planned_site"]),
        ("Please confirm handset settings", ["terminal"]),
        ("Drive test requested", ["on_site"]),
    ],
)
def test_questions_are_recognised_by_their_words(opinion: str, kinds: list[str]) -> None:
    assert asked_kinds(opinion) == kinds


@pytest.mark.parametrize(
    "opinion", ["", "已核查账户正常", "Account checked OK at front desk.", "L1: no alarms found"]
)
def test_a_statement_asks_nothing(opinion: str) -> None:
    assert asked_kinds(opinion) == []


def test_a_request_of_no_known_kind_asks_for_faults() -> None:
    assert asked_kinds("请协助") == ["fault"]


def test_full_width_signs_read_like_half_width_ones() -> None:
    narrow = "account verified, when will it be fixed?"
    wide = narrow.replace(",", "\uff0c").replace("?", "\uff1f")
    assert asked_kinds(wide) == asked_kinds(narrow) == ["recovery"]


def test_every_kind_has_an_answer_in_both_languages() -> None:
    assert list(ANSWERS) == list(load_question_words().kinds)
    gathered = gather_all(lay(likely="unknown"))
    for answer in ANSWERS.values():
        assert all(sentence(f, lang) for f in answer(gathered) for lang in ("zh", "en"))


def test_each_point_asked_is_answered_from_what_was_found() -> None:
    state = fresh_state()
    fault = sure_outage(state, "H1")
    ticket = placed(previous="请15900002291核实故障原因并答复恢复时间")
    told = previous_section(gather_all(lay(ticket, state=state, fault=fault)))
    assert [f["key"] for f in told["answer"]] == ["answer.fault", "answer.recovery_limit"]
    assert "15900002291" not in told["question"]


def test_without_alarms_no_fault_is_denied() -> None:
    told = previous_section(gather_all(lay(placed(previous="请核实是否有故障"), likely="unknown")))
    assert [f["key"] for f in told["answer"]] == ["answer.not_queried"]
