import pandas as pd
import pytest

from correlate.changes import change_families, load_families

FAMILIES = load_families()
START = pd.Timestamp("2026-03-10 00:00", tz="UTC")


def changes(*parameters: str, until: bool = False) -> pd.DataFrame:
    end = pd.Series([START if until else pd.NaT] * len(parameters), dtype="datetime64[us, UTC]")
    return pd.DataFrame({"parameter": pd.Series(parameters, dtype="str"), "until": end})


@pytest.mark.parametrize(
    ("parameter", "family"),
    [
        ("割接升级", "work"),
        ("基站扩容", "work"),
        ("software upgrade", "work"),
        ("SITE_SWAP", "work"),
        ("例行巡检", "inspection"),
        ("routine inspection", "inspection"),
        ("载频智能关断", "energy"),
        ("CarrierShutdownSwitch", "energy"),
        ("电子下倾角", "tilt"),
        ("electricalTilt", "tilt"),
        ("方位角", "tilt"),
        ("最大发射功率", "power"),
        ("pMax", "power"),
        ("物理小区PCI", "plan"),
        ("BSIC", "plan"),
        ("频点", "plan"),
        ("邻区删除", "neighbour"),
        ("neighbourRelation", "neighbour"),
        ("小区禁止接入", "access"),
        ("qRxLevMin", "access"),
        ("cellBarred", "access"),
        ("切换门限", "mobility"),
        ("A3 hysteresis", "mobility"),
    ],
)
def test_typical_names_fall_into_their_family(parameter: str, family: str) -> None:
    assert change_families(changes(parameter), FAMILIES)["family"].tolist() == [family]


def test_a_work_without_an_end_is_no_window() -> None:
    assert not change_families(changes("割接"), FAMILIES)["is_work"].any()
    assert change_families(changes("割接", until=True), FAMILIES)["is_work"].all()


def test_an_unknown_name_with_an_end_is_work_and_without_one_is_other() -> None:
    assert change_families(changes("xyz", until=True), FAMILIES)["family"].tolist() == ["work"]
    assert change_families(changes("xyz"), FAMILIES)["family"].tolist() == ["other"]


def test_an_inspection_hardly_ever_stops_service() -> None:
    found = change_families(changes("巡检", "割接", until=True), FAMILIES)
    assert found["service"].iat[0] < 0.2 < found["service"].iat[1]


def test_an_energy_switch_with_an_end_is_not_work() -> None:
    found = change_families(changes("节能关断", until=True), FAMILIES)
    assert found["family"].tolist() == ["energy"]
    assert not found["is_work"].any()


def test_index_and_input_are_kept_and_no_rows_give_no_rows() -> None:
    given = changes("pMax", "xyz").set_axis([7, 3])
    before = given.copy()
    assert change_families(given, FAMILIES).index.tolist() == [7, 3]
    pd.testing.assert_frame_equal(given, before)
    assert change_families(given.head(0), FAMILIES).empty


def test_a_change_without_a_name_is_other() -> None:
    given = changes("pMax").assign(parameter=pd.Series([None], dtype="str"))
    assert change_families(given, FAMILIES)["family"].tolist() == ["other"]
