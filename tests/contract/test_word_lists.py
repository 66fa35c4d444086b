"""Words of an export are looked up in lists that say what they stand for."""

from pathlib import Path

import pandas as pd
import pytest

from contract.errors import MappingError
from contract.mapping_files import load_mapping
from contract.mappings import convert
from contract.word_lists import load_word_list

LIST = "word,value,match,source,verified\n停机,suspended,part,me,no\n正常,active,whole,me,no\n"


def saved(folder: Path, text: str, name: str = "states.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("已停机", "suspended"),
        ("正 常", "active"),
        ("不正常吗", None),
        ("未停机", None),
        ("没有停机", None),
        ("正常/停机", "suspended"),
        ("停机→正常", "active"),
        ("", None),
    ],
)
def test_word_is_found(tmp_path: Path, text: str, meaning: str | None) -> None:
    assert load_word_list(saved(tmp_path, LIST)).find(text) == meaning


def test_unknown_words_stay_and_nothing_is_changed(tmp_path: Path) -> None:
    words = pd.Series(["停机", "外星", None], dtype="str")
    before = words.copy()
    found = load_word_list(saved(tmp_path, LIST)).replaced(words)
    assert found.fillna("").tolist() == ["suspended", "外星", ""]
    pd.testing.assert_series_equal(words, before)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("word,value\n停机,suspended\n", "row 2 must have"),
        (LIST + "开机,active,anywhere,me,no\n", "row 4 must have"),
        (LIST + ",active,part,me,no\n", "row 4 must have"),
        (LIST + "停机,active,part,me,no\n", "must say one thing of '停机'"),
    ],
    ids=["columns", "match", "empty", "contradiction"],
)
def test_bad_list_is_named_with_its_row(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        load_word_list(saved(tmp_path, text))


def mapping(folder: Path, words: str) -> Path:
    return saved(
        folder,
        f'name = "x"\n[tables.accounts.columns]\nmsisdn = "n"\n'
        f'state = {{ column = "s", words = "{words}" }}\n',
        "m.toml",
    )


def test_own_list_beside_the_mapping_file_is_used(tmp_path: Path) -> None:
    saved(tmp_path, LIST)
    source = saved(tmp_path, "n,s\n13800000001,已停机\n", "x.csv")
    convert(load_mapping(mapping(tmp_path, "states")), [source], tmp_path / "out")
    assert pd.read_csv(tmp_path / "out" / "accounts.csv")["state"].tolist() == ["suspended"]


def test_list_that_is_missing_or_of_another_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MappingError, match=r"`words` must name a list.*nowhere.csv"):
        load_mapping(mapping(tmp_path, "nowhere"))
    with pytest.raises(MappingError, match="must give values of `state`"):
        load_mapping(mapping(tmp_path, "cause_words"))
