"""Tell when each site began to show each kind of trouble that a common parent could explain.

An onset is the first alarm of a kind of trouble at a site after a quiet time; what follows within the time that alarms
of one fault take belongs to it. The kinds, and the parents that make each, stand in `roots.toml`, [trouble].

Simple so far: one alarm makes an onset, whichever of the meanings of its kind it has.
"""

from dataclasses import dataclass

import numpy as np

from alarms.episodes import Array
from alarms.placing import DOWN, Signs
from alarms.root_rules import RootRules, Trouble
from alarms.site_groups import Ground

_CIRCUIT_LINKS = ("bts_link",)


@dataclass(frozen=True, eq=False)
class Onsets:
    """Onsets of one kind of trouble, one entry each, by site and start.

    Attributes
    ----------
    site, start : array of int, shape (n,)
        Position of the site; microseconds.
    is_led : array of bool, shape (n,)
        The site lost its mains before: it has a reason of its own.
    is_circuit : array of bool, shape (n,)
        It shows lost links to its controller and nothing else.
    """

    site: Array
    start: Array
    is_led: Array
    is_circuit: Array


def shows(trouble: Trouble, signs: Signs, ground: Ground) -> Array:
    """Return which alarms on sites and cells show a kind of trouble.

    Parameters
    ----------
    trouble : Trouble
    signs : Signs
    ground : Ground

    Returns
    -------
    array of bool, shape of `signs`
    """
    mask = signs.means(trouble.meanings) & (signs.site >= 0)
    if trouble.rats:
        is_cell = signs.cell >= 0
        mask &= ~is_cell | ground.has_rat(trouble.rats)[signs.cell]
    return np.asarray(mask)


def onsets_of(
    trouble: Trouble, signs: Signs, shown: Array, *, ground: Ground, rules: RootRules
) -> Onsets:
    """Return when sites began to show a kind of trouble.

    A controller takes circuit service alone: a site whose packet cells went down with it is no child of it.

    Parameters
    ----------
    trouble : Trouble
    signs : Signs
    shown : array of bool
        Which alarms show it, as `shows` returns it.
    ground : Ground
    rules : RootRules
    """
    rows = np.flatnonzero(shown)
    is_circuit = signs.means(_CIRCUIT_LINKS)[rows]
    site, start, is_circuit = _firsts(signs.site[rows], signs.onset[rows], is_circuit, rules)
    if trouble.name == "circuit" and len(site):
        keep = ~_near(site, start, signs, _packet_down(signs, ground), rules.together_us)
        site, start, is_circuit = site[keep], start[keep], is_circuit[keep]
    is_led = np.zeros(len(site), dtype=bool)
    if trouble.name != "power":
        mains = np.flatnonzero(signs.means(("mains_off",)) & (signs.site >= 0))
        is_led = _near(site, start, signs, mains, rules.precursor_us["power"], ahead_only=True)
    return Onsets(site, start, is_led, is_circuit)


def _firsts(
    site: Array, start: Array, is_circuit: Array, rules: RootRules
) -> tuple[Array, Array, Array]:
    """Return site and start of alarms that a quiet time precedes at their site, and whether all are circuit."""
    order = np.lexsort((start, site))
    site, start, is_circuit = site[order], start[order], is_circuit[order]
    is_first = np.ones(len(site), dtype=bool)
    is_first[1:] = (site[1:] != site[:-1]) | (np.diff(start) > rules.together_us)
    at = np.flatnonzero(is_first)
    if len(at):
        is_circuit = np.logical_and.reduceat(is_circuit, at)
    return site[at], start[at], is_circuit


def _packet_down(signs: Signs, ground: Ground) -> Array:
    """Return the alarms that say packet service of a site is lost."""
    is_packet = (signs.cell >= 0) & ground.has_rat(("LTE", "NR"))[signs.cell]
    is_down = is_packet & (signs.effect == DOWN)
    return np.flatnonzero((is_down | signs.means(("s1_down",))) & (signs.site >= 0))


def _near(
    site: Array, start: Array, signs: Signs, rows: Array, within: int, *, ahead_only: bool = False
) -> Array:
    """Return which onsets have one of some alarms of their site within a time of them, or before."""
    if not len(rows) or not len(site):
        return np.zeros(len(site), dtype=bool)
    low = min(int(start.min()), int(signs.onset[rows].min()))
    width = max(int(start.max()), int(signs.onset[rows].max())) - low + 2 * within + 1
    line = np.sort(signs.site[rows].astype(np.int64) * width + signs.onset[rows] - low)
    asked = site.astype(np.int64) * width + start - low
    until = asked if ahead_only else asked + within
    found = np.searchsorted(line, until, side="right") - np.searchsorted(line, asked - within)
    return np.asarray(found > 0)
