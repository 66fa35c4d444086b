"""Weigh a common parent of troubled children against chance.

A parent that breaks is seen at most of its children, at once, and perhaps by an alarm of its own; chance brings trouble
to children one by one, and now and then something that stands in no table brings down several. The log odds between
the two say whether the parent explains them. A parent of many children that stay healthy explains little, whatever
the troubled ones have in common.

Simple so far: children count alike, and what one shows says nothing of what another shows but through the parent.

References
----------
.. [1] The share of children that show a break is beta distributed, so their number is beta-binomial (Skellam 1948).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import betaln

from alarms.episodes import Array

DAY_US = 86_400_000_000


@dataclass(frozen=True)
class Odds:
    """How often things break and how surely it shows; see `roots.toml`, [odds].

    Attributes
    ----------
    accept
        Least log odds for a common parent.
    keep
        What a parent that explained its children a step ago has ahead.
    tight_us, tight, loose
        What each child that shows trouble within that time (microseconds) of the first adds, and each later one.
    shown, shown_in_part
        Parameters of the beta distribution of the share of children that show a break, wholly and half broken.
    own_alarm
        Chance that a broken parent raises an alarm itself.
    own_alarm_false, unlisted, unlisted_in_site
        Chance within the time in which alarms of one fault start.
    unlisted_share, unlisted_in_site_share
        Share of the children that a cause in no table hits.
    serving_though_out
        Chance that counters show a child to serve although its parent is out.
    led
        Chance that trouble follows a reason of the child's own, such as lost mains.
    site, cell
        Chance of trouble of its own within that time.
    breaks
        Chance that a parent of each kind breaks within that time.
    """

    accept: float
    keep: float
    tight_us: int
    tight: float
    loose: float
    shown: tuple[float, float]
    shown_in_part: tuple[float, float]
    own_alarm: float
    own_alarm_false: float
    unlisted: float
    unlisted_share: float
    unlisted_in_site: float
    unlisted_in_site_share: float
    serving_though_out: float
    led: float
    site: float
    cell: float
    breaks: Mapping[str, float]


def read_odds(content: Mapping[str, Any], together_us: int) -> Odds:
    """Return the odds of a file of rules, rates of a day brought to the time alarms of one fault take.

    Parameters
    ----------
    content : mapping
        Parsed `roots.toml`.
    together_us : int
        Microseconds.
    """
    odds, usual = content["odds"], content["usual_per_day"]
    share = together_us / DAY_US
    tight_us = int(odds["tight_s"] * 1_000_000)
    return Odds(
        accept=odds["accept"],
        keep=odds["keep"],
        tight_us=tight_us,
        tight=float(np.log(odds["tight_share"] * together_us / tight_us)),
        loose=float(np.log((1 - odds["tight_share"]) / (1 - tight_us / together_us))),
        shown=tuple(odds["shown"]),
        shown_in_part=tuple(odds["shown_in_part"]),
        own_alarm=odds["own_alarm"],
        own_alarm_false=odds["own_alarm_false_per_day"] * share,
        unlisted=odds["unlisted_per_day"] * share,
        unlisted_share=odds["unlisted_share"],
        unlisted_in_site=odds["unlisted_in_site_per_day"] * share,
        unlisted_in_site_share=odds["unlisted_in_site_share"],
        serving_though_out=odds["serving_though_out"],
        led=odds["led"],
        site=usual["site"] * share,
        cell=usual["cell"] * share,
        breaks={kind: rate * share for kind, rate in content["breaks_per_day"].items()},
    )


def parent_likelihoods(
    counts: tuple[Array, Array, Array],
    *,
    breaks: Array,
    has_own: Array,
    is_ring: Array,
    odds: Odds,
) -> tuple[Array, Array]:
    """Return how likely what children show is if their parent broke, and by chance, as natural logs.

    Parameters
    ----------
    counts : tuple of three arrays of float, shape (n,)
        Children that show trouble, that should by now and don't, and how many of those that do have a reason of their
        own, such as lost mains.
    breaks : array of float, shape (n,)
        Chance that the parent breaks within the time alarms of one fault take.
    has_own : array of bool, shape (n,)
        The parent raised an alarm itself.
    is_ring : array of bool, shape (n,)
        The parent is a ring: its two cuts take only the nodes between them, however few.
    odds : Odds

    Returns
    -------
    broken, chance : array of float, shape (n,)
    """
    shown, silent, led = counts
    own = np.where(has_own, np.log(odds.own_alarm), np.log1p(-odds.own_alarm))
    most = _beta_binomial(shown, silent, odds.shown)
    part = _beta_binomial(shown, silent, odds.shown_in_part)
    broken = np.log(breaks) + own + np.where(has_own | is_ring, np.maximum(most, part), most)
    bare = shown - led
    unlisted = np.log(odds.unlisted) + bare * np.log(odds.unlisted_share)
    chance = np.maximum(bare * np.log(odds.site), unlisted) + led * np.log(odds.led)
    chance = chance + np.where(has_own, np.log(odds.own_alarm_false), 0.0)
    return np.asarray(broken, dtype=np.float64), np.asarray(chance, dtype=np.float64)


def site_log_odds(shown: int, silent: int, *, has_own: bool, odds: Odds) -> float:
    """Return how much likelier the whole site is out than some of its cells, as natural log odds.

    Parameters
    ----------
    shown, silent : int
        Cells that are down, and that are not.
    has_own : bool
        The site raised an alarm itself that goes with an outage.
    odds : Odds

    Examples
    --------
    >>> from alarms.root_rules import load_root_rules
    >>> odds = load_root_rules().odds
    >>> site_log_odds(9, 0, has_own=False, odds=odds) > odds.accept
    True
    >>> site_log_odds(3, 6, has_own=False, odds=odds) > odds.accept
    False
    """
    own = np.log(odds.own_alarm) if has_own else np.log1p(-odds.own_alarm)
    most = _beta_binomial(np.array([shown]), np.array([silent]), odds.shown)[0]
    broken = np.log(odds.breaks["site"]) + own + most
    smaller = np.log(odds.unlisted_in_site) + shown * np.log(odds.unlisted_in_site_share)
    chance = max(shown * np.log(odds.cell), smaller)
    return float(broken - chance - (np.log(odds.own_alarm_false) if has_own else 0.0))


def _beta_binomial(shown: Array, silent: Array, shape: tuple[float, float]) -> Array:
    """Return the log chance that just these children show, their share being beta distributed."""
    first, second = shape
    return np.asarray(betaln(first + shown, second + silent) - betaln(first, second))
