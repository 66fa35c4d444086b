"""The query gives what the roll-up of a table gives."""

import duckdb
import numpy as np
import pandas as pd
import pytest

from contract.errors import InputError
from kpi.measure_files import COUNTERS_OF_CELLS, load_measures
from kpi.rollup_queries import rollup_query
from kpi.rollups import rolled_up

BOOK = load_measures()


def quarters(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    start = pd.date_range("2026-03-02 15:00", periods=40, freq="15min", tz="UTC").as_unit("us")
    rows = pd.DataFrame({"cell_id": np.repeat(["A1", "A2"], 40), "start": start.append(start)})
    rows["minutes"] = 15.0
    for name in COUNTERS_OF_CELLS:
        values = rng.integers(0, 9, len(rows)).astype(float)
        rows[name] = np.where(rng.random(len(rows)) < 0.2, np.nan, values)
    return rows.assign(ul_interference_dbm=-120 + rows["ul_interference_dbm"])


@pytest.mark.parametrize("span", ["hour", "day"])
@pytest.mark.parametrize("rat", ["GSM", "LTE"])
def test_the_query_gives_what_the_table_gives(span: str, rat: str) -> None:
    kpi = quarters(7)
    cells = pd.DataFrame({"object_id": ["A1", "A2"], "rat": rat}, index=["A1", "A2"])
    names = [m.name for m in BOOK.measures if rat in m.rats and (m.counters or m.factors)]
    query = rollup_query(BOOK, span=span, zone="Asia/Kolkata", names=names)
    with duckdb.connect() as connection:
        connection.register("kpi", kpi)
        found = connection.sql(query).to_arrow_table().to_pandas()
    expected = rolled_up(kpi, cells, span=span, zone="Asia/Kolkata", names=names)
    wide = expected.pivot_table(
        index=["object_id", "start"], columns="measure", values="value", observed=True, dropna=False
    )
    assert len(wide) == len(found)
    for name in names:
        np.testing.assert_allclose(found[name], wide[name].to_numpy(), rtol=1e-9)
    n = expected.loc[expected["measure"] == "drop_rate", "n"].to_numpy()
    np.testing.assert_allclose(found["drop_rate_n"].fillna(0), n)


@pytest.mark.parametrize(
    ("change", "said"), [({"span": "week"}, "`span`"), ({"names": ["karma"]}, "`names`")]
)
def test_what_is_not_known_is_named(change: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        rollup_query(BOOK, **change)  # type: ignore[arg-type]


def test_a_zone_with_a_quote_stays_text() -> None:
    assert "'x''; DROP TABLE kpi'" in rollup_query(BOOK, zone="x'; DROP TABLE kpi")
