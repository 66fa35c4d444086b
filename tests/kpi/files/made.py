"""Measurement files made up for the tests: small, of every form."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from kpi.files.catalogue import Catalogue, load_catalogue
from kpi.files.faults import BrokenFileError
from kpi.files.file_reading import FileRows, Placing, read_file
from kpi.files.ledger import READ, Entry
from kpi.files.objects import Inventory, inventory_of

SPACE = "http://www.3gpp.org/ftp/specs/archive/32_series/32.435#measCollec"
END = "2026-03-01T08:15:00+08:00"
NAMES = ("RRC.ConnEstabAtt.sum", "RRC.ConnEstabSucc.sum", "Some.Other")
ROW = Sequence[str | None]


def inventory() -> Inventory:
    """Two LTE sites of two cells, an NR site of one, a GSM site of one."""
    rows = [
        ("5001-1", "5001", "LTE"),
        ("5001-2", "5001", "LTE"),
        ("5002-1", "5002", "LTE"),
        ("6001-1", "6001", "NR"),
        ("7001-1", "7001", "GSM"),
    ]
    cells = pd.DataFrame(rows, columns=["cell_id", "site_id", "rat"])
    sites = pd.DataFrame({"site_id": cells["site_id"].unique()})
    return inventory_of(sites.assign(site_name="Site " + sites["site_id"]), cells)


def cell(number: int = 1, site: int = 5001, word: str = "EUtranCellFDD") -> str:
    """Name of a cell below its node."""
    return f"ENodeBFunction=1,{word}={site}-{number}"


def info(
    rows: Mapping[str, ROW],
    *,
    names: Sequence[str] = NAMES,
    end: str = END,
    duration: str = "PT900S",
    listed: bool = False,
    suspect: Sequence[str] = (),
) -> str:
    """A list of counters with the values of objects; None leaves the value out."""
    lines = [f'<measInfo><granPeriod duration="{duration}" endTime="{end}"/>']
    if listed:
        lines.append(f"<measTypes>{' '.join(names)}</measTypes>")
    else:
        lines += [f'<measType p="{n}">{name}</measType>' for n, name in enumerate(names, 1)]
    for name, values in rows.items():
        lines.append(f'<measValue measObjLdn="{name}">')
        if listed:
            lines.append(f"<measResults>{' '.join(v or 'NIL' for v in values)}</measResults>")
        else:
            lines += [f'<r p="{n}">{v}</r>' for n, v in enumerate(values, 1) if v is not None]
        lines += ["<suspect>true</suspect>"] * (name in suspect) + ["</measValue>"]
    return "\n".join([*lines, "</measInfo>"])


def collected(*infos: str, node: str = "ManagedElement=5001", space: str = SPACE) -> str:
    """A file of TS 32.435."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<measCollecFile xmlns="{space}">\n'
        '<fileHeader fileFormatVersion="32.435 V10.0" dnPrefix="SubNetwork=1"/>\n'
        f'<measData><managedElement localDn="{node}"/>\n' + "\n".join(infos) + "\n</measData>\n"
        f'<fileFooter><measCollec endTime="{END}"/></fileFooter>\n</measCollecFile>\n'
    )


def attempts(*counts: int, end: str = END, site: int = 5001) -> str:
    """A file with attempts and successes of the cells of a site."""
    rows = {cell(n, site): (str(count), str(count), "7") for n, count in enumerate(counts, 1)}
    return collected(info(rows, end=end), node=f"ManagedElement={site}")


def omes(
    results: Sequence[tuple[Sequence[str], Mapping[str, str]]],
    *,
    start: str = "2026-03-01T08:00:00.000+08:00:00",
    interval: str = "15",
) -> str:
    """A file of NetAct: objects and counters of each result."""
    lines = [f'<?xml version="1.0"?>\n<OMeS><PMSetup startTime="{start}" interval="{interval}">']
    for objects, counters in results:
        lines.append("<PMMOResult>")
        lines += [f"<MO><DN>{name}</DN></MO>" for name in objects]
        lines.append('<PMTarget measurementType="LTE_X">')
        lines += [f"<{name}>{value}</{name}>" for name, value in counters.items()]
        lines.append("</PMTarget></PMMOResult>")
    return "\n".join([*lines, "</PMSetup></OMeS>"])


def lncel(number: int = 1, site: int = 5001) -> str:
    """Name of a cell as NetAct gives it."""
    return f"PLMN-PLMN/MRBTS-{site}/LNBTS-{site}/LNCEL-{number}"


def saved(path: Path, text: str | bytes) -> Path:
    """A file with a text."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def read(path: Path, text: str | bytes, catalogue: Catalogue | None = None) -> FileRows:
    """What a file with a text comes to."""
    entry = Entry("digest", path.name, 0, 0, "", READ)
    rules = catalogue or load_catalogue()
    return read_file(saved(path, text), entry, Placing(inventory()), rules, zone="Asia/Shanghai")


def fault(path: Path, text: str | bytes) -> BrokenFileError:
    """Why a file with a text is quarantined."""
    try:
        read(path, text)
    except BrokenFileError as error:
        return error
    message = "the file was read"
    raise AssertionError(message)
