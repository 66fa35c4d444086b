"""Time the reading of measurement files, beside the parser alone.

    python -m benchmarks.measurement_files                     # four forms of 50 MB each
    python -m benchmarks.measurement_files --megabytes 250     # what memory a large file takes

Files are made up: nodes of 24 cells, 6 lists of 40 counters a cell of which some feed ours, whole numbers. Each form
is read in a process of its own; speeds are MB of the file over seconds of the processor, memory is the most that the
process held.

* parser: lxml hands out the records of the file one by one and nothing is done with them;
* first: records read, objects found in the inventory, our counters worked out;
* next: the same for the next file of the same objects, as it comes every quarter of an hour.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from kpi.files.catalogue import load_catalogue
from kpi.files.file_reading import Placing, read_file
from kpi.files.ledger import READ, Entry
from kpi.files.objects import Inventory, inventory_of
from kpi.files.streams import opened, records

WAYS = ("parser", "first", "next")
FORMS = ("32.435 p", "32.435 list", "28.532 p", "OMeS")
CELLS, LISTS, COUNTERS, NODES_A_FILE = 24, 6, 40, 5000
STANDARD = (
    ("RRC.ConnEstabAtt.sum", "RRC.ConnEstabSucc.sum", "RRC.ConnMean", "RRU.PrbTotDl"),
    ("ERAB.EstabInitAttNbr.sum", "ERAB.EstabInitSuccNbr.sum", "ERAB.RelActNbr.sum"),
    ("HO.ExeAtt", "HO.ExeSucc"),
    ("DRB.IPVolDl.sum", "DRB.IPTimeDl.sum", "RRU.CellUnavailableTime.sum"),
    tuple(f"CARR.WBCQIDist.Bin{n}" for n in range(16)),
    (),
)
NOKIA = (
    ("M8013C5", "M8013C17", "M8013C18", "M8013C19", "M8013C21"),
    ("M8006C0", "M8006C1", "M8006C176"),
    ("M8009C6", "M8009C7", "M8014C6", "M8014C7"),
    ("M8012C19", "M8012C20", "M8011C37", "M8020C3", "M8020C6"),
    tuple(f"M8010C{n}" for n in range(36, 52)),
    (),
)
SPACES = {
    "32.435": "http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec",
    "28.532": "http://www.3gpp.org/ftp/specs/archive/28_series/28.532#measData",
}


def made_file(form: str, path: Path, megabytes: float) -> None:
    """Write a file of a form, of about so many MB."""
    rng = np.random.default_rng(5)
    parts = _omes(rng) if form == "OMeS" else _gpp(form, rng)
    head, tail = next(parts), next(parts)
    with path.open("w", encoding="ascii") as file:
        file.write(head)
        written = 0
        for part in parts:
            file.write(part)
            written += len(part)
            if written > megabytes * 1e6:
                break
        file.write(tail)


def _gpp(form: str, rng: np.random.Generator) -> Iterator[str]:
    """Yield head, tail and then nodes of a file of 3GPP."""
    standard, _, kind = form.partition(" ")
    root, entity = ("measCollecFile", "managedElement")
    if standard == "28.532":
        root, entity = ("measDataFile", "measEntity")
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{SPACES[standard]}">\n'
        f'<fileHeader fileFormatVersion="{standard} V10.0" dnPrefix="SubNetwork=1"/>\n'
    )
    yield f"</{root}>\n"
    for node in range(NODES_A_FILE):
        infos = [_info(node, number, kind, rng) for number in range(LISTS)]
        yield (
            f'<measData>\n <{entity} localDn="ManagedElement={10_000 + node}"/>\n'
            + "".join(infos)
            + "</measData>\n"
        )


def _info(node: int, number: int, kind: str, rng: np.random.Generator) -> str:
    """Return a list of counters of a node with the values of its cells."""
    names = [*STANDARD[number], *(f"Other.Counter{number}.{n}" for n in range(COUNTERS))][:COUNTERS]
    values = rng.integers(0, 100_000, (CELLS, COUNTERS)).astype(str).tolist()
    lines = [
        f' <measInfo measInfoId="{number}">',
        '  <granPeriod duration="PT900S" endTime="2026-03-01T08:15:00+08:00"/>',
    ]
    if kind == "p":
        lines += [f'  <measType p="{n}">{name}</measType>' for n, name in enumerate(names, 1)]
    else:
        lines.append(f"  <measTypes>{' '.join(names)}</measTypes>")
    for cell, row in enumerate(values, 1):
        name = f"ENodeBFunction=1,EUtranCellFDD={10_000 + node}-{cell}"
        lines.append(f'  <measValue measObjLdn="{name}">')
        if kind == "p":
            lines += [f'   <r p="{n}">{value}</r>' for n, value in enumerate(row, 1)]
        else:
            lines.append(f"   <measResults>{' '.join(row)}</measResults>")
        lines.append("  </measValue>")
    return "\n".join([*lines, " </measInfo>\n"])


def _omes(rng: np.random.Generator) -> Iterator[str]:
    """Yield head, tail and then nodes of a file of NetAct."""
    yield (
        '<?xml version="1.0"?>\n<OMeS xmlns="pm/cnf_lte_nsn.1.0.xsd">\n'
        '<PMSetup startTime="2026-03-01T08:00:00.000+08:00:00" interval="15">\n'
    )
    yield "</PMSetup>\n</OMeS>\n"
    for node in range(NODES_A_FILE):
        yield "".join(
            _result(node, number, cell, rng)
            for number in range(LISTS)
            for cell in range(1, CELLS + 1)
        )


def _result(node: int, number: int, cell: int, rng: np.random.Generator) -> str:
    """Return a measurement of a cell."""
    names = [*NOKIA[number], *(f"M89{number}C{n}" for n in range(COUNTERS))][:COUNTERS]
    values = rng.integers(0, 100_000, COUNTERS).tolist()
    dn = f"PLMN-PLMN/MRBTS-{10_000 + node}/LNBTS-{10_000 + node}/LNCEL-{cell}"
    lines = [
        f"<PMMOResult><MO><DN>{dn}</DN></MO>",
        f'<PMTarget measurementType="LTE_{number}">',
        *(f" <{name}>{value}</{name}>" for name, value in zip(names, values, strict=True)),
        "</PMTarget></PMMOResult>\n",
    ]
    return "\n".join(lines)


def made_inventory(nodes: int) -> Inventory:
    """Return the inventory of made-up nodes."""
    sites = pd.DataFrame({"site_id": [str(10_000 + n) for n in range(nodes)]})
    sites["site_name"] = "Site " + sites["site_id"]
    cells = sites[["site_id"]].merge(pd.DataFrame({"cell": range(1, CELLS + 1)}), how="cross")
    cells["cell_id"] = cells["site_id"] + "-" + cells["cell"].astype("str")
    return inventory_of(sites, cells.assign(rat="LTE"))


def measured(form: str, megabytes: float, what: str) -> dict[str, float]:
    """Return seconds and memory of one way to read a file; call it in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.xml"
        made_file(form, path, megabytes)
        size = path.stat().st_size
        catalogue = load_catalogue()
        placing = Placing(made_inventory(1 if what == "parser" else NODES_A_FILE))
        entry = Entry("", path.name, size, 0, "", READ)
        if what == "next":
            read_file(path, entry, placing, catalogue, zone="UTC")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        began = time.process_time()
        count = 0
        if what == "parser":
            name = "PMMOResult" if form == "OMeS" else "measValue"
            above = ("PMSetup",) if form == "OMeS" else ("measInfo", "measData")
            with opened(path) as source:
                count = sum(is_record for _, is_record in records(source, name, above))
        else:
            count = read_file(path, entry, placing, catalogue, zone="UTC").entry.records
        seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "mb": size / 1e6,
        "records": count,
        "seconds": seconds,
        "peak_mib": peak / 1024,
        "grown_mib": (peak - before) / 1024,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--megabytes", type=float, default=50.0)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--form", choices=FORMS)
    parser.add_argument("--one", choices=WAYS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measured(options.form, options.megabytes, options.one)))
        return
    columns = ("form", "MB", "records", *(f"{way} MB/s" for way in WAYS), "peak MiB")
    table = Table(*columns)
    for form in [options.form] if options.form else FORMS:
        best = {}
        for what in WAYS:
            runs = [_apart(form, options.megabytes, what) for _ in range(options.times)]
            best[what] = min(runs, key=lambda run: run["seconds"])
        speed = {what: run["mb"] / run["seconds"] for what, run in best.items()}
        ours = best["next"]
        table.add_row(
            form,
            f"{ours['mb']:.0f}",
            f"{ours['records']:,}",
            *(f"{speed[way]:.0f}" for way in WAYS),
            f"{ours['peak_mib']:.0f}",
        )
    Console().print(table)


def _apart(form: str, megabytes: float, what: str) -> dict[str, float]:
    """Return what a process of its own measured."""
    command = [sys.executable, "-m", "benchmarks.measurement_files", "--form", form]
    command += ["--megabytes", str(megabytes), "--one", what]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
