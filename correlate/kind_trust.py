"""Say how far each kind of episode can be trusted, and how long after its end it still is the same fault.

Simple so far: estimates of engineers, the same for every network; complaints move the log odds in `correlate.harm`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from contract.knowledge_files import ORIGIN, check_keys, number_of, read_knowledge
from kpi.kinds import KINDS

CATALOGUE = Path(__file__).with_name("kinds.toml")
KIND_NAMES = tuple(kind.name for kind in KINDS)


@dataclass(frozen=True)
class KindTrust:
    """By kind of episode, in the order of KIND_NAMES.

    Log odds to add, seconds it may be gone, log odds withheld where service does not suffer with it, and whether the
    weather or the day brings it to many places at once.
    """

    odds: NDArray[np.float64]
    lasting_s: NDArray[np.int64]
    unfelt: NDArray[np.float64]
    shared: NDArray[np.bool_]


@cache
def load_kind_trust(path: Path = CATALOGUE) -> KindTrust:
    """Return the trust in each kind.

    Raises
    ------
    InputError
        If the file can't be read, lacks a kind or a value, or holds a strange one.
    """
    rows = read_knowledge(path, "kinds")
    check_keys(rows, path.name, argument="kinds", needed=(*ORIGIN, *KIND_NAMES), known=())
    for name in KIND_NAMES:
        needed, known = ("odds", "lasting"), ("unfelt", "shared")
        check_keys(rows[name], f"`{name}`", argument="kinds", needed=needed, known=known)
    odds, lasting, unfelt = (
        [
            number_of(rows[n].get(key, 0.0), f"`{key}` of `{n}`", argument="kinds")
            for n in KIND_NAMES
        ]
        for key in ("odds", "lasting", "unfelt")
    )
    return KindTrust(
        odds=np.array(odds),
        lasting_s=np.array([hours * 3600 for hours in lasting]).astype(np.int64),
        unfelt=np.array(unfelt),
        shared=np.array([bool(rows[n].get("shared", False)) for n in KIND_NAMES]),
    )
