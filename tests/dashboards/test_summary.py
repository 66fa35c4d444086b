from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from alarms.catalogue import load_catalogue
from contract.bundles import Bundle
from contract.daybook import DAYBOOK
from contract.settings import Settings
from contract.tables import TABLES, empty_table
from dashboards.summary import COST_OF_MISSING, print_check, print_counts, print_summary

NO_ROWS = pd.DataFrame({"table": [], "row": [], "reason": [], "content": []})
ALARMS = pd.DataFrame({"vendor": ["", ""], "code": ["", ""], "name": ["Zork", "Fan Stalled"]})
COUNTS = pd.DataFrame(
    {"rows": [1200], "used": [1190], "rejected": [10], "repaired": [3]},
    index=pd.Index(["sites"], name="table"),
)


@pytest.fixture(autouse=True)
def wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the terminal wide enough that no line is broken."""
    monkeypatch.setenv("COLUMNS", "200")


def bundle(**given: Any) -> Bundle:
    return Bundle(
        Path("b"),
        {"alarms": ALARMS},
        **({"rejected": NO_ROWS, "repairs": NO_ROWS, "counts": COUNTS} | given),
    )


def result(incidents: pd.DataFrame, notices: int) -> Any:
    tables = {
        "incidents": incidents,
        "interceptions": pd.DataFrame({"interception_id": range(notices), "revises": None}),
        "diagnoses": pd.DataFrame({"ticket_id": ["T1", "T1", "T2"]}),
    }
    known = SimpleNamespace(settings=Settings(language="en"), catalogue=load_catalogue())
    book = {name: empty_table(DAYBOOK[name]) for name in ("gaps", "doubts")}
    return SimpleNamespace(
        daybook=book,
        bundle=bundle(),
        tables=tables,
        knowledge=known,
        state=SimpleNamespace(coverage="coverage is as computed: too few"),
        seconds=1.25,
        peak_bytes=2**30,
    )


def test_every_table_that_may_be_missing_says_what_that_costs() -> None:
    assert set(COST_OF_MISSING) == {t.name for t in TABLES.values() if not t.is_required}


def test_counts_are_told_by_table(capsys: pytest.CaptureFixture[str]) -> None:
    print_counts(COUNTS, Path("out"))
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("sites", "1,200", "1,190", "written to out"))


def test_a_check_names_what_is_missing_ignored_and_the_zone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_check(bundle(missing=("alarms",), ignored=("notes.txt",)), Settings(zone="Europe/London"))
    shown = capsys.readouterr().out
    assert f"missing alarms: {COST_OF_MISSING['alarms']}" in shown
    assert "ignored: notes.txt" in shown
    assert "Europe/London" in shown


def test_the_commonest_reasons_come_first(capsys: pytest.CaptureFixture[str]) -> None:
    rows = pd.DataFrame(
        {
            "table": ["cells"] * 4,
            "row": [9, 5, 7, 2],
            "reason": ["rare", "common", "common", "common"],
            "content": "",
        }
    )
    print_check(bundle(rejected=rows), Settings())
    shown = capsys.readouterr().out
    assert shown.index("common") < shown.index("rare")
    line = next(text for text in shown.splitlines() if "common" in text and "cells" in text)
    assert "3" in line
    assert "2" in line


@pytest.mark.parametrize("text", ["[red]", "[/]", "[bold", "A[1]"])
def test_brackets_of_the_user_are_shown_as_they_are(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = pd.DataFrame({"table": ["cells"], "row": [1], "reason": [text], "content": [""]})
    print_check(bundle(rejected=rows, ignored=(text,)), Settings())
    print_counts(COUNTS, Path(text))
    assert capsys.readouterr().out.count(text) == 3


def test_a_run_is_summed_up_with_tickets_incidents_notices_and_cost(
    capsys: pytest.CaptureFixture[str],
) -> None:
    incidents = pd.DataFrame(
        {"cause": ["power_failure"] * 2, "complaints": [1, 2], "users": [100.0, 300.0]}
    )
    print_summary(result(incidents, notices=1), Path("out"))
    shown = capsys.readouterr().out
    assert "2 tickets diagnosed, 2 incidents, 1 notices; 1.2 s, 1.00 GiB at most" in shown
    assert "coverage is as computed: too few" in shown
    assert "Power failure" in shown
    assert "200" in shown


def test_a_run_without_incidents_shows_no_table_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    none = pd.DataFrame({"cause": [], "complaints": [], "users": []})
    print_summary(result(none, notices=0), Path("out"))
    assert "incidents by cause" not in capsys.readouterr().out


def test_alarms_of_unknown_meaning_are_counted_and_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_summary(result(pd.DataFrame(), 0), Path("out"))
    assert "1 alarms of unknown meaning, counted and left out: Zork" in capsys.readouterr().out


def test_identities_not_in_the_inventory_are_told_the_commonest_ten(
    capsys: pytest.CaptureFixture[str],
) -> None:
    left = pd.DataFrame(
        {
            "table": ["kpi"] * 12,
            "column": ["cell_id"] * 12,
            "identity": [f"[b]460-00-{n}" for n in range(12)],
            "why": ["unknown"] * 12,
            "rows": [1200 - n for n in range(12)],
        }
    )
    print_check(bundle(unresolved=left), Settings(language="en"))
    shown = capsys.readouterr().out
    assert "12 identities not in the inventory, in 14,334 rows; the commonest 10" in shown
    assert "[b]460-00-9" in shown
    assert "460-00-10" not in shown
    print_check(bundle(), Settings(language="en"))
    assert "not in the inventory" not in capsys.readouterr().out


def test_a_conversion_tells_why_rows_were_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    rejected = pd.DataFrame(
        {"table": ["cells"] * 2, "row": [5, 7], "reason": ["rat is missing"] * 2}
    )
    print_counts(COUNTS, Path("out"), rejected=rejected, repaired=NO_ROWS)
    shown = capsys.readouterr().out
    assert "rejected, the commonest reasons" in shown
    assert "rat is missing" in shown
    assert "repaired, the commonest" not in shown


def test_a_gap_is_told_on_the_clocks_of_the_zone(capsys: pytest.CaptureFixture[str]) -> None:
    found = result(pd.DataFrame(), 0)
    since = pd.Timestamp("2026-03-01 20:00", tz="UTC")
    gap = empty_table(DAYBOOK["gaps"]).reindex(range(1))
    gap = gap.assign(table="kpi", scope="feed", vendor="Nokia", since=since, until=pd.NaT)
    found.daybook["gaps"] = gap
    print_summary(found, Path("out"))
    assert "Nokia missing from 03-02 04:00 to the end" in capsys.readouterr().out


def test_files_that_are_not_utf_8_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    print_check(bundle(encodings={"sites": "gb18030"}), Settings())
    assert "sites: read as GB18030" in capsys.readouterr().out
