import numpy as np
import pytest

from correlate.assignment import Weighed, ranked, weigh
from correlate.diagnosis import hypotheses_of
from correlate.rates import learned_rate
from correlate.state import State
from correlate.tickets import Ticket
from tests.correlate.small_network import (
    HOUR,
    NOON,
    cells_of,
    fresh_state,
    make_fault,
    make_ticket,
    small_knowledge,
    sure_outage,
    words_for,
)

KNOWN = small_knowledge()
NOW = NOON + HOUR + 600


def weighed(state: State, ticket: Ticket, *, now: int = NOW) -> Weighed:
    hypotheses = hypotheses_of(state, KNOWN, [ticket], now=now)
    return weigh(ticket, hypotheses, state.background, now=now)


def explained(ticket: Ticket, *, now: int = NOW, started_at: int = NOON, **fields: object) -> float:
    state = fresh_state()
    sure_outage(state, "H1", started_at=started_at, **fields)
    return float(weighed(state, ticket, now=now).by_fault.sum())


def chance(result: Weighed, cause: str) -> float:
    return float(result.causes[KNOWN.codes.index(cause)])


def test_a_sure_outage_of_the_own_site_explains_the_ticket() -> None:
    assert explained(make_ticket()) > 0.9


def test_an_outage_elsewhere_explains_nothing() -> None:
    assert explained(make_ticket(cell="V2-L")) == 0.0


def test_a_fault_that_began_after_the_ticket_weighs_nothing() -> None:
    late = make_ticket(arrived_at=NOON - 1, created_at=NOON - 1)
    assert explained(late) == 0.0


def weak_share(ticket: Ticket, *, started_at: int = NOON, ended_at: int | None = None) -> float:
    """How much a doubtful outage explains, so that differences show."""
    return explained(ticket, started_at=started_at, ended_at=ended_at, alarm_exists=-3.0)


def test_an_onset_before_the_fault_began_counts_against_it() -> None:
    yesterday = make_ticket(onset_from=NOON - 20 * HOUR, onset_to=NOON - 18 * HOUR)
    today = make_ticket(onset_from=NOON, onset_to=NOON + HOUR)
    assert weak_share(yesterday) < weak_share(today)


def test_an_onset_long_after_the_fault_began_counts_against_it() -> None:
    begun = NOON - 30 * HOUR
    not_thin = words_for(weak_coverage=-5.0, indoor_coverage=-5.0)
    just_now = make_ticket(onset_from=NOON, onset_to=NOON + HOUR, words=not_thin)
    unsaid = make_ticket(words=not_thin)
    assert weak_share(just_now, started_at=begun) < weak_share(unsaid, started_at=begun)


def test_trouble_of_years_is_not_the_outage_of_today() -> None:
    assert weak_share(make_ticket(is_chronic=True)) < weak_share(make_ticket())


def test_a_repaired_fault_explains_less_as_time_goes_by() -> None:
    shares = [
        weak_share(make_ticket(), started_at=NOON - 12 * HOUR, ended_at=ended)
        for ended in (None, NOON - HOUR, NOON - 10 * HOUR)
    ]
    assert shares[0] > shares[1] > shares[2] > 0


def test_a_barred_account_wins_over_a_weak_fault() -> None:
    words = words_for(account_barred=2.0)
    state = fresh_state()
    sure_outage(state, "H1", alarm_exists=-4.0, healthy=2.0)
    result = weighed(state, make_ticket(account="suspended", words=words))
    best = ranked(result.causes, KNOWN.codes)[0][0]
    assert KNOWN.codes[best] == "account_barred"


def test_an_active_account_speaks_against_a_bar() -> None:
    active, unknown = make_ticket(account="active"), make_ticket()
    state = fresh_state()
    barred = [chance(weighed(state, t), "account_barred") for t in (active, unknown)]
    assert barred[0] < barred[1]


def test_words_move_the_causes_they_speak_for() -> None:
    state = fresh_state()
    silent = weighed(state, make_ticket())
    telling = weighed(state, make_ticket(words=words_for(sms_centre_setting=3.0)))
    assert chance(telling, "sms_centre_setting") > chance(silent, "sms_centre_setting")


def test_probabilities_of_causes_sum_to_one_with_and_without_faults() -> None:
    state = fresh_state()
    assert weighed(state, make_ticket()).causes.sum() == pytest.approx(1.0)
    sure_outage(state, "H1")
    sure_outage(state, "H1", "H2", started_at=NOON - HOUR)
    assert weighed(state, make_ticket()).causes.sum() == pytest.approx(1.0)


def test_a_ticket_without_a_place_is_explained_by_no_fault() -> None:
    lost = make_ticket(cells=np.array([-1]), share=np.array([0.0]), nothing=1.0)
    assert explained(lost) == 0.0


def test_of_two_outages_the_surer_one_explains_more() -> None:
    state = fresh_state()
    sure_outage(state, "H1", alarm_exists=4.0)
    sure_outage(state, "H1", alarm_exists=-2.0)
    surer, weaker = weighed(state, make_ticket()).by_fault.sum(axis=1)
    assert surer > weaker


def two_places(first: float, second: float) -> Ticket:
    cells = np.concatenate([cells_of("H1-L"), cells_of("V2-L")])
    return make_ticket(cells=cells, share=np.array([first, second]), nothing=0.0)


def test_of_two_places_the_one_with_a_broken_site_is_likelier_meant() -> None:
    state, ticket = fresh_state(), two_places(0.3, 0.6)
    healthy = weighed(state, ticket).served
    assert healthy.tolist() == pytest.approx([0.3, 0.6])
    sure_outage(state, "H1")
    broken = weighed(state, ticket).served
    assert broken[0] > 0.9
    assert broken.sum() <= 1.0 + 1e-9
    assert ticket.share.tolist() == [0.3, 0.6]


def test_a_doubtful_fault_moves_the_serving_cells_less_than_a_sure_one() -> None:
    doubtful, sure = fresh_state(), fresh_state()
    sure_outage(doubtful, "H1", alarm_exists=-3.0)
    sure_outage(sure, "H1")
    ticket = two_places(0.1, 0.8)
    assert 0.1 < weighed(doubtful, ticket).served[0] < weighed(sure, ticket).served[0]


def test_cells_of_faults_that_reach_none_of_them_keep_their_chances() -> None:
    state = fresh_state()
    sure_outage(state, "H4")
    assert weighed(state, two_places(0.3, 0.6)).served.tolist() == pytest.approx([0.3, 0.6])


def test_what_customers_alone_know_fades_when_they_fall_silent() -> None:
    def share(silent_h: int) -> float:
        state = fresh_state()
        last = NOON + HOUR - silent_h * HOUR
        given = {"family": "tickets", "cluster_odds": 1.0, "last_sign_at": last}
        make_fault(state, "H1", started_at=NOON - 8 * HOUR, **given)
        return float(weighed(state, make_ticket()).by_fault.sum())

    assert share(0) > share(3) > share(6)


def test_weighing_changes_neither_ticket_nor_background() -> None:
    state, ticket = fresh_state(), make_ticket(words=words_for(site_outage=1.0))
    sure_outage(state, "H1")
    words, counts = ticket.words.copy(), state.background.counts.copy()
    weighed(state, ticket)
    assert (ticket.words == words).all()
    assert (state.background.counts == counts).all()


def test_a_fault_rate_learns_from_its_tickets_within_bounds() -> None:
    prior = np.full(5, 1e-4)
    tickets, hours = np.array([0.0, 0.0, 20.0, 1e9, 0.0]), np.array([0.0, 1e6, 1e4, 1.0, 1e12])
    nothing, silent, told, crowd, never = learned_rate(prior, tickets, hours).tolist()
    assert nothing == pytest.approx(1e-4)
    assert 0.0 < never <= silent < nothing < told <= crowd < 1.0


def test_ranking_breaks_ties_by_code_and_leaves_out_the_impossible() -> None:
    probability = np.array([0.4, 0.0, 0.4, 0.2])
    assert ranked(probability, ["d", "c", "b", "a"]) == [(2, 0.4), (0, 0.4), (3, 0.2)]
    assert len(ranked(np.full(9, 1 / 9), list("abcdefghi"))) == 5
