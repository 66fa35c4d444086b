"""Hold the rules by which alarms are put under their root; they stand in `roots.toml`.

Simple so far: one set of rules for all networks.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alarms.odds import Odds, read_odds

ROOTS_FILE = Path(__file__).with_name("roots.toml")
SECOND_US = 1_000_000


@dataclass(frozen=True)
class Trouble:
    """A kind of trouble of sites.

    Attributes
    ----------
    name
        outage, circuit, power, degraded or packet.
    parents
        Kinds of parents that make it.
    meanings
        Meanings of alarms that show it.
    families
        Families of alarms that belong to it at the sites that show it.
    rats
        Technologies it touches; empty for all.
    circuit_share
        Share of its sites that show lost links to their controller and nothing else; None where that tells nothing.
    follow_us
        For how long what comes at those sites belongs to it, microseconds.
    """

    name: str
    parents: tuple[str, ...]
    meanings: frozenset[str]
    families: frozenset[str]
    rats: tuple[str, ...]
    circuit_share: float | None
    follow_us: int


@dataclass(frozen=True)
class RootRules:
    """How alarms are put under their root; see `roots.toml`.

    Attributes
    ----------
    together_us
        Alarms of one fault start within this time of each other, in microseconds.
    fewest_sites
        Fewest sites, or cells of a site, that a common root is assumed for.
    precursor_us
        How long an alarm of a family may come before the outage it leads to, in microseconds.
    families
        Family of each meaning.
    kinds
        Factor of each cause for each kind of root.
    freeze_us, freeze_lasting_us
        How long after its start a group may change, and one with a `lasting` meaning, microseconds.
    lasting
        Meanings that may come long before the outage they lead to.
    most_listed
        Alarms of a group that are listed.
    assumed_share
        Share of the sites below that must show trouble before the silent ones count as hit.
    odds
        How often things break and how surely it shows.
    troubles
        Kinds of trouble that a common parent could explain.
    """

    together_us: int
    fewest_sites: int
    precursor_us: Mapping[str, int]
    families: Mapping[str, str]
    kinds: Mapping[str, Mapping[str, float]]
    freeze_us: int
    freeze_lasting_us: int
    lasting: frozenset[str]
    most_listed: int
    assumed_share: float
    odds: Odds
    troubles: tuple[Trouble, ...]


def load_root_rules(path: Path = ROOTS_FILE) -> RootRules:
    """Read the rules for roots.

    Parameters
    ----------
    path : Path
        A TOML file in the form of `roots.toml`.

    Returns
    -------
    RootRules

    Examples
    --------
    >>> load_root_rules().families["battery_low"]
    'power'
    """
    content = tomllib.loads(path.read_text(encoding="utf-8"))
    limits = content["limits"]
    return RootRules(
        together_us=int(limits["together_s"] * SECOND_US),
        fewest_sites=int(limits["fewest_sites"]),
        precursor_us={key: value * SECOND_US for key, value in content["precursor_s"].items()},
        families=content["families"],
        kinds=content["kinds"],
        freeze_us=int(limits["freeze_s"] * SECOND_US),
        freeze_lasting_us=int(limits["freeze_lasting_s"] * SECOND_US),
        lasting=frozenset(limits["lasting"]),
        most_listed=int(limits["most_listed"]),
        assumed_share=float(limits["assumed_share"]),
        odds=read_odds(content, int(limits["together_s"] * SECOND_US)),
        troubles=read_trouble(content),
    )


def read_trouble(content: Mapping[str, Any]) -> tuple[Trouble, ...]:
    """Return the kinds of trouble of a file of rules.

    Parameters
    ----------
    content : mapping
        Parsed `roots.toml`.
    """
    return tuple(
        Trouble(
            name=name,
            parents=tuple(row["parents"]),
            meanings=frozenset(row["meanings"]),
            families=frozenset(row["families"]),
            rats=tuple(row.get("rats", ())),
            circuit_share=row.get("circuit_share"),
            follow_us=int(row.get("follow_s", content["limits"]["follow_s"]) * SECOND_US),
        )
        for name, row in content["trouble"].items()
    )
