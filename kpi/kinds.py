"""Know the kinds of hidden faults by their signatures, and score a period against each.

The score of a kind is the weighted sum of the deviations its signature names, brought to unit
spread; plain limits (gates) must hold as well.

Simple so far: weights are set by hand from known signatures, deviations of related measures count
as if independent, and groups of cells (a ring around a lost clock, one band) are left to the
reader of the episodes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from contract.errors import InputError
from contract.knowledge_files import ORIGIN, check_choice, check_keys, read_knowledge
from kpi.measures import MEASURE_INDEX, MEASURES, Floats

Flags = npt.NDArray[np.bool_]
NEEDED = (*ORIGIN, "name", "signature", "drift", "open", "quiet", "gate")
OPTIONAL = ("mean", "yields_to", "slow", "pooled", "standing")
STANDING = ("measure", "at", "hours", "days", "least", "gsm")
FELT = "felt"
LIMITS = ("at_least", "at_most", "change_at_least", "change_at_most")


@dataclass(frozen=True)
class Gate:
    """Plain limits of one measure; infinite where there is none."""

    measure: int
    at_least: float
    at_most: float
    change_at_least: float
    change_at_most: float
    unknown_passes: bool


@dataclass(frozen=True)
class Standing:
    """A plain limit: beyond `at` for so many hours of a day, on so many of seven days, whatever is usual.

    `least` is the attempts an hour needs to be judged, `holds_for_gsm` whether the limit is one for GSM as well. Of
    `felt` one limit at least must hold as well, unless none of its measures is known.
    """

    measure: int
    at: float
    hours: float
    days: int
    least: float
    holds_for_gsm: bool
    felt: tuple[Gate, ...] = ()


@dataclass(frozen=True)
class Kind:
    """One kind of hidden fault."""

    name: str
    signature: tuple[float, ...]
    is_mean: bool  # measures that move together are averaged, independent ones add by the root
    drift: float
    open_at: float
    quiet_minutes: float
    yields_to: tuple[str, ...]
    gates: tuple[Gate, ...]
    source: str
    verified: str
    is_slow: bool = False  # a day of it is judged as well as each period
    is_pooled: bool = False  # many cells that share it a little are looked for as well
    standing: Standing | None = None  # a plain limit opens it as well


def read_kinds(path: Path) -> tuple[Kind, ...]:
    """Return the kinds of a file.

    Parameters
    ----------
    path : Path
        TOML with an array of tables `kind`.

    Returns
    -------
    tuple of Kind
        In the order of the file.

    Raises
    ------
    InputError
        If a row lacks a key, or names a measure, limit or kind that is not known.
    """
    rows = read_knowledge(path, "kinds").get("kind", [])
    kinds = tuple(_kind(row) for row in rows)
    names = {kind.name for kind in kinds}
    if not kinds or len(names) != len(kinds):
        message = f"`kind` needs distinct names, got {sorted(names)}; rename one."
        raise InputError(message)
    for kind in kinds:
        strangers = sorted(set(kind.yields_to) - names)
        if strangers:
            message = f"`yields_to` of {kind.name!r} names unknown kinds {strangers}."
            raise InputError(message)
    return kinds


def _kind(row: Mapping[str, Any]) -> Kind:
    """Return one kind of the file, or say what is wrong with it."""
    name = str(row.get("name", "?"))
    check_keys(row, f"kind {name!r}", argument="kinds", needed=NEEDED, known=OPTIONAL)
    weights = [0.0] * len(MEASURES)
    for measure, weight in row["signature"].items():
        weights[_measure_index(measure, kind=name)] = float(weight)
    return Kind(
        name=name,
        signature=tuple(weights),
        is_mean=bool(row.get("mean", False)),
        drift=float(row["drift"]),
        open_at=float(row["open"]),
        quiet_minutes=float(row["quiet"]),
        yields_to=tuple(row.get("yields_to", ())),
        gates=tuple(_gate(gate, kind=name) for gate in row["gate"]),
        source=str(row["source"]),
        verified=str(row["verified"]),
        is_slow=bool(row.get("slow", False)),
        is_pooled=bool(row.get("pooled", False)),
        standing=_standing(row["standing"], kind=name) if "standing" in row else None,
    )


def _standing(row: Mapping[str, Any], *, kind: str) -> Standing:
    """Return the plain limit of a kind."""
    where = f"standing of kind {kind!r}"
    check_keys(row, where, argument="kinds", needed=STANDING, known=(FELT,))
    return Standing(
        measure=_measure_index(row["measure"], kind=kind),
        at=float(row["at"]),
        hours=float(row["hours"]),
        days=int(row["days"]),
        least=float(row["least"]),
        holds_for_gsm=bool(row["gsm"]),
        felt=tuple(_gate(gate, kind=kind) for gate in row.get(FELT, ())),
    )


def _gate(row: Mapping[str, Any], *, kind: str) -> Gate:
    """Return one gate of a kind."""
    strangers = sorted(set(row) - {*LIMITS, "measure", "unknown_passes"})
    if strangers or not set(row) & set(LIMITS):
        message = f"`gate` of {kind!r} needs one of {list(LIMITS)}, got {sorted(row)}."
        raise InputError(message)
    return Gate(
        measure=_measure_index(row.get("measure", ""), kind=kind),
        at_least=float(row.get("at_least", -np.inf)),
        at_most=float(row.get("at_most", np.inf)),
        change_at_least=float(row.get("change_at_least", -np.inf)),
        change_at_most=float(row.get("change_at_most", np.inf)),
        unknown_passes=bool(row.get("unknown_passes", False)),
    )


def _measure_index(name: str, *, kind: str) -> int:
    """Return the position of a measure, or say that it is not known."""
    where = f"`measure` of kind {kind!r}"
    return MEASURE_INDEX[check_choice(name, tuple(MEASURE_INDEX), where, argument="kinds")]


KINDS: tuple[Kind, ...] = read_kinds(Path(__file__).with_name("kinds.toml"))


def kind_scores(
    kinds: tuple[Kind, ...], z: Floats, *, values: Floats, change: Floats
) -> tuple[Floats, Flags]:
    """Return the score of each kind in a period, and whether its gates hold.

    Parameters
    ----------
    kinds : tuple of Kind
    z, values, change : arrays [n, M]
        Deviations, measures and plain changes of the period.

    Returns
    -------
    scores : array [n, K]
        Deviations along the signature, of unit spread in a healthy cell; NaN where none is known.
    passed : array of bool [n, K]
        Gates hold, and no kind that explains it better scores above its own drift.
    """
    weights = np.array([kind.signature for kind in kinds], dtype=np.float32)
    known = np.isfinite(z)
    present = known.astype(np.float32)
    is_mean = np.array([kind.is_mean for kind in kinds])
    mass = np.where(
        is_mean, products(present, np.abs(weights)), np.sqrt(products(present, weights**2))
    )
    total = products(np.where(known, z, np.float32(0)), weights)
    scores = np.divide(total, mass, out=np.full_like(total, np.nan), where=mass > 0)
    passed = np.stack([_gates_hold(kind, values, change) for kind in kinds], axis=1)
    return scores, passed


def speaking(kinds: tuple[Kind, ...], scores: Floats, passed: Flags) -> Flags:
    """Return which kinds speak in a period: gates hold and the score is above the drift."""
    drift = np.array([kind.drift for kind in kinds], dtype=np.float32)
    return np.asarray(passed & (np.nan_to_num(scores, nan=-1.0) > drift))


def yielding(kinds: tuple[Kind, ...], speaks: Flags) -> Flags:
    """Return which kinds are better explained by another one that speaks (or is open).

    Parameters
    ----------
    kinds : tuple of Kind
    speaks : array of bool [n, K]

    Returns
    -------
    array of bool [n, K]
    """
    names = [kind.name for kind in kinds]
    better = np.array([[name in kind.yields_to for name in names] for kind in kinds])
    return np.asarray(products(speaks.astype(np.float32), better.astype(np.float32)) > 0)


def products(rows: Floats, weights: Floats) -> Floats:
    """Return the product of each row [n, M] with each row of weights [K, M], as [n, K].

    Not the matrix operator: on tables this small its threads cost more than they bring, and on
    a shared machine three times as much.
    """
    return np.asarray(np.einsum("nm,km->nk", rows, weights), dtype=np.float32)


def _gates_hold(kind: Kind, values: Floats, change: Floats) -> Flags:
    """Tell where all gates of a kind hold."""
    hold = np.ones(len(values), dtype=np.bool_)
    for gate in kind.gates:
        value, moved = values[:, gate.measure], change[:, gate.measure]
        within = (value >= gate.at_least) & (value <= gate.at_most)
        within &= (moved >= gate.change_at_least) & (moved <= gate.change_at_most)
        if gate.unknown_passes:
            within |= ~np.isfinite(value)
        hold &= within
    return hold
