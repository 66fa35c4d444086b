"""Bad input as a new user would try it: one clear line and exit 2, or a run that goes on."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from cli import main

ROOT = Path(__file__).resolve().parents[1]
CREATED = "2026-03-01 10:21:30"
TABLES = {
    "sites": (
        "site_id,site_name,lon,lat,county\n"
        "S1,Eastridge,100.20,25.70,Millbrook\nS2,Ferryside,100.25,25.72,Millbrook\n"
    ),
    "cells": (
        "cell_id,site_id,rat,freq_mhz,azimuth_deg,height_m,users\n"
        "C1,S1,GSM,945,0,30,300\nC2,S1,LTE,1850,120,30,400\nC3,S2,LTE,1850,240,25,200\n"
    ),
    "alarms": "alarm_id,object_id,raised_at,name\nA1,S1,2026-03-01 10:02:00,NE Is Disconnected\n",
    "complaints": (
        "ticket_id,created_at,text,county,lon,lat\n"
        f"T1,{CREATED},no signal since this morning,Millbrook,100.201,25.701\n"
    ),
    "subscribers": "county,users\nMillbrook,9000\n",
}
Spoil = Callable[[Path], object]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep casebooks of these bundles out of the user's cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A sound bundle of two sites."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def lines_of(name: str) -> list[str]:
    """Lines of a sound table."""
    return TABLES[name].splitlines()


def writes(name: str, text: str | bytes) -> Spoil:
    """Return what puts other contents into a file."""
    data = text if isinstance(text, bytes) else text.encode()
    return lambda folder: (folder / name).write_bytes(data)


def replaces(table: str, old: str, new: str) -> Spoil:
    """Return what changes words of a sound table."""
    assert old in TABLES[table]
    return writes(f"{table}.csv", TABLES[table].replace(old, new))


def instead(table: str, name: str, text: str | bytes) -> Spoil:
    """Return what puts another file in the place of a table."""

    def spoil(folder: Path) -> None:
        (folder / f"{table}.csv").unlink()
        writes(name, text)(folder)

    return spoil


def zips(table: str) -> Spoil:
    """Return what packs a table and leaves it its name."""

    def spoil(folder: Path) -> None:
        with zipfile.ZipFile(folder / f"{table}.csv", "w") as archive:
            archive.writestr(f"{table}.csv", TABLES[table])

    return spoil


def endless(folder: Path) -> None:
    """Write a line of a gigabyte, without taking the place of one."""
    with (folder / "sites.csv").open("wb") as file:
        file.write(lines_of("sites")[0].encode() + b"\nS1,")
        file.truncate(2**30)


def removes(table: str) -> Spoil:
    """Return what removes a table."""
    return lambda folder: (folder / f"{table}.csv").unlink()


def refused(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The one line that a command refuses with."""
    assert main([str(argument) for argument in arguments]) == 2
    told = capsys.readouterr()
    lines = told.err.splitlines()
    assert len(lines) == 1, told.err
    assert lines[0].startswith("cellcause: ")
    assert told.out == ""
    return lines[0]


UNUSABLE: dict[str, tuple[Spoil, str]] = {
    "a required table is missing": (removes("cells"), "cells"),
    "an empty file": (writes("sites.csv", ""), "empty"),
    "a header alone": (writes("sites.csv", "site_id,site_name,lon,lat\n"), "usable row"),
    "blank lines alone": (writes("cells.csv", "\n\n\n"), "cells.csv"),
    "a missing column": (replaces("cells", ",rat,", ",kind_of_radio,"), "rat"),
    "a missing column of an optional table": (replaces("alarms", "raised_at", "when"), "raised_at"),
    "a column twice": (replaces("cells", "azimuth_deg", "rat"), "twice"),
    "longitude and latitude swapped": (replaces("sites", "lon,lat", "lat,lon"), "swapped"),
    "an unknown radio technology": (replaces("cells", "LTE", "WiMAX"), "rat"),
    "cells of unknown sites": (replaces("cells", ",S1,", ",S9,"), "site_id"),
    "text named .parquet": (instead("sites", "sites.parquet", TABLES["sites"]), "Parquet"),
    "text named .xlsx": (instead("sites", "sites.xlsx", TABLES["sites"]), "workbook"),
    "a zip in place of a CSV": (zips("sites"), "zip"),
    "a zip in place of an optional CSV": (zips("alarms"), "zip"),
    "UTF-16 text": (writes("cells.csv", TABLES["cells"].encode("utf-16")), "UTF-16"),
    "bytes that are no text": (writes("cells.csv", bytes(range(128, 256)) * 40), "cells.csv"),
    "a line of a gigabyte": (endless, "longer"),
    "a table in two files": (writes("sites.parquet", b"PAR1"), "once"),
    "a folder without Parquet": (lambda folder: (folder / "kpi").mkdir(), "kpi"),
}


@pytest.mark.parametrize(("spoil", "word"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_bundle_is_refused_in_one_line_and_nothing_is_written(
    bundle: Path, spoil: Spoil, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(bundle)
    before = {path: path.stat().st_mtime_ns for path in bundle.iterdir()}
    assert word in refused(capsys, "run", bundle, "--out", bundle.parent / "out")
    assert word in refused(capsys, "check", bundle)
    assert {path.name for path in bundle.parent.iterdir()} == {"bundle"}
    assert {path: path.stat().st_mtime_ns for path in bundle.iterdir()} == before


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda _: None, "nothing"),
        (lambda path: path.write_text("site_id\n"), "a file"),
        (lambda path: path.mkdir(), "lacks"),
    ],
    ids=["missing", "a file", "empty"],
)
def test_what_is_no_bundle_is_refused(
    tmp_path: Path, make: Spoil, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make(tmp_path / "bundle")
    assert word in refused(capsys, "run", tmp_path / "bundle", "--out", tmp_path / "out")
    assert word in refused(capsys, "check", tmp_path / "bundle")
    assert word in refused(capsys, "investigate", tmp_path / "bundle", "T1")
    assert not (tmp_path / "out").exists()


def _contents(folder: Path) -> dict[Path, bytes]:
    """Return the bytes of every file of a folder and of those in it."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_earlier_result_stays_when_a_run_is_refused(
    bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["run", str(bundle), "--out", str(out), "--quiet"]) == 0
    capsys.readouterr()
    before = _contents(out)
    removes("sites")(bundle)
    refused(capsys, "run", bundle, "--out", out)
    assert _contents(out) == before


@pytest.mark.parametrize("where", ["somebody's folder", "a file", "below a file", "the bundle"])
def test_out_that_is_not_ours_is_refused_and_untouched(
    bundle: Path, where: str, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, file = bundle.parent / "theirs", bundle.parent / "file"
    theirs.mkdir()
    (theirs / "thesis.txt").write_text("ten years of work")
    (theirs / "incidents.csv").write_text("not by us")
    file.write_text("kept")
    places = {
        "somebody's folder": theirs,
        "a file": file,
        "below a file": file / "out",
        "the bundle": bundle,
    }
    line = refused(capsys, "run", bundle, "--out", places[where], "--quiet")
    assert "`out`" in line
    assert (theirs / "thesis.txt").read_text() == "ten years of work"
    assert (theirs / "incidents.csv").read_text() == "not by us"
    assert file.read_text() == "kept"
    assert {path.name for path in bundle.parent.iterdir()} == {"bundle", "theirs", "file"}
    assert {path.stem for path in bundle.iterdir()} == set(TABLES)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("hold_mins = 20\n", "hold_min"),
        ("hold_min = 45\n", "hold_min"),
        ('hold_min = "long"\n', "hold_min"),
        ('zone = "Mars/Olympus"\n', "zone"),
        ("hold_min = \n", "TOML"),
        ('alarm_catalogue = "nowhere.toml"\n', "alarm_catalogue"),
        (None, "settings"),
    ],
    ids=["unknown", "too large", "a word", "no zone", "no TOML", "no such file", "missing"],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_bad_settings_are_named(
    bundle: Path, command: str, text: str | None, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = bundle.parent / "settings.toml"
    if text is not None:
        path.write_text(text)
    out = ["--out", str(bundle.parent / "out")] if command == "run" else []
    assert word in refused(capsys, command, bundle, *out, "--settings", path)
    assert not (bundle.parent / "out").exists()


def test_unknown_setting_of_the_environment_is_named(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CELLCAUSE_HOLD", "20")
    assert "CELLCAUSE_HOLD" in refused(capsys, "check", bundle)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("T9",), "T9"),
        (("",), "ticket"),
        (("T1", "--at", "tomorrow-ish"), "tomorrow-ish"),
        (("T1", "--at", ""), "at"),
        (("T9", "--at", "2026-03-01 10:40:00"), "T9"),
        (("T1", "--at", "2026-03-01 09:00:00"), "before"),
        (("T1", "--at", "1999-01-01"), "before"),
    ],
    ids=["unknown", "empty", "no time", "empty time", "unknown then", "too early", "long before"],
)
def test_case_that_cannot_be_is_refused(
    bundle: Path, arguments: tuple[str, ...], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert word in refused(capsys, "investigate", bundle, *arguments, "--json")


BETWEEN_STEPS = "2026-03-01 10:23:00"


@pytest.mark.parametrize("at", ["2026-03-01 10:40:00", BETWEEN_STEPS, "2026-03-02"])
def test_case_is_told_from_the_moment_its_ticket_has_arrived(
    bundle: Path, at: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["investigate", str(bundle), "T1", "--at", at, "--json"]) == 0
    assert '"ticket_id": "T1"' in capsys.readouterr().out


def test_cache_that_cannot_be_written_is_no_traceback(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(bundle / "sites.csv"))
    assert main(["investigate", str(bundle), "T1", "--json"]) in (0, 2)


@pytest.mark.parametrize("damage", [b"", b"junk" * 1000], ids=["empty", "junk"])
def test_damaged_casebook_is_written_anew(
    bundle: Path, tmp_path: Path, damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["investigate", str(bundle), "T1", "--json"]) == 0
    first = capsys.readouterr().out
    (book,) = (tmp_path / "cache").rglob("*.sqlite")
    book.write_bytes(damage)
    assert main(["investigate", str(bundle), "T1", "--json"]) == 0
    assert capsys.readouterr().out == first


def test_out_with_brackets_in_its_name_is_written_and_told(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = bundle.parent / "[" / "b] results"
    assert main(["run", str(bundle), "--out", str(out)]) == 0
    assert "b] results" in capsys.readouterr().out


def test_step_of_no_length_is_refused(bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = bundle.parent / "settings.toml"
    path.write_text("step_min = 0.001\n")
    out = bundle.parent / "out"
    assert "step_min" in refused(capsys, "run", bundle, "--out", out, "--settings", path)


def test_out_is_judged_before_the_long_work(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def begin(*_: object, **__: object) -> None:
        """Report that the long work began."""
        pytest.fail("the run began")

    monkeypatch.setattr("correlate.run.play", begin)
    refused(capsys, "run", bundle, "--out", bundle)


def test_score_without_truth_or_result_is_refused(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    refused(capsys, "score", bundle, bundle.parent / "nowhere")
    refused(capsys, "score", bundle.parent / "nowhere", bundle)


def test_convert_refuses_what_is_no_mapping_or_no_export(
    bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = bundle.parent / "out"
    known = sorted((ROOT / "contract" / "mappings").glob("*.toml"))[0]
    refused(capsys, "convert", bundle / "nowhere.toml", bundle / "sites.csv", "--out", out)
    refused(capsys, "convert", bundle / "sites.csv", bundle / "sites.csv", "--out", out)
    refused(capsys, "convert", known, bundle / "nowhere.csv", "--out", out)
    refused(capsys, "convert", known, bundle / "sites.csv", "--out", out)
    assert not out.exists()


@pytest.mark.parametrize("spoil", [removes("sites"), zips("cells")], ids=["missing", "zip"])
def test_terminal_shows_no_traceback(bundle: Path, spoil: Spoil) -> None:
    spoil(bundle)
    command = [sys.executable, "-m", "cli", "run", str(bundle), "--out", str(bundle.parent / "out")]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("cellcause: ")
    assert done.stderr.count("\n") == 1
    assert not (bundle.parent / "out").exists()


def more(table: str, *rows: str) -> Spoil:
    """Return what adds rows to a sound table."""
    return writes(f"{table}.csv", TABLES[table] + "".join(f"{row}\n" for row in rows))


USABLE: dict[str, tuple[Spoil, list[tuple[str, str]], list[tuple[str, str]]]] = {
    "azimuth 400": (
        replaces("cells", "1850,120", "1850,400"),
        [],
        [("cells", "azimuth_deg is not a number from 0 to 360")],
    ),
    "height 0": (
        replaces("cells", "240,25,", "240,0,"),
        [],
        [("cells", "height_m is not a number above 0, at most 1000")],
    ),
    "a row twice": (
        more("complaints", lines_of("complaints")[1]),
        [("complaints", "duplicate")],
        [],
    ),
    "an unknown alarm name": (
        more("alarms", "A2,C1,2026-03-01 10:05:00,Flux Capacitor Unaligned"),
        [],
        [],
    ),
    "an alarm of an unknown object": (
        more("alarms", "A2,S77,2026-03-01 10:05:00,NE Is Disconnected"),
        [("alarms", "object_id is unknown")],
        [],
    ),
    "a complaint without text": (
        more("complaints", f"T2,{CREATED},,Millbrook,,"),
        [("complaints", "text is missing")],
        [],
    ),
    "a complaint of another continent": (
        replaces("complaints", "100.201,25.701", "-3.7,40.4"),
        [],
        [("complaints", "lies over 1000 km from the median site")] * 2,
    ),
    "a complaint nowhere": (replaces("complaints", "100.201,25.701", ","), [], []),
    "a file of another name": (writes("notes.txt", "call Li"), [], []),
    "GB18030 text": (
        writes("sites.csv", TABLES["sites"].replace("Eastridge", "东岭").encode("gb18030")),
        [],
        [],
    ),
    "headers in capitals": (replaces("cells", "cell_id,site_id", "CELL_ID,Site_ID"), [], []),
    "semicolons": (writes("cells.csv", TABLES["cells"].replace(",", ";")), [], []),
    "no optional table": (
        lambda folder: [removes(name)(folder) for name in ("alarms", "complaints", "subscribers")],
        [],
        [],
    ),
    "optional tables without rows": (
        lambda folder: [
            writes(f"{name}.csv", lines_of(name)[0] + "\n")(folder)
            for name in ("alarms", "complaints", "subscribers")
        ],
        [],
        [],
    ),
}


@pytest.mark.parametrize(("spoil", "rejected", "repaired"), USABLE.values(), ids=USABLE)
def test_run_goes_on_and_lists_what_it_left_out(
    bundle: Path,
    spoil: Spoil,
    rejected: list[tuple[str, str]],
    repaired: list[tuple[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    spoil(bundle)
    out = bundle.parent / "out"
    assert main(["run", str(bundle), "--out", str(out)]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert "tables written to" in told.out
    for name, expected in (("rejected", rejected), ("repairs", repaired)):
        listed = pd.read_csv(out / f"{name}.csv")
        assert list(zip(listed["table"], listed["reason"], strict=True)) == expected
