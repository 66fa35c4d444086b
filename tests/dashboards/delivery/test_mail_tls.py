"""A report is mailed within TLS, by STARTTLS or from the first byte, and never where the certificate is not trusted."""

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dashboards.delivery.failures import NotSentError
from dashboards.delivery.mail import send_message
from dashboards.delivery.ways import PASSWORD, Mail

Way = Literal["starttls", "tls"]
WAYS: tuple[Way, ...] = ("starttls", "tls")


class Box:
    """What a mail server heard, and whether within TLS."""

    def __init__(self) -> None:
        self.taken: list[bool] = []
        self.logins: list[tuple[bytes, bool]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Take a message."""
        del session, envelope
        self.taken.append(_is_within(server))
        return "250 taken"

    def login(self, server: Any, session: Any, envelope: Any, way: str, told: Any) -> AuthResult:
        """Let everybody in."""
        del session, envelope, way
        assert isinstance(told, LoginPassword)
        self.logins.append((told.password, _is_within(server)))
        return AuthResult(success=True)


def _is_within(server: Any) -> bool:
    """Tell whether a mail server is spoken to within TLS."""
    return server.transport.get_extra_info("ssl_object") is not None


class Certificate:
    """A certificate that signs itself, of a name and a time."""

    def __init__(self, folder: Path, *, host: str, days: int) -> None:
        key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(tz=dt.UTC)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail of a test")])
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
        made = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=30))
            .not_valid_after(now + dt.timedelta(days=days))
            .add_extension(names, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        pkcs8 = serialization.PrivateFormat.PKCS8
        self.file = folder / "mail.pem"
        self.file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, pkcs8, plain))

    def server(self) -> ssl.SSLContext:
        """Return what a server shows it with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        return context

    def trusting(self) -> ssl.SSLContext:
        """Return what a client trusts it with."""
        return ssl.create_default_context(cafile=str(self.file))


@contextmanager
def served(way: Way, shown: ssl.SSLContext | None) -> Iterator[tuple[Box, Mail]]:
    """Run a mail server and give what it heard, and how to send to it; without a certificate it knows no TLS."""
    box = Box()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    within: dict[str, Any] = {"ssl_context": shown} if way == "tls" else {"tls_context": shown}
    if way == "starttls" and shown is not None:
        within["require_starttls"] = True
    controller = Controller(
        box, hostname="127.0.0.1", port=port, authenticator=box.login,
        auth_require_tls=way == "starttls", **within,
    )  # fmt: skip
    controller.start()
    try:
        yield box, Mail(
            host="127.0.0.1", port=port, tls=way, user="reports", sender="r@noc.example",
            recipients=("head@noc.example",), language="en",
        )  # fmt: skip
    finally:
        controller.stop()


def message() -> EmailMessage:
    """Return a message."""
    made = EmailMessage()
    made["Subject"], made["From"], made["To"] = "day", "r@noc.example", "head@noc.example"
    made.set_content("6 complaints")
    return made


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    """The password of the mail server."""
    monkeypatch.setenv(PASSWORD, "secret")


@pytest.mark.parametrize("way", WAYS)
def test_mail_and_password_go_within_tls(tmp_path: Path, way: Way) -> None:
    certificate = Certificate(tmp_path, host="127.0.0.1", days=1)
    with served(way, certificate.server()) as (box, mail):
        send_message(message(), mail, context=certificate.trusting())
    assert box.taken == [True]
    assert box.logins == [(b"secret", True)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("host", "days", "is_trusted", "why"),
    [
        ("127.0.0.1", 1, False, "self-signed certificate"),
        ("127.0.0.2", 1, True, "IP address mismatch"),
        ("127.0.0.1", -1, True, "certificate has expired"),
    ],
    ids=["of nobody known", "of another", "of yesterday"],
)
def test_nothing_is_sent_to_whom_is_not_trusted(
    tmp_path: Path, way: Way, host: str, days: int, is_trusted: bool, why: str
) -> None:
    certificate = Certificate(tmp_path, host=host, days=days)
    trusted = certificate.trusting() if is_trusted else None
    with (
        served(way, certificate.server()) as (box, mail),
        pytest.raises(NotSentError, match=f"certificate is not trusted: .*{why}") as refused,
    ):
        send_message(message(), mail, context=trusted)
    assert not refused.value.may_go, "trying again would not help"
    assert (box.taken, box.logins) == ([], [])


@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_sent_in_the_clear_to_a_server_without_tls(way: Way) -> None:
    with served("starttls", None) as (box, mail):
        asked = mail.model_copy(update={"tls": way, "timeout_s": 5.0})
        with pytest.raises(NotSentError, match="can't be used"):
            send_message(message(), asked)
    assert (box.taken, box.logins) == ([], [])
