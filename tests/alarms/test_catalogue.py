"""The catalogue: what alarms mean, and what decides it."""

from pathlib import Path

import pandas as pd
import pytest

from alarms.catalogue import (
    SOURCES_FILE,
    Catalogue,
    cause_weights,
    load_catalogue,
    read_meanings,
    unmapped,
)
from alarms.causes import group_causes
from alarms.entries import name_key
from alarms.readings import Combinations, Reader
from benchmarks.catalogue_held_out import NAMES_FILE, fold_figures, never_listed
from contract.causes import CAUSES
from contract.errors import InputError, MissingColumnsError


def reading(catalogue: Catalogue, **texts: str | None) -> pd.Series:
    return read_meanings(catalogue, pd.DataFrame([texts])).iloc[0]


def reader_of(catalogue: Catalogue) -> Reader:
    return Reader(catalogue.meanings, catalogue.words, own=catalogue.own, user=catalogue.user)


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
        (
            {"name": "Zork", "probable_cause": "LOSS_OF_SIGNAL (29)"},
            "transport_down", "degraded", "probable_cause",
        ),
        (
            {"name": "Zork", "probable_cause": "Rectifier module failed"},
            "power_module", "threat", "probable_cause",
        ),
        ({"name": "Zork", "event_type": "环境告警"}, "environment", "none", "event_type"),
        (
            {"name": "Zork", "event_type": "communicationsAlarm"},
            "communications_event", "threat", "event_type",
        ),
        (
            {"name": "Zork", "event_type": "equipmentAlarm", "probable_cause": "Fan failure"},
            "fan", "none", "probable_cause",
        ),
        ({"name": "MME衍生基站退服"}, "derived_site_down", "down", "name"),
        ({"name": "[衍生告警]动环告警导致4G基站退服"}, "derived_site_down", "down", "words"),
        ({"name": "EXTERNAL AL 2", "detail": "门开"}, "environment", "none", "detail"),
        (
            {"name": "BASE STATION OPERATION DEGRADED", "detail": "Board Type=MRRU, Slot No.=3"},
            "board_degraded", "degraded", "name",
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


def test_a_reading_depends_on_its_row_alone(catalogue: Catalogue) -> None:
    alarms = pd.DataFrame(
        {
            "name": ["Zork", "Zork", "CELL FAULTY", "CELL FAULTY", "Fan Stalled", "7650"],
            "code": ["25622", None, "7653", None, "25622", "7650"],
            "vendor": ["Huawei", "Huawei", "Nokia", None, "ZTE", "Nokia"],
            "detail": [None, "VSWR major", "VSWR major", None, "VSWR major", "Slot=3 工程态"],
            "probable_cause": [None, "lossOfSignal", None, None, None, None],
            "event_type": ["equipment"] * 6,
        }
    )
    whole = read_meanings(catalogue, alarms)
    one_by_one = pd.concat([read_meanings(catalogue, alarms.iloc[[n]]) for n in range(6)])
    pd.testing.assert_frame_equal(whole, one_by_one)
    backwards = read_meanings(catalogue, alarms.iloc[::-1])
    pd.testing.assert_frame_equal(whole, backwards.iloc[::-1])


@pytest.mark.parametrize("detail", [None, float("nan"), ""], ids=["none", "nan", "empty"])
def test_a_detail_that_is_not_there_says_nothing(catalogue: Catalogue, detail: object) -> None:
    alarms = pd.DataFrame({"name": ["CELL FAULTY", "Zork"], "detail": [detail, detail]})
    assert read_meanings(catalogue, alarms)["meaning"].tolist() == ["cell_down", "unknown"]


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


def test_a_tenth_held_out_is_read_by_the_rest_in_80_percent(catalogue: Catalogue) -> None:
    figures = fold_figures(catalogue)
    assert figures["same_meaning"].min() >= 0.8
    assert figures.loc["all", "names"] > 250


@pytest.mark.parametrize(("part", "least"), [("read", 0.95), ("kept", 0.85)])
def test_names_never_listed_are_read(catalogue: Catalogue, part: str, least: float) -> None:
    names = pd.read_csv(NAMES_FILE, dtype=str, keep_default_na=False)
    listed = {entry.name for entry in catalogue.entries}
    assert not [name for name in names["name"] if name_key(name) in listed]
    assert set(names["source"]) <= set(pd.read_csv(SOURCES_FILE)["source"])
    assert never_listed(catalogue, names).loc[part, "same_meaning"] >= least


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


def test_a_row_for_an_object_goes_before_the_row_for_all(tmp_path: Path) -> None:
    path = tmp_path / "lines.csv"
    path.write_text(
        "vendor,code,name,meaning,object\n"
        "nokia,7401,,environment,\nnokia,7401,,mains_off,S12\nnokia,7401,,temperature,S13\n",
        encoding="utf-8",
    )
    alarms = pd.DataFrame(
        {
            "object_id": ["S12", "S13", "S99", "C7", "S12/TRX-1", None],
            "site_id": ["S12", "S13", "S99", "S13", None, None],
            "vendor": "Nokia",
            "code": "7401",
            "name": "EXTERNAL AL 1",
        }
    )
    meanings = read_meanings(load_catalogue(path), alarms)["meaning"].tolist()
    told = ["mains_off", "temperature", "environment", "temperature", "mains_off", "environment"]
    assert meanings == told
    assert set(read_meanings(load_catalogue(), alarms)["meaning"]) == {"external_line"}


def test_the_users_file_may_be_gb18030(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("vendor,code,name,meaning\n华为,,机房门未关,fan\n", encoding="gb18030")
    assert reading(load_catalogue(path), name="机房门未关")["meaning"] == "fan"


def test_derived_alarms_say_nothing_beside_others(catalogue: Catalogue) -> None:
    weights = cause_weights(catalogue)
    alone = group_causes({"derived_site_down"}, weights, {})
    assert next(iter(alone)) == "site_outage"
    with_other = group_causes({"derived_site_down", "mains_off"}, weights, {})
    assert with_other == group_causes({"mains_off"}, weights, {})


def test_numbers_in_a_detail_change_nothing(catalogue: Catalogue) -> None:
    details = [
        f"Cabinet No.={n}, Slot No.={n + 1}, VSWR major alarm (serial 21{n:08d}AB, 10.1.{n}.7)"
        for n in range(300)
    ]
    alarms = pd.DataFrame({"name": "CELL FAULTY", "detail": details})
    meanings = read_meanings(catalogue, alarms)
    assert set(meanings["meaning"]) == {"vswr"}
    combinations = Combinations.of(alarms, reader_of(catalogue))
    assert len(combinations.rows()[1]) == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("vendor,code,name\n", "lacks columns"),
        ("vendor,code,name,meaning\n,,Zork,zorking\n,,,fan\n", "row 2: .*zorking.*row 3: "),
        ("vendor,code,name,meaning\n,,Zork,mains_of\n", "perhaps mains_off"),
        (
            "vendor,code,name,meaning\nzte,1,,fan\nzte,1,,clock\n",
            "row 3: says 'clock' of what row 2 says 'fan'",
        ),
        ("vendor,code,name,meaning\n" + ",,,fan\n" * 25, "and 5 more"),
    ],
    ids=["column missing", "rows", "misspelt", "contradiction", "very many"],
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
