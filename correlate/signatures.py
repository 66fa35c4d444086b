"""Read what each cause looks like: the signature catalogue of faults of the network.

A signature says how common a fault is, how far it reaches, which counters move and which stay, and which changes
go with it. Weights are natural-log likelihood ratios, so evidence adds up and an engineer can dispute each one.

Simple so far: the weights are estimates of engineers; they are not yet fitted to an operator's closed orders.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contract.errors import InputError
from contract.knowledge_files import check_keys, read_knowledge
from kpi.swings import swing

EXTENTS = ("trx", "cell", "cells", "sole", "site", "chain", "node", "controller", "area", "network")
CATALOGUE = Path(__file__).with_name("signatures.toml")
NEEDED = ("frequency", "per_10k_hour", "repair", "extent", "source")
OPTIONAL = (
    "verified",
    "up",
    "down",
    "flat",
    "kinds",
    "changes",
    "rats",
    "indoor",
    "needs_change",
    "objects",
    "gsm",
    "packet",
)
MOVES = ("up", "down", "flat")
TELLING_AT = 2.0
LACKING = 0.25
"""Share of a telling sign's weight that its absence counts against, and the weight from which a sign is telling."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Moves:
    """Weights [causes, measures] of measures that rise, fall and stay, and of the signs whose absence counts."""

    up: Floats
    down: Floats
    flat: Floats
    telling_up: Floats
    telling_down: Floats


@dataclass(frozen=True)
class Signatures:
    """The catalogue as arrays; the rows of every array are `causes`.

    `up`, `down`, `flat` are [causes, measures], `packet_*` the same for cells that have no channels of their own for
    calls (LTE, NR); `kinds` [causes, kinds of episode], `extent` [causes, EXTENTS],
    `changes` [causes, families of change], `gsm` weighs for GSM cells,
    `per_user_hour` complaints per user reached and hour.
    """

    causes: tuple[str, ...]
    measures: tuple[str, ...]
    change_families: tuple[str, ...]
    log_frequency: Floats
    per_user_hour: Floats
    up: Floats
    down: Floats
    flat: Floats
    kinds: Floats
    extent: Floats
    changes: Floats
    gsm: Floats
    rats: tuple[frozenset[str], ...]
    is_indoor: NDArray[np.bool_]
    needs_change: tuple[str, ...]
    repair: tuple[str, ...]
    objects: tuple[str, ...]
    packet_up: Floats
    packet_down: Floats
    packet_flat: Floats

    @cached_property
    def moves(self) -> Moves:
        """Return the weights of moves of cells with channels of their own for calls."""
        return Moves(self.up, self.down, self.flat, _telling(self.up), _telling(self.down))

    @cached_property
    def packet_moves(self) -> Moves:
        """Return the weights of moves of LTE and NR cells."""
        up, down = self.packet_up, self.packet_down
        return Moves(up, down, self.packet_flat, _telling(up), _telling(down))

    @cached_property
    def is_of_rat(self) -> NDArray[np.bool_]:
        """Tell which causes are faults of some technologies alone."""
        return np.array([bool(rats) for rats in self.rats], dtype=bool)

    @cached_property
    def needing_change(self) -> tuple[tuple[int, str], ...]:
        """Return the causes that need a change of a family, each with that family."""
        return tuple((i, needed) for i, needed in enumerate(self.needs_change) if needed)

    def position(self, cause: str) -> int:
        """Return the row of a cause."""
        return self.causes.index(cause)


def load_signatures(
    measures: tuple[str, ...], kinds: tuple[str, ...], *, override: Path | None = None
) -> Signatures:
    """Return the signature catalogue, with a file of the user laid over ours.

    Parameters
    ----------
    measures, kinds
        Names of the measures and of the kinds of episode, in the order of the arrays to come.
    override
        TOML file of the same form; a cause in it replaces ours whole.

    Raises
    ------
    InputError
        If a file names a measure, kind or extent there is not.
    """
    rows = _read(CATALOGUE)
    if override is not None:
        rows |= _read(override)
    families = tuple(sorted({f for r in rows.values() for f in r.get("changes", {})}))
    grid = _grids(rows, dict.fromkeys(MOVES, measures) | {"kinds": kinds})
    packet = _grids({c: _of_packet(r) for c, r in rows.items()}, dict.fromkeys(MOVES, measures))
    causes = tuple(rows)
    return Signatures(
        causes=causes,
        measures=measures,
        change_families=families,
        log_frequency=np.log([float(rows[c]["frequency"]) for c in causes]),
        per_user_hour=np.array([float(rows[c]["per_10k_hour"]) / 1e4 for c in causes]),
        extent=_extents(rows),
        changes=_grids(rows, {"changes": families})["changes"],
        gsm=np.array([float(rows[c].get("gsm", 0.0)) for c in causes]),
        rats=tuple(frozenset(rows[c].get("rats", ())) for c in causes),
        is_indoor=np.array([bool(rows[c].get("indoor", False)) for c in causes]),
        needs_change=tuple(str(rows[c].get("needs_change", "")) for c in causes),
        repair=tuple(str(rows[c]["repair"]) for c in causes),
        objects=tuple(str(rows[c].get("objects", "")) for c in causes),
        **grid,
        **{f"packet_{field}": weights for field, weights in packet.items()},
    )


def counter_log_weights(
    signatures: Signatures,
    z: Floats,
    change: Floats | None = None,
    *,
    is_packet: NDArray[np.bool_] | None = None,
) -> Floats:
    """Return what the deviations of cells say of each cause.

    Parameters
    ----------
    z : array [cells, measures]
        Deviation of each measure from its usual band, in spreads, signed; NaN unknown.
    change : array [cells, measures], optional
        Plain change behind each, which says how large the move is.
    is_packet : array of bool [cells], optional
        Cells without channels of their own for calls (LTE, NR); default none.

    Returns
    -------
    array [cells, causes]
        Sum of log weights; 0 where nothing is known.
    """
    s = swing(z, change)
    known = np.isfinite(z).astype(float)
    says = _moves_say(s, known, signatures.moves)
    if is_packet is None or not is_packet.any():
        return says
    return np.where(is_packet[:, None], _moves_say(s, known, signatures.packet_moves), says)


def _moves_say(s: Floats, known: Floats, moves: Moves) -> Floats:
    """Return what swings say of each cause whose measures rise, fall and stay, [cells, causes]."""
    above, below = np.maximum(s, 0.0), np.maximum(-s, 0.0)
    says: Floats = above @ moves.up.T + below @ moves.down.T
    says -= np.abs(s) @ moves.flat.T
    contrary: Floats = 0.5 * (below @ moves.up.T + above @ moves.down.T)
    lacking = (known - above) @ moves.telling_up.T + (known - below) @ moves.telling_down.T
    return np.asarray(says - contrary - LACKING * lacking)


def _of_packet(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the catalogue with the weights that stand instead for LTE and NR."""
    own = row.get("packet", {})
    return {field: row.get(field, {}) | own.get(field, {}) for field in MOVES}


def _telling(weights: Floats) -> Floats:
    """Return the weights of the signs by which a cause is known, whose absence speaks against it."""
    return np.where(weights >= TELLING_AT, weights, 0.0)


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Read one catalogue file."""
    rows = read_knowledge(path, "signatures")
    for cause, row in rows.items():
        where = f"[{cause}] of {path.name}"
        check_keys(row, where, argument="signatures", needed=NEEDED, known=OPTIONAL)
        own = row.get("packet", {})
        check_keys(own, f"packet of {where}", argument="signatures", needed=(), known=MOVES)
    return rows


def _extents(rows: dict[str, dict[str, Any]]) -> Floats:
    """Return the weights of the extents, [causes, EXTENTS]; of a few cells of a site by those of cell and site.

    What takes a whole site is not what leaves its other cells in service; what takes a cell seldom takes several.
    """
    grid = _grids(rows, {"extent": EXTENTS})["extent"]
    cell, site = grid[:, EXTENTS.index("cell")], grid[:, EXTENTS.index("site")]
    told = np.array(["cells" in row["extent"] for row in rows.values()])
    few = np.where(site > cell, cell, (cell + site) / 2)
    grid[:, EXTENTS.index("cells")] = np.where(told, grid[:, EXTENTS.index("cells")], few)
    return grid


def _grids(
    rows: dict[str, dict[str, Any]], columns: dict[str, tuple[str, ...]]
) -> dict[str, Floats]:
    """Lay the weights of each field out as an array [causes, names]."""
    out = {}
    for field, names in columns.items():
        grid = np.zeros((len(rows), len(names)))
        for i, (cause, row) in enumerate(rows.items()):
            weights = row.get(field, {})
            unknown = set(weights) - set(names)
            if unknown:
                msg = f"`signatures`: [{cause}] {field} names {sorted(unknown)}; known: {names}."
                raise InputError(msg)
            for name, weight in weights.items():
                grid[i, names.index(name)] = float(weight)
        out[field] = grid
    return out
