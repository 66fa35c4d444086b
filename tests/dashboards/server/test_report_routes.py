"""Reports are listed, shown in a sandbox, given out as files, and only to those who may see the whole network."""

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from contract.ledger.accounts import close_token, make_token
from contract.ledger.reports import ITSELF, begin_delivery, end_delivery, put_report, report_row
from contract.settings import Settings
from dashboards.delivery.letter import Letter, file_of, save_letters
from dashboards.report_documents import write_documents
from dashboards.server.report_drawing import Asked, Drawn, draw, report_folder
from dashboards.server.running import Server
from tests.dashboards.small_report import TOWNS, small_report

DAY, OWN = "2026-03-10", "2026-03-12"


@pytest.fixture
def report(server: Server, client: TestClient) -> Path:
    """A report that was drawn up and could not be mailed."""
    del client
    folder = report_folder(server.settings, DAY)
    folder.mkdir(parents=True, exist_ok=True)
    letter = Letter("Report of the day", "as known", "note", "open", (), ())
    save_letters({"zh": letter, "en": letter}, folder)
    for language in ("zh", "en"):
        page = f"<html lang='x'><script>1</script>{language}</html>"
        file_of(folder, language, "html").write_text(page, encoding="utf-8")
        file_of(folder, language, "xlsx").write_bytes(b"PK" + language.encode())
    row = {"report_id": DAY, "day": DAY, "by": ITSELF, "state": "made", "tries": 1}
    row |= {"known_at": 1_773_100_800, "made_at": 1_773_100_900, "detail": "no Chromium"}
    with server.ledger.writing() as connection:
        put_report(connection, row)
        begin_delivery(connection, DAY, "mail", at=5)
        end_delivery(connection, DAY, "mail", at=6, failure="refused <so>")
    return folder


@pytest.fixture
def bound(server: Server, client: TestClient) -> Iterator[dict[str, str]]:
    """Headers of a manager who is bound to a county."""
    del client
    with server.ledger.writing() as connection:
        names = [f"{name}{time.monotonic_ns()}" for name in ("bound", "whole")]
        token = make_token(connection, names[0], role="manager", counties="Hill")
        keeper = make_token(connection, names[1], role="manager")
    yield {"Authorization": f"Bearer {token}", "whole": f"Bearer {keeper}"}
    with server.ledger.writing() as connection:
        for name in names:
            close_token(connection, name)


def test_reports_are_listed_with_what_became_of_sending_them(
    client: TestClient, report: Path, bound: dict[str, str]
) -> None:
    del report
    page = client.get("/app/report", headers={"Authorization": bound["whole"]}).text
    assert f'href="/app/report/{DAY}"' in page
    assert "2026-03-10 08:00" in page
    assert "refused &lt;so&gt;" in page
    assert "No PDF: no Chromium" in page
    assert f"/app/report/{DAY}.xlsx" in page
    assert f"/app/report/{DAY}.pdf" not in page
    assert (
        "自动" in client.get("/app/report?lang=zh", headers={"Authorization": bound["whole"]}).text
    )
    client.cookies.clear()


def test_a_report_by_itself_runs_in_a_sandbox(
    client: TestClient, report: Path, bound: dict[str, str]
) -> None:
    del report
    headers = {"Authorization": bound["whole"]}
    answer = client.get(f"/app/report/{DAY}.html?theme=dark", headers=headers)
    policy = answer.headers["content-security-policy"]
    assert "sandbox allow-scripts" in policy
    assert "allow-same-origin" not in policy
    assert "frame-ancestors 'self'" in policy
    assert answer.text.startswith('<html data-theme="dark" lang=')
    frame = client.get(f"/app/report/{DAY}", headers=headers)
    assert 'sandbox="allow-scripts"' in frame.text
    assert "frame-src 'self'" in frame.headers["content-security-policy"]
    book = client.get(f"/app/report/{DAY}.xlsx", headers=headers)
    assert book.content == b"PKen"
    assert f"cellcause-{DAY}-en.xlsx" in book.headers["content-disposition"]


@pytest.mark.parametrize(
    "name",
    ["2026-03-11", "2026-03-10.pdf", "..%2f..%2fledger.html", "2026-03-10.json", ".run.html"],
)
def test_what_is_no_report_is_not_found(
    client: TestClient, report: Path, bound: dict[str, str], name: str
) -> None:
    del report
    answer = client.get(f"/app/report/{name}", headers={"Authorization": bound["whole"]})
    assert answer.status_code == 404


def test_who_is_bound_to_counties_gets_those_alone_drawn_up_once(
    client: TestClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = report_folder(server.settings, OWN)
    whole = small_report(places=TOWNS)
    write_documents(whole, folder, printer=lambda _: b"%PDF")
    row = {"report_id": OWN, "day": OWN, "by": ITSELF, "state": "made", "tries": 1}
    with server.ledger.writing() as connection:
        put_report(connection, row | {"known_at": 1_773_100_800, "made_at": 1_773_100_900})
        begin_delivery(connection, OWN, "mail", at=5)
        name = f"mill{time.monotonic_ns()}"
        token = make_token(connection, name, role="manager", counties="Mill County")
    drawn: list[Asked] = []

    def count(settings: Settings, asked: Asked, is_ending: threading.Event) -> Drawn | None:
        """Draw up what is asked for and note it."""
        drawn.append(asked)
        return draw(settings, asked, is_ending)

    monkeypatch.setattr(server.reports, "draw", count)
    headers = {"Authorization": f"Bearer {token}"}
    listed = client.get("/app/report", headers=headers)
    assert f'href="/app/report/{OWN}"' in listed.text
    assert "bound to some counties" in listed.text
    assert "/draw" not in listed.text
    assert "mail" not in listed.text
    page = client.get(f"/app/report/{OWN}.html", headers=headers).text
    book = client.get(f"/app/report/{OWN}.xlsx", headers=headers).content
    frame = client.get(f"/app/report/{OWN}", headers=headers).text
    assert "of Mill County alone" in frame
    with zipfile.ZipFile(io.BytesIO(book)) as sheets:
        cells = " ".join(sheets.read(name).decode() for name in sheets.namelist())
    for text in (page, cells):
        assert "Mill County" in text
        assert "Ford" not in text
    assert [asked.counties for asked in drawn] == [frozenset({"Mill County"})]
    write_documents(whole, folder, printer=lambda _: b"%PDF")
    assert client.get(f"/app/report/{OWN}.html", headers=headers).status_code == 200
    assert len(drawn) == 2, "the whole one was drawn up anew meanwhile"
    with server.ledger.writing() as connection:
        close_token(connection, name)


def test_a_report_of_which_no_tables_were_kept_can_not_be_cut_down(
    client: TestClient, report: Path, bound: dict[str, str]
) -> None:
    del report
    headers = {"Authorization": bound["Authorization"]}
    for name in (DAY, f"{DAY}.html", f"{DAY}.xlsx"):
        answer = client.get(f"/app/report/{name}", headers=headers)
        assert answer.status_code == 404
        assert "draw it up anew" in answer.text
    for name in ("draw", f"{DAY}/send"):
        assert client.post(f"/app/report/{name}", headers=headers).status_code == 403


def test_a_report_is_drawn_up_when_asked_for(
    client: TestClient, server: Server, bound: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Asked] = []

    def draw(settings: Settings, one: Asked, is_ending: threading.Event) -> Drawn:
        """Draw up nothing."""
        del settings, is_ending
        asked.append(one)
        return Drawn()

    monkeypatch.setattr(server.reports, "draw", draw)
    headers = {"Authorization": bound["whole"]}
    answer = client.post("/app/report/draw", headers=headers, follow_redirects=False)
    assert answer.status_code == 303
    name = answer.headers["location"].partition("=")[2]
    until = time.monotonic() + 90
    while time.monotonic() < until:
        with server.ledger.reading() as connection:
            if report_row(connection, name) is not None:
                break
        time.sleep(0.1)
    assert [one.report_id for one in asked] == [name]
    assert asked[0].by.startswith("whole")
