"""A report reaches a real mail server and a real web server, once, and what fails is put down."""

import base64
import email
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller

from contract.errors import SettingsError
from contract.ledger.reports import begin_delivery, delivery_rows
from contract.ledger.store import Ledger, open_ledger
from dashboards.delivery.failures import Patience
from dashboards.delivery.letter import Letter, file_of, save_letters
from dashboards.delivery.sending import preview, send_report
from dashboards.delivery.ways import Sending, load_sending

AT_ONCE = Patience(tries=3, first_s=0.0, most_s=0.0)
LETTER = Letter(
    title="网络投诉与故障日报 2026-03-11",
    known="2026-03-11, as known at 07:30",
    note="internal",
    open="open",
    lines=('6 complaints <b> & "more"', "线路"),
    figures=(("complaints", "6", "[3-9]", "+2"), ("per 10k", "0.52", "", "same")),
)


class Box:
    """What a mail server was given; it refuses as often as it is told to."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refusals: list[str] = []

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:
        """Take a message."""
        del server, session
        if self.refusals:
            return self.refusals.pop()
        self.messages.append(
            email.message_from_bytes(envelope.content, policy=email.policy.default)
        )
        return "250 taken"


class Hook(HTTPServer):
    """A web server that keeps what it is told and answers as it is asked to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.told: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[tuple[int, str]] = []

    @property
    def address(self) -> str:
        """Return where it is."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self) -> None:
        """Keep it and answer."""
        hook = cast("Hook", self.server)
        length = int(self.headers["Content-Length"])
        hook.told.append((self.path, json.loads(self.rfile.read(length))))
        status, text = hook.answers.pop(0) if hook.answers else (200, '{"errcode": 0}')
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    """A mail server."""
    held = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    controller = Controller(held, hostname="127.0.0.1", port=port)
    controller.start()
    yield held, port
    controller.stop()


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A web server."""
    server = Hook()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger."""
    made = open_ledger(f"sqlite:///{tmp_path}/ledger.db")
    yield made
    made.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The documents of a report."""
    made = tmp_path / "2026-03-11"
    made.mkdir()
    save_letters({"zh": LETTER, "en": LETTER}, made)
    file_of(made, "zh", "pdf").write_bytes(b"%PDF-1")
    file_of(made, "zh", "xlsx").write_bytes(b"PK")
    return made


def sending_of(tmp_path: Path, text: str) -> Sending:
    """Return ways to send of a file."""
    (tmp_path / "sending.toml").write_text(text, encoding="utf-8")
    return load_sending(tmp_path / "sending.toml")


def mail_to(port: int) -> str:
    """Return the mail part of a file."""
    return (
        f'server = "https://noc.example"\n[mail]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
        'sender = "reports@noc.example"\nrecipients = ["head@noc.example", "ops@noc.example"]\n'
    )


def states(ledger: Ledger) -> dict[str, str]:
    """Return what stands in the ledger."""
    with ledger.reading() as connection:
        rows = delivery_rows(connection, "2026-03-11")
    return {row["channel"]: row["state"] for row in rows}


def test_a_mail_comes_once_with_its_files(
    tmp_path: Path, box: tuple[Box, int], ledger: Ledger, folder: Path
) -> None:
    sending = sending_of(tmp_path, mail_to(box[1]))
    for _ in range(2):
        send_report(ledger, sending, folder, now=lambda: 5, patience=AT_ONCE)
    (message,) = box[0].messages
    assert message["Subject"] == LETTER.title
    assert message["To"] == "head@noc.example, ops@noc.example"
    assert message["Message-ID"] == "<cellcause-2026-03-11@noc.example>"
    html = message.get_body(("html",))
    assert html is not None
    assert "6 complaints &lt;b&gt; &amp;" in html.get_content()
    assert "https://noc.example/app/report/2026-03-11" in html.get_content()
    plain = message.get_body(("plain",))
    assert plain is not None
    assert 'complaints <b> & "more"' in plain.get_content()
    names = [part.get_filename() for part in message.iter_attachments()]
    assert names == ["cellcause-2026-03-11-zh.pdf", "cellcause-2026-03-11-zh.xlsx"]
    assert states(ledger) == {"mail": "sent"}


def test_a_refusal_that_passes_is_tried_again(
    tmp_path: Path, box: tuple[Box, int], ledger: Ledger, folder: Path
) -> None:
    box[0].refusals = ["451 later", "451 later"]
    told = send_report(
        ledger, sending_of(tmp_path, mail_to(box[1])), folder, now=lambda: 5, patience=AT_ONCE
    )
    assert told == {"mail": ""}
    assert len(box[0].messages) == 1


def test_a_refusal_for_good_is_put_down_and_may_be_tried_by_hand(
    tmp_path: Path, box: tuple[Box, int], ledger: Ledger, folder: Path
) -> None:
    box[0].refusals = ["554 we do not know you"]
    sending = sending_of(tmp_path, mail_to(box[1]))
    told = send_report(ledger, sending, folder, now=lambda: 5, patience=AT_ONCE)
    assert told["mail"] == "the mail server answered 554: we do not know you"
    assert states(ledger) == {"mail": "failed"}
    assert not box[0].messages
    send_report(ledger, sending, folder, now=lambda: 9, patience=AT_ONCE)
    assert states(ledger) == {"mail": "sent"}


def test_what_was_being_sent_when_a_server_ended_is_not_sent_again(
    tmp_path: Path, box: tuple[Box, int], ledger: Ledger, folder: Path
) -> None:
    with ledger.writing() as connection:
        assert begin_delivery(connection, "2026-03-11", "mail", at=1)
    sending = sending_of(tmp_path, mail_to(box[1]))
    assert send_report(ledger, sending, folder, now=lambda: 5, patience=AT_ONCE) == {}
    assert states(ledger) == {"mail": "trying"}
    assert not box[0].messages


def test_group_chats_are_told_in_their_forms_and_signed(
    tmp_path: Path, hook: Hook, ledger: Ledger, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUP", f"{hook.address}/robot?access_token=abc")
    monkeypatch.setenv("GROUP_SECRET", "SECx")
    sending = sending_of(
        tmp_path,
        f'[[webhook]]\nname = "a"\nform = "wecom"\naddress = "{hook.address}/send?key=k"\n'
        '[[webhook]]\nname = "b"\nform = "dingtalk"\naddress_from = "GROUP"\nsecret_from = "GROUP_SECRET"\n'
        f'[[webhook]]\nname = "c"\nform = "plain"\naddress = "{hook.address}/plain"\nlanguage = "en"\n',
    )
    told = send_report(ledger, sending, folder, now=lambda: 5, patience=AT_ONCE)
    assert told == {"a": "", "b": "", "c": ""}
    (_, wecom), (path, ding), (_, plain) = hook.told
    assert wecom["msgtype"] == "markdown"
    assert LETTER.lines[0] in wecom["markdown"]["content"]
    assert ding["markdown"]["title"] == LETTER.title
    query = parse_qs(urlsplit(path).query)
    content = f"{query['timestamp'][0]}\nSECx".encode()
    expected = base64.b64encode(hmac.new(b"SECx", content, hashlib.sha256).digest()).decode()
    assert query["sign"] == [expected]
    assert query["access_token"] == ["abc"]
    assert plain["figures"][0] == {
        "name": "complaints", "value": "6", "interval": "[3-9]", "change": "+2",
    }  # fmt: skip
    assert plain["link"] is None


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param((200, '{"errcode": 93000}'), (1, "errcode 93000"), id="refused"),
        pytest.param((200, "fine"), (1, "no `errcode`"), id="not a chat"),
        pytest.param((404, ""), (1, "answered 404"), id="gone"),
        pytest.param((503, ""), (3, "answered 503"), id="fault of theirs"),
    ],
)
def test_a_chat_that_refuses_is_a_failure(
    tmp_path: Path,
    hook: Hook,
    ledger: Ledger,
    folder: Path,
    answer: tuple[int, str],
    expected: tuple[int, str],
) -> None:
    hook.answers = [answer] * 3
    text = f'[[webhook]]\nname = "a"\nform = "wecom"\naddress = "{hook.address}/?key=hidden"\n'
    told = send_report(ledger, sending_of(tmp_path, text), folder, now=lambda: 5, patience=AT_ONCE)
    assert expected[1] in told["a"]
    assert "hidden" not in told["a"]
    assert len(hook.told) == expected[0]


def test_a_dry_run_shows_what_would_be_sent(tmp_path: Path, folder: Path) -> None:
    told = preview(sending_of(tmp_path, mail_to(25)), folder)
    assert "Attached: pdf of 6 bytes, xlsx of 2 bytes" in told["mail"]
    assert LETTER.lines[1] in told["mail"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("[mail]\nhost = 'a'", "mail.sender", id="no sender"),
        pytest.param("[[webhook]]\nname='a'\nform='plain'", "address", id="no address"),
        pytest.param("nothing = 1", "nothing", id="unknown key"),
        pytest.param("[mail", "TOML", id="no TOML"),
        pytest.param(
            "[mail]\nhost='a'\nsender='a@b'\nrecipients=['a@b']\nuser='u'\ntls='none'",
            "clear",
            id="password in the clear",
        ),
    ],
)
def test_a_file_of_ways_that_can_not_be_used_is_refused(
    tmp_path: Path, text: str, reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        sending_of(tmp_path, text)
