from pathlib import Path
from typing import Any

import numpy as np
import pytest

from contract.errors import InputError
from correlate.alarm_trust import CATALOGUE, judge_over, load_companies, note_felt, trust
from correlate.state import State
from tests.correlate.small_network import HOUR, NOON, cells_of, fresh_state, settle, sure_outage

LOST, CELL = "NE Is Disconnected", "Cell Unavailable"
ENDED = NOON + HOUR


def group(objects: tuple[str, ...], *meanings: str, **fields: Any) -> dict[str, Any]:
    given = {
        "objects": objects,
        "meanings": meanings,
        "names": (LOST,),
        "harms": {LOST: 0.8},
        "sites": (0,),
        "service_effect": "down",
    }
    return given | fields


ALONE = group(("H1",), "site_disconnected")
WITH = group(("H1", "H1-L"), "site_disconnected", "cell_down")


def over(state: State, *, served_at: int) -> None:
    """Let an outage that alarms alone told be over, and counters show service later."""
    sure_outage(state, "H1", ended_at=ENDED, names=(LOST,), company="alone")
    settle(state)
    state.service.latest[cells_of("H1")] = served_at


def test_alarms_in_company_are_trusted_more_than_one_that_stands_alone() -> None:
    state = fresh_state()
    assert trust(state, ALONE) < 0 < trust(state, WITH)


def test_company_says_nothing_of_what_takes_nobody_out() -> None:
    state = fresh_state()
    mild = [one | {"service_effect": "degraded"} for one in (ALONE, WITH)]
    assert trust(state, mild[0]) == trust(state, mild[1])


def test_a_carrier_alone_is_trusted_as_it_was() -> None:
    carrier = group(("H1-G/TRX-2",), "rf_unit")
    assert trust(fresh_state(), carrier) > trust(fresh_state(), ALONE)


def test_a_lone_alarm_that_says_why_is_trusted_as_it_was() -> None:
    assert trust(fresh_state(), group(("H1",), "board_fault")) > trust(fresh_state(), ALONE)


def test_trust_in_a_lone_alarm_grows_where_such_alarms_were_felt() -> None:
    state = fresh_state()
    before = trust(state, ALONE)
    for _ in range(5):
        note_felt(state, sure_outage(state, "H1", names=(LOST,), company="alone"), felt=True)
    assert trust(state, ALONE) > max(before, 0)


def test_what_lone_alarms_did_costs_those_in_company_little() -> None:
    state = fresh_state()
    for _ in range(20):
        note_felt(state, sure_outage(state, "H1", names=(LOST,), company="alone"), felt=False)
    alone, company = trust(state, ALONE), trust(state, WITH)
    assert alone < -2 < company


@pytest.mark.parametrize(
    ("served_at", "later", "refuted"),
    [(ENDED, 3 * HOUR, True), (NOON - HOUR, 3 * HOUR, False), (ENDED, HOUR, False)],
    ids=["service since", "nothing since", "counters not here yet"],
)
def test_service_since_an_outage_of_alarms_alone_refutes_it(
    served_at: int, later: int, refuted: bool
) -> None:
    state = fresh_state()
    over(state, served_at=served_at)
    judge_over(state, now=ENDED + later)
    assert (state.reliability.chance(LOST, 0.5) < 0.5) is refuted


def test_an_outage_is_judged_once() -> None:
    state = fresh_state()
    over(state, served_at=ENDED)
    for later in (3, 4, 5):
        judge_over(state, now=ENDED + later * HOUR)
    assert np.isclose(state.reliability.chance(LOST, 0.5), 0.4)


def test_a_file_without_a_company_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "alarm_company.toml"
    path.write_text(CATALOGUE.read_text(encoding="utf-8").replace("[with]", "[more]"))
    with pytest.raises(InputError, match="lacks \\['with'\\]"):
        load_companies(path)
