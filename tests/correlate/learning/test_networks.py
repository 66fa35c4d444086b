from pathlib import Path

import pandas as pd
import pytest

from correlate.learning.files import Entries, LearnedFile, write_learned
from correlate.learning.networks import is_same_network, network_sketch
from correlate.learning.start import load_start
from tests.correlate.small_network import small_knowledge

CODES = small_knowledge().lexicon.codes
HERE = network_sketch(small_knowledge().network.sites)


def sites(first: int, count: int) -> pd.DataFrame:
    numbers = range(first, first + count)
    return pd.DataFrame({"site_id": [f"S{i}" for i in numbers], "lon": 100.0, "lat": 25.0})


def test_a_network_is_known_again_when_some_sites_came_and_others_went() -> None:
    last_year = network_sketch(sites(0, 1000))
    assert is_same_network(last_year, network_sketch(sites(50, 1050)))
    assert not is_same_network(last_year, network_sketch(sites(900, 1000)))


def test_sites_of_the_same_names_elsewhere_are_another_network() -> None:
    there = sites(0, 100).assign(lat=31.0)
    assert not is_same_network(network_sketch(sites(0, 100)), network_sketch(there))


def written(folder: Path, network: tuple[str, ...]) -> Path:
    shares = [{"cause": "weak_coverage", "orders": 3.0}]
    keys = [{"kind": "network", "key": key} for key in network]
    words = [{"cause": "weak_coverage", "orders": 3}]
    entries: dict[str, Entries] = {
        "about": [],
        "counted": keys,
        "background": shares,
        "words": words,
    }
    write_learned(folder, [LearnedFile(name, {}, rows) for name, rows in entries.items()])
    return folder


def test_at_its_own_network_all_is_used(tmp_path: Path) -> None:
    start = load_start(written(tmp_path, HERE), CODES, network=HERE)
    assert start.pieces == {"background", "words"}


def test_at_another_network_only_words_are_used_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there = network_sketch(sites(0, 100))
    start = load_start(written(tmp_path, there), CODES, network=HERE)
    assert start.pieces == {"words"}
    assert not start.shares
    assert "learned at another network: background are not used" in caplog.text
