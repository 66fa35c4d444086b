"""Compute path loss by the empirical formulas of Hata, COST 231 and TR 36.942.

Arrays broadcast, losses are in dB, logarithms to base 10. Outside a model's stated range the
formula is still evaluated; distances are held at 1 m or more.

Simple so far: nothing of terrain; the sea path of later ITU forms is left out.

References
----------
.. [1] Hata M. (1980), Empirical formula for propagation loss in land mobile radio services,
   IEEE Trans. Veh. Technol. 29(3).
.. [2] COST Action 231 (1999), Digital mobile radio towards future generation systems, 4.4.
.. [3] 3GPP TR 36.942 V16 (2020), 4.5.2 (macro path loss).
"""

from typing import Any, Literal

import numpy as np

Area = Literal["urban_large", "urban", "suburban", "open"]


def hata_db(
    frequency_mhz: Any, distance_km: Any, *, base_m: Any, mobile_m: Any = 1.5, area: Area = "urban"
) -> Any:
    """Return the Okumura-Hata path loss.

    Parameters
    ----------
    frequency_mhz : float or array
        150 to 1500.
    distance_km : float or array
        1 to 20.
    base_m, mobile_m : float or array
        Antenna heights, 30 to 200 and 1 to 10.
    area : {"urban_large", "urban", "suburban", "open"}
        `urban` is the small or medium city.

    Returns
    -------
    float or array
        dB.

    References
    ----------
    Module reference [1].

    Examples
    --------
    >>> round(float(hata_db(900, 1, base_m=30)), 3)
    126.403
    """
    log_f = np.log10(frequency_mhz)
    loss = 69.55 + 26.16 * log_f - 13.82 * np.log10(base_m)
    loss = loss - _mobile_gain_db(frequency_mhz, mobile_m, large=area == "urban_large")
    loss = loss + _hata_slope(base_m) * np.log10(np.maximum(distance_km, 0.001))
    if area == "suburban":
        return loss - 2.0 * np.log10(np.asarray(frequency_mhz) / 28.0) ** 2 - 5.4
    if area == "open":
        return loss - 4.78 * log_f**2 + 18.33 * log_f - 40.94
    return loss


def cost231_hata_db(
    frequency_mhz: Any,
    distance_km: Any,
    *,
    base_m: Any,
    mobile_m: Any = 1.5,
    is_metropolitan: bool = False,
) -> Any:
    """Return the COST-231-Hata path loss.

    Parameters
    ----------
    frequency_mhz : float or array
        1500 to 2000.
    distance_km : float or array
        1 to 20.
    base_m, mobile_m : float or array
        Antenna heights, 30 to 200 and 1 to 10.
    is_metropolitan : bool
        Adds 3 dB for the centre of a metropolis.

    Returns
    -------
    float or array
        dB.

    References
    ----------
    Module reference [2].

    Examples
    --------
    >>> round(float(cost231_hata_db(1800, 1, base_m=30)), 3)
    136.197
    """
    loss = 46.3 + 33.9 * np.log10(frequency_mhz) - 13.82 * np.log10(base_m)
    loss = loss - _mobile_gain_db(frequency_mhz, mobile_m, large=False)
    loss = loss + _hata_slope(base_m) * np.log10(np.maximum(distance_km, 0.001))
    return loss + (3.0 if is_metropolitan else 0.0)


def _hata_slope(base_m: Any) -> Any:
    """Return dB per decade of distance."""
    return 44.9 - 6.55 * np.log10(base_m)


def _mobile_gain_db(frequency_mhz: Any, mobile_m: Any, *, large: bool) -> Any:
    """Return the correction for the height of the mobile, a(hm)."""
    if large:
        low = 8.29 * np.log10(1.54 * np.asarray(mobile_m)) ** 2 - 1.1
        high = 3.2 * np.log10(11.75 * np.asarray(mobile_m)) ** 2 - 4.97
        # Hata leaves 200 to 400 MHz open; the two forms differ there by under 1 dB at 1.5 m.
        return np.where(np.asarray(frequency_mhz) < 300.0, low, high)
    log_f = np.log10(frequency_mhz)
    return (1.1 * log_f - 0.7) * mobile_m - (1.56 * log_f - 0.8)


def macro_36942_db(frequency_mhz: Any, distance_km: Any) -> Any:
    """Return the TR 36.942 macro cell path loss for 15 m over roofs of 15 m.

    Parameters
    ----------
    frequency_mhz : float or array
        The clause's 80 - 18 log(Dhb) + 21 log(f) with Dhb 15 m.
    distance_km : float or array

    Returns
    -------
    float or array
        dB: 120.9 + 37.6 log R at 900 MHz, 128.1 + 37.6 log R at 2 GHz (within 0.1 dB).

    References
    ----------
    Module reference [3], 4.5.2. Shadowing there is 10 dB, correlated 0.5 between sites and 1.0
    between sectors of a site.

    Examples
    --------
    >>> round(float(macro_36942_db(900, 1)), 1)
    120.9
    """
    height_m = 15.0
    slope = 40.0 * (1.0 - 4e-3 * height_m)
    fixed = 80.0 - 18.0 * np.log10(height_m) + 21.0 * np.log10(frequency_mhz)
    return fixed + slope * np.log10(np.maximum(distance_km, 0.001))
