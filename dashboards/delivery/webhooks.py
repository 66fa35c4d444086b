r"""Tell a webhook of a report: into a group of WeCom or DingTalk, or as plain JSON to a program.

The bodies are templates beside this module. WeCom and DingTalk answer 200 also when they refuse; `errcode` says so.

Simple so far: links, not files: group robots take none without being asked for a place first.

References
----------
.. [1] WeCom, group robots: message kind `markdown`, content of 4096 bytes at most.
.. [2] DingTalk, custom robots: message kind `markdown`; signature HMAC-SHA256 over `timestamp + "\n" + secret`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from functools import cache
from pathlib import Path

import httpx2
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dashboards.delivery.failures import NotSentError
from dashboards.delivery.letter import Letter
from dashboards.delivery.ways import Webhook, secret

FOLDER = Path(__file__).parent
TOO_MANY, SERVER_FAULT = 429, 500
BUSY = (-1, 45009, 130101)
"""`errcode` of what passes: WeCom busy and over its rate, DingTalk over its rate."""


def body_of(
    letter: Letter, hook: Webhook, *, report_id: str, link: str | None
) -> dict[str, object]:
    """Return what a webhook is told."""
    made = _environment().get_template(f"{hook.form}.json.j2")
    text = made.render(letter=letter, link=link, language=hook.language, report_id=report_id)
    body: dict[str, object] = json.loads(text)
    return body


def signed(secret_text: str, at_ms: int) -> dict[str, str]:
    """Return the signature of a moment as DingTalk asks for it.

    >>> signed("SEC", 1700000000000)
    {'timestamp': '1700000000000', 'sign': 'r+2we0q01lkZqz38LA5IPNbHN81U1leRf3Au4PSQb6Q='}
    """
    content = f"{at_ms}\n{secret_text}".encode()
    digest = hmac.new(secret_text.encode(), content, hashlib.sha256).digest()
    return {"timestamp": str(at_ms), "sign": base64.b64encode(digest).decode()}


def tell_hook(body: dict[str, object], hook: Webhook) -> None:
    """Tell a webhook.

    Raises
    ------
    NotSentError
        If it can't be reached or refuses; without its address, which may hold a key.
    SettingsError
        If its address or secret is not in the environment.
    """
    address = hook.address or secret(hook.address_from)
    url = httpx2.URL(address)
    if hook.secret_from:
        url = url.copy_merge_params(signed(secret(hook.secret_from), int(time.time() * 1000)))
    try:
        answer = httpx2.post(url, json=body, timeout=hook.timeout_s, follow_redirects=False)
    except httpx2.HTTPError as error:
        reason = f"the webhook can't be reached: {type(error).__name__}"
        raise NotSentError(reason, may_go=True) from None
    if not answer.is_success:
        may_go = answer.status_code == TOO_MANY or answer.status_code >= SERVER_FAULT
        reason = f"the webhook answered {answer.status_code}"
        raise NotSentError(reason, may_go=may_go)
    if hook.form != "plain":
        _check_told(answer)


def _check_told(answer: httpx2.Response) -> None:
    """Raise when a group chat says that it did not take the message."""
    try:
        told = answer.json()
        code = int(told["errcode"])
    except (ValueError, KeyError, TypeError):
        raise NotSentError("the webhook's answer has no `errcode`", may_go=False) from None
    if code:
        reason = f"the webhook answered errcode {code}: {str(told.get('errmsg', ''))[:200]}"
        raise NotSentError(reason, may_go=code in BUSY)


@cache
def _environment() -> Environment:
    """Return the environment of the bodies: JSON, so values go through `tojson`."""
    return Environment(
        loader=FileSystemLoader(FOLDER), autoescape=False, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
