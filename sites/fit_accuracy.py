"""Judge coverage by the sightings of later days, with and without what earlier days taught.

Simple so far: only fresh sightings are judged, since older ones say little of the place.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sites.inventory import Network
from sites.observations import Observations, chosen_observations
from sites.service_fit import FitSettings, ServiceFit, fitted_service, no_fit, seen_chance
from sites.sighting_choices import Choices, choices_of, chosen_choices

FRESH_H = 3.0
TAUGHT_SHARE = 0.6
LEAST_JUDGED = 50
FLOOR = 1e-300
# A gain counts from so many of its standard errors on.
SURE = 2.0


@dataclass(frozen=True)
class HeldOut:
    """How well fresh sightings of later days are foretold.

    Attributes
    ----------
    taught, judged : int
        Observations fitted on, and fresh ones judged.
    cell_top1, site_top1, site_top3 : float
        Share of judged ones whose cell is the likeliest at its place, whose site is, or is among
        the likeliest three.
    log_loss : float
        Mean of minus the log chance of the cell seen.
    losses : array, shape (judged,)
        Of each.
    """

    taught: int
    judged: int
    cell_top1: float
    site_top1: float
    site_top3: float
    log_loss: float
    losses: Any


@dataclass(frozen=True)
class Calibration:
    """A fit and what it is worth.

    Attributes
    ----------
    fit : ServiceFit
        Its offsets are 0 unless they surely gained on later days.
    without, with_fit : HeldOut
        On later days, by the model as it is and with the offsets, kept or not.
    is_kept : bool
    """

    fit: ServiceFit
    without: HeldOut
    with_fit: HeldOut
    is_kept: bool


def calibration(
    network: Network, seen: Observations, *, settings: FitSettings | None = None
) -> Calibration:
    """Return a fit on all observations, whose offsets are kept only if they surely gain on later days.

    The first part of the observations teaches, fresh ones of those that arrived after them are
    judged. Surely means a mean gain of `SURE` times its standard error. "Without" means: as placed
    by the model, with the shares of places, ages and stand-ins fitted all the same, so that what is
    compared is where cells serve.

    Parameters
    ----------
    network : Network
    seen : Observations
        In order of arrival; what had arrived by now, and nothing later.
    settings : FitSettings, optional

    Returns
    -------
    Calibration
    """
    chosen = settings or FitSettings()
    still = FitSettings(**{**vars(chosen), "layer_db": 0.0, "site_db": 0.0, "cell_db": 0.0})
    if not len(seen):
        fit = fitted_service(network, seen, settings=chosen)
        return Calibration(fit, _unjudged(0), _unjudged(0), is_kept=False)
    choices = choices_of(network, seen)
    last = seen.arrived_at[max(int(TAUGHT_SHARE * len(seen)) - 1, 0)]
    is_earlier = seen.arrived_at <= last
    is_judged = ~is_earlier & (seen.age_h <= FRESH_H)
    held = [
        _held_out(network, seen, (is_earlier, is_judged), choices=choices, settings=how)
        for how in (still, chosen)
    ]
    if not _gained(*held):
        return Calibration(no_fit(network, chosen), held[0], held[1], is_kept=False)
    fit = fitted_service(network, seen, settings=chosen, choices=choices)
    return Calibration(fit, held[0], held[1], is_kept=True)


def _gained(without: HeldOut, with_fit: HeldOut) -> bool:
    """Tell whether a fit foretells surely better."""
    gain = without.losses - with_fit.losses
    if len(gain) < LEAST_JUDGED:
        return False
    return bool(gain.mean() > SURE * gain.std() / np.sqrt(len(gain)))


def calibration_sentence(of: Calibration) -> str:
    """Return what a calibration came to, as one sentence.

    Parameters
    ----------
    of : Calibration

    Returns
    -------
    str
    """
    if of.with_fit.judged < LEAST_JUDGED:
        return "coverage is as computed: too few sightings to fit or to judge it"
    before, after = of.without, of.with_fit
    judged = (
        f"of {after.judged} fresh sightings of later days the site seen is the likeliest in "
        f"{100 * after.site_top1:.0f} % (as computed {100 * before.site_top1:.0f} %), the cell in "
        f"{100 * after.cell_top1:.0f} % ({100 * before.cell_top1:.0f} %)"
    )
    if not of.is_kept:
        return f"coverage is as computed: a fit would not foretell better; {judged}"
    moved = float(np.abs(of.fit.offset_db).mean())
    return f"coverage fitted, cells moved by {moved:.1f} dB on average; {judged}"


def _held_out(
    network: Network,
    seen: Observations,
    parts: tuple[Any, Any],
    *,
    choices: Choices,
    settings: FitSettings,
) -> HeldOut:
    """Return how observations of later days are foretold by a fit on earlier ones."""
    earlier, judged = parts
    taught = chosen_observations(seen, earlier)
    if not judged.any():
        return _unjudged(len(taught))
    fit = fitted_service(
        network, taught, settings=settings, choices=chosen_choices(choices, earlier)
    )
    later = chosen_observations(seen, judged)
    return _judged(network, later, chosen_choices(choices, judged), fit)


def _unjudged(taught: int) -> HeldOut:
    """Return the record of nothing judged."""
    return HeldOut(taught, 0, np.nan, np.nan, np.nan, np.nan, np.zeros(0))


def _judged(network: Network, later: Observations, choices: Choices, fit: ServiceFit) -> HeldOut:
    """Return how a fit foretells some observations."""
    chance, of_seen = seen_chance(choices, fit)
    count, cells = len(later), len(network.cells)
    row = np.repeat(np.arange(count), len(chance) // count)
    real = choices.cell < cells
    rows = np.broadcast_to(row[:, None], real.shape)[real]
    cell, value = choices.cell[real], chance[real].astype(float)
    site = network.cells["site"].to_numpy(int)
    rank_cell = _rank(rows, cell, value, later.cell)
    rank_site = _rank(rows, site[cell], value, site[later.cell])
    losses = -np.log(np.maximum(of_seen, FLOOR))
    return HeldOut(
        taught=fit.observations,
        judged=count,
        cell_top1=float((rank_cell == 0).mean()),
        site_top1=float((rank_site == 0).mean()),
        site_top3=float((rank_site < 3).mean()),
        log_loss=float(losses.mean()),
        losses=losses,
    )


def _rank(row: np.ndarray, thing: np.ndarray, value: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return how many things of each row are likelier than the one seen; a large number if absent."""
    span = int(max(thing.max(initial=0), seen.max(initial=0))) + 1
    keys, number = np.unique(row.astype(np.int64) * span + thing, return_inverse=True)
    total = np.bincount(number.reshape(-1), value, minlength=len(keys))
    wanted = np.arange(len(seen)) * span + seen
    at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    own = np.where(keys[at] == wanted, total[at], -1.0)
    above = np.bincount(keys // span, total > own[keys // span], minlength=len(seen))
    return np.where(own < 0.0, span, above).astype(np.int64)
