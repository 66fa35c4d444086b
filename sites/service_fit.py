"""Fit how the operator's cells really serve, on sightings of numbers from known places.

From a place a phone is seen on the cell that serves there, or on one that stands in while that one
is down or full, or it was not there at all when seen. How often each is the case, how fast a
sighting grows old, and by how much layers, sites and cells are received better or worse than the
model says, are fitted together, by maximum penalised likelihood: without observations nothing
changes, and what was seen a few times changes little.

Simple so far: nothing is fitted to distance, since a scale of the path loss slope did not hold on
later days of any world tried; sightings while the serving cell was down count like all others; who
serves is a plain logit here, without the split between sites and their cells of `sites.choice`.

References
----------
.. [1] Hoerl A. E., Kennard R. W. (1970), Ridge regression, Technometrics 12(1): the penalty, which
   is a normal prior on each offset.
.. [2] 3GPP TR 36.942 V16 (2020), 4.5.2: shadowing 10 dB, above which priors of a few dB are small.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from sites.choice import temperature_db
from sites.coverage import SIGMA_DB
from sites.inventory import Network
from sites.observations import Observations
from sites.shares import layer_number
from sites.sighting_choices import Choices, chances, choices_of

# The search may try anything; spread and half-life (twice that) stay within so many factors of e.
FARTHEST = 2.5


@dataclass(frozen=True)
class FitSettings:
    """How far what is fitted may move: standard deviations of the priors, and where they stand.

    Attributes
    ----------
    layer_db, site_db, cell_db : float
        Of the offsets; 0 keeps them at 0.
    log_spread : float
        Of the logarithm of the spread.
    of_place, half_life_h, stand_in : float
        Chance that a fresh sighting is of the place, the age that halves it, and the share of those
        of the place that are of a stand-in, before anything is seen. They may move by a factor e
        (of the odds, of the hours).
    rounds : int
        Steps of the search at most.
    """

    layer_db: float = 1.5
    site_db: float = 0.5
    cell_db: float = 1.0
    log_spread: float = 0.25
    of_place: float = 0.65
    half_life_h: float = 55.0
    stand_in: float = 0.27
    rounds: int = 25


@dataclass(frozen=True)
class ServiceFit:
    """What sightings say of how cells serve.

    Attributes
    ----------
    offset_db : array, shape (C,), read-only
        To be added to the preference of each cell.
    spread : float
        By what the temperature of the choice would be multiplied, were stand-ins told apart.
    of_place, half_life_h, stand_in : float
        As in `FitSettings`, fitted.
    observations : int
        How many were used.
    log_loss_before, log_loss : float
        Mean of minus the log chance of the cell seen, before and after; NaN without observations.
    """

    offset_db: Any
    spread: float
    of_place: float
    half_life_h: float
    stand_in: float
    observations: int
    log_loss_before: float
    log_loss: float


@dataclass(frozen=True)
class _Place:
    """Where each parameter stands in the vector that is searched, and the scale of its prior."""

    layer: Any
    site: Any
    scale: Any

    def offset_db(self, vector: Any) -> Any:
        """Return the offset of each cell."""
        value = vector[: len(self.scale)] * self.scale
        layers, sites = int(self.layer.max()) + 1, int(self.site.max()) + 1
        return value[self.layer] + value[layers + self.site] + value[layers + sites :]

    def gradient(self, by_cell: Any) -> Any:
        """Return the slope by each offset from the slope by each cell's."""
        parts = [np.bincount(self.layer, by_cell), np.bincount(self.site, by_cell), by_cell]
        return np.concatenate(parts) * self.scale


def fitted_service(
    network: Network,
    seen: Observations,
    *,
    settings: FitSettings | None = None,
    choices: Choices | None = None,
) -> ServiceFit:
    """Return how the cells serve by what was seen.

    Parameters
    ----------
    network : Network
    seen : Observations
        What had arrived by now, and nothing later: see `sites.observations.arrived_before`.
    settings : FitSettings, optional
    choices : Choices, optional
        Of these very observations, where they are at hand.

    Returns
    -------
    ServiceFit
        Without observations: no offsets, and the settings' values.
    """
    chosen = settings or FitSettings()
    if not len(seen):
        return no_fit(network, chosen)
    choices = choices or choices_of(network, seen)
    place = _place(network, chosen)
    mine, touched, at = _touched(choices, place)
    vector = np.zeros(len(place.scale) + 4)
    vector[at] = _searched(mine, touched, chosen)
    return _fit_of(vector, choices, place, chosen)


def _searched(choices: Choices, place: _Place, settings: FitSettings) -> Any:
    """Return the vector with the least loss; what has no scale stays 0 and is not searched."""
    start = np.zeros(len(place.scale) + 4)
    free = np.append(np.flatnonzero(place.scale), len(place.scale) + np.arange(4))

    def loss_at(part: Any) -> tuple[float, Any]:
        whole = start.copy()
        whole[free] = part
        loss, slope = _loss(whole, choices, place, settings)
        return loss, slope[free]

    options = {"maxiter": settings.rounds}
    found = minimize(loss_at, start[free], jac=True, method="L-BFGS-B", options=options)
    whole = start.copy()
    whole[free] = found.x
    return whole


def no_fit(network: Network, settings: FitSettings | None = None) -> ServiceFit:
    """Return the fit of a network of which nothing was seen.

    Parameters
    ----------
    network : Network
    settings : FitSettings, optional

    Returns
    -------
    ServiceFit
    """
    chosen = settings or FitSettings()
    offset = np.zeros(len(network.cells))
    offset.flags.writeable = False
    return ServiceFit(
        offset, 1.0, chosen.of_place, chosen.half_life_h, chosen.stand_in, 0, np.nan, np.nan
    )


def seen_chance(choices: Choices, fit: ServiceFit) -> tuple[Any, Any]:
    """Return the chance of each cell at each point, and of the cell seen in all.

    Parameters
    ----------
    choices : Choices
    fit : ServiceFit

    Returns
    -------
    at_points : array, shape (n k, m)
        Of serving there.
    of_seen : array, shape (n,)
        Of being seen: serving, standing in, or anywhere.
    """
    temperature = temperature_db(SIGMA_DB) * fit.spread
    chance = chances(_shifted(choices, fit.offset_db), temperature)
    there = _at_place(chance, choices)
    trust = fit.of_place * 0.5 ** (choices.age_h / fit.half_life_h)
    of_place = (1.0 - fit.stand_in) * there + fit.stand_in * choices.stand_in
    return chance, trust * of_place + (1.0 - trust) * choices.anywhere


def _shifted(choices: Choices, offset_db: Any) -> Any:
    """Return the scores with the offsets of their cells."""
    return choices.score_db + np.append(offset_db, 0.0).astype(np.float32)[choices.cell]


def _at_place(chance: Any, choices: Choices) -> Any:
    """Return the chance that the cell seen serves, over the points of each place."""
    served = (chance * choices.is_seen).sum(axis=1).astype(float)
    return served.reshape(len(choices.age_h), -1).mean(axis=1)


def _place(network: Network, settings: FitSettings) -> _Place:
    """Return where the offsets stand."""
    layer = layer_number(network.cells)
    site = network.cells["site"].to_numpy(int)
    sizes = (int(layer.max()) + 1, int(site.max()) + 1, len(site))
    return _Place(
        layer, site, np.repeat([settings.layer_db, settings.site_db, settings.cell_db], sizes)
    )


def _touched(choices: Choices, place: _Place) -> tuple[Choices, _Place, Any]:
    """Return choices and parameters of the cells that observations tell of, and where those stand.

    Nothing would move the others from 0.
    """
    count = len(place.layer)
    cells = np.unique(choices.cell)
    cells = cells[cells < count]
    layers, layer = np.unique(place.layer[cells], return_inverse=True)
    sites, site = np.unique(place.site[cells], return_inverse=True)
    before_sites = int(place.layer.max()) + 1
    before_cells = before_sites + int(place.site.max()) + 1
    at = np.concatenate([layers, before_sites + sites, before_cells + cells])
    number = np.full(count + 1, len(cells), dtype=choices.cell.dtype)
    number[cells] = np.arange(len(cells))
    own = len(place.scale) + np.arange(4)
    touched = _Place(layer, site, place.scale[at])
    return replace(choices, cell=number[choices.cell]), touched, np.concatenate([at, own])


def _logistic(value: float) -> float:
    """Return the chance of log odds."""
    return float(expit(value))


def _shares(vector: Any, settings: FitSettings) -> tuple[float, float, float, float]:
    """Return spread, chance of the place, half-life and share of stand-ins."""
    spread, trust, half, stand_in = vector[-4:]
    odds = [np.log(share / (1.0 - share)) for share in (settings.of_place, settings.stand_in)]
    return (
        float(np.exp(np.clip(spread * settings.log_spread, -FARTHEST, FARTHEST))),
        _logistic(odds[0] + trust),
        float(settings.half_life_h * np.exp(np.clip(half, -2.0 * FARTHEST, 2.0 * FARTHEST))),
        _logistic(odds[1] + stand_in),
    )


def _loss(vector: Any, choices: Choices, place: _Place, settings: FitSettings) -> tuple[float, Any]:
    """Return the penalised loss and its slope."""
    spread, of_place, half_life_h, stand_in = _shares(vector, settings)
    temperature = temperature_db(SIGMA_DB) * spread
    score = _shifted(choices, place.offset_db(vector))
    chance = chances(score, temperature)
    there = _at_place(chance, choices)
    fading = 0.5 ** (choices.age_h / half_life_h)
    trust = of_place * fading
    at_place = (1.0 - stand_in) * there + stand_in * choices.stand_in
    of_seen = trust * at_place + (1.0 - trust) * choices.anywhere
    per_chance = choices.weight / of_seen
    # Slope by the score of each cell at each point: how much more it was seen than expected.
    repeats = len(choices.cell) // len(choices.age_h)
    pull = np.repeat(per_chance * trust * (1.0 - stand_in) / repeats, repeats)
    pull = pull * (chance * choices.is_seen).sum(axis=1)
    by_score = pull.astype(np.float32)[:, None] * (choices.is_seen - chance)
    by_cell = np.bincount(choices.cell.ravel(), by_score.ravel(), minlength=len(place.layer) + 1)
    by_trust = per_chance * (at_place - choices.anywhere)
    slope = np.concatenate(
        [
            place.gradient(by_cell[:-1] / temperature),
            [
                -settings.log_spread * _by_temperature(by_score, score, temperature),
                float((by_trust * trust).sum()) * (1.0 - of_place),
                float((by_trust * trust * np.log(2.0) * choices.age_h / half_life_h).sum()),
                float((per_chance * trust * (choices.stand_in - there)).sum())
                * stand_in * (1.0 - stand_in),
            ],
        ]
    )  # fmt: skip
    loss = -float((choices.weight * np.log(of_seen)).sum()) + 0.5 * float(vector @ vector)
    return loss, vector - slope


def _by_temperature(by_score: Any, score: Any, temperature: float) -> float:
    """Return minus the slope by the logarithm of the temperature."""
    relative = (score - score.max(axis=1, keepdims=True)) / temperature
    return float((by_score * relative).sum(dtype=float))


def _fit_of(vector: Any, choices: Choices, place: _Place, settings: FitSettings) -> ServiceFit:
    """Return what was found."""
    offset = place.offset_db(vector)
    offset.flags.writeable = False
    spread, of_place, half_life_h, stand_in = _shares(vector, settings)
    number = len(choices.age_h)
    losses = []
    for at in (np.zeros_like(vector), vector):
        values = _shares(at, settings)
        record = ServiceFit(place.offset_db(at), *values, number, np.nan, np.nan)
        losses.append(-float(np.log(seen_chance(choices, record)[1]).mean()))
    return ServiceFit(offset, spread, of_place, half_life_h, stand_in, number, *losses)
