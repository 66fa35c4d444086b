from correlate.daily.callers import repeaters
from tests.correlate.small_daybook import small_known, small_run


def ticket(n: int, created: str, /, **changes: object) -> dict[str, object]:
    return {"ticket_id": f"T{n}", "created_at": created, "arrived_at": created,
            "diagnosed_at": created, **changes}  # fmt: skip


def test_a_number_that_complains_twice_is_told_masked() -> None:
    run = small_run(
        tickets=[
            ticket(1, "03-05 12:00"),
            ticket(
                2, "03-09 12:00", cause="trx_fault", incident_id="I1", incident_at="03-09 12:00"
            ),
            ticket(3, "03-09 12:00", caller="P2"),
        ],
        versions=[{}],
    )
    (row,) = repeaters(small_known(run)).to_dict("records")
    assert (row["caller"], row["number"], row["complaints"]) == ("P1", "159****2291", 2)
    assert (row["last_cause"], row["is_same_cause"]) == ("trx_fault", False)
    assert (row["last_ticket_id"], row["last_incident_id"], row["is_open"]) == ("T2", "I1", True)


def test_calls_within_an_hour_are_one() -> None:
    twice = [ticket(1, "03-09 12:00"), ticket(2, "03-09 12:50")]
    assert repeaters(small_known(small_run(tickets=twice))).empty
    later = [*twice, ticket(3, "03-09 14:00")]
    assert repeaters(small_known(small_run(tickets=later)))["complaints"].tolist() == [2]


def test_complaints_older_than_thirty_days_do_not_count() -> None:
    old = [ticket(1, "02-01 12:00"), ticket(2, "03-09 12:00")]
    assert repeaters(small_known(small_run(tickets=old))).empty


def test_those_who_complain_most_come_first() -> None:
    run = small_run(
        tickets=[
            *[ticket(n, f"03-0{n} 12:00", caller="P2") for n in (1, 2)],
            *[ticket(n, f"03-0{n} 12:00", caller="P3") for n in (3, 4, 5)],
        ]
    )
    assert list(repeaters(small_known(run))["caller"]) == ["P3", "P2"]


def test_tickets_without_a_number_are_nobodys() -> None:
    nobody = [ticket(n, f"03-0{n} 12:00", caller=None, number=None) for n in (1, 2)]
    assert repeaters(small_known(small_run(tickets=nobody))).empty
