"""Related meanings: what an alarm nobody catalogued takes from the alarms it causes or follows."""

import pandas as pd
import pytest

from alarms.related_meanings import with_related


def alarms() -> pd.DataFrame:
    return pd.DataFrame(
        {"name": ["Zork", "Cell Unavailable", "Blurb"], "code": ["7", "29240", None]},
        index=[10, 11, 12],
    )


def readings() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "meaning": ["unknown", "cell_down", "unknown"],
            "service_effect": ["none", "down", "none"],
            "extent": ["cell", "cell", "cell"],
            "basis": ["unknown", "name", "unknown"],
            "rule_id": ["", "CAT-1", ""],
        },
        index=[10, 11, 12],
    )


@pytest.mark.parametrize("pair", [("7", "29240"), ("29240", "7")], ids=["cause", "effect"])
def test_an_unknown_alarm_takes_the_meaning_of_the_one_it_is_related_to(
    pair: tuple[str, str],
) -> None:
    told = with_related(readings(), alarms(), {pair: (60.0, 0.5)})
    assert told.loc[10, ["meaning", "service_effect", "basis"]].tolist() == [
        "cell_down",
        "threat",
        "relation",
    ]
    assert told.loc[10, "rule_id"] == f"REL-{pair[0]}>{pair[1]}"


def test_an_alarm_without_code_is_known_by_its_name() -> None:
    told = with_related(readings(), alarms(), {("Blurb", "29240"): (60.0, 0.5)})
    assert told["meaning"].tolist() == ["unknown", "cell_down", "cell_down"]


@pytest.mark.parametrize(
    "relations",
    [{}, {("7", "29240"): (60.0, 0.01)}, {("7", "Blurb"): (60.0, 0.9)}],
    ids=["none", "too weak", "to another unknown one"],
)
def test_what_says_nothing_changes_nothing(
    relations: dict[tuple[str, str], tuple[float, float]],
) -> None:
    pd.testing.assert_frame_equal(with_related(readings(), alarms(), relations), readings())


def test_a_known_alarm_keeps_its_meaning_and_the_input_stays() -> None:
    given = readings()
    told = with_related(given, alarms(), {("7", "29240"): (60.0, 0.5)})
    assert told.loc[11].tolist() == given.loc[11].tolist()
    pd.testing.assert_frame_equal(given, readings())
