"""The way of work orders: what ships is sound, and a file that is not is refused with the reason."""

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from contract.errors import InputError
from correlate.work_order_process import PROCESS_FILE, load_process


def test_every_state_of_a_real_system_is_there() -> None:
    names = {state.zh for state in load_process().states.values()}
    asked = (
        "草稿派发 确认受理 派单 转派 分派 分派回复 会审 阶段回复 驳回 退回 归档 强制归档 作废 休眠"
    )
    assert set(asked.split()) <= names


def test_urgent_limits_come_before_others() -> None:
    limits = load_process().limits
    assert [row.accept_min for row in limits] == sorted(row.accept_min for row in limits)
    assert [row.solve_h for row in limits] == sorted(row.solve_h for row in limits)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("再不解决就去工信部申诉", {"regulator"}),
        ("I will go to the ombudsman", {"regulator"}),
        ("集团客户反映没信号", {"vip"}),
        ("手机没信号", set()),
    ],
)
def test_words_of_escalation_are_found(text: str, found: set[str]) -> None:
    said = {name for name, one in load_process().escalations.items() if one.is_said(text)}
    assert said == found


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ('first = "dispatched"', 'first = "nowhere"', "nowhere"),
        ('to = ["called_back"]', 'to = ["nowhere"]', "nowhere"),
        ("call_back_h = 24", "call_back_h = -1", "call_back_h"),
        ('for = ["group"]', 'for = ["groups"]', "groups"),
        ('"08:00", "16:00"', '"16:00", "08:00"', "shifts"),
        ("for = []", 'for = ["group"]', "must hold for all"),
        ('closed_by_feed = "archived"', 'closed_by_feed = "accepted"', "phase is done"),
        (
            'from = ["called_back"]\nto = ["archived"]\n[[ways]]\n'
            'from = ["new", "working", "waiting", "answered"]',
            'from = ["draft"]\nto = ["archived"]\n[[ways]]\nfrom = ["draft"]',
            "no way leads from .*accepted",
        ),
        ("'消协'", "'('", "no pattern"),
        ("\n[acts]\n", "\n[acts]\nsing = 'accepted'\n", "sing"),
    ],
)
def test_unsound_file_is_refused_with_the_reason(
    tmp_path: Path, old: str, new: str, reason: str
) -> None:
    text = PROCESS_FILE.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "process.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=reason):
        load_process(path)


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="process"):
        load_process(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("moment", "began", "ends"),
    [
        ((2026, 3, 2, 0, 0), (2026, 3, 2, 0), (2026, 3, 2, 8)),
        ((2026, 3, 2, 7, 59), (2026, 3, 2, 0), (2026, 3, 2, 8)),
        ((2026, 3, 2, 23, 59), (2026, 3, 2, 16), (2026, 3, 3, 0)),
    ],
)
def test_shift_is_the_one_of_the_moment(
    moment: tuple[int, ...], began: tuple[int, ...], ends: tuple[int, ...]
) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    shift = load_process().shift_at(dt.datetime(*moment, tzinfo=zone))  # type: ignore[arg-type,misc]
    assert shift == (dt.datetime(*began, tzinfo=zone), dt.datetime(*ends, tzinfo=zone))  # type: ignore[arg-type,misc]
