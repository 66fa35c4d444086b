"""A provider vouches for people: who it is, for us, now, for this browser, and with a role of ours, or not at all."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc import jwk
from sqlalchemy import select

from contract.errors import SettingsError
from contract.ledger.accounts import make_user
from contract.ledger.schema import AUDIT
from contract.ledger.sessions import session_mark
from contract.settings import Settings, load_settings
from dashboards.server.access import SESSION
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server
from dashboards.server.single_sign_on import SECRET as SECRET_NAME
from dashboards.server.single_sign_on import SignOnError, caller_of_claims, read_provider
from tests.dashboards.server.provider import SECRET, Provider

FILE = """
issuer = "{issuer}"
client_id = "cellcause"
address = "http://localhost:8080"
counties_claim = "area"
[roles]
net-noc = "noc"
staff = "province"
[counties]
west = "Hill"
everywhere = ""
"""


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    """A provider that answers."""
    provider = Provider()
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture
def provider(running: Provider, monkeypatch: pytest.MonkeyPatch) -> Provider:
    """The provider, as it was at first; our secret stands in the environment."""
    monkeypatch.setenv(SECRET_NAME, SECRET)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    running.claims, running.signer = {}, None
    return running


@pytest.fixture
def known(home: Path, tmp_path: Path, provider: Provider) -> Server:
    """A server, not started, that knows Li itself and trusts the provider."""
    path = tmp_path / "oidc.toml"
    path.write_text(FILE.format(issuer=provider.issuer), encoding="utf-8")
    settings = load_settings(home / "settings.toml")
    given = {"ledger": f"sqlite:///{tmp_path}/ledger.db", "oidc": path}
    server = make_server(settings.model_copy(update=given))
    with server.ledger.writing() as connection:
        make_user(connection, "li", "a long password", role="agent")
    return server


@pytest.fixture
def browser(known: Server) -> TestClient:
    """A browser that nobody is logged in at."""
    return TestClient(build_app(known), follow_redirects=False)


def come_back(browser: TestClient, provider: Provider, path: str = "/incidents") -> Any:
    """Go to the provider and come back."""
    gone = browser.get("/login/sign-on", params={"next": path})
    assert gone.status_code == 303, gone.text
    return browser.get(f"/login/return?{provider.vouch(gone.headers['location'])}")


def refusals(server: Server) -> list[str]:
    """Return why people were not let in, as the audit has it."""
    asked = select(AUDIT.c.detail).where(AUDIT.c.what == "log-in failed")
    with server.ledger.reading() as connection:
        return [text.partition("sign-on: ")[2] for text in connection.execute(asked).scalars()]


def test_whom_the_provider_vouches_for_is_let_in_with_role_and_counties(
    browser: TestClient, provider: Provider
) -> None:
    assert "/login/sign-on?next=%2Fincidents" in browser.get("/login?next=/incidents").text
    answer = come_back(browser, provider)
    assert answer.headers["location"] == "/incidents"
    assert browser.get("/incidents").status_code == 200
    assert browser.get("/incidents?county=Vale").status_code == 403
    assert browser.get("/tickets").json() == {"detail": "the role noc may not: tickets"}
    sent = {"csrf": session_mark(browser.cookies[SESSION])}
    assert browser.post("/logout", data=sent).status_code == 303
    assert browser.get("/incidents").status_code == 401


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"nonce": "another"}, "can't be trusted"),
        ({"aud": "another"}, "can't be trusted"),
        ({"iss": "https://elsewhere.example"}, "can't be trusted"),
        ({"exp": int(time.time()) - 3600}, "can't be trusted"),
        ({"azp": "another"}, "meant for another"),
        ({"groups": ["visitors"]}, "gives a role"),
        ({"groups": None}, "gives a role"),
        ({"area": None}, "gives counties"),
        ({"area": ["nowhere"]}, "gives counties"),
        ({"preferred_username": ""}, "tells no name"),
        ({"preferred_username": "li"}, "bears the same name"),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_what_does_not_fit_lets_nobody_in(
    browser: TestClient, known: Server, provider: Provider, claims: dict[str, Any], reason: str
) -> None:
    provider.claims = claims
    answer = come_back(browser, provider)
    assert answer.status_code == 403
    assert SESSION not in browser.cookies
    assert reason in refusals(known)[-1]


def test_a_token_signed_by_another_key_is_not_believed(
    browser: TestClient, known: Server, provider: Provider
) -> None:
    provider.signer = jwk.RSAKey.generate_key(2048, {"kid": "k1"})
    assert come_back(browser, provider).status_code == 403
    assert "can't be trusted" in refusals(known)[-1]


def test_a_new_key_of_the_provider_is_fetched(browser: TestClient, provider: Provider) -> None:
    assert come_back(browser, provider).status_code == 303
    old, provider.key = provider.key, jwk.RSAKey.generate_key(2048, {"kid": "k1"})
    assert come_back(browser, provider).status_code == 303
    provider.key = old


def test_another_browser_can_not_end_what_this_one_began(
    browser: TestClient, known: Server, provider: Provider
) -> None:
    query = provider.vouch(browser.get("/login/sign-on").headers["location"])
    other = TestClient(build_app(known), follow_redirects=False)
    assert other.get(f"/login/return?{query}").status_code == 403
    assert "not begun in this browser" in refusals(known)[-1]
    assert browser.get(f"/login/return?{query}").status_code == 303
    assert browser.get(f"/login/return?{query}").status_code == 403


@pytest.mark.parametrize("secret", ["", "another secret"])
def test_without_the_secret_there_is_no_token(
    browser: TestClient, provider: Provider, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    monkeypatch.setenv(SECRET_NAME, secret)
    assert come_back(browser, provider).status_code == 403


def test_a_refusal_of_the_provider_is_shown_without_its_words(
    browser: TestClient, provider: Provider
) -> None:
    query = provider.vouch(browser.get("/login/sign-on").headers["location"])
    state = query.partition("&")[0]
    answer = browser.get(f"/login/return?{state}&error=access_denied<b>")
    assert answer.status_code == 403
    assert "did not vouch" in answer.text
    assert "access_denied" not in answer.text


def test_nobody_is_alone_where_a_provider_vouches(known: Server, tmp_path: Path) -> None:
    given = {"ledger": f"sqlite:///{tmp_path}/empty.db"}
    server = make_server(known.settings.model_copy(update=given))
    assert TestClient(build_app(server)).get("/incidents").status_code == 401


def test_without_a_provider_there_is_no_sign_on(home: Path) -> None:
    server = make_server(load_settings(home / "settings.toml"))
    assert TestClient(build_app(server)).get("/login/sign-on").status_code == 404


@pytest.mark.parametrize(
    ("line", "match"),
    [
        ('secret = "x"', "secret"),
        ('issuer = "http://login.example"', "https"),
        ('roles = { a = "king" }', "king"),
        ('roles = { a = "alone" }', "alone"),
        ("nonsense", "can be read"),
    ],
)
def test_a_file_that_can_not_be_used_is_told(tmp_path: Path, line: str, match: str) -> None:
    path = tmp_path / "oidc.toml"
    name = line.partition(" ")[0]
    good = {
        "issuer": 'issuer = "https://login.example"',
        "client_id": 'client_id = "c"',
        "address": 'address = "https://noc.example"',
        "roles": 'roles = { a = "noc" }',
    } | {name: line}
    path.write_text("\n".join(good.values()), encoding="utf-8")
    with pytest.raises(SettingsError, match=match):
        read_provider(path)
    with pytest.raises(SettingsError, match="`oidc`"):
        make_server(Settings(ledger="x", history=tmp_path, inventory=tmp_path, oidc=path))


def test_all_counties_are_given_by_name_alone(tmp_path: Path) -> None:
    path = tmp_path / "oidc.toml"
    path.write_text(FILE.format(issuer="https://login.example"), encoding="utf-8")
    claims = {"preferred_username": "chen", "groups": "staff", "area": ["west", "everywhere"]}
    assert caller_of_claims(claims, read_provider(path)).counties == frozenset()
    with pytest.raises(SignOnError, match="counties"):
        caller_of_claims(claims | {"area": []}, read_provider(path))
