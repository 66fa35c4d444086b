"""Relative words are read: how far, which way, between what."""

from pathlib import Path

import numpy as np
import pytest

from contract.errors import InputError
from sites.names import build_index, hits_in
from sites.relations import Relation, Relations, load_relations, relation_in

KEYS = ["红星村", "石碾村", "thornbury", "coldwell", "兴隆镇"]
INDEX = build_index(KEYS, [False] * len(KEYS))


@pytest.fixture(scope="module")
def relations() -> Relations:
    return load_relations()


def read(relations: Relations, text: str) -> Relation | None:
    return relation_in(relations, text, hits_in(INDEX, text))


@pytest.mark.parametrize(
    ("text", "metres", "degrees"),
    [
        ("红星村东头两公里没信号", 2000, 90),
        ("红星村往北3公里处", 3000, 0),
        ("红星村以南约1.5公里", 1500, 180),
        ("在红星村东北方向500米", 500, 45),
        ("离红星村三公里左右,在北面", 3000, 0),
        ("2 km north of thornbury", 2000, 0),
        ("half a mile south west of thornbury", 804.672, 225),
        ("500m west of thornbury", 500, 270),
    ],
)
def test_distance_and_bearing_are_read(
    relations: Relations, text: str, metres: float, degrees: float
) -> None:
    found = read(relations, text)
    assert found is not None
    assert found.distance_m == pytest.approx(metres)
    assert found.bearing_deg == degrees


@pytest.mark.parametrize("text", ["红星村西边没信号", "just west of thornbury"])
def test_a_bearing_may_have_no_distance(relations: Relations, text: str) -> None:
    found = read(relations, text)
    assert found is not None
    assert found.bearing_deg == 270
    assert np.isnan(found.distance_m)


@pytest.mark.parametrize(
    "text",
    [
        "红星村和石碾村之间的公路上",
        "从红星村到石碾村的路上",
        "红星村与石碾村中间那段路",
        "on the road from thornbury to coldwell",
        "between thornbury and coldwell",
    ],
)
def test_a_way_between_two_places_is_read(relations: Relations, text: str) -> None:
    found = read(relations, text)
    assert found is not None
    assert found.is_between
    assert found.other >= 0


def test_towards_another_place_is_a_direction(relations: Relations) -> None:
    found = read(relations, "红星村往兴隆镇方向500米")
    assert found is not None
    assert (found.is_between, found.other, found.distance_m) == (False, 4, 500.0)


@pytest.mark.parametrize(
    "text",
    [
        "红星村没信号",
        "兴隆镇红星村打不通3天了",
        "no signal from monday at thornbury",
        "红星村3组没网",
    ],
)
def test_other_texts_relate_nothing(relations: Relations, text: str) -> None:
    assert read(relations, text) is None


@pytest.mark.parametrize(
    ("content", "needed"), [("x = [", "TOML"), ("[units]\nrows = []", "source")]
)
def test_a_bad_file_is_one_clear_error(tmp_path: Path, content: str, needed: str) -> None:
    path = tmp_path / "relations.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=needed):
        load_relations(path)
