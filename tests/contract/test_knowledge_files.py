"""Files of knowledge: what is wrong with one is said with its name and place."""

from pathlib import Path

import pytest

from contract.errors import InputError
from contract.knowledge_files import check_choice, check_keys, number_of, read_knowledge


def test_a_file_is_read_with_or_without_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    for mark in ("", "\ufeff"):
        path.write_text(f'{mark}[a]\nsource = "s"\n', encoding="utf-8")
        assert read_knowledge(path, "signatures") == {"a": {"source": "s"}}


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"[a\n", id="no TOML"),
        pytest.param("[a]\nsource = '信号'".encode("gb18030"), id="not UTF-8"),
        pytest.param(None, id="not there"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_setting(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "mine.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError, match="`lexicon` needs a TOML file") as caught:
        read_knowledge(path, "lexicon")
    assert str(path) in str(caught.value)


def test_a_syntax_fault_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("[a]\nb = \n", encoding="utf-8")
    with pytest.raises(InputError, match="line 2"):
        read_knowledge(path, "lexicon")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param({"source": "s"}, r"lacks \['verified'\] in \[a\]", id="lacking"),
        pytest.param({"source": "s", "verified": "v", "colour": 1}, r"\['colour'\]", id="unknown"),
        pytest.param("text", "needs a table at", id="no table"),
    ],
)
def test_a_faulty_row_is_named(row: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_keys(row, "[a] of mine.toml", argument="measures", known=("unit",))


def test_other_keys_are_left_alone_where_none_are_listed() -> None:
    row = {"source": "s", "verified": "v", "colour": 1}
    check_keys(row, "[a]", argument="measures")
    assert row == {"source": "s", "verified": "v", "colour": 1}


@pytest.mark.parametrize("value", ["up", None, 3, ["high"]])
def test_a_word_not_in_the_list_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="must be one of"):
        check_choice(value, ("high", "low"), "`direction`", argument="measures")


@pytest.mark.parametrize("value", ["3", None, True, float("nan"), float("inf"), [1]])
def test_what_is_no_number_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="must be a number"):
        number_of(value, "`floor` of 'cqi'", argument="measures")
