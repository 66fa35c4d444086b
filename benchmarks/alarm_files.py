"""Measure alarm lists of a vendor: converting large files, and reading a bundle with a million alarms.

A network is made up, its alarms are written as a U2000 list and as a bundle: once with the ids of the
inventory, once with the names that a vendor gives its objects. Every part is a process of its own, so
that memory is its own.

Simple so far: one form of list; alarms are spread evenly over a day.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

KIB_PER_MIB = 2**10
SITES, CELLS_A_SITE = 3000, 9
SIZES = (250_000, 1_000_000)
LIMITS = {"convert_mib": 1024.0, "exact_s": 12.0, "vendor_s": 20.0, "load_mib": 1536.0}
"""Peak of a conversion; seconds to read a bundle, its objects exact or as a vendor names them; peak of reading."""
DAY_S = 86_400
PARTS = ("convert", "exact", "vendor")
NAMES = ("Cell Unavailable", "NE Is Disconnected", "RF Unit VSWR Threshold Crossed")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; return 0, or 1 if one is beyond its limit."""
    parser = argparse.ArgumentParser(description="Measure alarm lists of a vendor.")
    parser.add_argument("--alarms", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--only", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.only:
        part, folder, count = options.only
        print(json.dumps(CHILDREN[part](Path(folder), int(count))))
        return 0
    found: dict[str, float] = {}
    print(f"{'alarms':>10}{'part':>9}{'MB':>7}{'wall s':>9}{'CPU s':>8}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for count in sorted(options.alarms):
            child("write", Path(folder), count)
            for part in PARTS:
                figures = child(part, Path(folder), count)
                print(line(count, part, figures))
                found |= {f"{part}_s": figures["wall_s"], f"{part}_mib": figures["peak_mib"]}
    found["load_mib"] = max(found["exact_mib"], found["vendor_mib"])
    beyond = [name for name, limit in LIMITS.items() if found[name] > limit]
    print("within every limit" if not beyond else f"beyond its limit: {', '.join(beyond)}")
    return int(bool(beyond))


def line(count: int, part: str, figures: Mapping[str, float]) -> str:
    """Return the figures of one part as a line.

    Examples
    --------
    >>> line(1000, "convert", {"mb": 1.0, "wall_s": 2.0, "cpu_s": 3.0, "peak_mib": 4.0})
    '     1,000  convert      1      2.0     3.0         4'
    """
    return (
        f"{count:>10,}{part:>9}{figures['mb']:7.0f}{figures['wall_s']:9.1f}"
        f"{figures['cpu_s']:8.1f}{figures['peak_mib']:10.0f}"
    )


def child(part: str, folder: Path, count: int) -> dict[str, float]:
    """Return the figures of one part, measured in a process of its own.

    The files are written by a process of its own too: the peak of a process begins with that of the one
    that starts it.

    Raises
    ------
    subprocess.CalledProcessError
        If the process does not end well.
    """
    command = [
        sys.executable,
        "-m",
        "benchmarks.alarm_files",
        "--only",
        part,
        str(folder),
        str(count),
    ]
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=root)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def write_files(folder: Path, count: int) -> dict[str, float]:
    """Write the list of a vendor, and bundles with the same alarms by id and by name.

    Parameters
    ----------
    folder : Path
    count : int
        Alarms.
    """
    sites, cells = network()
    rng = np.random.default_rng(count)
    of_cell = cells.iloc[rng.integers(0, len(cells), count)].reset_index(drop=True)
    name = of_cell["site_id"].map(sites.set_index("site_id")["site_name"])
    raised = pd.Timestamp("2026-03-02") + pd.to_timedelta(
        np.sort(rng.integers(0, DAY_S, count)), "s"
    )
    cleared = raised + pd.to_timedelta(rng.integers(10, 7200, count), "s")
    kinds = np.array(NAMES)[rng.integers(0, len(NAMES), count)]
    times = [instants.strftime("%Y-%m-%d %H:%M:%S") for instants in (raised, cleared)]
    mo = "eNodeB Function Name=" + name + ", Cell Name=" + of_cell["cell_name"]
    place = "Cabinet No.=0, Subrack No.=60, Slot No.=" + pd.Series(
        rng.integers(0, 8, count)
    ).astype("str")
    listed = pd.DataFrame(
        {
            "Severity": "Major", "Alarm ID": "29240", "Name": kinds, "NE Type": "BTS3900 LTE",
            "Alarm Source": name, "MO Name": mo,
            "Location Information": place + ", Specific Problem=RF module abnormal",
            "Occurred On (NT)": times[0], "Cleared On (NT)": times[1], "Acknowledged On (ST)": "-",
            "Cleared By": "<System Operator>", "Log Serial Number": np.arange(count),
        }
    )  # fmt: skip
    with (folder / "u2000.csv").open("w", encoding="utf-8") as file:
        file.write("Query Alarm Logs\nSave Time,2026-03-03 08:00:00\n\n")
        listed.to_csv(file, index=False)
    alarms = pd.DataFrame(
        {
            "alarm_id": listed["Log Serial Number"], "object_id": of_cell["cell_id"],
            "raised_at": times[0], "cleared_at": times[1], "name": kinds, "severity": "major",
            "vendor": "Huawei", "code": "29240", "detail": listed["Location Information"],
        }
    )  # fmt: skip
    for kind, objects in (("exact", of_cell["cell_id"]), ("vendor", mo)):
        (folder / kind).mkdir(exist_ok=True)
        sites.to_csv(folder / kind / "sites.csv", index=False)
        cells.to_csv(folder / kind / "cells.csv", index=False)
        alarms.assign(object_id=objects).to_csv(folder / kind / "alarms.csv", index=False)
    return {}


def network() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the sites and cells of a made-up network."""
    number = np.arange(SITES)
    sites = pd.DataFrame(
        {
            "site_id": [f"E{600_000 + n}" for n in number],
            "site_name": [f"Town {n // 10} Street {n}" for n in number],
            "lon": 100 + number % 60 / 60,
            "lat": 25 + number // 60 / 60,
        }
    )
    of_site = np.repeat(number, CELLS_A_SITE)
    place = np.tile(np.arange(CELLS_A_SITE), SITES)
    cells = pd.DataFrame(
        {
            "cell_id": [f"{600_000 + n}-L{k}" for n, k in zip(of_site, place, strict=True)],
            "site_id": sites["site_id"].to_numpy()[of_site],
            "cell_name": [
                f"Town {n // 10} Street {n}_{k}" for n, k in zip(of_site, place, strict=True)
            ],
            "rat": "LTE",
            "freq_mhz": 1850,
        }
    )
    return sites, cells


def converted(folder: Path, _: int) -> dict[str, float]:
    """Return what converting the list costs."""
    from contract.mapping_files import load_mapping
    from contract.mappings import convert_files

    source = folder / "u2000.csv"
    with tempfile.TemporaryDirectory() as out:
        begun = time.perf_counter()
        convert_files(load_mapping("alarms-huawei"), [source], Path(out) / "bundle")
        return figures_since(begun, source)


def exact(folder: Path, _: int) -> dict[str, float]:
    """Return what reading the bundle with ids costs."""
    return loaded(folder / "exact")


def by_vendor(folder: Path, _: int) -> dict[str, float]:
    """Return what reading the bundle with names of a vendor costs."""
    return loaded(folder / "vendor")


def loaded(folder: Path) -> dict[str, float]:
    """Return what reading a bundle costs; every object must be known."""
    from contract.bundles import read_bundle
    from contract.settings import Settings

    begun = time.perf_counter()
    bundle = read_bundle(folder, Settings())
    if len(bundle.unresolved):
        msg = f"{len(bundle.unresolved)} objects of a made-up bundle are not resolved"
        raise RuntimeError(msg)
    return figures_since(begun, folder / "alarms.csv")


def figures_since(begun: float, file: Path) -> dict[str, float]:
    """Return seconds since an instant of the clock, and the peak of memory of this process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "mb": file.stat().st_size / 1e6,
        "wall_s": time.perf_counter() - begun,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mib": usage.ru_maxrss / KIB_PER_MIB,
    }


CHILDREN: Mapping[str, Callable[[Path, int], dict[str, float]]] = {
    "write": write_files,
    "convert": converted,
    "exact": exact,
    "vendor": by_vendor,
}

if __name__ == "__main__":
    sys.exit(main())
