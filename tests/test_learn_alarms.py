"""`cellcause learn alarms` writes relations, or says in one line why not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cli import main

COLUMNS = ["cause_code", "effect_code", "lag_s", "strength"]
HEADER = "alarm_id,object_id,raised_at,name,code\n"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A table in which 1 brings 2 half a minute later, and 3 comes alone."""
    rng = np.random.default_rng(4)
    first = rng.random(200) * 5e6
    at = np.concatenate([first, first + 30, rng.random(200) * 5e6])
    alarms = pd.DataFrame(
        {
            "alarm_id": [f"A{number}" for number in range(600)],
            "object_id": np.tile([f"N{number}" for number in rng.integers(0, 9, 200)], 3),
            "raised_at": pd.Timestamp("2026-03-02") + pd.to_timedelta(at.round(), unit="s"),
            "name": "some alarm",
            "code": np.repeat(["1", "2", "3"], 200),
        }
    )
    path = tmp_path / "history.csv"
    alarms.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_relations_are_written_by_the_suffix(
    history: Path, suffix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = history.with_name(f"relations.{suffix}")
    assert main(["learn", "alarms", str(history), "--out", str(out)]) == 0
    read = pd.read_csv(out, dtype={"cause_code": str}) if suffix == "csv" else pd.read_parquet(out)
    assert read.columns.tolist() == COLUMNS
    assert [tuple(map(str, pair)) for pair in read[COLUMNS[:2]].to_numpy()] == [("1", "2")]
    assert "1 relations" in capsys.readouterr().out


def test_any_order_of_rows_gives_the_same_file(history: Path) -> None:
    lines = history.read_text(encoding="utf-8").splitlines(keepends=True)
    turned = history.with_name("turned.csv")
    turned.write_text("".join([lines[0], *reversed(lines[1:])]), encoding="utf-8")
    outs = [history.with_name(name) for name in ("one.csv", "two.csv")]
    for source, out in zip((history, turned), outs, strict=True):
        assert main(["learn", "alarms", str(source), "--out", str(out)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()


def test_bad_rows_are_rejected_and_the_rest_is_used(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with history.open("a", encoding="utf-8") as file:
        file.write("A9001,N1,soon,some alarm,1\n")
    out = history.with_name("relations.csv")
    assert main(["learn", "alarms", str(history), "--out", str(out)]) == 0
    assert len(pd.read_csv(out)) == 1
    assert "601" in capsys.readouterr().out


def test_a_ring_of_links_is_taken_in_either_direction(history: Path) -> None:
    outs = []
    for number, line in enumerate(("N0,N1,ring", "N1,N0,ring")):
        links = history.with_name(f"links{number}.csv")
        links.write_text(f"node,parent,kind\n{line}\n", encoding="utf-8")
        out = history.with_name(f"out{number}.csv")
        arguments = ["learn", "alarms", str(history), "--links", str(links), "--out", str(out)]
        assert main(arguments) == 0
        outs.append(out.read_bytes())
    assert outs[0] == outs[1]


@pytest.mark.parametrize(
    ("text", "out", "says"),
    [
        (None, "r.csv", "must be a file"),
        ("", "r.csv", "it is empty"),
        ("alarm_id,object_id,name\nA,N,x\n", "r.csv", "raised_at"),
        (HEADER, "r.csv", "must have a usable row"),
        (HEADER + "A,N,soon,x,1\n", "r.csv", "must have a usable row"),
        (HEADER + "A,N,2026-03-02 00:00:00,x,1\n", "r.txt", "must end in one of"),
        (HEADER + "A,N,2026-03-02 00:00:00,x,1\n", "no/r.csv", "folder that is there"),
    ],
    ids=["no file", "empty", "no column", "no row", "no good row", "suffix", "no folder"],
)
def test_bad_input_is_one_line_and_exit_2(
    tmp_path: Path, text: str | None, out: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "history.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert main(["learn", "alarms", str(path), "--out", str(tmp_path / out)]) == 2
    told = capsys.readouterr().err
    assert told.startswith("cellcause: ")
    assert says in told
    assert told.count("\n") == 1
    assert not (tmp_path / out).exists()


def test_bad_links_are_one_line_and_exit_2(
    history: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    links = history.with_name("links.csv")
    links.write_text("node,kind\nN0,ring\n", encoding="utf-8")
    arguments = ["learn", "alarms", str(history), "--links", str(links)]
    assert main([*arguments, "--out", str(history.with_name("r.csv"))]) == 2
    assert "parent" in capsys.readouterr().err


def test_one_alarm_gives_an_empty_table(tmp_path: Path) -> None:
    path, out = tmp_path / "history.csv", tmp_path / "relations.csv"
    path.write_text(HEADER + "A,N,2026-03-02 00:00:00,x,1\n", encoding="utf-8")
    assert main(["learn", "alarms", str(path), "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == "cause_code,effect_code,lag_s,strength\n"
