"""The benchmark of the live map looks at what it filled in."""

from pathlib import Path

from benchmarks.big_country import make_country
from benchmarks.live_map import ZOOMS, _server, fill, server_lines, view_at


def test_each_look_has_its_line(tmp_path: Path) -> None:
    country = make_country(300, 100, seed=1)
    with _server(tmp_path, country) as server:
        fill(server.ledger, country, faults=5, complaints=20)
        lines = list(server_lines(server, country))
    looks = [line.split("|") for line in lines if line.startswith("| ") and "zoom" not in line]
    assert [row[1].strip() for row in looks] == list(ZOOMS)
    marks = [int(row[4].replace(",", "")) for row in looks]
    assert marks[0] > 5
    assert marks[0] >= marks[-1]


def test_a_closer_view_holds_less() -> None:
    far, near = view_at(104.0, 30.0, 5.0), view_at(104.0, 30.0, 9.0)
    assert far.west < near.west < 104.0 < near.east < far.east
    assert far.south < near.south < 30.0 < near.north < far.north
