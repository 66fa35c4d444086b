"""A cell is recognised by every identity of the standards, and never by a guess."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from contract.cell_identities import cell_identities, resolve_cells

LAC, CI, RNC_CI = 8448, 16384, 300 << 16 | 17
ENB, ENB_CELL = 12345, 1
ECI = ENB << 8 | ENB_CELL
GNB, GNB_CELL = 654321, 77
NCI = GNB << 12 | GNB_CELL


def inventory(**changes: object) -> pd.DataFrame:
    cells = pd.DataFrame(
        {
            "cell_id": ["G1", "U1", "L1", "N1", "L2"],
            "rat": ["GSM", "UMTS", "LTE", "NR", "LTE"],
            "cell_name": ["银桥双阳-1", "Hill road U", "Hill road L", "Hill road N", "Mill L"],
            "ci": [str(CI), str(RNC_CI), None, None, str(ENB << 8 | 2)],
            "lac": ["8448", "8449", None, None, None],
            "tac": [None, None, "8500", "70000", "8500"],
            "enb_id": [None, None, str(ENB), None, None],
            "local_cell_id": [None, None, str(ENB_CELL), None, None],
            "nci": [None, None, None, str(NCI), None],
            "mcc": ["460"] * 5,
            "mnc": ["00"] * 5,
        }
    )
    return cells.assign(**changes)


KNOWN = cell_identities(inventory())
FORMS = {
    "id": ("G1", "G1", "cell_id"),
    "id, other case and blanks": (" g 1 ", "G1", "cell_id"),
    "id, full width": ("G1", "G1", "cell_id"),
    "name": ("银桥双阳-1", "G1", "cell_name"),
    "name, other case and blanks": ("hillroad l", "L1", "cell_name"),
    "CGI, -": ("460-00-8448-16384", "G1", "CGI"),
    "CGI, _": ("460_00_8448_16384", "G1", "CGI"),
    "CGI, :": ("460:00:8448:16384", "G1", "CGI"),
    "CGI, /": ("460/00/8448/16384", "G1", "CGI"),
    "CGI, .": ("460.00.8448.16384", "G1", "CGI"),
    "CGI, MNC cut": ("460-0-8448-16384", "G1", "CGI"),
    "CGI, network as one": ("46000-8448-16384", "G1", "CGI"),
    "CGI, solid": ("46000844816384", "G1", "CGI"),
    "CGI, solid, filled": ("460000844816384", "G1", "CGI"),
    "CGI, solid, hex": ("4600021004000", "G1", "CGI hex"),
    "CGI, hex": ("460-00-0x2100-0x4000", "G1", "CGI hex"),
    "CGI, labels": ("MCC=460,MNC=00,LAC=8448,CI=16384", "G1", "CGI"),
    "CGI, label before": ("CGI:460-00-8448-16384", "G1", "CGI"),
    "LAC-CI": ("8448-16384", "G1", "LAC-CI"),
    "LAC-CI, hex": ("2100-4000", "G1", "LAC-CI hex"),
    "LAC-CI, UMTS short": ("8449-17", "U1", "LAC-CI"),
    "LAC-CI, UMTS long": (f"8449-{RNC_CI}", "U1", "LAC-CI"),
    "CI": ("16384", "G1", "CI"),
    "CI, from a spreadsheet": ("16384.0", "G1", "CI"),
    "CI, hex": ("0x4000", "G1", "CI hex"),
    "CI, label": ("CI=16384", "G1", "CI"),
    "CI, UMTS long": (str(RNC_CI), "U1", "CI"),
    "ECI": (str(ECI), "L1", "ECI"),
    "ECI, hex": (f"{ECI:07X}", "L1", "ECI hex"),
    "ECI, small hex": (f"0x{ECI:x}", "L1", "ECI hex"),
    "ECI, label": (f"ECI: {ECI}", "L1", "ECI"),
    "ECI behind TAC": (f"8500-{ECI}", "L1", "ECI"),
    "ECI, labels": (f"TAC=8500,ECI={ECI}", "L1", "ECI"),
    "ECGI": (f"460-00-{ECI}", "L1", "ECGI"),
    "ECGI, network as one": (f"46000-{ECI}", "L1", "ECGI"),
    "ECGI, solid": (f"46000{ECI}", "L1", "ECGI"),
    "ECGI, solid, hex": (f"46000{ECI:07X}", "L1", "ECGI hex"),
    "ECGI with TAC": (f"460-00-8500-{ECI}", "L1", "ECGI"),
    "eNB-cell": ("12345-1", "L1", "eNB-cell"),
    "eNB-cell, _": ("12345_1", "L1", "eNB-cell"),
    "eNB-cell, labels": ("eNodeB ID=12345,Local Cell ID=1", "L1", "eNB-cell"),
    "eNB-cell, Chinese label": ("eNodeB标识=12345, 本地小区标识=1", "L1", "eNB-cell"),
    "eNB-cell, network": ("460-00-12345-1", "L1", "eNB-cell"),
    "eNB-cell, TAC": ("8500-12345-1", "L1", "eNB-cell"),
    "eNB-cell, network, TAC": ("460-00-8500-12345-1", "L1", "eNB-cell"),
    "eNB-cell of an ECI in ci": ("12345-2", "L2", "eNB-cell"),
    "NCI": (str(NCI), "N1", "NCI"),
    "NCI, hex": (f"{NCI:09X}", "N1", "NCI hex"),
    "NCGI": (f"460-00-{NCI}", "N1", "NCGI"),
    "NCGI, solid, hex": (f"46000{NCI:09x}", "N1", "NCGI hex"),
    "NCGI with TAC": (f"460-00-70000-{NCI}", "N1", "NCGI"),
    "gNB-cell": ("654321-77", "N1", "gNB-cell"),
    "gNB-cell, labels": ("gNodeB ID=654321,Cell ID=77", "N1", "gNB-cell"),
    "gNB-cell, network": ("460-00-654321-77", "N1", "gNB-cell"),
    "transceiver": ("G1/TRX-3", "G1/TRX-3", "cell_id"),
    "transceiver of a CGI": ("460-00-8448-16384/TRX-11", "G1/TRX-11", "CGI"),
    "transceiver, other spelling": ("g1/trx03", "G1/TRX-3", "cell_id"),
}


def resolved(text: str, cells: pd.DataFrame, *, bare: bool = True) -> tuple[str | None, str]:
    found = resolve_cells(pd.Series([text], dtype="str"), cell_identities(cells), bare=bare)
    cell, form = found.iloc[0]
    return (None if pd.isna(cell) else cell), form


@pytest.mark.parametrize(("text", "cell", "form"), FORMS.values(), ids=FORMS.keys())
def test_every_form_is_recognised_and_named(text: str, cell: str, form: str) -> None:
    found = resolve_cells(pd.Series([text], dtype="str"), KNOWN)
    assert found.iloc[0].tolist() == [cell, form]


@pytest.mark.parametrize(
    "text",
    [
        "nothing",
        "S1000",
        "460-01-8448-16384",
        f"8501-{ECI}",
        "12345-3",
        "8448",
        "99-99-99",
        "-",
        "x-1",
    ],
    ids=["a word", "a site", "another network", "another TAC", "another cell", "a LAC alone"]
    + ["small numbers", "a hyphen", "a letter that is no digit"],
)
def test_what_the_inventory_does_not_have_is_unknown(text: str) -> None:
    assert resolved(text, inventory()) == (None, "unknown")


@pytest.mark.parametrize(
    ("text", "changes"),
    [
        ("7", {"ci": ["7", "7", None, None, None]}),
        ("SAME NAME", {"cell_name": ["Same Name", "same name", "c", "d", "e"]}),
        ("l1", {"cell_id": ["L1", "L 1", "X1", "X2", "X3"]}),
        ("4000", {"ci": ["4000", "16384", None, None, None]}),
        (
            "8448-1",
            {"ci": ["1", None, None, None, None], "enb_id": [None, None, "8448", None, None]},
        ),
    ],
    ids=["one CI twice", "one name twice", "ids alike", "decimal or hex", "LAC-CI or eNB-cell"],
)
def test_what_fits_several_cells_is_ambiguous(text: str, changes: dict[str, object]) -> None:
    assert resolved(text, inventory(**changes)) == (None, "ambiguous")


def test_a_word_before_the_number_settles_what_it_is() -> None:
    cells = inventory(ci=["1", None, None, None, None], enb_id=[None, None, "8448", None, None])
    assert resolved("LAC=8448,CI=1", cells) == ("G1", "LAC-CI")
    assert resolved("eNodeB=8448,Cell=1", cells) == ("L1", "eNB-cell")


def test_the_exact_id_wins_over_every_number() -> None:
    cells = inventory(cell_id=["12345-1", "U1", "L1", "N1", "L2"])
    assert resolved("12345-1", cells) == ("12345-1", "cell_id")


def test_a_network_that_no_cell_says_contradicts_nothing() -> None:
    cells = inventory().drop(columns=["mcc", "mnc"])
    assert resolved("460-01-8448-16384", cells) == ("G1", "CGI")


def test_one_network_holds_for_cells_that_do_not_say_theirs() -> None:
    cells = inventory(mcc=["460", None, None, None, None], mnc=["00", None, None, None, None])
    assert resolved(f"460-01-{ECI}", cells) == (None, "unknown")
    assert resolved(f"460-00-{ECI}", cells) == ("L1", "ECGI")


def test_a_ci_alone_does_not_count_where_a_text_may_be_a_site() -> None:
    assert resolved("16384", inventory(), bare=False) == (None, "unknown")
    assert resolved("8448-16384", inventory(), bare=False) == ("G1", "LAC-CI")
    assert resolved(str(ECI), inventory(), bare=False) == ("L1", "ECI")


@pytest.mark.parametrize("bits", [22, 24, 28, 32])
def test_the_length_of_a_gnb_id_is_given_or_found_out(bits: int) -> None:
    cell = 5
    nci = 4321 << (36 - bits) | cell
    cells = pd.DataFrame({"cell_id": ["N1"], "rat": ["NR"], "nci": [nci]})
    texts = pd.Series([f"4321-{cell}"])
    assert resolve_cells(texts, cell_identities(cells, gnb_bits=bits)).loc[0, "cell_id"] == "N1"
    told = cells.assign(gnb_id=[4321])
    assert resolve_cells(texts, cell_identities(told)).loc[0, "cell_id"] == "N1"


@pytest.mark.parametrize(
    ("cell_id", "rat", "texts"),
    [
        ("460-00-8448-16384", "GSM", ["8448-16384", "2100-4000", "46000/8448/16384"]),
        ("8448-16384", "GSM", ["460-00-8448-16384", "0x2100-0x4000"]),
        ("460-00-12345-1", "LTE", ["12345-1", str(ECI), f"{ECI:X}", f"460-00-{ECI}"]),
        ("12345-1", "LTE", [str(ECI), "eNodeB ID=12345,Cell ID=1"]),
        (f"460-00-{ECI}", "LTE", ["12345-1", str(ECI), "460-00-12345-1"]),
        (str(ECI), "LTE", ["12345-1", f"460-00-{ECI}"]),
        ("654321-77", "NR", [str(NCI), f"460-00-{NCI}", f"{NCI:x}"]),
        (str(NCI), "NR", ["654321-77", f"460-00-{NCI}"]),
        ("460-00-2104-5078", "LTE", ["2104-5078", "460_00_2104_5078", "0x838-0x13D6"]),
    ],
    ids=[
        "CGI",
        "LAC-CI",
        "network-eNB-cell",
        "eNB-cell",
        "ECGI",
        "ECI",
        "gNB-cell",
        "NCI",
        "TAC-CI",
    ],
)
def test_an_id_made_of_numbers_is_known_in_its_other_forms(
    cell_id: str, rat: str, texts: list[str]
) -> None:
    cells = pd.DataFrame({"cell_id": [cell_id, "other"], "rat": [rat, rat]})
    found = resolve_cells(pd.Series(texts), cell_identities(cells))
    assert found["cell_id"].tolist() == [cell_id] * len(texts)


def test_a_column_of_cgi_is_read_also_where_it_is_hexadecimal() -> None:
    cells = pd.DataFrame({"cell_id": ["A", "B"], "rat": ["GSM"] * 2})
    decimal = cells.assign(cgi=["460-00-8448-16384", "460-00-8448-16385"])
    assert resolved("8448-16384", decimal)[0] == "A"
    long = pd.DataFrame({"cell_id": list("ABC"), "rat": ["LTE"] * 3})
    long["ecgi"] = [f"460-00-{ECI:07X}", "460-00-0C0E4A1", "460-00-0C0E4B2"]
    assert resolved("12345-1", long)[0] == "A"


def test_a_column_of_letters_is_hexadecimal_throughout() -> None:
    cells = pd.DataFrame({"cell_id": list("ABC"), "rat": ["GSM"] * 3, "lac": ["2A01"] * 3})
    cells = cells.assign(ci=["1F4A", "4000", "9C4F"])
    assert resolved(f"{0x2A01}-{0x4000}", cells)[0] == "B"
    assert resolved("16384", cells)[0] == "B"


CELL = st.tuples(st.integers(256, 2**20 - 1), st.integers(0, 255))
NR_CELL = st.tuples(st.integers(2**16, 2**24 - 1), st.integers(0, 2**12 - 1))
GSM_CELL = st.tuples(st.integers(1, 65533), st.integers(1, 65535))


def spellings(rat: str, node: int, cell: int) -> list[str]:
    """Return spellings of a cell, decimal and hexadecimal, with and without the network."""
    if rat == "GSM":
        hexed = f"{node:04X}{cell:04X}"
        pairs = [f"{node}-{cell}", f"0x{node:x}_0x{cell:x}"]
        return [*pairs, f"460-00-{node}-{cell}", f"46000{node:05}{cell:05}", f"46000{hexed}"]
    bits, digits = (8, 7) if rat == "LTE" else (12, 9)
    long = node << bits | cell
    pairs = [
        f"{node}-{cell}",
        f"460-00-{node}-{cell}",
        f"460-00-{long}",
        f"460-00-{long:0{digits}X}",
    ]
    return [*pairs, str(long), f"0x{long:x}", f"46000{long:0{digits}X}", f"8500-{long}"]


@examples(max_examples=15, deadline=None)
@given(
    target=st.one_of(
        st.tuples(st.just("LTE"), CELL),
        st.tuples(st.just("NR"), NR_CELL),
        st.tuples(st.just("GSM"), GSM_CELL),
    ),
    others=st.lists(
        st.one_of(
            st.tuples(st.just("LTE"), CELL),
            st.tuples(st.just("NR"), NR_CELL),
            st.tuples(st.just("GSM"), GSM_CELL),
        ),
        max_size=6,
    ),
)
def test_a_cell_spelled_in_any_form_is_itself_or_ambiguous_never_another(
    target: tuple[str, tuple[int, int]], others: list[tuple[str, tuple[int, int]]]
) -> None:
    kept = [target, *dict.fromkeys(other for other in others if other != target)]
    rat, node, cell = zip(*((r, n, c) for r, (n, c) in kept), strict=True)
    is_gsm, is_lte, is_nr = (np.equal(rat, name) for name in ("GSM", "LTE", "NR"))
    nodes, own = pd.Series(node, dtype="Int64"), pd.Series(cell, dtype="Int64")
    cells = pd.DataFrame(
        {
            "cell_id": [f"C{i}" for i in range(len(kept))],
            "rat": rat,
            "lac": nodes.where(is_gsm),
            "ci": own.where(is_gsm),
            "enb_id": nodes.where(is_lte),
            "gnb_id": nodes.where(is_nr),
            "local_cell_id": own.where(~is_gsm),
        }
    )
    texts = pd.Series(spellings(target[0], *target[1]))
    alone = resolve_cells(texts, cell_identities(cells.iloc[:1]))
    assert alone["cell_id"].tolist() == ["C0"] * len(texts)
    among = resolve_cells(texts, cell_identities(cells))
    assert set(among["cell_id"].dropna()) <= {"C0"}
    assert set(among.loc[among["cell_id"].isna(), "form"]) <= {"ambiguous"}


def test_index_is_kept_null_stays_null_and_nothing_is_changed() -> None:
    cells, texts = inventory(), pd.Series(["G1", None, "nix", "G1"], index=[9, 7, 5, 3], name="x")
    before = cells.copy(), texts.copy()
    found = resolve_cells(texts, cell_identities(cells))
    assert found.index.tolist() == [9, 7, 5, 3]
    assert found["cell_id"].isna().tolist() == [False, True, True, False]
    assert found["form"].isna().tolist() == [False, True, False, False]
    pd.testing.assert_frame_equal(cells, before[0])
    pd.testing.assert_series_equal(texts, before[1])


def test_no_texts_and_no_numbers_do_no_harm() -> None:
    bare = pd.DataFrame({"cell_id": ["A"], "rat": ["LTE"]})
    assert resolve_cells(pd.Series([], dtype="str"), cell_identities(bare)).empty
    assert resolved("12345-1", bare) == (None, "unknown")
    assert resolved("7" * 400, bare) == (None, "unknown")
    assert resolved("0x" + "F" * 24, bare) == (None, "unknown")


def test_many_rows_of_few_texts_cost_little() -> None:
    texts = pd.Series(
        np.array(["12345-1", "460-00-8448-16384", "nix"], object)[np.arange(300_000) % 3]
    )
    found = resolve_cells(texts, KNOWN)
    assert found["cell_id"].value_counts().to_dict() == {"L1": 100_000, "G1": 100_000}
