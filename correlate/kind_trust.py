"""Say how far each kind of episode can be trusted, and how long after its end it still is the same fault.

Simple so far: estimates of engineers, the same for every network; complaints move the log odds in `correlate.harm`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contract.errors import InputError
from kpi.kinds import KINDS

CATALOGUE = Path(__file__).with_name("kinds.toml")
KIND_NAMES = tuple(kind.name for kind in KINDS)


@dataclass(frozen=True)
class KindTrust:
    """By kind of episode, in the order of KIND_NAMES.

    Log odds to add, seconds it may be gone, and whether it counts only as far as service suffers with it.
    """

    odds: NDArray[np.float64]
    lasting_s: NDArray[np.int64]
    needs_harm: NDArray[np.bool_]


@cache
def load_kind_trust(path: Path = CATALOGUE) -> KindTrust:
    """Return the trust in each kind.

    Raises
    ------
    InputError
        If the file lacks a kind or a value.
    """
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    lacking = [n for n in KIND_NAMES if not {"odds", "lasting"} <= set(rows.get(n, {}))]
    if lacking:
        msg = f"`kinds` needs odds and lasting for every kind of episode; {lacking} lack them."
        raise InputError(msg)
    return KindTrust(
        odds=np.array([float(rows[n]["odds"]) for n in KIND_NAMES]),
        lasting_s=np.array([int(rows[n]["lasting"] * 3600) for n in KIND_NAMES], dtype=np.int64),
        needs_harm=np.array([bool(rows[n].get("needs_harm", False)) for n in KIND_NAMES]),
    )
