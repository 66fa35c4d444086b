from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from correlate.learning.files import Entries, LearnedFile, write_learned
from correlate.learning.start import Start, load_start, order_key, started_rates
from correlate.signatures import Signatures
from correlate.state import State, start_state
from correlate.verdicts import take_verdicts
from tests.correlate.small_network import (
    NOON,
    fresh_state,
    make_fault,
    make_ticket,
    small_knowledge,
)

KNOWN = small_knowledge()
CODES = KNOWN.lexicon.codes
WEAK = KNOWN.codes.index("weak_coverage")


def loaded(folder: Path, **files: Entries) -> Start:
    written: dict[str, Entries] = {"about": [], **files}
    write_learned(folder, [LearnedFile(name, {}, entries) for name, entries in written.items()])
    return load_start(folder, CODES)


def closed(state: State, start: Start) -> None:
    ticket = make_ticket(diagnosed_at=NOON)
    state.tickets[ticket.ticket_id] = ticket
    rows = pd.DataFrame({"ticket_id": ["T1"], "cause": ["weak_coverage"]})
    take_verdicts(state, replace(KNOWN, start=start), rows)


def test_without_a_folder_a_run_starts_as_ever() -> None:
    assert load_start(None, CODES) == Start()
    state = start_state(replace(KNOWN, start=Start()))
    assert not state.background.counts.any()
    assert (state.calibration.temperature, state.calibration.start_orders) == (1.0, 40.0)
    assert Start().signatures(KNOWN.signatures) is KNOWN.signatures


def test_a_run_starts_from_the_orders_counted(tmp_path: Path) -> None:
    shares = [{"cause": "weak_coverage", "orders": 30.0}]
    start = loaded(tmp_path, background=shares, calibration=[{"temperature": 1.4, "orders": 90}])
    state = start_state(replace(KNOWN, start=start))
    assert state.background.counts[WEAK] == 30.0
    assert (state.calibration.temperature, state.calibration.start_orders) == (1.4, 90.0)


def test_an_order_counted_before_is_not_counted_again_for_what_was_learned(tmp_path: Path) -> None:
    key = order_key("T1", make_ticket().created_at)
    counted = [{"kind": "order", "key": key}]
    start = loaded(
        tmp_path, counted=counted, background=[{"cause": "weak_coverage", "orders": 1.0}]
    )
    state = start_state(replace(KNOWN, start=start))
    closed(state, start)
    assert state.background.counts[WEAK] == 1.0
    assert len(state.calibration.stated) == 1
    assert state.taught == ["T1"]


def test_an_order_not_counted_before_is_learned_from(tmp_path: Path) -> None:
    counted = [{"kind": "order", "key": order_key("T2", 0)}]
    start = loaded(
        tmp_path, counted=counted, background=[{"cause": "weak_coverage", "orders": 1.0}]
    )
    state = start_state(replace(KNOWN, start=start))
    closed(state, start)
    assert state.background.counts[WEAK] == 2.0


def test_a_fault_counted_before_teaches_rates_no_second_time(tmp_path: Path) -> None:
    from correlate.rates import fault_key

    fault = make_fault(fresh_state(), "H1", first_alert="A1", object_id="H1", ended_at=NOON + 3600)
    causes = KNOWN.signatures.causes
    entries = [{"cause": causes[0], "complaints": 5.0, "expected": 5.0}]
    counted = [{"kind": "fault", "key": fault_key(fault)}]
    start = loaded(tmp_path, rates=entries, counted=counted)
    rates = started_rates(start, KNOWN.signatures.per_user_hour, causes)
    belief = np.full(len(causes), 1 / len(causes))
    rates.learn(fault, belief, 100.0)
    assert rates.told.sum() == 5.0
    fault.first_alert = "A2"
    rates.learn(fault, belief, 100.0)
    assert rates.expected.sum() > 5.0


def test_log_odds_learned_are_added_to_the_catalogue(tmp_path: Path) -> None:
    moves = [
        {"sign": "extent.site", "cause": "power_failure", "log_odds": 0.5},
        {"sign": "usual", "cause": "site_outage", "log_odds": -0.25},
        {"sign": "kinds.not_known_any_more", "cause": "site_outage", "log_odds": 9.0},
    ]
    ours: Signatures = KNOWN.signatures
    moved = loaded(tmp_path, signs=moves).signatures(ours)
    change = moved.extent - ours.extent
    assert np.isclose(change.max(), 0.5)
    assert np.count_nonzero(change) == 1
    assert np.isclose((moved.log_frequency - ours.log_frequency).min(), -0.25)


def test_hours_and_ages_speak_where_they_were_learned(tmp_path: Path) -> None:
    entry = {"cause": "power_failure", "log_ratio": 0.3}
    start = loaded(tmp_path, hours=[{"until_h": 9.0, **entry}], ages=[{"until_h": None, **entry}])
    hours = start.hour_weights(np.array([7, 20]), KNOWN.codes)
    assert hours[:, KNOWN.codes.index("power_failure")].tolist() == [0.3, 0.0]
    ages = start.age_table(KNOWN.signatures.causes)
    assert ages is not None
    assert ages[-1].max() == 0.3


def test_an_entry_that_lacks_something_is_an_error_that_names_its_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"an entry of .*rates\.json can't be used"):
        loaded(tmp_path, rates=[{"cause": "site_outage"}])
