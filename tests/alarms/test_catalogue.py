"""The catalogue: what alarms mean, and what decides it."""

from pathlib import Path

import pandas as pd
import pytest

from alarms.catalogue import Catalogue, cause_weights, load_catalogue, read_meanings, unmapped
from alarms.words import matching_rule
from contract.causes import CAUSES
from contract.errors import InputError, MissingColumnsError


def reading(catalogue: Catalogue, **texts: str | None) -> pd.Series:
    return read_meanings(catalogue, pd.DataFrame([texts])).iloc[0]


@pytest.mark.parametrize(
    ("texts", "meaning", "effect", "basis"),
    [
        ({"name": "射频单元驻波告警"}, "vswr", "degraded", "name"),
        ({"name": "CELL FAULTY"}, "cell_down", "down", "name"),
        ({"name": "CELL FAULTY", "detail": "VSWR major alarm"}, "vswr", "down", "detail"),
        (
            {"name": "小区不可用告警", "detail": "框号=1, 具体问题=射频单元异常"},
            "rf_unit", "down", "detail",
        ),
        (
            {"name": "BASE STATION NOTIFICATION", "detail": "Fan not rotating"},
            "fan", "none", "detail",
        ),
        (
            {"name": "BASE STATION NOTIFICATION", "detail": "No connection to transport module"},
            "transport_down", "degraded", "detail",
        ),
        ({"name": "EXTERNAL AL 1", "detail": "MAINS FAILURE"}, "mains_off", "threat", "detail"),
        ({"name": "EXTERNAL AL 1"}, "external_line", "none", "name"),
        (
            {"name": "Door Open", "code": "25622", "vendor": "Nokia"},
            "environment", "none", "words",
        ),
        ({"name": "Zork", "code": "ALM-25622", "vendor": "华为"}, "mains_off", "threat", "code"),
        ({"name": "198097605", "code": "198097605"}, "rf_unit", "down", "code"),
        (
            {"name": "Zork", "probable_cause": "lossOfSignal"},
            "transport_down", "degraded", "probable_cause",
        ),
        ({"name": "Zork"}, "unknown", "none", "unknown"),
    ],
)  # fmt: skip
def test_the_name_and_text_decide_before_the_code(
    catalogue: Catalogue, texts: dict[str, str], meaning: str, effect: str, basis: str
) -> None:
    row = reading(catalogue, **texts)
    assert (row["meaning"], row["service_effect"], row["basis"]) == (meaning, effect, basis)


def test_rows_keep_their_index_and_the_input_stays(catalogue: Catalogue) -> None:
    alarms = pd.DataFrame({"name": ["Fan Stalled", None, "门磁告警"]}, index=[7, 3, 5])
    before = alarms.copy(deep=True)
    meanings = read_meanings(catalogue, alarms)
    pd.testing.assert_frame_equal(alarms, before)
    assert meanings.index.tolist() == [7, 3, 5]
    assert meanings["meaning"].tolist() == ["fan", "unknown", "environment"]


def test_no_alarm_gives_no_row(catalogue: Catalogue) -> None:
    meanings = read_meanings(catalogue, pd.DataFrame({"name": pd.Series(dtype="str")}))
    assert len(meanings) == 0
    assert meanings["filter_delay_s"].dtype == "float64"


def test_a_missing_name_column_is_named(catalogue: Catalogue) -> None:
    with pytest.raises(MissingColumnsError, match="lacks columns"):
        read_meanings(catalogue, pd.DataFrame({"code": ["1"]}))


@pytest.mark.parametrize("detail", ["具体问题=小区不可用 工程态", "engineering state"])
def test_marked_work_is_seen(catalogue: Catalogue, detail: str) -> None:
    assert reading(catalogue, name="Cell Unavailable", detail=detail)["is_engineering"]


def test_every_alarm_of_the_catalogue_means_something(catalogue: Catalogue) -> None:
    assert len(catalogue.entries) > 250
    for entry in catalogue.entries:
        assert entry.meaning in catalogue.meanings


def test_a_tenth_held_out_is_read_by_words_in_80_percent(catalogue: Catalogue) -> None:
    entries = [entry for entry in catalogue.entries if entry.name]
    for fold in range(10):
        held_out = entries[fold::10]
        rules = [matching_rule(entry.name, catalogue.words) for entry in held_out]
        right = [
            rule is not None and rule.meaning == entry.meaning
            for rule, entry in zip(rules, held_out, strict=True)
        ]
        assert sum(right) / len(right) >= 0.8


def test_weights_are_chances_over_the_causes_of_the_contract(catalogue: Catalogue) -> None:
    weights = cause_weights(catalogue)
    assert list(weights.columns) == list(CAUSES)
    assert weights.to_numpy().min() >= 0
    assert weights.sum(axis=1).max() <= 1
    assert weights.loc["mains_off"].idxmax() == "power_failure"


def test_unknown_alarms_are_listed_by_number(catalogue: Catalogue) -> None:
    alarms = pd.DataFrame({"name": ["Zork", "Blip", "Zork"], "code": ["9", None, "9"]})
    lost = unmapped(alarms, read_meanings(catalogue, alarms))
    assert lost["name"].tolist() == ["Zork", "Blip"]
    assert lost["alarms"].tolist() == [2, 1]


def test_the_users_rows_go_first(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("vendor,code,name,meaning\n华为,25622,,licence\n,,Zork,fan\n", encoding="utf-8")
    own = load_catalogue(path)
    by_code = reading(own, name="Mains Input Out of Range", code="25622", vendor="Huawei")
    assert (by_code["meaning"], by_code["rule_id"]) == ("licence", "USER-2")
    assert reading(own, name="zork")["meaning"] == "fan"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("vendor,code,name\n", "lacks columns"),
        ("vendor,code,name,meaning\n,,Zork,zorking\n,,,fan\n", "row 2: .*zorking.*row 3: "),
    ],
    ids=["column missing", "rows"],
)
def test_bad_rows_of_the_user_are_all_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        load_catalogue(path)


@pytest.mark.worlds
@pytest.mark.parametrize("world", ["plain-zh", "hills-en", "coast-zh", "coast-en"])
def test_over_95_percent_of_practice_alarms_are_read(catalogue: Catalogue, world: str) -> None:
    shared = Path(__file__).resolve().parents[3] / "shared"
    path = shared / "worlds" / world / "alarms.csv"
    if not path.exists():
        pytest.skip("the practice worlds are not beside the checkout")
    meanings = read_meanings(catalogue, pd.read_csv(path, dtype=str))
    assert (meanings["basis"] != "unknown").mean() > 0.95
