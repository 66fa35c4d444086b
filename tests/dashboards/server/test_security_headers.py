"""Browsers are told to keep to our own scripts, and requests beyond a bound are refused with a reason."""

from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from dashboards.server.app import build_app
from dashboards.server.limits import MOST_QUERY
from dashboards.server.running import Server
from dashboards.server.security_headers import allow_scripts


def policy(client: TestClient, path: str) -> dict[str, str]:
    """Return the policy of an answer, by what it is about."""
    text = client.get(path).headers["content-security-policy"]
    return {part.split()[0]: part.partition(" ")[2] for part in text.split("; ")}


@pytest.mark.parametrize("path", ["/health", "/none", "/login", "/assets/frame.js", "/incidents"])
def test_every_answer_keeps_to_own_scripts(client: TestClient, path: str) -> None:
    found = policy(client, path)
    assert found["default-src"] == "'none'"
    assert found["script-src"] == "'self'"
    assert found["frame-ancestors"] == "'none'"
    assert client.get(path).headers["x-content-type-options"] == "nosniff"


def test_a_script_inside_a_page_is_allowed_by_its_hash(server: Server) -> None:
    app = build_app(server)
    allow_scripts(app, ["'sha256-b'", "sha256-a"])
    allow_scripts(app, ["sha256-c"])
    with_hashes = policy(TestClient(app), "/assets/none")
    assert with_hashes["script-src"] == "'self' 'sha256-a' 'sha256-b' 'sha256-c'"


def test_answers_are_not_kept_unless_they_say_how(client: TestClient) -> None:
    assert client.get("/incidents").headers["cache-control"] == "no-store"
    assert client.get("/assets/frame.js").headers.get_list("cache-control") == ["no-cache"]


def test_tls_is_asked_for_where_there_is_tls(server: Server) -> None:
    app = build_app(server)
    secure = TestClient(app, base_url="https://testserver").get("/assets/none").headers
    plain = TestClient(app).get("/assets/none").headers
    assert "strict-transport-security" in secure
    assert "strict-transport-security" not in plain


def test_a_fault_is_answered_without_a_trace(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*given: object, **named: object) -> None:
        """Fail."""
        del given, named
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("dashboards.server.view_routes.views.incidents", broken)
    client = TestClient(build_app(server), raise_server_exceptions=False)
    answer = client.get("/incidents")
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert "content-security-policy" in answer.headers


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/notices?place=" + "x" * MOST_QUERY, 414),
        ("/incidents/" + "x" * 2000, 414),
        ("/notices?place=%00", 400),
        ("/tickets/%00", 400),
        ("/notices?place=" + "x" * 200, 422),
    ],
    ids=["query", "path", "zero in query", "zero in path", "value"],
)
def test_what_is_beyond_a_bound_is_refused(client: TestClient, path: str, status: int) -> None:
    answer = client.get(path)
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_a_value_that_is_refused_is_not_repeated(client: TestClient) -> None:
    answer = client.post("/login", data={"name": "li", "password": "secret" * 300})
    assert answer.status_code == 422
    assert "secret" not in answer.text
    page = client.get("/incidents?limit=x", headers={"accept": "text/html"})
    assert page.status_code == 422
    assert "limit: " in page.text


def test_who_sends_too_much_waits_and_others_do_not(server: Server) -> None:
    settings = server.settings.model_copy(update={"serve_requests_per_min": 3})
    client = TestClient(build_app(replace(server, settings=settings)))
    seen = [client.get("/incidents", headers={"authorization": "Bearer a"}) for _ in range(4)]
    assert [answer.status_code for answer in seen] == [401, 401, 401, 429]
    assert seen[-1].headers["retry-after"] == "60"
    assert "content-security-policy" in seen[-1].headers
    other = client.get("/incidents", headers={"authorization": "Bearer b"})
    assert other.status_code == 401
    assert client.get("/health").status_code != 429
