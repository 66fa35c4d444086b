"""Compute antenna gains relative to the main beam, from bearing, elevation and tilt.

Angles in degrees, bearings clockwise from north, elevation below the horizon positive downwards
(as down-tilt). Gains in dB, 0 at the beam's centre, negative elsewhere.

Simple so far: parabolic patterns only; electrical and mechanical tilt are not told apart.

References
----------
.. [1] 3GPP TR 36.942 V16 (2020), 4.2.1 (horizontal pattern, 65 degrees, 20 dB).
.. [2] 3GPP TR 38.901 V17 (2022), Table 7.3-1 (element pattern, 65 degrees, 30 dB, 8 dBi).
.. [3] 3GPP TR 36.814 V9 (2017), Table A.2.1.1-2 (macro panel: vertical 10 degrees, side lobes
   20 dB; horizontal 70 degrees, 25 dB).
"""

from typing import Any

import numpy as np

# Reference [3]: the vertical beam of a macro panel, and the floor of both patterns together.
PANEL_VERTICAL_DEG = 10.0
PANEL_SIDE_LOBE_DB = 20.0
PANEL_BACK_DB = 25.0


def angle_between_deg(first_deg: Any, second_deg: Any) -> Any:
    """Return the angle between two bearings.

    Parameters
    ----------
    first_deg, second_deg : float or array

    Returns
    -------
    float or array
        0 to 180; NaN where either is.

    Examples
    --------
    >>> float(angle_between_deg(350.0, 20.0))
    30.0
    """
    return np.abs((np.asarray(first_deg) - second_deg + 180.0) % 360.0 - 180.0)


def horizontal_gain_db(off_deg: Any, *, beamwidth_deg: Any = 65.0, floor_db: float = 20.0) -> Any:
    """Return the gain at an angle off the azimuth.

    Parameters
    ----------
    off_deg : float or array
        NaN (no azimuth: omnidirectional) gives 0.
    beamwidth_deg : float or array
        Between the 3 dB points. 360 or more gives 0 everywhere.
    floor_db : float
        Front-to-back ratio: 20 in reference [1], 30 in [2], 25 in [3].

    Returns
    -------
    float or array
        dB, -floor_db to 0.

    Examples
    --------
    >>> [float(g) for g in horizontal_gain_db(np.array([32.5, 65.0, 180.0]))]
    [-3.0, -12.0, -20.0]
    """
    gain = -np.minimum(12.0 * (np.asarray(off_deg) / beamwidth_deg) ** 2, floor_db)
    return np.where(np.isnan(gain) | (np.asarray(beamwidth_deg) >= 360.0), 0.0, gain)


def vertical_gain_db(
    below_deg: Any,
    *,
    tilt_deg: Any,
    beamwidth_deg: float = PANEL_VERTICAL_DEG,
    floor_db: float = PANEL_SIDE_LOBE_DB,
) -> Any:
    """Return the gain at an angle below the horizon.

    Parameters
    ----------
    below_deg : float or array
        Down to the receiver, positive below the horizon.
    tilt_deg : float or array
        Electrical and mechanical together, positive downwards.
    beamwidth_deg, floor_db : float
        Reference [3]: 10 and 20; the element of [2]: 65 and 30 (its theta is 90 + `below_deg`).

    Returns
    -------
    float or array
        dB, -floor_db to 0.

    Examples
    --------
    >>> float(vertical_gain_db(11.0, tilt_deg=6.0))
    -3.0
    """
    off = np.asarray(below_deg) - tilt_deg
    return -np.minimum(12.0 * (off / beamwidth_deg) ** 2, floor_db)


def element_gain_dbi(off_deg: Any, below_deg: Any) -> Any:
    """Return the gain of a 38.901 antenna element.

    Parameters
    ----------
    off_deg, below_deg : float or array
        Off the boresight, sideways and downwards.

    Returns
    -------
    float or array
        dBi, -22 to 8.

    References
    ----------
    Module reference [2].

    Examples
    --------
    >>> float(element_gain_dbi(0.0, 0.0)), float(element_gain_dbi(180.0, 0.0))
    (8.0, -22.0)
    """
    across = horizontal_gain_db(off_deg, floor_db=30.0)
    down = vertical_gain_db(below_deg, tilt_deg=0.0, beamwidth_deg=65.0, floor_db=30.0)
    return 8.0 + combined_gain_db(across, down, floor_db=30.0)


def combined_gain_db(across_db: Any, down_db: Any, *, floor_db: float = PANEL_BACK_DB) -> Any:
    """Return the gain of both patterns together.

    Parameters
    ----------
    across_db, down_db : float or array
        Horizontal and vertical gain, 0 or less.
    floor_db : float
        No direction is weaker than this.

    Returns
    -------
    float or array
        dB, -floor_db to 0.

    Examples
    --------
    >>> float(combined_gain_db(-12.0, -20.0))
    -25.0
    """
    return np.maximum(np.asarray(across_db) + down_db, -floor_db)


def beam_centre_m(height_m: Any, tilt_deg: Any) -> Any:
    """Return how far away the beam's centre meets flat ground.

    Parameters
    ----------
    height_m : float or array
    tilt_deg : float or array
        Downwards; at 0 or above the horizon the distance is infinite.

    Returns
    -------
    float or array
        Metres.

    Examples
    --------
    >>> round(float(beam_centre_m(30.0, 6.0)))
    285
    """
    tilt = np.asarray(tilt_deg, dtype=float)
    down = np.tan(np.radians(np.clip(tilt, 1e-9, 89.9)))
    return np.where(tilt > 0.0, np.asarray(height_m) / down, np.inf)
