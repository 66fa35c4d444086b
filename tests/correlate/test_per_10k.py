import numpy as np
import pandas as pd
import pytest
from scipy.stats import poisson

from correlate.per_10k import exact_interval, rates, users_by_day
from tests.correlate.small_network import table

DAYS = pd.date_range("2026-03-30", "2026-04-02", freq="D")


def tickets(*rows: tuple[str | None, str], **flags: bool) -> pd.DataFrame:
    said = {"is_repeat": False, "is_customer_side": False, "is_intercepted": False} | flags
    made = pd.DataFrame(rows, columns=["county", "day"]).assign(**said)
    return made.assign(day=pd.to_datetime(made["day"]))


def subscribers(**users: float) -> pd.DataFrame:
    return table("subscribers", county=list(users), users=list(users.values()))


def row(made: pd.DataFrame, county: str, day: str) -> pd.Series:
    (found,) = (r for _, r in made.iterrows() if (r["county"], r["day"]) == (county, day))
    return found


@pytest.mark.parametrize("count", [1, 5, 40])
def test_the_interval_is_exact(count: int) -> None:
    low, high = exact_interval(pd.Series([count]))
    assert poisson.sf(count - 1, low[0]) == pytest.approx(0.025)
    assert poisson.cdf(count, high[0]) == pytest.approx(0.025)


def test_no_complaint_still_has_an_upper_bound() -> None:
    low, high = exact_interval(pd.Series([0]))
    assert (low[0], high[0]) == (0.0, pytest.approx(-np.log(0.025)))


def test_intercepted_complaints_are_taken_off() -> None:
    given = tickets(*[("Hill", "2026-03-30")] * 4)
    given.loc[0, "is_intercepted"] = True
    told = row(rates(given, subscribers(Hill=10_000)), "Hill", "2026-03-30")
    assert (told["complaints"], told["intercepted"]) == (4, 1)
    assert (told["per_10k"], told["per_10k_without"]) == (3.0, 4.0)
    assert told["low"] < 3.0 < told["high"]


def test_a_day_without_complaints_is_a_row_of_zero() -> None:
    given = tickets(("Hill", "2026-03-30"), ("Hill", "2026-04-01"))
    told = row(rates(given, subscribers(Hill=10_000, Vale=5_000)), "Vale", "2026-03-31")
    assert (told["complaints"], told["per_10k"], told["low"]) == (0, 0.0, 0.0)
    assert told["high"] > 0


def test_the_month_to_date_starts_anew_with_each_month() -> None:
    given = tickets(*[("Hill", f"{d:%Y-%m-%d}") for d in DAYS])
    made = rates(given, subscribers(Hill=10_000))
    assert made["month_to_date"].tolist() == [1.0, 2.0, 1.0, 2.0]


def test_a_county_of_unknown_size_has_counts_but_no_rates() -> None:
    given = tickets(("Nowhere", "2026-03-30"), (None, "2026-03-30"))
    made = rates(given, subscribers(Hill=10_000))
    for county in ("Nowhere", ""):
        told = row(made, county, "2026-03-30")
        assert told["complaints"] == 1
        assert told[["users", "per_10k", "low", "high", "month_to_date"]].isna().all()


def test_a_county_of_no_users_has_no_rate() -> None:
    made = rates(tickets(("Hill", "2026-03-30")), subscribers(Hill=0))
    assert made["per_10k"].isna().all()


def test_flags_are_counted() -> None:
    given = tickets(*[("Hill", "2026-03-30")] * 3, is_repeat=True, is_customer_side=True)
    told = row(rates(given, subscribers(Hill=10_000)), "Hill", "2026-03-30")
    assert (told["repeats"], told["customer_side"], told["intercepted"]) == (3, 3, 0)


def test_users_are_those_of_the_last_month_over() -> None:
    known = table(
        "subscribers", county=["Hill"] * 2, month=["2026-02", "2026-03"], users=[100.0, 200.0]
    )
    by_day = users_by_day(known, DAYS)["Hill"]
    assert by_day.tolist() == [100.0, 100.0, 200.0, 200.0]


def test_before_the_first_month_the_earliest_figure_stands_in() -> None:
    known = table("subscribers", county=["Hill"], month=["2026-12"], users=[100.0])
    assert users_by_day(known, DAYS)["Hill"].tolist() == [100.0] * 4


def test_neither_complaints_nor_subscribers_give_empty_tables_not_errors() -> None:
    none = tickets().astype({"county": "str"})
    assert rates(none, subscribers(Hill=10_000)).empty
    made = rates(tickets(("Hill", "2026-03-30")), subscribers())
    assert made["complaints"].tolist() == [1]
    assert made["per_10k"].isna().all()


def test_input_is_unchanged_and_row_order_does_not_matter() -> None:
    given = tickets(("Hill", "2026-03-30"), ("Vale", "2026-03-31"), ("Hill", "2026-03-31"))
    known = subscribers(Hill=10_000, Vale=5_000)
    before = (given.copy(), known.copy())
    made = rates(given, known)
    pd.testing.assert_frame_equal(made, rates(given[::-1], known[::-1]))
    pd.testing.assert_frame_equal(given, before[0])
    pd.testing.assert_frame_equal(known, before[1])
