"""A query in SQL reads the history, sees each key once, and can do nothing else."""

from pathlib import Path

import pytest

from contract.errors import InputError
from contract.history import History, open_history
from tests.contract.history.counter_rows import DAY, hours


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    history = open_history(str(tmp_path_factory.mktemp("kept")))
    history.write("kpi", hours("AB", 1.0), region="大理 a/b%", day=DAY)
    history.write("kpi", hours("A", 2.0, first=1), region="大理 a/b%", day=DAY)
    return history


def test_a_table_is_a_view_with_region_and_day(history: History) -> None:
    found = history.sql("SELECT region, day, count(*) AS n, sum(drops) AS d FROM kpi GROUP BY ALL")
    assert found.to_pylist() == [{"region": "大理 a/b%", "day": DAY, "n": 5, "d": 7.0}]


@pytest.mark.parametrize(
    "query",
    [
        "WITH a AS (SELECT * FROM kpi) SELECT count(*) AS n FROM a",
        "-- how many\n/* rows */ SELECT count(*) AS n FROM KPI;",
        "FROM kpi SELECT count(*) AS n",
        "(SELECT count(*) AS n FROM kpi)",
    ],
    ids=["with", "comments", "from", "brackets"],
)
def test_whatever_reads_is_answered(history: History, query: str) -> None:
    assert history.sql(query).to_pylist() == [{"n": 5}]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("DROP VIEW kpi", "it is DROP"),
        ("SELECT 1; SELECT 2", "it is SELECT, SELECT"),
        ("COPY (SELECT 1) TO '/tmp/never.csv'", "it is COPY"),
        ("INSERT INTO kpi VALUES (1)", "it is INSERT"),
        ("SET threads = 1", "it is SET"),
        ("PRAGMA version", "must be one SELECT"),
        ("EXPLAIN SELECT 1", "it is EXPLAIN"),
        ("DESCRIBE kpi", "must be one SELECT"),
        ("", "it is nothing"),
        ("SELEC 1", "can't be answered: Parser Error"),
        ("SELECT nothing FROM kpi", "can't be answered: Binder Error"),
        ("SELECT * FROM nothing", r"can't be answered: Catalog Error.* Tables: kpi"),
        ("SELECT * FROM history", "can't be answered: Catalog Error"),
        ("SELECT * FROM read_csv('/etc/hostname')", "can't be answered: Permission Error"),
        ("SELECT * FROM '/etc/hostname'", "can't be answered"),
        ("SELECT getenv('HOME')", "can't be answered"),
    ],
)
def test_whatever_does_not_read_is_refused_in_one_line(
    history: History, query: str, told: str
) -> None:
    with pytest.raises(InputError, match=told) as raised:
        history.sql(query)
    assert "\n" not in str(raised.value)


def test_a_table_without_days_is_empty(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    history.write("kpi", hours("A", 1.0).iloc[:0], region="r", day=DAY)
    assert history.sql("SELECT count(*) AS n FROM kpi").to_pylist() == [{"n": 0}]


def test_a_cell_that_is_quoted_is_found(tmp_path: Path) -> None:
    history = open_history(str(tmp_path))
    history.write("kpi", hours(["it's"], 1.0), region="it's", day=DAY)
    history.write("kpi", hours(["it's"], 2.0), region="x", day=DAY)
    assert history.read("kpi", only=["it's"], columns=["drops"])["drops"].to_pylist() == [2.0, 2.0]
