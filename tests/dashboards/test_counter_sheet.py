"""The table of measures in the terminal, in both languages, and as JSON."""

import json
from pathlib import Path
from typing import get_args

import pytest

from cli import main
from contract.settings import Settings
from dashboards.counter_sheet import LEVEL_STYLES, MARKS, WORDS_FILE
from dashboards.wording import load_words
from kpi.measure_files import LEVELS
from kpi.measure_views import SPANS

SITES = "site_id,site_name,lon,lat\nA,银桥双阳,100.10,25.90\n"
CELLS = "cell_id,site_id,rat,freq_mhz\nA1,A,LTE,1815\n"


@pytest.fixture
def bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Six hours of a cell: the fourth is missing, in the fifth calls fail, the last has few."""
    monkeypatch.setenv("COLUMNS", "200")
    lines = ["cell_id,start,minutes,setup_attempts,setup_successes,ul_interference_dbm"]
    for hour, attempts, successes in (
        (0, 90, 90),
        (1, 90, 90),
        (2, 90, 89),
        (4, 90, 60),
        (5, 9, 8),
    ):
        lines.append(f"A1,2026-03-02 0{hour}:00,60,{attempts},{successes},-116.04")
    for name, text in (("sites", SITES), ("cells", CELLS), ("kpi", "\n".join(lines) + "\n")):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["counters", "show", *arguments]) == 0
    return capsys.readouterr().out


def test_a_measure_is_shown_by_the_hour_with_attempts_interval_limit_and_unknown(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--object", "A1", "--measure", "setup_success", "--from", "2026-03-02"]
    out = shown(capsys, str(bundle), *arguments, "--lang", "en")
    lines = {
        line.split()[1]: " ".join(line.split()) for line in out.splitlines() if "03-02 " in line
    }
    assert lines["00:00"] == "03-02 00:00 100.0 % 90 95.9 … 100.0 100%"
    assert lines["03:00"] == "03-02 03:00 unknown 0 0%"
    assert "!! bad" in lines["04:00"]
    assert "9 few" in lines["05:00"]
    assert "!" not in lines["05:00"]
    assert "which is not zero" in out
    assert "too few attempts" in out


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["call setup success", "uplink interference", "−116.0 dBm", "!! bad ×1", "1/6"]),
        ("zh", ["呼叫建立成功率", "上行干扰", "!! 劣化 ×1", "未知"]),
    ],
)
def test_without_a_measure_each_has_a_line(
    bundle: Path, capsys: pytest.CaptureFixture[str], language: str, words: list[str]
) -> None:
    arguments = ["--object", "银桥双阳", "--from", "2026-03-02", "--lang", language]
    out = shown(capsys, str(bundle), *arguments)
    assert [word for word in words if word not in out] == []


def test_json_has_every_step_and_null_where_unknown(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--object", "A1", "--measure", "setup_success", "--from", "2026-03-02"]
    told = json.loads(shown(capsys, str(bundle), *arguments, "--json"))
    assert (told["object_id"], told["by"], told["zone"]) == ("A1", "hour", "Asia/Shanghai")
    (measure,) = told["measures"]
    assert (measure["measure"], measure["unit"], measure["direction"]) == (
        "setup_success",
        "1",
        "low",
    )
    rows = measure["rows"]
    assert [row["value"] for row in rows[:4]] == [1.0, 1.0, pytest.approx(89 / 90), None]
    assert rows[3]["start"] == "2026-03-02T03:00:00+08:00"
    assert (rows[3]["low"], rows[3]["n"], rows[3]["is_few"]) == (None, 0.0, False)
    assert rows[4]["crossed"] == "bad"
    assert rows[5]["is_few"] is True


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(
            ["--object", "A2"], "there is no 'A2', the nearest are ['A', 'A1']", id="object"
        ),
        pytest.param(["--object", "A1", "--measure", "drops"], "there is no 'drops'", id="measure"),
        pytest.param(["--object", "A1", "--to", "soon"], "`to` must be an instant", id="instant"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(
    bundle: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert main(["counters", "show", str(bundle), *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_folder_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["counters", "show", "nowhere", "--object", "A1"]) == 2
    assert "nowhere" in capsys.readouterr().err


def test_a_window_without_anything_known_says_so(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--object", "A1", "--from", "2026-02-01", "--to", "2026-02-02", "--lang", "en"]
    assert "no measure is known" in shown(capsys, str(bundle), *arguments)


@pytest.mark.parametrize("language", get_args(Settings.model_fields["language"].annotation))
def test_every_level_and_step_has_a_word_and_a_mark(language: str) -> None:
    words = load_words(WORDS_FILE, language)
    assert set(words["level"]) == set(LEVELS) == set(LEVEL_STYLES) == set(MARKS)
    assert set(words["by"]) == set(SPANS)
