"""Send a report as a mail: what matters in the body, the PDF and the workbook attached.

Simple so far: one message to all recipients, each of whom sees the others.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from dashboards.delivery.failures import NotSentError
from dashboards.delivery.letter import KINDS, Letter
from dashboards.delivery.ways import PASSWORD, Mail, secret
from dashboards.pages import template_named


def message_of(
    letter: Letter,
    mail: Mail,
    *,
    report_id: str,
    link: str | None,
    files: Sequence[tuple[str, bytes]],
) -> EmailMessage:
    """Return a report as a message; its id is that of the report, so that a reader's mailbox knows it again.

    Parameters
    ----------
    link : str, optional
        Where the report is on the server.
    files : sequence of (suffix, content)
    """
    message = EmailMessage(policy=SMTP)
    message["Subject"] = letter.title
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.recipients)
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = f"<cellcause-{report_id}@{mail.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    values = {"letter": letter, "link": link, "language": mail.language}
    message.set_content(template_named("mail.txt").render(**values))
    message.add_alternative(template_named("mail.html").render(**values), subtype="html")
    for suffix, content in files:
        main, kind = KINDS[suffix]
        name = f"cellcause-{report_id}-{mail.language}.{suffix}"
        message.add_attachment(content, maintype=main, subtype=kind, filename=name)
    return message


def send_message(
    message: EmailMessage, mail: Mail, *, context: ssl.SSLContext | None = None
) -> None:
    """Hand a message to the mail server.

    Parameters
    ----------
    context : SSLContext, optional
        Which certificates are trusted; by default those of the system.

    Raises
    ------
    NotSentError
        If the server can't be reached or refuses; what it may take later may go another time.
    SettingsError
        If the password is not in the environment.
    """
    trusted = context or ssl.create_default_context()
    password = secret(PASSWORD) if mail.user else ""
    try:
        with _connected(mail, trusted) as server:
            if mail.user:
                server.login(mail.user, password)
            refused = server.send_message(message)
    except smtplib.SMTPResponseException as error:
        reason = f"the mail server answered {error.smtp_code}: {_text(error.smtp_error)}"
        raise NotSentError(reason, may_go=400 <= error.smtp_code < 500) from error
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        raise NotSentError(_refusal(error.recipients), may_go=max(codes) < 500) from error
    except ssl.SSLCertVerificationError as error:
        reason = f"the mail server's certificate is not trusted: {error.verify_message}"
        raise NotSentError(reason, may_go=False) from error
    except (OSError, smtplib.SMTPException) as error:
        reason = f"the mail server can't be used: {error}"
        raise NotSentError(reason, may_go=True) from error
    if refused:
        reason = f"sent but for: {_refusal(refused)}"
        raise NotSentError(reason, may_go=False)


def _connected(mail: Mail, context: ssl.SSLContext) -> smtplib.SMTP:
    """Return a connection of the kind that the settings ask for."""
    if mail.tls == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=mail.timeout_s, context=context)
    server = smtplib.SMTP(mail.host, mail.port, timeout=mail.timeout_s)
    if mail.tls == "starttls":
        try:
            server.starttls(context=context)
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
    return server


def _refusal(refused: object) -> str:
    """Return which recipients were refused and why."""
    told = dict(refused) if isinstance(refused, dict) else {}
    return "; ".join(f"{who}: {code} {_text(why)}" for who, (code, why) in told.items())


def _text(said: bytes | str) -> str:
    """Return what a server said as one line."""
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:200]
