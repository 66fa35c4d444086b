import pandas as pd
import pytest

from contract.inventory_numbers import inventory_numbers


def numbers(**cell: object) -> dict[str, int]:
    cells = pd.DataFrame({name: [value] for name, value in ({"cell_id": "A"} | cell).items()})
    before = cells.copy()
    found = inventory_numbers(cells, gnb_bits=24)
    pd.testing.assert_frame_equal(cells, before)
    return {str(name): int(value) for name, value in found.iloc[0].items() if value >= 0}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ({"rat": "GSM", "ci": "4000"}, {"ci": 4000}),
        ({"rat": "UMTS", "ci": str(300 << 16 | 17)}, {"ci": 300 << 16 | 17}),
        ({"rat": "LTE", "ci": "5323"}, {"ci": 5323}),
        ({"rat": "LTE", "ci": "3160321"}, {"eci": 3160321, "enb": 12345, "enb_cell": 1}),
        ({"rat": "LTE", "ci": 3160321.0}, {"eci": 3160321, "enb": 12345, "enb_cell": 1}),
        ({"rat": "LTE", "ci": "1", "enb_id": 12345}, {"eci": 3160321, "enb": 12345, "enb_cell": 1}),
        ({"rat": "NR", "ci": "2680098893"}, {"nci": 2680098893, "gnb": 654321, "gnb_cell": 77}),
        (
            {"rat": "NR", "ci": "77", "gnb_id": "654321"},
            {"nci": 2680098893, "gnb": 654321, "gnb_cell": 77},
        ),
        ({"rat": "GSM", "ci": "0x0FA0"}, {"ci": 4000}),
        ({"rat": "GSM", "ci": "unknown"}, {}),
        ({"rat": "LTE", "ci": str(2**40)}, {}),
    ],
    ids=[
        "CI",
        "UMTS",
        "short on LTE",
        "ECI",
        "ECI as a float",
        "cell of an eNB",
        "NCI",
        "cell of a gNB",
    ]
    + ["hex", "a word", "too large"],
)
def test_ci_is_what_technology_and_size_say(
    cell: dict[str, object], expected: dict[str, int]
) -> None:
    assert numbers(**cell) == expected


def test_the_parts_of_an_id_are_read_by_technology() -> None:
    gsm = numbers(cell_id="460-00-8448-16384", rat="GSM")
    assert (gsm["plmn"], gsm["area"], gsm["ci"]) == (460000, 8448, 16384)
    lte = numbers(cell_id="460-00-12345-1", rat="LTE")
    assert (lte["enb"], lte["enb_cell"], lte["eci"]) == (12345, 1, 3160321)
    assert "area" not in lte


def test_columns_win_over_what_the_id_spells() -> None:
    found = numbers(cell_id="460-00-8448-16384", rat="GSM", ci="7", lac="9")
    assert (found["area"], found["ci"]) == (9, 7)


def test_an_id_of_letters_says_nothing() -> None:
    assert numbers(cell_id="635879-L01", rat="LTE") == {}
    assert numbers(cell_id="ABC-12", rat="LTE") == {}
