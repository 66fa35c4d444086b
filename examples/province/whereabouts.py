"""Say in a customer's words where something is wrong, in the text and in the address field.

Simple so far: a place is described by its own name and its town and county, not by roads or landmarks around it.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from examples.province.phrasing import Texts, Wording, fill, pick, pick_by, sometimes

_NAMED_AT_LEAST = 0.35
_NAMED_WITH_KNOWLEDGE = 0.6


def where_words(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> tuple[Texts, Texts]:
    """Return the place as a phrase of a sentence, and bare, as after a label.

    Parameters
    ----------
    intents : DataFrame
        Needs `place_name`, `place_kind`, `site_name`, `is_indoor`, `is_moving` and `knows_address`.
    wording : Wording
        The phrases of the language.
    slots : mapping of str to array of str
        `place`, `town`, `county`, `site`, `floor`, `unit`, ... of each row.
    rng : Generator
        The only source of chance.

    Returns
    -------
    phrase, bare : array of str, one a row
        Empty where nothing is said of the place.
    """
    size = len(intents)
    name = _undoubled(
        fill(pick(wording.phrases("where", "forms"), size, rng), slots), slots["town"]
    )
    known = intents["knows_address"].to_numpy(dtype=float)
    named = rng.random(size) < _NAMED_AT_LEAST + _NAMED_WITH_KNOWLEDGE * known
    named &= slots["place"] != ""
    kinds = _kinds(intents, named=named)
    templates = pick_by(wording.sections["where"], kinds, rng)
    by_site = (rng.random(size) < wording.chance("site_said")) & (slots["site"] != "")
    templates = np.where(by_site, pick(wording.phrases("where", "site"), size, rng), templates)
    phrase = fill(templates.astype(object), {**slots, "place": name})
    return phrase, np.where(named, name, phrase).astype(object)


def addresses(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> Texts:
    """Return what stands in the address field, from house number to nothing, by how well the customer knows it.

    Parameters
    ----------
    intents : DataFrame
        Needs `place_name`, `place_kind` and `knows_address` (0 to 1).
    wording : Wording
        The phrases of the language.
    slots : mapping of str to array of str
        `place`, `town`, `county`, `floor`, `unit`, ... of each row.
    rng : Generator
        The only source of chance.

    Returns
    -------
    array of str, one a row
    """
    size = len(intents)
    known = intents["knows_address"].to_numpy(dtype=float) + rng.normal(0.0, 0.15, size)
    known = np.where(slots["place"] == "", 0.0, known)
    level = np.select(
        [known > 0.75, known > 0.45, known > 0.2], ["full", "middle", "rough"], default="vague"
    )
    kind = intents["place_kind"].to_numpy(dtype=object)
    detail_kind = np.where(kind == "village", "detail_village", "detail_seat").astype(object)
    detail = fill(pick_by(wording.sections["address"], detail_kind, rng), slots)
    templates = pick_by(wording.sections["address"], level.astype(object), rng)
    full = fill(templates, {**slots, "detail": sometimes(detail, 0.8, rng)})
    return _undoubled(full, slots["town"])


def _kinds(intents: pd.DataFrame, *, named: np.ndarray) -> Texts:
    """Return the kind of phrase for each row, a key of the section `where`."""
    moving = intents["is_moving"].to_numpy(dtype=bool)
    indoor = intents["is_indoor"].to_numpy(dtype=bool)
    village = intents["place_kind"].to_numpy(dtype=object) == "village"
    return np.select(
        [moving & ~named, ~named, moving, indoor, village],
        ["moving_vague", "vague", "moving", "indoor", "village"],
        default="outdoor",
    ).astype(object)


def _undoubled(texts: Texts, towns: Texts) -> Texts:
    """Return the texts with a town named twice in a row, as of a place named after it, named once."""
    commas = [
        text.replace(f"{town}, {town}", town) if town else text
        for text, town in zip(texts, towns, strict=True)
    ]
    pairs = zip(commas, towns, strict=True)
    return np.array(
        [text.replace(town * 2, town) if town else text for text, town in pairs], dtype=object
    )
