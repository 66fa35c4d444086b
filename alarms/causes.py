"""Weigh the causes of a group of alarms by what they mean and where their root is.

Simple so far: the alarms of a group are weighed as if each meaning spoke for itself, and the same
meaning many times counts once.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from alarms.entries import DERIVED
from alarms.episodes import Array

# Share left to causes a meaning does not name, so that one odd alarm excludes nothing.
_FLOOR = 0.03
_OTHERS = "others"
# A meaning says all it can of the cause if one in so many of its alarms stands for a fault: how often an alarm is felt
# says little of which cause it means once something is.
_TELLING = 4.0


def group_causes(
    meanings: set[str], weights: Any, factors: Mapping[str, float]
) -> dict[str, float]:
    """Return the chance of each cause for a group of alarms.

    The chance that customers feel anything is that at least one meaning stands for a fault. It is
    shared among the causes by the product of what the meanings say, a meaning that hardly ever stands
    for a fault to a lower power, times what the kind of the root makes of the cause. Derived alarms (their meaning
    begins with `derived_`) count only where nothing else is in the group.

    Parameters
    ----------
    meanings : set of str
        Meanings in the group.
    weights : DataFrame of float, index meaning, one column per cause
        As `alarms.catalogue.cause_weights` returns it.
    factors : mapping of str to float
        Factor of a cause for this kind of root; `others` for the causes not listed, 1 without it.

    Returns
    -------
    dict of str to float
        Causes with a chance of 0.001 or more, the likeliest first; their sum is at most 1.

    Examples
    --------
    >>> from alarms.catalogue import cause_weights, load_catalogue
    >>> weights = cause_weights(load_catalogue())
    >>> next(iter(group_causes({"mains_off", "site_disconnected"}, weights, {})))
    'power_failure'
    """
    # What was concluded from other alarms says nothing new beside them.
    own = {meaning for meaning in meanings if not meaning.startswith(DERIVED)}
    known = sorted(meaning for meaning in own or meanings if meaning in weights.index)
    if not known:
        return {}
    table = weights.to_numpy(dtype=np.float64)[weights.index.get_indexer(known)]
    strength = table.sum(axis=1)
    felt = 1.0 - float(np.prod(1.0 - np.minimum(strength, 0.999)))
    shares = table / np.maximum(strength[:, None], 1e-9) + _FLOOR
    says = np.minimum(1.0, _TELLING * strength)
    log_share = (np.log(shares) * says[:, None]).sum(axis=0)
    score = np.exp(log_share - log_share.max()) * _factors(list(weights.columns), factors)
    # A cause no meaning names is not brought in by its factor alone.
    score = np.where(table.max(axis=0) > 0, score, 0.0)
    if score.sum() <= 0:
        return {}
    chance = felt * score / score.sum()
    order = np.argsort(-chance, kind="stable")
    return {str(weights.columns[at]): float(chance[at]) for at in order if chance[at] >= 0.001}


def planned_causes(causes: Mapping[str, float]) -> dict[str, float]:
    """Return the causes of a group whose alarms belong to announced work.

    Parameters
    ----------
    causes : mapping of str to float
        As `group_causes` returns it.

    Returns
    -------
    dict of str to float
        Planned work with nine tenths of the chance that anything is felt, the rest as before.
    """
    felt = max(sum(causes.values()), 0.5)
    rest = {cause: chance * 0.1 for cause, chance in causes.items() if cause != "planned_work"}
    return {"planned_work": felt * 0.9, **rest}


def _factors(causes: list[str], factors: Mapping[str, float]) -> Array:
    """Return the factor of each cause."""
    others = factors.get(_OTHERS, 1.0)
    return np.array([factors.get(cause, others) for cause in causes])
