import pandas as pd
import pytest

from correlate.daily.escaped import escape_rates, escaped_tickets
from tests.correlate.small_daybook import AT, local, rows_of, small_known, small_run

NOTICE = {"notice_id": "NT1", "cause": "site_outage"}
PAIR = {
    "notice_id": "NT1", "ticket_id": "T1", "known_at": "03-09 12:00", "lead_min": 30.0,
    "is_escaped": True, "is_same_fault": True,
}  # fmt: skip


def run_with(*pairs: dict[str, object]) -> dict[str, pd.DataFrame]:
    tickets = [{"ticket_id": f"T{n}", "created_at": f"03-09 1{n}:00"} for n in (1, 2, 3)]
    return small_run(
        tickets=tickets,
        notices=[],
        notice_complaints=rows_of("notice_complaints", PAIR, pairs),
    ) | {"notices": rows_of("notices", NOTICE, [{}, {"notice_id": "NT2", "cause": "trx_fault"}])}


def escaped(*pairs: dict[str, object]) -> pd.DataFrame:
    run = run_with(*pairs)
    return escaped_tickets(small_known(run), run, local("03-09 00:00"), AT)


def test_what_came_although_a_notice_fitted_is_listed_with_it() -> None:
    found = escaped({}, {"ticket_id": "T2", "is_escaped": False})
    assert found[["ticket_id", "told_cause", "lead_min"]].to_numpy().tolist() == [
        ["T1", "site_outage", 30.0]
    ]


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [(True, False, "NT1"), (False, True, "NT2"), (False, False, "NT1")],
    ids=["its own", "its own, the other", "the longer out"],
)
def test_of_several_notices_the_one_of_its_fault_counts(
    *, first: bool, second: bool, kept: str
) -> None:
    other: dict[str, object] = {"notice_id": "NT2", "lead_min": 5.0, "is_same_fault": second}
    assert escaped({"is_same_fault": first}, other)["notice_id"].tolist() == [kept]


def test_what_was_not_known_by_then_is_not_listed() -> None:
    assert escaped({"known_at": "03-11 12:00"}).empty


def test_the_share_that_escaped_is_of_all_complaints_of_a_county() -> None:
    run = run_with({})
    (row,) = escape_rates(small_known(run), run).to_dict("records")
    assert (row["county"], row["complaints"], row["escaped"]) == ("Hill", 3, 1)
