import json
from pathlib import Path

import pytest

from contract.errors import InputError
from correlate.learning.files import VERSION, LearnedFile, read_learned, write_learned

ABOUT = LearnedFile("about", {"orders": 3}, [])
RATES = LearnedFile("rates", {"orders": 3}, [{"cause": "site_outage", "orders": 2}])


def test_files_come_back_as_written(tmp_path: Path) -> None:
    write_learned(tmp_path, [ABOUT, RATES])
    assert read_learned(tmp_path) == {"about": [], "rates": list(RATES.entries)}


def test_an_entry_stands_on_a_line_of_its_own(tmp_path: Path) -> None:
    write_learned(tmp_path, [RATES])
    lines = (tmp_path / "rates.json").read_text(encoding="utf-8").splitlines()
    assert '  {"cause": "site_outage", "orders": 2}' in lines


def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match="`learned` must be a folder that `cellcause learn verdicts`"
    ):
        read_learned(tmp_path)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (
            {"version": VERSION + 1},
            f"is of version {VERSION + 1}; this program reads version {VERSION}",
        ),
        ({"piece": "words"}, "is no file of 'rates'"),
        ({"format": "other"}, "is no file of 'rates'"),
        ({"entries": {}}, "needs a list of entries"),
    ],
)
def test_a_file_of_another_version_or_kind_is_refused(
    tmp_path: Path, change: dict[str, object], match: str
) -> None:
    write_learned(tmp_path, [ABOUT, RATES])
    path = tmp_path / "rates.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change), encoding="utf-8")
    with pytest.raises(InputError, match=match):
        read_learned(tmp_path)


def test_a_file_that_is_no_json_is_named(tmp_path: Path) -> None:
    write_learned(tmp_path, [ABOUT])
    (tmp_path / "words.json").write_text("{", encoding="utf-8")
    with pytest.raises(InputError, match=r"words\.json can't be read as JSON"):
        read_learned(tmp_path)
