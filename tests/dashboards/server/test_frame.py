"""The frame of the server's pages: what it is made of, and in which language."""

import pytest
from fastapi.testclient import TestClient


def test_typeface_comes_from_this_machine(client: TestClient) -> None:
    answer = client.get("/assets/font.ttf")
    assert answer.status_code == 200
    assert answer.content[:4] == b"\x00\x01\x00\x00"
    assert "max-age" in answer.headers["cache-control"]


def test_script_is_sent_as_one(client: TestClient) -> None:
    answer = client.get("/assets/frame.js")
    assert answer.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize("name", ["..%2fapp.py", "frame.py", "%2e%2e/app.py", "none.js"])
def test_nothing_else_is_sent(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 404
