"""Read who is sent the daily report: one TOML file of a mail server and webhooks, checked when it is loaded.

Nothing secret stands in it: the password of the mail server is `MAIL_PASSWORD` in the environment; a webhook names the
variables that hold its address and its signing secret.

Simple so far: every recipient gets the report of the whole network.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from contract.errors import SettingsError

PASSWORD = "MAIL_PASSWORD"
Address = Annotated[str, StringConstraints(pattern=r"^[^@\s<>]+@[^@\s<>]+$")]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,40}$")]
Web = Annotated[str, StringConstraints(pattern=r"^https?://[^\s]+$")]
Language = Literal["zh", "en"]


class _Strict(BaseModel):
    """A part of the file: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mail(_Strict):
    """A mail server and who is written to. `tls`: none, starttls, or tls from the first byte."""

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    tls: Literal["none", "starttls", "tls"] = "starttls"
    user: str = ""
    sender: Address
    recipients: tuple[Address, ...] = Field(min_length=1)
    language: Language = "zh"
    timeout_s: float = Field(default=30.0, gt=0, le=600)

    @model_validator(mode="after")
    def _no_open_password(self) -> Self:
        """Return the mail server when no password would go out in the clear."""
        if self.user and self.tls == "none":
            msg = "`user` needs `tls` starttls or tls: a password is not sent in the clear"
            raise ValueError(msg)
        return self


class Webhook(_Strict):
    """An address that is told, and in which form. Give `address`, or in `address_from` the variable that holds it."""

    name: Name
    form: Literal["wecom", "dingtalk", "plain"]
    address: Web | None = None
    address_from: str = ""
    secret_from: str = ""
    language: Language = "zh"
    timeout_s: float = Field(default=15.0, gt=0, le=120)

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        """Return the webhook when it is known where it is."""
        if (self.address is None) == (not self.address_from):
            msg = "give either `address` or `address_from`"
            raise ValueError(msg)
        return self


class Sending(_Strict):
    """Who is sent the daily report; `server`: where readers find the server, for the link."""

    server: Web | None = None
    mail: Mail | None = None
    webhook: tuple[Webhook, ...] = ()

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        """Return the ways when each can be told from the others."""
        names = [hook.name for hook in self.webhook]
        if len(set(names)) < len(names) or "mail" in names:
            msg = "each `webhook` needs a `name` of its own, other than `mail`"
            raise ValueError(msg)
        return self

    @property
    def names(self) -> list[str]:
        """Return the names of all ways."""
        return [*(["mail"] if self.mail else []), *(hook.name for hook in self.webhook)]


def load_sending(path: Path) -> Sending:
    """Return who is sent the daily report.

    Raises
    ------
    SettingsError
        If the file can't be read, or a value in it is unknown or out of bounds.
    """
    try:
        return Sending(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"`serve_sending` must be a TOML file; {str(path)!r} cannot be read: {error}."
        raise SettingsError(msg) from None
    except ValidationError as error:
        told = [f"{'.'.join(map(str, p['loc'])) or 'the file'}: {p['msg']}" for p in error.errors()]
        msg = f"`serve_sending` {str(path)!r}: {'; '.join(told)}."
        raise SettingsError(msg) from None


def secret(name: str, environment: Mapping[str, str] | None = None) -> str:
    """Return what a variable of the environment holds.

    Raises
    ------
    SettingsError
        If it holds nothing.

    Examples
    --------
    >>> secret("A", {"A": "b"})
    'b'
    """
    found = (os.environ if environment is None else environment).get(name, "")
    if not found:
        msg = f"`{name}` must be set in the environment; the file of ways to send names it."
        raise SettingsError(msg)
    return found
