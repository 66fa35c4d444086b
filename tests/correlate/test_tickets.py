import pandas as pd

from correlate.instants import seconds
from correlate.tickets import NEVER
from tests.correlate.small_network import make_ticket


def test_never_is_before_every_instant_that_can_be_told() -> None:
    earliest = pd.Series([pd.Timestamp("0001-01-01", tz="UTC").as_unit("us")])
    assert seconds(earliest)[0] > NEVER


def test_a_ticket_as_read_was_not_yet_diagnosed_nor_closed() -> None:
    ticket = make_ticket()
    assert (ticket.diagnosed_at, ticket.fault) == (0, 0)
    assert not ticket.is_repeat
