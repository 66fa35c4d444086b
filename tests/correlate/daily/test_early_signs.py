import numpy as np
import pandas as pd

from correlate.daily.early_signs import early_signs, ears, farrington
from tests.correlate.small_daybook import AT, small_known, small_run

FIRST = pd.Timestamp("2026-03-01")


def ticket(day: str, number: int, **changes: object) -> dict[str, object]:
    at = f"{day} 13:{number:02d}"
    return {
        "ticket_id": f"{day}-{number}",
        "created_at": at,
        "arrived_at": at,
        "diagnosed_at": at,
    } | changes


def signs(*tickets: dict[str, object], first: pd.Timestamp = FIRST) -> pd.DataFrame:
    run = small_run(tickets=tickets, versions=[{}])
    return early_signs(small_known(run, AT), first)


def usual(n: int = 1) -> list[dict[str, object]]:
    return [ticket(f"03-0{day}", number) for day in range(1, 9) for number in range(n)]


def test_many_more_than_on_the_days_before_are_told_with_their_symptom() -> None:
    found = signs(*usual(), *[ticket("03-09", n) for n in range(12)])
    (row,) = found.to_dict("records")
    assert (row["county"], row["symptom"], row["method"]) == ("Hill", "NOSIG", "c1")
    assert (row["complaints"], row["usual"], row["explained"]) == (12.0, 1.0, 0)
    assert (row["since"].hour, row["until"].hour) == (12, 16)


def test_what_known_faults_explain_is_told_beside() -> None:
    of_fault = {"incident_id": "I1", "incident_at": "03-09 13:30"}
    found = signs(*usual(), *[ticket("03-09", n, **of_fault) for n in range(12)])
    assert found["explained"].tolist() == [12]


def test_as_many_as_usual_are_no_sign() -> None:
    assert signs(*usual(4), *[ticket("03-09", n) for n in range(6)]).empty


def test_without_a_week_of_history_nothing_is_told() -> None:
    few = [ticket("03-09", n) for n in range(12)]
    assert signs(*few, first=pd.Timestamp("2026-03-05")).empty


def test_after_five_weeks_the_hour_of_the_week_is_compared() -> None:
    mondays = ["01-26", "02-02", "02-09", "02-16", "02-23", "03-02"]
    busy = [ticket(day, n) for day in mondays for n in range(12)]
    first = pd.Timestamp("2026-01-26")
    assert signs(*busy, *[ticket("03-09", n) for n in range(14)], first=first).empty
    found = signs(*busy, *[ticket("03-09", n) for n in range(40)], first=first)
    assert found["method"].tolist() == ["farrington"]
    assert 11.0 < found["usual"].iloc[0] < 13.0


def test_a_symptom_spread_over_counties_is_told_once_for_all() -> None:
    rows = [ticket("03-09", n, county=f"C{n % 8}") for n in range(16)]
    found = signs(*usual(), *rows)
    assert set(found["scope"]) == {"all"}


def test_an_outbreak_among_the_weeks_before_hides_none() -> None:
    past = np.full((20, 1), 4.0)
    past[5] = 60.0
    mean, limit = farrington(past, np.arange(2.0, 22.0), 0.005)
    assert mean[0] < 7.0 < past.mean() + 0.3
    assert limit[0] < 20.0


def test_a_clear_trend_is_followed() -> None:
    rising = np.arange(40.0, 20.0, -1.0)[:, None]
    rising[2] = 44.0
    mean, _ = farrington(rising, np.arange(1.0, 21.0), 0.005)
    assert 37.0 < mean[0] <= 44.0


def test_the_spread_of_days_is_that_of_a_count_at_least() -> None:
    mean, spread = ears(np.array([[0.0, 1.0], [0.0, 9.0], [0.0, 2.0]]))
    assert mean.tolist() == [0.0, 4.0]
    assert spread[0] == 0.5
    assert spread[1] > 4.0
