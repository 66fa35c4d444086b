"""The page of the live map: who is let in, what it answers, and that nothing of it comes from elsewhere."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert
from starlette.websockets import WebSocketDisconnect

from contract.ledger import schema
from contract.ledger.accounts import make_token
from contract.settings import load_settings
from dashboards.server.app import build_app
from dashboards.server.running import Server, make_server
from tests.correlate.live.small_bundle import write_inventory

ASK = "/app/map/_dash-update-component"
VIEW = {"west": 99.0, "south": 24.0, "east": 101.0, "north": 26.0, "zoom": 8.0, "scale": 1}
BESIDE = ("headline", "faults", "legend", "notes")
LAYERS = ["faults", "extent", "notices", "complaints", "sites", "rates", "names"]
SETTINGS = """
ledger = "sqlite:///ledger.db"
history = "history"
inventory = "inventory"
language = "en"
target_per_10k = 0.5
"""


def row(table: Any, **told: Any) -> dict[str, Any]:
    """A row of the ledger, empty but for what is told."""
    return dict.fromkeys(column.name for column in table.columns) | told


def fill(server: Server, now: int) -> None:
    """Put two open incidents, one that is over, and who complained of them into the ledger."""
    incidents, versions, faults = [], [], []
    told: list[tuple[str, str, str, int | None, float]] = [
        ("INC-A", "Hill", "H1", None, 2.0),
        ("INC-B", "Vale", "V1", None, 5.0),
    ]
    told += [("INC-C", "Hill", "H2", now - 3000, 0.0)]
    for number, (name, county, site, ended, expected) in enumerate(told, start=1):
        shared = {"incident_id": name, "county": county, "area": f"{site} station", "users": 1000.0}
        shared |= {"cause": "power_failure", "object_id": site, "started_at": now - 7200}
        record = {"fault": number, "detected_at": now - 7000, "ended_at": ended, "complaints": 1}
        incidents.append(row(schema.INCIDENTS, **shared, **record, expected_complaints=expected))
        version = {"number": 1, "at": now - 7000, "site_ids": site, "sites": 1, "cells": 2}
        versions.append(row(schema.VERSIONS, **shared, **version, grade="C"))
        faults.append({"fault": number, "incident_id": name})
    over = {"incident_id": "INC-C", "number": 2, "at": now - 3000, "ended_at": now - 3000}
    versions.append(versions[-1] | over)
    notices = [
        row(schema.NOTICES, interception_id=f"N-{name}", incident_id=name, issued_at=now - 6000)
        for name in ("INC-A", "INC-C")
    ]
    tickets = [
        row(schema.TICKETS, ticket_id=f"T{i}", created_at=now - 600 * i, county="Hill", fault=1, lon=100.0, lat=25.0)
        for i in range(4)
    ]  # fmt: skip
    with server.ledger.writing() as connection:
        for table, rows in (
            (schema.INCIDENTS, incidents),
            (schema.VERSIONS, versions),
            (schema.FAULT_INCIDENTS, faults),
            (schema.NOTICES, notices),
            (schema.TICKETS, tickets),
        ):
            connection.execute(insert(table), rows)


@pytest.fixture(scope="module")
def map_server(tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server with two open faults, not started."""
    home = tmp_path_factory.mktemp("map")
    write_inventory(home / "inventory")
    (home / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    server = make_server(load_settings(home / "settings.toml"))
    fill(server, int(time.time()))
    return server


@pytest.fixture(scope="module")
def page(map_server: Server) -> Iterator[TestClient]:
    """Somebody on this machine; the parts of the server do not run."""
    yield TestClient(build_app(map_server))
    map_server.ledger.close()


def question(client: TestClient, **changed: Any) -> Any:
    """Ask what a view shows, as the page does."""
    listed = client.get("/app/map/_dash-dependencies").json()
    output = next(one["output"] for one in listed if "headline" in one["output"])
    data = {
        "view": VIEW,
        "pulse": 1,
        "moment": None,
        "theme": "light",
        "layers": LAYERS,
        "shown": None,
    }
    data |= changed
    props = {"layers": "value"}
    given = [
        {"id": name, "property": props.get(name, "data"), "value": data[name]}
        for name in ("view", "pulse", "moment", "layers", "theme")
    ]
    outputs = [{"id": name, "property": "children"} for name in BESIDE]
    outputs += [{"id": "map", "property": "figure"}, {"id": "shown", "property": "data"}]
    return {
        "output": output,
        "outputs": outputs,
        "inputs": given,
        "state": [{"id": "shown", "property": "data", "value": data["shown"]}],
        "changedPropIds": ["view.data"],
    }


def texts(node: Any) -> str:
    """All texts of components, one after the other."""
    if isinstance(node, dict):
        return texts(node.get("props", {}).get("children")) if "props" in node else ""
    if isinstance(node, list):
        return " ".join(filter(None, map(texts, node)))
    return "" if node is None else str(node)


def answer(client: TestClient, **changed: Any) -> Any:
    """What the page is answered."""
    got = client.post(ASK, json=question(client, **changed))
    assert got.status_code == 200, got.text
    return got.json()["response"]


def test_the_page_stands_in_the_frame_and_takes_nothing_from_elsewhere(page: TestClient) -> None:
    html = page.get("/app/map?lang=en").text
    assert 'aria-current="page">Live map' in html
    scripts = re.findall(r"<script[^>]*src=\"([^\"]*)\"", html)
    assert len(scripts) > 5
    assert all(address.startswith(("/assets/", "/app/map/")) for address in scripts)
    inline = re.findall(r"<script(?![^>]*src=)[^>]*>", html)
    assert inline == ['<script id="_dash-config" type="application/json">']
    for address in scripts:
        assert page.get(address).status_code == 200, address


@pytest.mark.parametrize(("language", "word"), [("zh", "上下键选择"), ("en", "Arrows choose")])
def test_the_page_speaks_the_language_of_the_reader(
    page: TestClient, language: str, word: str
) -> None:
    page.get(f"/app/map?lang={language}")
    assert word in texts(page.get("/app/map/_dash-layout").json())
    page.cookies.clear()


def test_figures_and_list_tell_what_is_open(page: TestClient) -> None:
    told = answer(page)
    assert texts(told["headline"]["children"]).startswith(
        "2 open faults 2,000 users hit 2 notices out"
    )
    assert "target 0.5 · over target" in texts(told["headline"]["children"])
    listed = [one["props"]["key"] for one in told["faults"]["children"]]
    assert listed == ["INC-B", "INC-A"], "most complaints to come first"
    first = texts(told["faults"]["children"][0])
    assert "minor" in first or "major" in first
    assert "4.0 to come" in first
    assert "no notice" in first
    assert told["shown"]["data"]["told"] == "live"


def test_the_whole_figure_comes_once_then_its_marks_alone(page: TestClient) -> None:
    first = answer(page)
    figure = first["map"]["figure"]
    assert figure["layout"]["map"]["style"]["sprite"].endswith("/app/map/marks-light")
    assert "coordinates" not in json.dumps(figure), "land is asked for by its address, once"
    addresses = re.findall(r"https?://[^\"]+", json.dumps(figure))
    assert all(address.startswith("http://testserver/app/map/") for address in addresses)
    again = answer(page, shown=first["shown"]["data"], layers=LAYERS[1:])["map"]["figure"]
    assert again["__dash_patch_update"]
    assert [one["location"] for one in again["operations"]] == [["data"], ["layout", "meta"]]
    other = answer(page, shown=first["shown"]["data"], theme="dark")["map"]["figure"]
    assert other["layout"]["map"]["style"]["id"] == "cellcause-dark"


def test_what_a_page_shows_already_is_not_drawn_anew_when_rows_come_in(
    page: TestClient, map_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_us = time.time_ns() // 1000
    monkeypatch.setattr(map_server.writer, "clock", lambda: now_us)
    first = answer(page)
    told = {"alarm_id": "A-new", "object_id": "H1", "given_id": "H1", "name": "Mains off"}
    alarm = row(schema.ALARMS, **told, payload="{}")
    with map_server.ledger.writing() as connection:
        connection.execute(insert(schema.ALARMS), [alarm | {"raised_at": 1, "seq": 1}])
    map_server.hub.tell({"kind": "arrived", "counts": {"alarms": 1}})
    second = answer(page, shown=first["shown"]["data"], pulse=2)
    assert set(second) == {"headline", "shown"}
    assert texts(first["headline"]["children"]) != texts(second["headline"]["children"])
    assert "1 alarms in force" in texts(second["headline"]["children"])
    assert second["shown"]["data"] == first["shown"]["data"] | {"pulse": 2}
    map_server.hub.tell({"kind": "step", "step": 1, "at": 0, "changed": {}})
    third = answer(page, shown=second["shown"]["data"])
    assert set(third) == {*BESIDE, "map", "shown"}, "a step is drawn"


@pytest.mark.parametrize(
    "changed",
    [{"view": VIEW | {"zoom": 9.0}}, {"layers": ["faults"]}, {"theme": "dark"}],
    ids=["moved", "layers", "colours"],
)
def test_a_page_that_shows_something_else_is_drawn_anew(
    page: TestClient, changed: dict[str, Any]
) -> None:
    first = answer(page)
    assert "map" in answer(page, shown=first["shown"]["data"], **changed)
    assert "map" in answer(page, shown=None)


def test_layers_that_are_off_have_no_marks(page: TestClient) -> None:
    def marks(layers: list[str]) -> int:
        """How many marks are drawn."""
        return int(answer(page, layers=layers)["shown"]["data"]["marks"])

    assert marks([]) == 0
    assert marks(["faults"]) == 2
    assert marks(["sites"]) == 6
    assert marks(["faults", "complaints"]) == 3


def test_the_past_is_told_by_the_versions_of_then(page: TestClient) -> None:
    now = int(time.time())
    told = answer(page, moment=now - 4000)
    assert {one["props"]["key"] for one in told["faults"]["children"]} == {
        "INC-A",
        "INC-B",
        "INC-C",
    }
    assert "to come unknown" in texts(told["faults"]["children"])
    assert told["shown"]["data"]["told"].startswith("as it was at")
    before = answer(page, moment=now - 8000)
    assert "No fault is open" in texts(before["faults"]["children"])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"view": {"west": 1}}, "must have a number"),
        ({"view": "all"}, "must be an object"),
        ({"moment": "noon"}, "seconds since 1970"),
        ({"theme": "pink"}, "`theme`"),
        ({"layers": "all"}, "`layers`"),
    ],
)
def test_what_can_not_be_shown_is_refused_with_its_reason(
    page: TestClient, changed: dict[str, Any], reason: str
) -> None:
    got = page.post(ASK, json=question(page, **changed))
    assert got.status_code == 422
    assert reason in got.json()["detail"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[" * 50_000, b"[]", b"{}", b'{"output": "x"}', b'{"output": ["x"]}', b"\xff"],
)
def test_what_is_no_question_is_refused(page: TestClient, body: bytes) -> None:
    assert page.post(ASK, content=body).status_code == 400


def test_inputs_that_are_none_are_refused(page: TestClient) -> None:
    wrong: list[dict[str, Any]] = [{"inputs": 1}, {"inputs": [1]}, {"state": [{}]}, {"outputs": 1}]
    for broken in (*wrong, {"changedPropIds": "x"}):
        assert page.post(ASK, json=question(page) | broken).status_code == 400
    short = question(page)
    short["inputs"] = short["inputs"][:1]
    assert page.post(ASK, json=short).status_code == 400


def test_names_and_numbers_are_found(page: TestClient) -> None:
    def hits(text: str) -> list[Any]:
        """What a search answers."""
        ask: dict[str, Any] = {
            "output": "hits.children",
            "outputs": {"id": "hits", "property": "children"},
        }
        ask |= {"inputs": [{"id": "search", "property": "value", "value": text}]}
        got = page.post(ASK, json=ask | {"changedPropIds": ["search.value"]})
        return list(got.json()["response"]["hits"]["children"])

    assert hits("") == []
    assert hits("INC-A")[0]["props"]["href"] == "/app/incident/INC-A"
    assert hits("T1")[0]["props"]["href"] == "/app/ticket/T1"
    assert hits("h1-g")[0]["props"]["data-lon"] == pytest.approx(100.0, abs=0.5)
    assert "Vale town" in texts(hits("Vale t"))
    assert "nothing is called so" in texts(hits("%"))


def test_sheets_of_marks_are_pictures(page: TestClient) -> None:
    for ratio in ("", "@2x"):
        index = page.get(f"/app/map/marks-dark{ratio}.json").json()
        assert {"critical", "major-told", "notice"} <= set(index)
        assert page.get(f"/app/map/marks-dark{ratio}.png").content[:4] == b"\x89PNG"
    assert page.get("/app/map/marks-pink.png").status_code == 404


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("whole", {"Polygon", "MultiPolygon"}),
        ("county-lines", {"LineString", "MultiLineString"}),
        ("town-lines", {"LineString", "MultiLineString"}),
        ("counties", {"Polygon", "MultiPolygon"}),
    ],
)
def test_land_is_a_file_that_a_browser_keeps(page: TestClient, name: str, kinds: set[str]) -> None:
    style = json.dumps(answer(page)["map"]["figure"])
    address = f"/app/map/land-{name}.json"
    got = page.get(address)
    assert {part["geometry"]["type"] for part in got.json()["features"]} <= kinds
    assert got.headers["cache-control"] == "no-store", "without its version it may be another soon"
    for version in re.findall(rf"{address}\?v=(\w+)", style):
        assert "max-age" in page.get(f"{address}?v={version}").headers["cache-control"]
    assert page.get("/app/map/land-sea.json").status_code == 404


def test_nothing_else_of_dash_is_there(page: TestClient) -> None:
    for path in ("/app/map/", "/app/map/x", "/app/map/_reload-hash", "/app/map/assets/x.js"):
        assert page.get(path).status_code == 404, path
    with pytest.raises(WebSocketDisconnect), page.websocket_connect("/app/map/_dash-ws-callback"):
        pass


def test_who_is_not_known_or_may_not_gets_nothing_and_counties_bound(
    page: TestClient, map_server: Server
) -> None:
    asked = question(page)
    with map_server.ledger.writing() as connection:
        tokens = {
            name: {
                "authorization": f"Bearer {make_token(connection, name, role=role, counties=county)}"
            }
            for name, role, county in (
                ("f", "feed", ""),
                ("hill", "noc", "Hill"),
                ("c", "contact", ""),
            )
        }
    stranger = TestClient(page.app, follow_redirects=False)
    assert stranger.get("/app/map").status_code == 303
    for path in ("_dash-layout", "_dash-dependencies", "marks-light.png", "land-counties.json"):
        assert stranger.get(f"/app/map/{path}").status_code == 401
        assert stranger.get(f"/app/map/{path}", headers=tokens["f"]).status_code == 403
    assert stranger.post(ASK, json=asked).status_code == 401
    assert stranger.post(ASK, json=asked, headers=tokens["f"]).status_code == 403
    with (
        pytest.raises(WebSocketDisconnect),
        stranger.websocket_connect("/app/map/_dash-ws-callback"),
    ):
        pass
    origin = {"origin": "https://elsewhere.example"}
    assert stranger.post(ASK, json=asked, headers=tokens["hill"] | origin).status_code == 403
    hill = stranger.post(ASK, json=asked, headers=tokens["hill"]).json()["response"]
    assert [one["props"]["key"] for one in hill["faults"]["children"]] == ["INC-A"]
    assert hill["shown"]["data"]["marks"] == 1 + 4 + 1, (
        "one fault, four sites, complaints at one spot"
    )
    contact = stranger.post(ASK, json=asked, headers=tokens["c"]).json()["response"]
    assert "under 5" in texts(contact["headline"]["children"])
    assert contact["shown"]["data"]["marks"] == 2 + 6
    assert "under 5 complaints" in texts(contact["faults"]["children"])


def test_colours_are_those_of_the_pages() -> None:
    from dashboards.pages import TEMPLATES
    from dashboards.server.live_map.palette import COLOURS, SEVERITIES

    css = (Path(TEMPLATES) / "base.css").read_text(encoding="utf-8")
    for name in ("ink", "soft", "faint", "line", "paper", "panel", "accent", *SEVERITIES):
        key = f"{name}-fill" if name in SEVERITIES else name
        found = re.search(rf"--{key}: light-dark\((#\w+), (#\w+)\)", css)
        assert found, key
        assert found.groups() == (COLOURS["light"][name], COLOURS["dark"][name])
