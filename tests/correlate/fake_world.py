"""Make small worlds with a truth, and what a run might have written about them.

Simple so far: the made-up run guesses at random; it does not try to be plausible.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from pandas import DataFrame, Series

DAY = pd.Timestamp("2026-03-02")
CAUSES = (
    "power_failure",
    "site_outage",
    "data_congestion",
    "external_interference",
    "weak_coverage",
)
COMPLAINT_COLUMNS = ["ticket_id", "created_at", "text", "msisdn", "address", "lon", "lat"]
TRUTH_COLUMNS = ["ticket_id", "cause", "fault_id", "object_id", "cell_id"]
FAULT_COLUMNS = ["fault_id", "cause", "object_id", "cells", "visible", "start", "end"]
DIAGNOSIS_COLUMNS = [
    *("ticket_id", "rank", "cause", "probability", "object_id", "incident_id", "diagnosed_at")
]
SERVING_COLUMNS = ["ticket_id", "rank", "cell_id", "probability"]
INCIDENT_COLUMNS = [
    *("incident_id", "cause", "object_id", "started_at", "detected_at", "ended_at", "cells")
]
NOTICE_COLUMNS = ["interception_id", "incident_id", "issued_at", "valid_until", "cells"]


@dataclass(frozen=True)
class FakeWorld:
    """The tables of a world (times naive, local) and of a run on it; None: not written."""

    cells: DataFrame
    complaints: DataFrame
    truth: DataFrame
    faults: DataFrame
    diagnoses: DataFrame
    serving_cells: DataFrame | None
    incidents: DataFrame | None
    interceptions: DataFrame | None
    locations: DataFrame | None = None


def clock(text: str) -> pd.Timestamp:
    """Return a time of the first day, given as `HH:MM`, or of day n, given as `n HH:MM`."""
    day, _, time = text.rpartition(" ")
    return DAY + pd.Timedelta(days=int(day or 1) - 1) + pd.Timedelta(f"{time}:00")


def tiny_world() -> FakeWorld:
    """Return three sites, two faults (one hidden), five tickets, and a run on them."""
    cells = DataFrame(
        {"cell_id": ["A1", "A2", "B1", "B2", "C1"], "site_id": ["A", "A", "B", "B", "C"]}
    )
    faults = DataFrame(
        [
            ["F1", "power_failure", "A", "A1|A2", 1, clock("08:00"), clock("12:00")],
            ["F2", "external_interference", "B1", "B1", 0, clock("10:00"), clock("20:00")],
        ],
        columns=FAULT_COLUMNS,
    )
    truth = DataFrame(
        [
            ["T1", "power_failure", "F1", "A", "A1"],
            ["T2", "power_failure", "F1", "A", "A2"],
            ["T3", "power_failure", "F1", "A", "A1"],
            ["T4", "external_interference", "F2", "B1", "B1"],
            ["T5", "weak_coverage", "", "", "C1"],
        ],
        columns=TRUTH_COLUMNS,
    )
    created = [clock(text) for text in ("08:30", "09:30", "10:30", "13:00", "15:00")]
    complaints = DataFrame(
        {
            "ticket_id": truth["ticket_id"],
            "created_at": created,
            "text": "no signal",
            "msisdn": ["1", "2", "3", "4", ""],
            "address": ["", "at A", "at A", "at B", ""],
            "lon": [100.0, None, None, None, None],
            "lat": [25.0, None, None, None, None],
        }
    )
    locations = DataFrame({"msisdn": ["1", "4"], "seen_at": [clock("07:00"), clock("16:00")]})
    return FakeWorld(
        cells=cells,
        complaints=complaints,
        truth=truth,
        faults=faults,
        locations=locations,
        **_tiny_run(created),
    )


def _tiny_run(created: list[pd.Timestamp]) -> dict[str, DataFrame]:
    """Return a run on the tiny world: the hidden fault is found late and misnamed."""
    at = [time + pd.Timedelta("10min") for time in created]
    diagnoses = DataFrame(
        [
            ["T1", 1, "power_failure", 0.9, "A", "I1", at[0]],
            ["T2", 1, "power_failure", 0.9, "A2", "I1", at[1]],
            ["T3", 1, "site_outage", 0.6, "A1/TRX-1", "I1", at[2]],
            ["T3", 2, "power_failure", 0.4, "A", "I1", at[2]],
            ["T4", 1, "data_congestion", 0.5, None, None, at[3]],
        ],
        columns=DIAGNOSIS_COLUMNS,
    )
    serving = DataFrame(
        [
            ["T1", 1, "A1", 0.6],
            ["T1", 2, "A2", 0.4],
            ["T2", 1, "B1", 0.4],
            ["T2", 2, "A1", 0.3],
            ["T2", 3, "A2", 0.3],
            ["T4", 1, "C1", 0.7],
            ["T4", 2, "B1", 0.3],
        ],
        columns=SERVING_COLUMNS,
    )
    incidents = DataFrame(
        [
            ["I1", "power_failure", "A", clock("08:00"), clock("08:10"), clock("12:00"), "A1|A2"],
            ["I2", "data_congestion", "B1", clock("10:00"), clock("12:00"), clock("18:00"), "B1"],
            ["I3", "site_outage", "C", clock("01:00"), clock("02:00"), clock("04:00"), "C1"],
        ],
        columns=INCIDENT_COLUMNS,
    )
    interceptions = DataFrame(
        [
            ["N1", "I1", clock("09:00"), pd.NaT, "A1|A2"],
            ["N2", "I3", clock("02:00"), clock("04:00"), "C1"],
        ],
        columns=NOTICE_COLUMNS,
    )
    return {
        "diagnoses": diagnoses,
        "serving_cells": serving,
        "incidents": incidents,
        "interceptions": interceptions,
    }


def random_world(rng: np.random.Generator, *, tickets: int = 120, faults: int = 14) -> FakeWorld:
    """Return a world and a run full of edges: ties, gaps, unknown cells, open and empty claims."""
    sites = [f"S{number}" for number in range(9)]
    cells = DataFrame([(f"{site}-{n}", site) for site in sites for n in range(3)])
    cells.columns = pd.Index(["cell_id", "site_id"])
    planted = _random_faults(rng, cells, faults)
    truth, complaints = _random_tickets(rng, cells, planted, tickets)
    return FakeWorld(
        cells=cells,
        complaints=complaints,
        truth=truth,
        faults=planted,
        diagnoses=_random_diagnoses(rng, truth, complaints),
        serving_cells=_random_serving(rng, truth, cells),
        incidents=_random_incidents(rng, planted, cells),
        interceptions=_random_notices(rng, planted, cells),
    )


def write_pair(made: FakeWorld, folder: Path, *, suffix: str = "csv") -> tuple[Path, Path]:
    """Write the bundle with its truth, and the run, to two folders; return them."""
    world, out = folder / "world", folder / "out"
    (world / "truth").mkdir(parents=True)
    out.mkdir()
    made.cells.to_csv(world / "cells.csv", index=False)
    made.complaints.to_csv(world / "complaints.csv", index=False)
    made.truth.to_csv(world / "truth" / "complaints.csv", index=False)
    made.faults.to_csv(world / "truth" / "faults.csv", index=False)
    if made.locations is not None:
        made.locations.to_csv(world / "locations.csv", index=False)
    for name in ("diagnoses", "serving_cells", "incidents", "interceptions"):
        table = getattr(made, name)
        if table is not None:
            _write(_zoned(table), out / f"{name}.{suffix}")
    return world, out


def changed(made: FakeWorld, name: str, row: int, **values: object) -> FakeWorld:
    """Return the world with some values of one row of a table replaced."""
    table = getattr(made, name).astype(object)
    for column, value in values.items():
        table.loc[row, column] = value
    return replace(made, **{name: table.infer_objects()})


def _write(table: DataFrame, path: Path) -> None:
    """Write a table as its name says: ISO 8601 with offset in CSV, zone-aware in Parquet."""
    if path.suffix == ".parquet":
        table.to_parquet(path)
        return
    times = table.select_dtypes("datetimetz").columns
    text = {name: table[name].map(pd.Timestamp.isoformat, na_action="ignore") for name in times}
    table.assign(**text).to_csv(path, index=False)


def _zoned(table: DataFrame) -> DataFrame:
    """Return the table with its local times in the zone of the world."""
    names = [name for name in table if name.endswith("_at") or name == "valid_until"]
    zoned = {name: pd.to_datetime(table[name]).dt.tz_localize("Asia/Shanghai") for name in names}
    return table.assign(**zoned)


def _times(rng: np.random.Generator, count: int) -> Series:
    """Return times within ten days, on whole minutes so that some fall together."""
    return Series(DAY + pd.to_timedelta(rng.integers(0, 14_400, count), unit="min"))


def _cell_lists(rng: np.random.Generator, cells: DataFrame, count: int) -> list[str]:
    """Return `|`-joined cells: one, several, all, none, an unknown one."""
    known = cells["cell_id"].to_numpy()
    lists = ["|".join(rng.choice(known, rng.integers(1, 7), replace=False)) for _ in range(count)]
    lists[:3] = ["|".join(known), f"X9|{known[0]}", known[1]]
    return lists


def _random_faults(rng: np.random.Generator, cells: DataFrame, count: int) -> DataFrame:
    """Return planted faults, some overlapping at one site."""
    start = _times(rng, count)
    lists = _cell_lists(rng, cells, count)
    return DataFrame(
        {
            "fault_id": [f"F{number}" for number in range(count)],
            "cause": rng.choice(CAUSES[:4], count),
            "object_id": [text.split("|")[-1] for text in lists],
            "cells": lists,
            "visible": rng.integers(0, 2, count),
            "start": start,
            "end": start + pd.to_timedelta(rng.integers(30, 2000, count), unit="min"),
        }
    )


def _random_tickets(
    rng: np.random.Generator, cells: DataFrame, faults: DataFrame, count: int
) -> tuple[DataFrame, DataFrame]:
    """Return the truth of tickets and the complaints, some twice, some received later."""
    fault = faults.iloc[rng.integers(0, len(faults), count)].reset_index(drop=True)
    is_fault = rng.random(count) < 0.7
    near = [rng.choice(text.split("|")) for text in fault["cells"]]
    ids = Series([f"T{number}" for number in range(count)])
    truth = DataFrame(
        {
            "ticket_id": ids,
            "cause": np.where(is_fault, fault["cause"], "weak_coverage"),
            "fault_id": np.where(is_fault, fault["fault_id"], ""),
            "object_id": np.where(is_fault, fault["object_id"], ""),
            "cell_id": np.where(is_fault, near, rng.choice(["", *cells["cell_id"]], count)),
        }
    )
    after = pd.to_timedelta(rng.integers(0, 1500, count), unit="min")
    created = (fault["start"] + after).where(is_fault, _times(rng, count))
    late = pd.to_timedelta(rng.integers(0, 90, count), unit="min")
    complaints = DataFrame({"ticket_id": ids, "created_at": created, "text": "no signal"})
    complaints["received_at"] = (created + late).where(rng.random(count) < 0.3)
    twice = complaints.head(3).assign(created_at=_times(rng, 3), received_at=pd.NaT)
    return truth, pd.concat([complaints, twice], ignore_index=True)


def _random_diagnoses(
    rng: np.random.Generator, truth: DataFrame, complaints: DataFrame
) -> DataFrame:
    """Return up to three ranked causes of most tickets, with ties and missing objects."""
    orders = complaints.drop_duplicates("ticket_id").set_index("ticket_id")
    arrived = orders["received_at"].fillna(orders["created_at"])
    rows = []
    for ticket, cause, object_id in truth[["ticket_id", "cause", "object_id"]].to_numpy():
        guesses = rng.permutation(CAUSES)[: rng.integers(0, 4)].tolist()
        if rng.random() < 0.5:
            guesses = [cause, *(guess for guess in guesses if guess != cause)]
        at = arrived[ticket] + pd.Timedelta(minutes=int(rng.integers(0, 31)))
        incident = rng.choice(["", "I1", "I2", "I3"])
        for rank, guess in enumerate(guesses, start=1):
            named = rng.choice([object_id, "S1-0", "S1-0/TRX-2", "S2", ""])
            share = round(float(rng.choice([0.0, 0.1, 0.2, 0.25, 1 / len(guesses)])), 3)
            rows.append([ticket, rank, guess, share, named or None, incident or None, at])
    return DataFrame(rows, columns=DIAGNOSIS_COLUMNS).sample(frac=1, random_state=1)


def _random_serving(rng: np.random.Generator, truth: DataFrame, cells: DataFrame) -> DataFrame:
    """Return up to six cells of most tickets, with ties and one cell of no inventory."""
    rows = []
    for ticket, cell in truth[["ticket_id", "cell_id"]].to_numpy():
        near = rng.permutation(["X9", cell or "S0-0", *cells["cell_id"][:8]]).tolist()
        picked = list(dict.fromkeys(near))[: rng.integers(0, 7)]
        rows += [
            [ticket, rank, name, float(rng.choice([0.05, 0.1, 0.15]))]
            for rank, name in enumerate(picked, start=1)
        ]
    return DataFrame(rows, columns=SERVING_COLUMNS)


def _random_incidents(
    rng: np.random.Generator, faults: DataFrame, cells: DataFrame, count: int = 18
) -> DataFrame:
    """Return incidents, most near a fault, some still open, one without cells."""
    near = faults.iloc[rng.integers(0, len(faults), count)].reset_index(drop=True)
    shift = pd.to_timedelta(rng.integers(-90, 200, count), unit="min")
    detected = near["start"] + shift
    ended = detected + pd.to_timedelta(rng.integers(-60, 3000, count), unit="min")
    lists = Series(_cell_lists(rng, cells, count)).where(rng.random(count) < 0.5, near["cells"])
    lists[4] = None
    return DataFrame(
        {
            "incident_id": [f"I{number}" for number in range(count)],
            "cause": near["cause"].where(rng.random(count) < 0.6, "unknown"),
            "object_id": near["object_id"],
            "started_at": (detected - pd.Timedelta("20min")).where(rng.random(count) < 0.95),
            "detected_at": detected,
            "ended_at": ended.where(rng.random(count) < 0.8),
            "cells": lists,
        }
    )


def _random_notices(
    rng: np.random.Generator, faults: DataFrame, cells: DataFrame, count: int = 30
) -> DataFrame:
    """Return notices, revisions following on each other, some open, one without cells."""
    incidents = _random_incidents(rng, faults, cells, count)
    until = incidents["ended_at"].clip(lower=incidents["detected_at"])
    notices = DataFrame(
        {
            "interception_id": [f"N{number}" for number in range(count)],
            "incident_id": [f"I{number // 2}" for number in range(count)],
            "issued_at": incidents["detected_at"],
            "valid_until": until,
            "cells": incidents["cells"],
        }
    )
    notices.loc[5, "issued_at"] = notices.loc[3, "valid_until"]
    notices.loc[5, "valid_until"] = pd.NaT
    return notices
