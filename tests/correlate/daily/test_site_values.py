import pandas as pd

from correlate.daily.coverage import thin_places
from correlate.daily.site_values import site_values
from tests.correlate.small_daybook import rows_of, small_known, small_run


def ticket(number: int, **changes: object) -> dict[str, object]:
    return {"ticket_id": f"T{number}", "cause": "weak_coverage", "caller": f"P{number}", **changes}


def found(*tickets: dict[str, object], served: float = 0.5) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return thin places and the value of sites; all tickets are served with this probability."""
    cells = [
        {"ticket_id": t["ticket_id"], "rank": 1, "cell_id": "C1", "probability": served}
        for t in tickets
    ]
    run = small_run(tickets=tickets, serving_cells=rows_of("serving_cells", {}, cells))
    known = small_known(run)
    thin = thin_places(known, run)
    return thin, site_values(known, run, thin)


NEAR = {"lon": 99.97, "lat": 25.0, "site_id": "S1"}


def test_a_planned_site_is_credited_with_the_places_near_it() -> None:
    _, sites = found(ticket(1, **NEAR), ticket(2, **NEAR))
    (row,) = sites.to_dict("records")
    assert (row["kind"], row["site_id"], row["callers"], row["users"]) == (
        "planned",
        "P1",
        2,
        3000.0,
    )
    assert row["agreeing"] == 2
    assert row["is_overdue"] is False


def test_where_nobody_plans_and_the_model_agrees_a_site_is_proposed() -> None:
    far = {"lon": 100.5, "site_id": "S2"}
    thin, sites = found(ticket(1, **far), ticket(2, **far))
    assert thin["agrees"].tolist() == [True]
    assert sites["kind"].tolist() == ["proposed"]
    assert thin["record_en"].iloc[0].endswith("put on record as a request for a site.")


def test_where_the_model_sees_a_cell_nothing_is_proposed() -> None:
    far = {"lon": 100.5, "site_id": "S2"}
    thin, sites = found(ticket(1, **far), ticket(2, **far), served=1.0)
    assert thin["agrees"].tolist() == [False]
    assert sites.empty


def test_what_is_told_names_a_planned_site_that_will_help() -> None:
    thin, _ = found(ticket(1, **NEAR))
    assert "Hilltop west" in thin["record_en"].iloc[0]
    assert "Hilltop west" not in thin["told_en"].iloc[0]


def test_complaints_a_month_follow_from_the_days_with_data() -> None:
    thin, _ = found(ticket(1), ticket(2), ticket(3))
    assert 9.0 < thin["per_month"].iloc[0] < 10.0
    assert pd.isna(thin["grows"].iloc[0])
