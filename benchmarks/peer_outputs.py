"""Write what a peer of the model answers as the output of a run, so that the scorer judges all alike.

Simple so far: a peer issues no notices and says nothing of serving cells.
"""

from pathlib import Path

import pandas as pd

from contract.causes import CAUSES
from contract.outputs import write_outputs
from contract.tables import OUTPUTS, empty_table

NETWORK = frozenset(code for code, cause in CAUSES.items() if cause.is_network)
AFTER = pd.Timedelta("2h")
"""How long an incident of a peer stands after its last complaint."""


def first_answers(tickets: pd.DataFrame, cause: pd.Series, probability: float) -> pd.DataFrame:
    """Return diagnoses of one answer a ticket.

    Parameters
    ----------
    tickets : DataFrame
        `ticket_id`, `object_id`, `cell_id`, `incident_id`, `diagnosed_at`.
    cause : Series of str, index of `tickets`
    probability : float
        What the peer says of each answer.

    Returns
    -------
    DataFrame
        The contract's table `diagnoses`.
    """
    return tickets.assign(rank=1, cause=cause, probability=probability, fault_started_at=pd.NaT)


def incidents_of(answers: pd.DataFrame, cells: pd.Series, *, least: int = 1) -> pd.DataFrame:
    """Return an incident for each group of tickets: its first to its last complaint and two hours.

    Parameters
    ----------
    answers : DataFrame
        First answers: `incident_id`, `cause`, `object_id`, `diagnosed_at`; rows without an
        incident count for none.
    cells : Series of str, index of `answers`
        Cells concerned of each ticket, joined by `|`.
    least : int, default 1
        The incident is detected when this many of its tickets are diagnosed.

    Returns
    -------
    DataFrame
        The contract's table `incidents`.
    """
    told = answers.assign(cells=cells).dropna(subset=["incident_id"])
    if told.empty:
        return empty_table(OUTPUTS["incidents"])
    told = told.sort_values(["diagnosed_at", "ticket_id"], kind="stable")
    groups = told.groupby("incident_id")
    detected = groups["diagnosed_at"].nth(list(range(least))).groupby(told["incident_id"]).max()
    table = pd.DataFrame(
        {
            "cause": groups["cause"].agg(lambda causes: causes.mode().iat[0]),
            "object_id": groups["object_id"].first(),
            "started_at": groups["diagnosed_at"].min(),
            "detected_at": detected,
            "ended_at": groups["diagnosed_at"].max() + AFTER,
            "cells": groups["cells"].agg(_joined),
            "complaints": groups.size(),
        }
    )
    empty = empty_table(OUTPUTS["incidents"])
    return table.reset_index().reindex(columns=list(empty.columns))


def write_answers(out: Path, diagnoses: pd.DataFrame, incidents: pd.DataFrame, zone: str) -> Path:
    """Write a peer's answers into a folder as a run writes them, and return the folder.

    Parameters
    ----------
    out : Path
    diagnoses, incidents : DataFrame
        As in the contract; further columns are left out.
    zone : str
        IANA zone the times are written in.

    Raises
    ------
    OutputError
        If the answers break the contract.
    """
    tables = {name: empty_table(table) for name, table in OUTPUTS.items()}
    given = {"diagnoses": diagnoses, "incidents": incidents}
    for name, table in given.items():
        tables[name] = table.reindex(columns=list(tables[name].columns))
    write_outputs(out, tables, zone)
    return out


def _joined(cells: pd.Series) -> str:
    """Return all cells of several lists joined by `|`."""
    named = {cell for told in cells.dropna() for cell in str(told).split("|") if cell}
    return "|".join(sorted(named))
