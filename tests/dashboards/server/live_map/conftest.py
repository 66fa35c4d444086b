"""Give the ground of the small network to all tests of the map."""

import pandas as pd
import pytest

from dashboards.server.live_map.grounds import Ground, ground_of
from tests.correlate.small_network import small_tables


@pytest.fixture
def ground() -> Ground:
    """The ground of the small network."""
    places = pd.DataFrame({"name": ["Vale town"], "lon": [100.0], "lat": [25.1], "kind": ["town"]})
    users = pd.DataFrame(
        {"county": ["Hill", "Vale"], "users": [4000, 2500], "month": ["2026-03"] * 2}
    )
    return ground_of(small_tables() | {"places": places, "subscribers": users})
