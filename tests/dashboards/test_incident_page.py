import json
import re
from pathlib import Path

import pytest

import cli
from contract.errors import InputError, OutputError
from correlate.dossier import incident_dossier
from dashboards.incident_page import incident_page, save_incident
from dashboards.incident_view import incident_view
from tests.dashboards.small_dossier import FIRST, SECOND, write_small_run


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small_run(tmp_path_factory.mktemp("run") / "out")


def test_a_dossier_has_all_that_a_run_wrote_of_an_incident(out: Path) -> None:
    told = incident_dossier(out, SECOND)
    assert (told["cause"], told["object_id"], told["state"]) == ("site_outage", "H1", "open")
    assert [change["rule"] for change in told["changes"]] == ["OPEN-1"]
    assert [alarm["alarm_id"] for alarm in told["alarms"]] == ["A2"]
    assert [ticket["ticket_id"] for ticket in told["tickets"]] == ["T1"]
    assert len(told["notices"]) == 1
    assert told["first"] == {
        "sort": "alarm",
        "id": "A2",
        "at": "2026-03-10T13:30:00+08:00",
        "object_id": "H1",
        "name": "<b>NE down</b>",
    }
    assert (told["past"]["times"], told["past"]["same"]) == (1, "object")
    assert told["past"]["rows"][0]["incident_id"] == FIRST
    assert told["recurs_days"] == pytest.approx(41.6)


def test_what_ended_before_says_so(out: Path) -> None:
    told = incident_dossier(out, FIRST)
    assert [change["rule"] for change in told["changes"]] == ["OPEN-1", "END-1"]
    assert (told["past"]["times"], told["past"]["said"], told["frozen_at"]) == (0, [], None)


def test_an_unknown_incident_names_the_nearest(out: Path) -> None:
    with pytest.raises(InputError, match=f"none of the 2 incidents of 'out'.*{FIRST}"):
        incident_dossier(out, "INC-20260310-00003")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_has_every_section_and_needs_nothing_else(out: Path, language: str) -> None:
    page = incident_page(incident_dossier(out, SECOND), language)
    for section in ("incident", "life", "alarms", "tickets", "notices", "past"):
        assert page.count(f'id="{section}"') == 1
    assert "<b>NE down" not in page
    assert "&lt;b&gt;NE down" in page
    assert "<script" not in page
    assert not re.search(r"https?://(?!www\.w3\.org)", page)
    assert "15900002291" not in page


def test_the_view_tells_first_alert_root_cause_and_chance(out: Path) -> None:
    view = incident_view(incident_dossier(out, SECOND), "en")
    facts = dict(view.facts)
    assert facts["First alert"] == "alarm H1 <b>NE down</b> (A2) 2026-03-10 13:30"
    assert facts["Root cause alarm"] == "H1 <b>NE down</b> (A2) 2026-03-10 13:30"
    assert "once in 42 days" in facts["Complaints by chance"]
    assert view.alarms[0]["part"] == "root cause, first alert"
    assert view.alarms[0]["cleared"] == "in force"
    assert view.past[0]["state"] == "ended"
    assert view.tickets[0]["place"] == "Hilltop"


def test_the_timeline_shows_when_an_incident_was_open(out: Path) -> None:
    ended, lasting = (incident_view(incident_dossier(out, one), "en") for one in (FIRST, SECOND))
    assert ended.bars[0].spans == (("2026-03-10T12:10:00+08:00", "2026-03-10T13:00:00+08:00"),)
    assert lasting.bars[0].spans == (("2026-03-10T13:40:00+08:00", None),)
    assert [bar.object_id for bar in lasting.bars] == [SECOND, "H1"]


def test_the_command_prints_text_and_json(out: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["incident", str(out), SECOND, "--lang", "en"]) == 0
    text = capsys.readouterr().out
    for part in (SECOND, "What changed, and why", "the same object", FIRST, "root cause"):
        assert part in text
    assert cli.main(["incident", str(out), SECOND, "--lang", "zh", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["changes"][0]["said"].startswith("立案")
    assert told["past"]["said"][0].startswith("同一对象")


def test_the_command_writes_a_page(
    out: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "one.html"
    assert cli.main(["incident", str(out), FIRST, "--html", str(page)]) == 0
    assert str(page) in capsys.readouterr().out
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("name", "said"), [("INC-9", "`incident` 'INC-9' is none of"), ("", "`incident` ''")]
)
def test_a_wrong_id_is_one_line_and_exit_2(
    out: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["incident", str(out), name]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_a_folder_that_is_no_run_is_one_line_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["incident", str(tmp_path), FIRST]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "must be what `cellcause run` wrote" in line


def test_a_page_needs_a_file_to_write_to(out: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="is a folder"):
        save_incident(incident_dossier(out, FIRST), "en", tmp_path)
