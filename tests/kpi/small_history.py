"""Make a small history of counters and the bundle of its cells: two counties, a cell that falls ill on the last day."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from contract.history import open_history

COUNTIES = ("东县", "西县")
FIRST = date(2026, 3, 2)
DAYS = 9
CELLS = 6
ILL, ILL_HOUR = "W3", 10
"""Cell whose antenna line goes bad on the last day, and the hour from which on it is."""


def write_bundle(folder: Path) -> Path:
    """Write the inventory of the cells; each site has three, the sites of a county one maker."""
    folder.mkdir(parents=True, exist_ok=True)
    sites = ["site_id,site_name,lon,lat,county,vendor"]
    cells = ["cell_id,site_id,rat,freq_mhz,indoor"]
    for letter, county, vendor in zip("EW", COUNTIES, ("Nokia", "Huawei"), strict=True):
        for site in range(CELLS // 3):
            sites.append(f"{letter}{site}-S,{letter} {site},100.{site},25.{site},{county},{vendor}")
        for cell in range(CELLS):
            cells.append(f"{letter}{cell},{letter}{cell // 3}-S,LTE,1815,{int(cell == 0)}")
    for name, lines in (("sites", sites), ("cells", cells)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_history(folder: Path, *, days: int = DAYS) -> str:
    """Write the history and return its address."""
    with open_history(str(folder)).writing() as writer:
        for letter, county in zip("EW", COUNTIES, strict=True):
            for day in range(days):
                rows = day_of(letter, day)
                writer.write("kpi", rows, region=county, day=FIRST + timedelta(days=day))
    return str(folder)


def day_of(letter: str, day: int) -> pd.DataFrame:
    """Return the hourly counters of a county on a day."""
    rng = np.random.default_rng((day, ord(letter)))
    hour = np.repeat(np.arange(24), CELLS)
    names = [f"{letter}{cell}" for cell in range(CELLS)] * 24
    load = 200 + 150 * np.sin((hour - 6) / 24 * 2 * np.pi)
    attempts = rng.poisson(load)
    is_ill = (np.array(names) == ILL) & (day == DAYS - 1) & (hour >= ILL_HOUR)
    midnight = pd.Timestamp(FIRST + timedelta(days=day), tz="Asia/Shanghai")
    return pd.DataFrame(
        {
            "cell_id": names,
            "start": (midnight + pd.to_timedelta(hour, unit="h")).tz_convert("UTC").as_unit("us"),
            "minutes": 60.0,
            "setup_attempts": attempts.astype(float),
            "setup_successes": rng.binomial(attempts, 0.98).astype(float),
            "drops": rng.binomial(attempts, 0.01).astype(float),
            "traffic_erl": load / 40 * rng.normal(1, 0.05, len(load)),
            "vswr": rng.normal(1.2, 0.02, len(load)) + 1.7 * is_ill,
            "availability": 1.0,
        }
    )
