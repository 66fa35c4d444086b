"""Send a report on every way that is set up, each once, and put down what became of it.

Simple so far: one way after the other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from contract.errors import InputError
from contract.ledger.reports import begin_delivery, end_delivery
from contract.ledger.store import Ledger
from dashboards.delivery.failures import Patience, with_patience
from dashboards.delivery.letter import attachments, load_letter
from dashboards.delivery.mail import message_of, send_message
from dashboards.delivery.ways import Mail, Sending, Webhook
from dashboards.delivery.webhooks import body_of, tell_hook

logger = logging.getLogger(__name__)
Now = Callable[[], int]


def send_report(
    ledger: Ledger,
    sending: Sending,
    folder: Path,
    *,
    now: Now,
    patience: Patience | None = None,
) -> dict[str, str]:
    """Send a report on the ways on which it was not sent yet.

    Parameters
    ----------
    folder : Path
        Of its documents, under the name of the report.
    now : callable
        Gives seconds since 1970.
    patience : Patience, optional

    Returns
    -------
    dict
        What was tried: the name of the way, and why it failed (empty: it did not).
    """
    report_id, told = folder.name, {}
    for name, work in works(sending, folder).items():
        with ledger.writing() as connection:
            is_ours = begin_delivery(connection, report_id, name, at=now())
        if not is_ours:
            continue
        failure = ""
        try:
            with_patience(work, patience or Patience())
        except InputError as error:
            failure = str(error)
            logger.error("the report %s was not sent by %s: %s", report_id, name, failure)  # noqa: TRY400
        with ledger.writing() as connection:
            end_delivery(connection, report_id, name, at=now(), failure=failure)
        told[name] = failure
    return told


def works(sending: Sending, folder: Path) -> dict[str, Callable[[], None]]:
    """Return what sends a report, by the name of the way; each reads the files when it is called."""
    link = (
        None if sending.server is None else f"{sending.server.rstrip('/')}/app/report/{folder.name}"
    )
    found: dict[str, Callable[[], None]] = {}
    if sending.mail is not None:
        mail = sending.mail
        found["mail"] = lambda: _send_mail(mail, folder, link)
    for hook in sending.webhook:
        found[hook.name] = lambda hook=hook: _tell(hook, folder, link)  # type: ignore[misc]
    return found


def preview(sending: Sending, folder: Path) -> dict[str, str]:
    """Return what would be sent, by the name of the way: a message without its files, or a body."""
    link = (
        None if sending.server is None else f"{sending.server.rstrip('/')}/app/report/{folder.name}"
    )
    told = {}
    if sending.mail is not None:
        files = attachments(folder, sending.mail.language)
        letter = load_letter(folder, sending.mail.language)
        message = message_of(letter, sending.mail, report_id=folder.name, link=link, files=[])
        names = ", ".join(f"{suffix} of {len(content)} bytes" for suffix, content in files)
        plain = message.get_body(("plain",))
        text = "" if plain is None else str(plain.get_content())
        heads = "\n".join(f"{name}: {message[name]}" for name in ("From", "To", "Subject"))
        told["mail"] = f"{heads}\nAttached: {names or 'nothing'}\n\n{text}"
    for hook in sending.webhook:
        body = body_of(load_letter(folder, hook.language), hook, report_id=folder.name, link=link)
        told[hook.name] = str(body)
    return told


def _send_mail(mail: Mail, folder: Path, link: str | None) -> None:
    """Send a report by mail."""
    letter, files = load_letter(folder, mail.language), attachments(folder, mail.language)
    send_message(message_of(letter, mail, report_id=folder.name, link=link, files=files), mail)


def _tell(hook: Webhook, folder: Path, link: str | None) -> None:
    """Tell a webhook of a report."""
    letter = load_letter(folder, hook.language)
    tell_hook(body_of(letter, hook, report_id=folder.name, link=link), hook)
