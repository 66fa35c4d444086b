"""Run one server for the tests of each module of routes."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server
from tests.correlate.live.small_bundle import write_inventory

SETTINGS = """
ledger = "sqlite:///ledger.db"
history = "history"
inventory = "inventory"
serve_watched = "watched"
serve_body_mib = 0.05
language = "en"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with settings and an inventory."""
    home = tmp_path_factory.mktemp("server")
    write_inventory(home / "inventory")
    (home / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def server(home: Path) -> Server:
    """The server, not started."""
    return make_server(load_settings(home / "settings.toml"))


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[TestClient]:
    """Somebody on this machine, while the server runs."""
    with TestClient(build_app(server)) as client:
        yield client


@pytest.fixture
def now() -> int:
    """Seconds since 1970."""
    return int(time.time())
