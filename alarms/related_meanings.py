"""Give alarms that nobody catalogued the meaning of the alarms they cause or follow, by learned relations.

Of all catalogued types that a relation joins an unknown type to, the one with the strongest relation lends its meaning.
What the unknown alarm does to service stays open: it counts as a threat, so it joins the group of its partner, adds to
it, and opens little by itself.

Simple so far: one relation decides; lag is not looked at; a partner of unknown meaning itself lends nothing.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

LEAST_STRENGTH = 0.05
"""Weaker relations rest on the order of types alone."""


def with_related(
    readings: Any, alarms: Any, relations: Mapping[tuple[str, str], tuple[float, float]]
) -> Any:
    """Return the readings with unknown alarms read by their relations to known ones.

    Parameters
    ----------
    readings : DataFrame, one row per alarm
        As `alarms.catalogue.read_meanings` returns it.
    alarms : DataFrame, index of `readings`
        Needs `name`; uses `code` where present.
    relations : mapping of (cause, effect) to (lag in seconds, strength)
        As `alarms.relations.relation_strength` returns it.

    Returns
    -------
    DataFrame
        A new table; rows read so have basis `relation`, effect `threat` and a rule id that names the
        relation.

    Examples
    --------
    >>> alarms = pd.DataFrame({"name": ["Zork", "Cell Unavailable"], "code": ["7", "29240"]})
    >>> readings = pd.DataFrame(
    ...     {
    ...         "meaning": ["unknown", "cell_down"],
    ...         "service_effect": ["none", "down"],
    ...         "extent": ["cell", "cell"],
    ...         "basis": ["unknown", "name"],
    ...         "rule_id": ["", "CAT-1"],
    ...     }
    ... )
    >>> told = with_related(readings, alarms, {("7", "29240"): (40.0, 0.6)})
    >>> told[["meaning", "service_effect", "rule_id"]].values.tolist()[0]
    ['cell_down', 'threat', 'REL-7>29240']
    """
    unknown = (readings["basis"] == "unknown").to_numpy()
    if not relations or not unknown.any():
        return readings
    types = _types(alarms)
    known = pd.DataFrame(
        {"type": types[~unknown], "meaning": readings["meaning"][~unknown].to_numpy()}
    )
    extents = dict(zip(readings["meaning"], readings["extent"], strict=True))
    partners = _partners(relations, dict(zip(known["type"], known["meaning"], strict=True)))
    asked = pd.Series(types[unknown])
    lent = asked.map({code: meaning for code, (_, meaning, _) in partners.items()})
    rows = np.flatnonzero(unknown)[lent.notna().to_numpy()]
    rules = asked.map({code: rule for code, (_, _, rule) in partners.items()})
    told = readings.copy()
    new = {
        "meaning": lent.dropna().to_numpy(),
        "service_effect": "threat",
        "extent": lent.dropna().map(extents).to_numpy(),
        "basis": "relation",
        "rule_id": rules[lent.notna()].to_numpy(),
    }
    for name, values in new.items():
        column = told[name].to_numpy(dtype=object, copy=True)
        column[rows] = values
        told[name] = pd.array(column, dtype="str")
    return told


def _types(alarms: Any) -> Any:
    """Return the type of each alarm as relations name it: its code, else its name."""
    names = alarms["name"].astype("str").fillna("").str.strip()
    if "code" not in alarms:
        return names.to_numpy(dtype=object)
    codes = alarms["code"].astype("str").fillna("").str.strip()
    return codes.where(codes != "", names).to_numpy(dtype=object)


def _partners(
    relations: Mapping[tuple[str, str], tuple[float, float]], meaning_of: Mapping[str, str]
) -> dict[str, tuple[float, str, str]]:
    """Return for each unknown type the strength, the meaning lent and the rule of its strongest relation."""
    found: dict[str, tuple[float, str, str]] = {}
    for (cause, effect), (_, strength) in sorted(relations.items()):
        for own, other in ((cause, effect), (effect, cause)):
            if own in meaning_of or other not in meaning_of or strength < LEAST_STRENGTH:
                continue
            if own not in found or strength > found[own][0]:
                found[own] = (strength, meaning_of[other], f"REL-{cause}>{effect}")
    return found
