from dataclasses import replace
from typing import Any

from correlate.past_incidents import Known, past_of

NOW = Known("I9", "site_outage", "H1", frozenset({"a", "b"}), 900.0, None, "open")


def before(name: str, **fields: Any) -> Known:
    given: dict[str, Any] = {"incident_id": name, "started_at": 100.0, "state": "ended"}
    return replace(NOW, **(given | fields))


def test_the_same_object_with_a_cause_of_the_family_counts() -> None:
    past = past_of(NOW, [before("I1", cause="cell_outage", cells=frozenset()), NOW])
    assert ([one.incident_id for one in past.earlier], past.same) == (["I1"], "object")


def test_most_cells_in_common_count_on_another_object_too() -> None:
    same = before("I1", object_id="H1-L", cells=frozenset({"a"}))
    far = before("I2", object_id="H1-L", cells=frozenset("acdef"))
    past = past_of(NOW, [same, far])
    assert ([one.incident_id for one in past.earlier], past.same) == (["I1"], "cells")


def test_another_family_a_later_one_and_a_merged_one_do_not_count() -> None:
    others = [
        before("I1", cause="power_failure"),
        before("I2", started_at=1000.0),
        before("I3", state="merged"),
        before("I4", object_id="V1", cells=frozenset("x")),
    ]
    assert past_of(NOW, others) == past_of(NOW, [])


def test_no_object_is_not_the_same_object() -> None:
    one = replace(NOW, object_id="", cells=frozenset())
    assert past_of(one, [before("I1", object_id="", cells=frozenset())]).earlier == ()


def test_the_last_ones_are_listed_latest_first() -> None:
    many = [before(f"I{n}", started_at=float(n)) for n in range(8)]
    past = past_of(NOW, many)
    assert len(past.earlier) == 8
    assert [one.incident_id for one in past.listed] == ["I7", "I6", "I5", "I4", "I3"]
