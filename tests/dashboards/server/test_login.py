"""Who logs in is known until the session ends, and nobody else's page can act for them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from starlette.websockets import WebSocketDisconnect

from contract.ledger.accounts import make_user
from contract.ledger.schema import AUDIT, SESSIONS
from contract.ledger.sessions import session_mark
from contract.settings import load_settings
from dashboards.server import push_routes
from dashboards.server.access import SESSION
from dashboards.server.app import build_app
from dashboards.server.login_routes import OF_BOTH
from dashboards.server.running import Server, make_server

PASSWORD = "a password of li"
OWN = {"origin": "http://testserver"}
ELSEWHERE = {"origin": "https://elsewhere.example"}
HTML = {"accept": "text/html"}


@pytest.fixture(scope="module")
def guarded(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server of its own, not started, that knows Li and Wang."""
    settings = load_settings(home / "settings.toml")
    ledger = f"sqlite:///{tmp_path_factory.mktemp('login')}/ledger.db"
    server = make_server(settings.model_copy(update={"ledger": ledger}))
    with server.ledger.writing() as connection:
        make_user(connection, "li", PASSWORD, role="engineer", counties="Hill")
        make_user(connection, "wang", PASSWORD, role="feed")
        make_user(connection, "zhou", PASSWORD, role="agent")
        make_user(connection, "wu", PASSWORD, role="agent")
    return server


@pytest.fixture
def browser(guarded: Server) -> Iterator[TestClient]:
    """A browser that nobody is logged in at."""
    client = TestClient(build_app(guarded), follow_redirects=False)
    yield client
    client.close()


def log_in(browser: TestClient, name: str = "li", **fields: str) -> str:
    """Log in and return the mark of the session."""
    sent = {"name": name, "password": PASSWORD} | fields
    answer = browser.post("/login", data=sent, headers=OWN)
    assert answer.status_code == 303, answer.text
    return session_mark(browser.cookies[SESSION])


def audited(server: Server) -> list[tuple[str, str, str]]:
    """Return who did what to what, as the audit has it."""
    with server.ledger.reading() as connection:
        rows = connection.execute(select(AUDIT).order_by(AUDIT.c.number)).mappings()
        return [(row["who"], row["what"], row["detail"]) for row in rows]


def test_a_page_sends_to_the_log_in_and_back(browser: TestClient) -> None:
    answer = browser.get("/incidents?county=Hill", headers=HTML)
    assert answer.headers["location"] == "/login?next=/incidents%3Fcounty%3DHill"
    page = browser.get(answer.headers["location"])
    assert 'value="/incidents?county=Hill"' in page.text
    sent = {"name": "li", "password": PASSWORD, "next": "/incidents?county=Hill"}
    back = browser.post("/login", data=sent, headers=OWN)
    assert (back.status_code, back.headers["location"]) == (303, "/incidents?county=Hill")
    assert browser.get("/incidents?county=Hill").status_code == 200
    assert browser.get("/incidents?county=Vale").status_code == 403


def test_programs_are_told_without_a_page(browser: TestClient) -> None:
    answer = browser.get("/incidents")
    assert (answer.status_code, answer.json()) == (401, {"detail": "who asks is not known here"})
    assert "Basic" in answer.headers["www-authenticate"]
    fetched = browser.get("/incidents", headers=HTML | {"sec-fetch-mode": "cors"})
    assert fetched.status_code == 401
    assert "www-authenticate" not in fetched.headers


def test_the_cookie_is_out_of_reach_of_scripts(browser: TestClient) -> None:
    sent = {"name": "li", "password": PASSWORD}
    cookie = browser.post("/login", data=sent, headers=OWN).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


def test_over_tls_the_cookie_is_sent_over_tls_alone(guarded: Server) -> None:
    browser = TestClient(build_app(guarded), base_url="https://testserver", follow_redirects=False)
    sent = {"name": "li", "password": PASSWORD}
    answer = browser.post("/login", data=sent, headers={"origin": "https://testserver"})
    assert "Secure" in answer.headers["set-cookie"]


def test_log_in_and_out_stand_in_the_audit_without_a_secret(
    browser: TestClient, guarded: Server
) -> None:
    browser.post("/login", data={"name": "li", "password": "wrong " + PASSWORD}, headers=OWN)
    browser.post("/login", data={"name": PASSWORD, "password": "x"}, headers=OWN)
    mark = log_in(browser)
    number = browser.cookies[SESSION]
    out = browser.post("/logout", data={"csrf": mark}, headers=OWN)
    assert out.headers["location"] == "/login?out=1"
    told = audited(guarded)[-4:]
    assert [(who, what) for who, what, _ in told] == [
        ("li", "log-in failed"),
        ("unknown", "log-in failed"),
        ("li", "log-in"),
        ("li", "log-out"),
    ]
    assert PASSWORD not in str(audited(guarded))
    assert number not in str(audited(guarded))
    browser.cookies.set(SESSION, number)
    assert browser.get("/incidents").status_code == 401


def test_the_ledger_keeps_no_number_of_a_session(browser: TestClient, guarded: Server) -> None:
    log_in(browser)
    with guarded.ledger.reading() as connection:
        kept = str(connection.execute(select(SESSIONS)).all())
    assert browser.cookies[SESSION] not in kept
    assert session_mark(browser.cookies[SESSION]) not in kept


@pytest.mark.parametrize("column", ["seen_at", "made_at"], ids=["idle", "old"])
def test_a_session_ends_by_itself(browser: TestClient, guarded: Server, column: str) -> None:
    log_in(browser)
    assert browser.get("/incidents").status_code == 200
    with guarded.ledger.writing() as connection:
        connection.execute(update(SESSIONS).values({column: SESSIONS.c[column] - 13 * 3600}))
    assert browser.get("/incidents").status_code == 401


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (OWN, 403),
        (OWN | {"x-csrf": "wrong"}, 403),
        (ELSEWHERE | {"x-csrf": "MARK"}, 403),
        ({"origin": "null", "x-csrf": "MARK"}, 403),
        ({"sec-fetch-site": "cross-site", "x-csrf": "MARK"}, 403),
        (OWN | {"x-csrf": "MARK"}, 403),
    ],
    ids=["no mark", "wrong mark", "elsewhere", "hidden origin", "said to be cross", "right"],
)
def test_what_changes_something_must_come_from_our_page(
    browser: TestClient, headers: dict[str, str], status: int
) -> None:
    mark = log_in(browser)
    shown = {name: value.replace("MARK", mark) for name, value in headers.items()}
    answer = browser.post("/intake/alarms", json=[], headers=shown)
    assert answer.status_code == status
    is_let_through = answer.json()["detail"] == "the role engineer may not: send"
    assert is_let_through == (headers == OWN | {"x-csrf": "MARK"})


def test_a_form_shows_the_mark_as_a_field_and_keeps_its_body(browser: TestClient) -> None:
    log_in(browser)
    assert browser.post("/logout", headers=OWN, data={"csrf": "wrong"}).status_code == 403
    page = browser.get("/none", headers=HTML).text
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found is not None
    out = browser.post("/logout", headers=OWN, data={"csrf": found[1], "other": "x"})
    assert out.status_code == 303


def test_a_log_in_from_a_page_of_others_is_refused(browser: TestClient) -> None:
    sent = {"name": "li", "password": PASSWORD}
    assert browser.post("/login", data=sent, headers=ELSEWHERE).status_code == 403


def test_failures_are_slowed_down_and_others_are_not(browser: TestClient) -> None:
    wrong = {"name": "zhou", "password": "x"}
    tried = [browser.post("/login", data=wrong, headers=OWN).status_code for _ in range(OF_BOTH)]
    assert set(tried) == {403}
    right = browser.post("/login", data=wrong | {"password": PASSWORD}, headers=OWN)
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 0
    log_in(browser, "li")


def test_the_first_page_is_one_that_the_role_may_see(browser: TestClient) -> None:
    assert browser.get("/").headers["location"] == "/login?next=/"
    log_in(browser)
    assert browser.get("/").headers["location"] == "/app/map"
    browser.cookies.clear()
    log_in(browser, "wu")
    assert browser.get("/").headers["location"] == "/app/agent"


def test_who_may_not_is_told_in_the_frame_with_the_way_out(browser: TestClient) -> None:
    log_in(browser, "wang")
    page = browser.get("/", headers=HTML)
    assert page.status_code == 403
    assert "You are logged in as wang, role feed." in page.text
    assert 'action="/logout"' in page.text
    assert browser.get("/").json() == {"detail": "the role feed has no pages"}


@pytest.mark.parametrize(
    "path", ["//elsewhere.example", "https://elsewhere.example", "/\\elsewhere", "javascript:x", ""]
)
def test_nobody_is_led_elsewhere(browser: TestClient, path: str) -> None:
    sent = {"name": "li", "password": PASSWORD, "next": path}
    assert browser.post("/login", data=sent, headers=OWN).headers["location"] == "/"


def test_changes_are_pushed_to_who_is_logged_in(browser: TestClient) -> None:
    log_in(browser)
    with browser.websocket_connect("/push", headers=OWN) as socket:
        socket.close()


def test_who_logged_out_hears_no_more(browser: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(push_routes, "KNOWN_FOR_S", 0.05)
    mark = {"csrf": log_in(browser)}
    with browser.websocket_connect("/push", headers=OWN) as socket:
        assert browser.post("/logout", data=mark, headers=OWN).status_code == 303
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_alone_on_this_machine_needs_no_log_in(home: Path, tmp_path: Path) -> None:
    settings = load_settings(home / "settings.toml")
    url = f"sqlite:///{tmp_path}/ledger.db"
    server = make_server(settings.model_copy(update={"ledger": url}))
    client = TestClient(build_app(server), follow_redirects=False)
    assert client.get("/").headers["location"] == "/app/map"
    assert client.get("/login").headers["location"] == "/"
    assert client.get("/incidents").status_code == 200
    assert client.post("/logout", headers=ELSEWHERE).status_code == 303
    assert client.post("/intake/alarms", json=[], headers=ELSEWHERE).status_code == 401


def test_behind_a_proxy_the_server_goes_by_its_public_name(guarded: Server) -> None:
    browser = TestClient(build_app(guarded), base_url="https://noc.example", follow_redirects=False)
    own = {"origin": "https://noc.example"}
    sent = {"name": "li", "password": PASSWORD}
    assert browser.post("/login", data=sent, headers=own).status_code == 303
    mark = session_mark(browser.cookies[SESSION])
    with browser.websocket_connect("wss://noc.example/push", headers=own) as socket:
        socket.close()
    assert browser.post("/logout", data={"csrf": mark}, headers=own).status_code == 303
