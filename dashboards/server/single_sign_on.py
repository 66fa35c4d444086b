"""Let another system vouch for people: the authorization code flow of OpenID Connect, with PKCE.

What is asked of which provider stands in a file that the setting `oidc` names; the secret of the client stands in the
environment alone. A person is let in with the role, and the counties, that the file makes of the provider's claims;
who has none is not.

Simple so far: the provider is not told of a log-out; a log-in that was begun is forgotten when the server starts anew.

References
----------
.. [1] OpenID Connect Core 1.0, 3.1; Discovery 1.0; RFC 7636 (PKCE); RFC 9700 (best current practice).
"""

from __future__ import annotations

import os
import secrets
import threading
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from cachetools import TTLCache
from joserfc import jwk, jwt
from joserfc.errors import JoseError
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from contract.errors import SettingsError
from contract.ledger.accounts import ALONE, Caller, counties_of, roles

SECRET = "OIDC_CLIENT_SECRET"
"""In the environment."""
RETURN_PATH = "/login/return"
BEGUN_S, MOST_BEGUN = 600, 10_000
KNOWN_S = 3600
TIMEOUT_S = 10
LEEWAY_S = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with the provider's own key; none that our secret could make."""
HERE = ("localhost", "127.0.0.1", "::1")
NAME_LENGTH = 64


class SignOnError(Exception):
    """Report why somebody is not let in; for the audit and the page, without a secret."""


class Provider(BaseModel):
    """What the file says of the provider.

    `address` is our own, as browsers have it; `roles` makes a role of a value of `role_claim`, the first that fits;
    `counties` makes counties, parted by |, of a value of `counties_claim`, "" for all of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client_id: str
    address: str
    scope: str = "openid profile"
    name_claim: str = "preferred_username"
    role_claim: str = "groups"
    roles: dict[str, str] = Field(min_length=1)
    counties_claim: str = ""
    counties: dict[str, str] = Field(default_factory=dict)

    @field_validator("issuer", "address")
    @classmethod
    def _over_tls(cls, address: str) -> str:
        """Return an address that is reached over TLS, or on this machine."""
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in HERE):
            msg = f"must begin with https://; it is {address!r}"
            raise ValueError(msg)
        return address.rstrip("/")

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, given: dict[str, str]) -> dict[str, str]:
        """Return roles that there are."""
        unknown = sorted({role for role in given.values() if role not in roles() or role == ALONE})
        if unknown:
            msg = f"there are no roles {unknown}"
            raise ValueError(msg)
        return given


def read_provider(path: Path) -> Provider:
    """Return what a file says of the provider.

    Raises
    ------
    SettingsError
        If it can't be read, or something in it is lacking, unknown or wrong.
    """
    try:
        return Provider(**tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"`oidc` must be a TOML file that can be read; {str(path)!r}: {error}."
        raise SettingsError(msg) from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        msg = f"`oidc` must say what is asked of the provider; {path.name}: {told}."
        raise SettingsError(msg) from error


@dataclass(frozen=True)
class Begun:
    """A log-in that was begun: what only the browser that began it may end."""

    nonce: str
    verifier: str
    back: str


@dataclass
class SignOn:
    """The provider, what it told of itself, and the log-ins that were begun."""

    provider: Provider
    begun: TTLCache[str, Begun] = field(default_factory=lambda: TTLCache(MOST_BEGUN, BEGUN_S))
    known: TTLCache[str, Any] = field(default_factory=lambda: TTLCache(8, KNOWN_S))
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, back: str) -> tuple[str, str]:
        """Return the address of the provider to go to, and the state that comes back from there."""
        one = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(48), back)
        with self._session() as session:
            address, state = session.create_authorization_url(
                self._told("authorization_endpoint"),
                nonce=one.nonce,
                code_verifier=one.verifier,
                response_type="code",
            )
        with self._turn:
            self.begun[state] = one
        return str(address), str(state)

    def end(self, state: str, code: str) -> tuple[Caller, str]:
        """Return who the provider says it is, and the path to go on to.

        Raises
        ------
        SignOnError
            If the log-in was not begun here, what the provider says can't be trusted, or nothing lets them in.
        """
        with self._turn:
            one = self.begun.pop(state, None)
        if one is None:
            raise SignOnError("this log-in was not begun here, or too long ago")
        try:
            with self._session() as session:
                told = session.fetch_token(
                    self._told("token_endpoint"),
                    code=code,
                    code_verifier=one.verifier,
                    timeout=TIMEOUT_S,
                )
        except (AuthlibBaseError, requests.RequestException, ValueError) as error:
            raise SignOnError("the provider gave no token") from error
        return caller_of_claims(
            self._claims(str(told.get("id_token", "")), one), self.provider
        ), one.back

    def _session(self) -> OAuth2Session:
        """Return what talks to the provider."""
        return OAuth2Session(
            self.provider.client_id,
            os.environ.get(SECRET) or None,
            scope=self.provider.scope,
            redirect_uri=self.provider.address + RETURN_PATH,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if os.environ.get(SECRET) else "none",
        )

    def _claims(self, token: str, one: Begun) -> Mapping[str, Any]:
        """Return what an identity token says, if the provider made it, for us, now, and for this log-in."""
        registry = jwt.JWTClaimsRegistry(
            now=int(time.time()),
            leeway=LEEWAY_S,
            iss={"essential": True, "value": self._told("issuer")},
            aud={"essential": True, "value": self.provider.client_id},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": one.nonce},
        )
        try:
            claims = self._decoded(token)
            registry.validate(claims)
        except (JoseError, ValueError, KeyError) as error:
            msg = f"what the provider says can't be trusted: {type(error).__name__}"
            raise SignOnError(msg) from error
        if claims.get("azp", self.provider.client_id) != self.provider.client_id:
            raise SignOnError("what the provider says is meant for another")
        return claims

    def _decoded(self, token: str) -> dict[str, Any]:
        """Return the claims of a token signed by a key of the provider; keys that are new are fetched."""
        address = self._told("jwks_uri")
        for is_last in (False, True):
            keys = jwk.KeySet.import_key_set(self._fetched(address))
            try:
                return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
            except (JoseError, ValueError):
                if is_last:
                    raise
                with self._turn:
                    self.known.pop(address, None)
        raise AssertionError

    def _told(self, name: str) -> str:
        """Return what the provider tells of itself."""
        told = self._fetched(f"{self.provider.issuer}/.well-known/openid-configuration")
        if str(told.get("issuer", "")).rstrip("/") != self.provider.issuer:
            raise SignOnError("the provider bears another name than the settings say")
        if not told.get(name):
            msg = f"the provider does not tell its {name}"
            raise SignOnError(msg)
        return str(told[name])

    def _fetched(self, address: str) -> Any:
        """Return an object of the provider, kept for an hour."""
        with self._turn:
            found = self.known.get(address)
        if found is None:
            try:
                answer = requests.get(address, timeout=TIMEOUT_S)
                answer.raise_for_status()
                found = answer.json()
            except (requests.RequestException, ValueError) as error:
                raise SignOnError("the provider does not answer") from error
            with self._turn:
                self.known[address] = found
        return found


def caller_of_claims(claims: Mapping[str, Any], provider: Provider) -> Caller:
    """Return who claims are of, with the role and counties that the file makes of them.

    Raises
    ------
    SignOnError
        If they have no name, no value that is a role, or none that says which counties.

    Examples
    --------
    >>> provider = Provider(
    ...     issuer="https://a", client_id="c", address="https://b", roles={"net": "noc"},
    ...     counties_claim="area", counties={"west": "Hill|Vale"},
    ... )
    >>> caller = caller_of_claims({"preferred_username": "li", "groups": ["x", "net"], "area": "west"}, provider)
    >>> caller.role, sorted(caller.counties)
    ('noc', ['Hill', 'Vale'])
    """
    name = str(claims.get(provider.name_claim, "")).strip()
    if not name or len(name) > NAME_LENGTH or not name.isprintable():
        msg = f"the provider tells no name as {provider.name_claim}"
        raise SignOnError(msg)
    groups = _values(claims.get(provider.role_claim))
    role = next((role for group, role in provider.roles.items() if group in groups), None)
    if role is None:
        raise SignOnError("nothing that the provider tells gives a role here")
    if not provider.counties_claim:
        return Caller(name, role)
    areas = [
        area for area in _values(claims.get(provider.counties_claim)) if area in provider.counties
    ]
    if not areas:
        raise SignOnError("nothing that the provider tells gives counties here")
    told = [provider.counties[area] for area in areas]
    return Caller(name, role, frozenset() if "" in told else counties_of("|".join(told)))


def _values(claim: object) -> list[str]:
    """Return the values of a claim: a list, or one."""
    if isinstance(claim, list):
        return [str(value) for value in claim]
    return [str(claim)] if claim not in (None, "") else []
