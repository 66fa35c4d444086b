"""Compute path loss, line-of-sight chance and building loss by the published models.

All functions are plain and vectorised: arrays broadcast, losses are in dB, logarithms to base 10.
Outside a model's stated range the formula is still evaluated; distances are held at 1 m or more.

The formulas of Hata, COST 231 and TR 36.942 are in `sites.hata` and named here too.

Simple so far: no terrain, no diffraction, no clutter map; shadowing is left to `sites.coverage`.

References
----------
.. [1] 3GPP TR 38.901 V17 (2022), Table 7.4.1-1 (path loss), 7.4.2-1 (line of sight),
   7.4.3-1 (penetration).
"""

from typing import Any, Literal

import numpy as np

from sites.hata import Area, cost231_hata_db, hata_db, macro_36942_db

__all__ = [
    "Area",
    "Scenario",
    "breakpoint_m",
    "building_loss_db",
    "cost231_hata_db",
    "hata_db",
    "los_probability",
    "macro_36942_db",
    "rma_db",
    "slant_m",
    "uma_db",
    "umi_db",
]

Scenario = Literal["uma", "umi", "rma"]

# TR 38.901 rounds to 3.0e8 m/s (Table 7.4.1-1, note 1): its breakpoints are 0.07 % shorter.
LIGHT_M_PER_S = 299_792_458.0
# Effective environment height of UMa and UMi, the same note.
ENVIRONMENT_HEIGHT_M = 1.0


def breakpoint_m(
    frequency_ghz: Any, *, base_m: Any, mobile_m: Any = 1.5, scenario: Scenario = "uma"
) -> Any:
    """Return the breakpoint distance of TR 38.901.

    Parameters
    ----------
    frequency_ghz, base_m, mobile_m : float or array
    scenario : {"uma", "umi", "rma"}

    Returns
    -------
    float or array
        Metres: 4 h' h' f/c for UMa and UMi, heights less 1 m; 2 pi h h f/c for RMa.

    References
    ----------
    Module reference [1], Table 7.4.1-1, notes 1 and 5.

    Examples
    --------
    >>> round(float(breakpoint_m(3.5, base_m=25)), 1)
    560.4
    """
    per_m = np.asarray(frequency_ghz) * 1e9 / LIGHT_M_PER_S
    if scenario == "rma":
        return 2.0 * np.pi * np.asarray(base_m) * mobile_m * per_m
    above = np.maximum(np.asarray(base_m) - ENVIRONMENT_HEIGHT_M, 0.1)
    return 4.0 * above * np.maximum(np.asarray(mobile_m) - ENVIRONMENT_HEIGHT_M, 0.1) * per_m


def uma_db(
    frequency_ghz: Any,
    distance_m: Any,
    *,
    base_m: Any = 25.0,
    mobile_m: Any = 1.5,
    is_los: bool = True,
) -> Any:
    """Return the 3GPP urban macro path loss.

    Parameters
    ----------
    frequency_ghz : float or array
        0.5 to 100.
    distance_m : float or array
        Along the ground, 10 to 5000.
    base_m, mobile_m : float or array
        Antenna heights, 25 and 1.5 to 22.5.
    is_los : bool
        Line of sight or none.

    Returns
    -------
    float or array
        dB.

    References
    ----------
    Module reference [1], Table 7.4.1-1.

    Examples
    --------
    >>> round(float(uma_db(3.5, 100, is_los=False)), 3)
    103.038
    """
    slant = slant_m(distance_m, base_m, mobile_m)
    break_m = breakpoint_m(frequency_ghz, base_m=base_m, mobile_m=mobile_m)
    log_f = np.log10(frequency_ghz)
    near = 28.0 + 22.0 * np.log10(slant) + 20.0 * log_f
    square = break_m**2 + (np.asarray(base_m) - mobile_m) ** 2
    far = 28.0 + 40.0 * np.log10(slant) + 20.0 * log_f - 9.0 * np.log10(square)
    los = np.where(np.asarray(distance_m) <= break_m, near, far)
    if is_los:
        return los
    nlos = 13.54 + 39.08 * np.log10(slant) + 20.0 * log_f - 0.6 * (np.asarray(mobile_m) - 1.5)
    return np.maximum(los, nlos)


def umi_db(
    frequency_ghz: Any,
    distance_m: Any,
    *,
    base_m: Any = 10.0,
    mobile_m: Any = 1.5,
    is_los: bool = True,
) -> Any:
    """Return the 3GPP urban micro (street canyon) path loss.

    Parameters
    ----------
    frequency_ghz : float or array
        0.5 to 100.
    distance_m : float or array
        Along the ground, 10 to 5000.
    base_m, mobile_m : float or array
        Antenna heights, 10 and 1.5 to 22.5.
    is_los : bool
        Line of sight or none.

    Returns
    -------
    float or array
        dB.

    References
    ----------
    Module reference [1], Table 7.4.1-1.

    Examples
    --------
    >>> round(float(umi_db(3.5, 100)), 3)
    85.314
    """
    slant = slant_m(distance_m, base_m, mobile_m)
    break_m = breakpoint_m(frequency_ghz, base_m=base_m, mobile_m=mobile_m)
    log_f = np.log10(frequency_ghz)
    near = 32.4 + 21.0 * np.log10(slant) + 20.0 * log_f
    square = break_m**2 + (np.asarray(base_m) - mobile_m) ** 2
    far = 32.4 + 40.0 * np.log10(slant) + 20.0 * log_f - 9.5 * np.log10(square)
    los = np.where(np.asarray(distance_m) <= break_m, near, far)
    if is_los:
        return los
    nlos = 35.3 * np.log10(slant) + 22.4 + 21.3 * log_f - 0.3 * (np.asarray(mobile_m) - 1.5)
    return np.maximum(los, nlos)


def rma_db(
    frequency_ghz: Any,
    distance_m: Any,
    *,
    base_m: Any = 35.0,
    mobile_m: Any = 1.5,
    is_los: bool = True,
) -> Any:
    """Return the 3GPP rural macro path loss, with streets of 20 m and buildings of 5 m.

    Parameters
    ----------
    frequency_ghz : float or array
        0.5 to 30.
    distance_m : float or array
        Along the ground, 10 to 10,000 in line of sight, else to 5000.
    base_m, mobile_m : float or array
        Antenna heights, 10 to 150 and 1 to 10.
    is_los : bool
        Line of sight or none.

    Returns
    -------
    float or array
        dB.

    References
    ----------
    Module reference [1], Table 7.4.1-1.

    Examples
    --------
    >>> round(float(rma_db(0.9, 2000, is_los=False)), 3)
    130.251
    """
    slant = slant_m(distance_m, base_m, mobile_m)
    break_m = breakpoint_m(frequency_ghz, base_m=base_m, mobile_m=mobile_m, scenario="rma")
    near = _rma_near_db(frequency_ghz, slant)
    far = _rma_near_db(frequency_ghz, break_m) + 40.0 * np.log10(slant / break_m)
    los = np.where(np.asarray(distance_m) <= break_m, near, far)
    if is_los:
        return los
    return np.maximum(los, _rma_nlos_db(frequency_ghz, slant, base_m=base_m, mobile_m=mobile_m))


def _rma_near_db(frequency_ghz: Any, slant: Any, building_m: float = 5.0) -> Any:
    """Return the rural line-of-sight loss before the breakpoint."""
    near = 20.0 * np.log10(40.0 * np.pi * slant * np.asarray(frequency_ghz) / 3.0)
    near = near + min(0.03 * building_m**1.72, 10.0) * np.log10(slant)
    return near - min(0.044 * building_m**1.72, 14.77) + 0.002 * np.log10(building_m) * slant


def _rma_nlos_db(frequency_ghz: Any, slant: Any, *, base_m: Any, mobile_m: Any) -> Any:
    """Return the rural loss without line of sight, before the floor."""
    street_m, building_m = 20.0, 5.0
    base = np.asarray(base_m, dtype=float)
    fixed = 161.04 - 7.1 * np.log10(street_m) + 7.5 * np.log10(building_m)
    height = (24.37 - 3.7 * (building_m / base) ** 2) * np.log10(base)
    reach = (43.42 - 3.1 * np.log10(base)) * (np.log10(slant) - 3.0)
    mobile = 3.2 * np.log10(11.75 * np.asarray(mobile_m)) ** 2 - 4.97
    return fixed - height + reach + 20.0 * np.log10(frequency_ghz) - mobile


def slant_m(distance_m: Any, base_m: Any, mobile_m: Any) -> Any:
    """Return the distance between two antennas from that along the ground.

    Parameters
    ----------
    distance_m, base_m, mobile_m : float or array

    Returns
    -------
    float or array
        Metres, at least 1.

    Examples
    --------
    >>> float(slant_m(30, 41.5, 1.5))
    50.0
    """
    return np.maximum(np.hypot(distance_m, np.asarray(base_m) - mobile_m), 1.0)


def los_probability(distance_m: Any, *, scenario: Scenario, mobile_m: float = 1.5) -> Any:
    """Return the chance of line of sight along the ground.

    Parameters
    ----------
    distance_m : float or array
    scenario : {"uma", "umi", "rma"}
    mobile_m : float
        Above 13 m the urban macro case sees over roofs (up to 23 m).

    Returns
    -------
    float or array
        0 to 1.

    References
    ----------
    Module reference [1], Table 7.4.2-1.

    Examples
    --------
    >>> round(float(los_probability(100.0, scenario="uma")), 4)
    0.3477
    """
    away = np.maximum(np.asarray(distance_m, dtype=float), 1e-3)
    if scenario == "rma":
        return np.where(away <= 10.0, 1.0, np.exp(-(away - 10.0) / 1000.0))
    fade_m = 63.0 if scenario == "uma" else 36.0
    chance = 18.0 / away + np.exp(-away / fade_m) * (1.0 - 18.0 / away)
    if scenario == "uma" and mobile_m > 13.0:
        over = ((mobile_m - 13.0) / 10.0) ** 1.5
        chance = chance * (1.0 + over * 1.25 * (away / 100.0) ** 3 * np.exp(-away / 150.0))
    return np.where(away <= 18.0, 1.0, np.minimum(chance, 1.0))


def building_loss_db(frequency_ghz: Any, *, depth_m: Any = 0.0, is_high_loss: bool = False) -> Any:
    """Return the mean loss into a building.

    Parameters
    ----------
    frequency_ghz : float or array
    depth_m : float or array
        Way inside the building, 0.5 dB a metre.
    is_high_loss : bool
        Metal-coated glass instead of standard glass.

    Returns
    -------
    float or array
        dB; spread 4.4 dB (low loss) or 6.5 dB (high).

    References
    ----------
    Module reference [1], 7.4.3.1, Tables 7.4.3-1 and 7.4.3-2.

    Examples
    --------
    >>> round(float(building_loss_db(2.0)), 2)
    11.83
    """
    frequency = np.asarray(frequency_ghz, dtype=float)
    concrete = 10.0 ** (-(5.0 + 4.0 * frequency) / 10.0)
    if is_high_loss:
        coated = 10.0 ** (-(23.0 + 0.3 * frequency) / 10.0)
        wall = 5.0 - 10.0 * np.log10(0.7 * coated + 0.3 * concrete)
    else:
        glass = 10.0 ** (-(2.0 + 0.2 * frequency) / 10.0)
        wall = 5.0 - 10.0 * np.log10(0.3 * glass + 0.7 * concrete)
    return wall + 0.5 * np.asarray(depth_m)
