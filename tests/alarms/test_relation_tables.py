"""Relations survive being written and read, and a file that is none of ours is refused in one line."""

from pathlib import Path

import pandas as pd
import pytest

from alarms.relation_tables import read_history, write_relations
from alarms.relations import read_relations
from contract.errors import InputError, OutputError
from contract.settings import Settings

RELATIONS = pd.DataFrame(
    {
        "cause_code": ["25621", "断站"],
        "effect_code": ["断站", "007"],
        "lag_s": [61.5, 0.0],
        "strength": [0.25, 1.0],
    }
)
ALARMS = (
    "alarm_id,object_id,raised_at,name\n"
    "A1,S1,2026-03-01 10:02:00,Down\nA2,S1,2026-03-01 10:01:00,Cut\nA1,S1,2026-03-01 10:02:00,Down\n"
)


@pytest.mark.parametrize("name", ["r.csv", "r.parquet", "R.CSV"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    write_relations(RELATIONS, tmp_path / name)
    pd.testing.assert_frame_equal(read_relations(tmp_path / name), RELATIONS)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (",b,1,0.5", "an empty code"),
        ("a,a,1,0.5", "causes itself"),
        ("a,b,1,0.5\na,b,1,0.5", "stands twice"),
        ("a,b,-1,0.5", "not 0 or more"),
        ("a,b,soon,0.5", "not 0 or more"),
        ("a,b,1,0", "not above 0"),
        ("a,b,1,1.5", "not above 0"),
    ],
    ids=["empty", "itself", "twice", "negative", "words", "zero", "too strong"],
)
def test_a_row_that_cannot_be_used_is_named(tmp_path: Path, row: str, what: str) -> None:
    path = tmp_path / "r.csv"
    path.write_text(f"cause_code,effect_code,lag_s,strength\n{row}\n", encoding="utf-8")
    with pytest.raises(InputError, match=rf"must hold relations; row \d+ has .*{what}"):
        read_relations(path)


def test_a_file_without_a_column_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text("cause_code,effect_code\na,b\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"lacks columns \['lag_s', 'strength'\]"):
        read_relations(path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="must lie in a folder that is there"):
        write_relations(RELATIONS, tmp_path / "no" / "r.csv")


def test_rows_in_are_rows_used_and_rejected(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(ALARMS, encoding="utf-8")
    read = read_history(path, None, Settings())
    assert read.counts.loc["alarms"].tolist()[:3] == [3, 2, 1]
    assert read.rejected["reason"].tolist() == ["duplicate"]
    assert sorted(read.alarms["alarm_id"]) == ["A1", "A2"]
    assert read.links is None


def test_a_bundle_gives_its_alarms_and_links(tmp_path: Path) -> None:
    (tmp_path / "alarms.csv").write_text(ALARMS, encoding="utf-8")
    (tmp_path / "links.csv").write_text("node,parent,kind\nS1,S2,ring\n", encoding="utf-8")
    read = read_history(tmp_path, None, Settings())
    assert read.links is not None
    assert read.links[["node", "parent"]].to_numpy().tolist() == [["S1", "S2"]]


def test_a_history_mostly_unusable_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    path.write_text(ALARMS.replace("2026-03-01 10:02:00", "soon"), encoding="utf-8")
    with pytest.raises(InputError, match="at most 20% of its rows unusable; 2 of 3"):
        read_history(path, None, Settings())
