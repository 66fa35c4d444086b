"""Say what a run starts from: what was learned from closed orders of the past, or nothing.

What a run learns on its way is added to it. Orders and faults that were counted when it was learned are known again by
their keys and not counted a second time.

Simple so far: what was learned elsewhere counts as much as what was learned here.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.errors import InputError
from correlate.background import Background, load_background
from correlate.calibration import PRIOR_ORDERS, Calibration, Curve
from correlate.learning.background import background_from, shares_of
from correlate.learning.files import COUNTED, PIECES, Entries, read_learned
from correlate.learning.networks import CARRIED, is_same_network
from correlate.learning.profiles import (
    AGE_ENDS_H,
    HOUR_ENDS,
    age_part,
    hour_part,
    moved_profiles,
)
from correlate.learning.rates import RateCounts, rates_from
from correlate.learning.signs import moved_signatures
from correlate.learning.words import words_of
from correlate.lexicon import default_lexicon
from correlate.profiles import Profiles, load_profiles, symptom_log_likelihood
from correlate.rates import Rates, start_rates
from correlate.signatures import Signatures
from correlate.symptoms import read_symptoms
from correlate.words import WordModel, word_likelihoods

logger = logging.getLogger(__name__)

MOST_START_ORDERS = 400.0
"""Orders that a learned temperature counts as at most (START value)."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Start:
    """What a run starts from; by default nothing learned.

    Attributes
    ----------
    pieces : frozenset of str
        Names of what was learned; what was not, a run learns on its way from every order.
    orders, faults : frozenset of str
        Keys of what was counted.
    words : WordModel or None
    profiles : Profiles or None
        Instead of ours.
    moves : mapping of (sign, cause) to float
        Added to log weights of the signature catalogue.
    hours, ages : tuple of (part, cause, log ratio)
    rates : tuple of (cause, complaints, expected)
    shares : entries of the background
    temperature, temperature_orders, curve
        Of the calibration.
    """

    pieces: frozenset[str] = frozenset()
    orders: frozenset[str] = frozenset()
    faults: frozenset[str] = frozenset()
    words: WordModel | None = None
    profiles: Profiles | None = None
    moves: Mapping[tuple[str, str], float] = field(default_factory=dict)
    hours: tuple[tuple[int, str, float], ...] = ()
    ages: tuple[tuple[int, str, float], ...] = ()
    rates: tuple[tuple[str, float, float], ...] = ()
    shares: Entries = ()
    temperature: float = 1.0
    temperature_orders: float = 0.0
    curve: Curve = ()

    def counted(self, ticket_id: str, created_at: int) -> frozenset[str]:
        """Return the names of what an order was counted for when this was learned."""
        is_known = bool(self.orders) and order_key(ticket_id, created_at) in self.orders
        return self.pieces if is_known else frozenset()

    def signatures(self, ours: Signatures) -> Signatures:
        """Return the signature catalogue with what was learned."""
        return moved_signatures(ours, self.moves) if self.moves else ours

    def hour_weights(self, hours: NDArray[np.int64], causes: Sequence[str]) -> Floats:
        """Return what the hour of each complaint says of each cause, log likelihood [complaints, causes]."""
        table = _table(self.hours, len(HOUR_ENDS), causes)
        return np.asarray(table[hour_part(hours)], float)

    def age_table(self, causes: Sequence[str]) -> Floats | None:
        """Return what the age of a fault says of its causes, [ages, causes of faults]; None: nothing."""
        return _table(self.ages, len(AGE_ENDS_H) + 1, causes) if self.ages else None

    def known_of(self, texts: pd.Series) -> pd.DataFrame | None:
        """Return what was learned of texts beyond our profiles, log likelihood by cause; None: nothing."""
        if self.words is None and self.profiles is None:
            return None
        codes = default_lexicon().codes
        ours = load_profiles(codes)
        known = np.zeros((len(texts), len(ours.causes)))
        if self.words is not None:
            known = known + word_likelihoods(self.words, texts).to_numpy(float)
        if self.profiles is not None:
            symptoms = read_symptoms(texts, default_lexicon())
            known = known + symptom_log_likelihood(symptoms, self.profiles)
            known = known - symptom_log_likelihood(symptoms, ours)
        return pd.DataFrame(known, index=texts.index, columns=list(ours.causes))


def order_key(ticket_id: str, created_at: int) -> str:
    """Return what an order is known again by in another run, without saying which it is.

    >>> order_key("T1", 0)
    'cc42cff3d628b50f'
    """
    return hashlib.sha256(f"{ticket_id}|{created_at}".encode()).hexdigest()[:16]


def age_log(table: Floats, age_h: Floats) -> Floats:
    """Return what ages say, [ages given, causes]; `table` as `Start.age_table` gives it."""
    return np.asarray(table[age_part(age_h)], float)


def started_background(start: Start, causes: tuple[str, ...]) -> Background:
    """Return the background a run starts from."""
    fresh = load_background(causes)
    return background_from(shares_of(start.shares, causes), fresh) if start.shares else fresh


def started_rates(start: Start, prior: Floats, causes: Sequence[str]) -> Rates:
    """Return the rates of complaint a run starts from; `prior` [causes] per user reached and hour."""
    if not start.rates:
        return start_rates(prior)
    told, expected = np.zeros(len(prior)), np.zeros(len(prior))
    for cause, complaints, foreseen in start.rates:
        if cause in causes:
            told[causes.index(cause)] += complaints
            expected[causes.index(cause)] += foreseen
    rates = rates_from(RateCounts(told, expected, np.zeros(len(prior))), prior)
    rates.counted = start.faults
    return rates


def started_calibration(start: Start) -> Calibration:
    """Return the calibration a run starts from."""
    orders = min(MOST_START_ORDERS, start.temperature_orders)
    return Calibration(
        temperature=start.temperature,
        start=start.temperature,
        start_orders=max(PRIOR_ORDERS, orders),
        curve=start.curve,
    )


def load_start(
    folder: Path | None, codes: Sequence[str], *, network: Collection[str] = ()
) -> Start:
    """Return what a run starts from: what a folder holds, nothing without one.

    Parameters
    ----------
    folder : Path, optional
        That `cellcause learn verdicts` wrote.
    codes : sequence of str
        Symptom codes of the lexicon.
    network : collection of str, optional
        Sketch of the network it is for; what was learned at another is left out but for what carries over.

    Raises
    ------
    InputError
        If a file in it is of another version, or an entry lacks something.
    """
    if folder is None:
        return Start()
    files = _carried(folder, read_learned(folder), network)
    given: dict[str, Any] = {"pieces": frozenset(files.keys() & PIECES.keys())}
    for name, entries in files.items():
        if name in READERS:
            try:
                given |= READERS[name](entries, codes)
            except (KeyError, TypeError, ValueError) as error:
                message = f"`learned`: an entry of {folder / name}.json can't be used: {error!r}. Learn anew."
                raise InputError(message) from error
    return Start(**given)


def _carried(
    folder: Path, files: Mapping[str, Entries], network: Collection[str]
) -> Mapping[str, Entries]:
    """Return the files that may be used at a network: all at the one they were learned at."""
    told = [str(e["key"]) for e in files.get(COUNTED, ()) if e.get("kind") == "network"]
    if not told or not network or is_same_network(told, network):
        return files
    left = sorted(files.keys() & PIECES.keys() - CARRIED)
    logger.warning("%s was learned at another network: %s are not used", folder, ", ".join(left))
    return {name: entries for name, entries in files.items() if name not in left}


def _counted(entries: Entries, _: Sequence[str]) -> dict[str, Any]:
    """Return the keys of what was counted."""
    keys = {
        kind: {str(e["key"]) for e in entries if e["kind"] == kind} for kind in ("order", "fault")
    }
    return {"orders": frozenset(keys["order"]), "faults": frozenset(keys["fault"])}


def _profiles(entries: Entries, codes: Sequence[str]) -> dict[str, Any]:
    """Return the profiles learned."""
    told = [
        (kind, str(e[kind]), str(e["cause"]), float(e["chance"]))
        for e in entries
        for kind in ("symptom", "flag")
        if kind in e
    ]
    return {"profiles": moved_profiles(load_profiles(codes), told)}


def _parts(name: str, ends: Sequence[float]) -> Callable[[Entries, Sequence[str]], dict[str, Any]]:
    """Return a reader of log ratios by part of time."""

    def read(entries: Entries, _: Sequence[str]) -> dict[str, Any]:
        """Return part, cause and log ratio of each entry."""
        part = {end: i for i, end in enumerate((*map(float, ends), None))}
        rows = [(part[e["until_h"]], str(e["cause"]), float(e["log_ratio"])) for e in entries]
        return {name: tuple(rows)}

    return read


def _calibration(entries: Entries, _: Sequence[str]) -> dict[str, Any]:
    """Return the temperature or the curve."""
    if entries and "temperature" in entries[0]:
        told = {"temperature": float(entries[0]["temperature"])}
        return told | {"temperature_orders": float(entries[0]["orders"])}
    return {"curve": tuple((float(e["stated"]), float(e["right"])) for e in entries)}


READERS: Mapping[str, Callable[[Entries, Sequence[str]], dict[str, Any]]] = {
    COUNTED: _counted,
    "words": lambda entries, _: {"words": words_of(entries)},
    "symptoms": _profiles,
    "signs": lambda entries, _: {
        "moves": {(str(e["sign"]), str(e["cause"])): float(e["log_odds"]) for e in entries}
    },
    "hours": _parts("hours", HOUR_ENDS),
    "ages": _parts("ages", AGE_ENDS_H),
    "rates": lambda entries, _: {
        "rates": tuple(
            (str(e["cause"]), float(e["complaints"]), float(e["expected"])) for e in entries
        )
    },
    "background": lambda entries, _: {"shares": tuple(entries)},
    "calibration": _calibration,
}


def _table(rows: Sequence[tuple[int, str, float]], parts: int, causes: Sequence[str]) -> Floats:
    """Return log ratios as a table [parts, causes], nothing where none was learned."""
    table = np.zeros((parts, len(causes)))
    for part, cause, log in rows:
        if cause in causes:
            table[part, causes.index(cause)] = log
    return table
