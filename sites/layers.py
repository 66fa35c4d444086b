"""Read how terminals prefer one layer (technology and band) to another.

Simple so far: one preference per technology and band for every operator; what the operator's own
counts of users say outweighs it in `sites.shares`.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from contract.errors import SettingsError

RATS = ("GSM", "UMTS", "LTE", "NR")
TECHNOLOGY_FIELDS = (
    "reference_db",
    "minimum_dbm",
    "data_minimum_dbm",
    "preference_db",
    "voice_db",
    "data_db",
)


@dataclass(frozen=True)
class Layers:
    """How terminals prefer layers, as read from a layers file.

    Attributes
    ----------
    technologies : mapping of rat to mapping of field to float
    band_from_mhz, band_preference_db : tuple of float
        Ascending lower edges of the bands, and what each is preferred by.
    indoor, building : mapping of field to float
        Of cells inside buildings, and of the buildings people are in.
    """

    technologies: Mapping[str, Mapping[str, float]]
    band_from_mhz: tuple[float, ...]
    band_preference_db: tuple[float, ...]
    indoor: Mapping[str, float]
    building: Mapping[str, float]


def read_layers(path: Path | None = None) -> Layers:
    """Return the preferences of a layers file.

    Parameters
    ----------
    path : Path, optional
        A user's own file; without it the one shipped with the package.

    Returns
    -------
    Layers

    Raises
    ------
    SettingsError
        If the file cannot be read, or a row lacks a field or holds no number.

    Examples
    --------
    >>> sorted(read_layers().technologies)
    ['GSM', 'LTE', 'NR', 'UMTS']
    """
    try:
        if path is None:
            text = resources.files("sites").joinpath("layers.toml").read_text(encoding="utf-8")
        else:
            text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        message = f"`layers` needs a readable TOML file; {path} gave: {problem}. Correct the file."
        raise SettingsError(message) from problem
    technologies = {
        str(row.get("rat", "")).upper(): _checked(row, TECHNOLOGY_FIELDS)
        for row in content.get("technology", [])
    }
    missing = [rat for rat in RATS if rat not in technologies]
    if missing:
        message = f"`layers` lacks technologies {missing}. Add their rows."
        raise SettingsError(message)
    bands = [_checked(row, ("from_mhz", "preference_db")) for row in content.get("band", [])]
    bands.sort(key=lambda band: band["from_mhz"])
    if not bands or bands[0]["from_mhz"] > 0.0:
        message = "`layers` needs a band from 0 MHz; none is there. Add its row."
        raise SettingsError(message)
    return Layers(
        technologies=technologies,
        band_from_mhz=tuple(band["from_mhz"] for band in bands),
        band_preference_db=tuple(band["preference_db"] for band in bands),
        indoor=_checked(content.get("indoor", {}), ("preference_db", "reach_m", "wall_db")),
        building=_checked(content.get("building", {}), ("deep_share", "depth_m")),
    )


def _checked(row: Mapping[str, Any], fields: tuple[str, ...]) -> Mapping[str, float]:
    """Return the numbers of a row that states its source and whether it was verified."""
    absent = [name for name in (*fields, "source", "verified") if name not in row]
    if absent:
        message = f"`layers` lacks {absent} in the row {dict(row)}. Add them."
        raise SettingsError(message)
    wrong = [name for name in fields if isinstance(row[name], bool) or not _is_number(row[name])]
    if wrong:
        message = f"`layers` needs numbers in {wrong} of the row {dict(row)}."
        raise SettingsError(message)
    return {name: float(row[name]) for name in fields}


def _is_number(value: Any) -> bool:
    """Return whether a value of a file is a finite number."""
    return isinstance(value, int | float) and bool(np.isfinite(value))
