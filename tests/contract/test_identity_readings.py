import numpy as np
import pandas as pd
import pytest

from contract.identity_readings import SPACES, identity_readings, load_labels


def read(text: str) -> set[tuple[str, int]]:
    found = identity_readings(pd.Series([text], dtype="str"))
    return {(SPACES[s], n) for s, n in zip(found["space"], found["number"], strict=True)}


def test_a_text_of_digits_has_decimal_and_hexadecimal_readings() -> None:
    assert {("ci", 4000), ("ci", 0x4000), ("eci", 4000), ("nci", 0x4000)} <= read("4000")


def test_letters_or_0x_leave_the_hexadecimal_ones() -> None:
    assert read("0x4000") == {("ci", 0x4000), ("eci", 0x4000), ("nci", 0x4000)}
    assert read("ABCD") == {("ci", 0xABCD), ("eci", 0xABCD), ("nci", 0xABCD)}


@pytest.mark.parametrize(
    "text",
    ["", "站点", "460-00", "1-2-3-4-5-6", "0x", "--", "460-00-8448-16384-x", "G-12"],
    ids=["nothing", "a word", "a network", "six parts", "a mark", "hyphens", "a tail", "a letter"],
)
def test_what_is_no_identity_has_few_or_no_readings(text: str) -> None:
    spaces = {space for space, _ in read(text)}
    assert spaces <= {"lac_ci", "enb_cell", "gnb_cell"}


@pytest.mark.parametrize(
    ("text", "space"),
    [
        ("70000-1", "lac_ci"),
        ("1048576-1", "enb_cell"),
        ("12345-256", "enb_cell"),
        ("4294967296-1", "gnb_cell"),
    ]
    + [(str(2**28), "eci"), (str(2**36), "nci"), (str(2**28), "ci")],
)
def test_numbers_out_of_the_range_of_the_standard_are_left_out(text: str, space: str) -> None:
    decimal = identity_readings(pd.Series([text])).query("~is_hex and plmn < 0")
    assert SPACES.index(space) not in set(decimal["space"])


def test_a_network_must_be_one_of_the_itu() -> None:
    found = identity_readings(pd.Series(["460-00-1-2", "100-00-1-2"])).query("plmn >= 0")
    assert set(found["text"]) == {0}
    assert set(found["plmn"]) == {460000}


def test_a_label_leaves_only_what_it_names() -> None:
    assert {space for space, _ in read("LAC=100,CI=200")} == {"lac_ci"}
    assert {space for space, _ in read("gNodeB ID=100,Cell ID=200")} == {"gnb_cell"}


def test_every_label_leaves_something() -> None:
    assert all(np.any(left) for left in load_labels().values())


def test_texts_are_not_changed_and_null_reads_as_nothing() -> None:
    texts = pd.Series([None, "8448-16384"], index=["a", "b"], dtype="str")
    before = texts.copy()
    assert set(identity_readings(texts)["text"]) == {1}
    pd.testing.assert_series_equal(texts, before)
