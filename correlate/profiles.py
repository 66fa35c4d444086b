"""Weigh what a customer states against what customers of each cause usually state.

A profile is a table of data: how often a symptom is the one complained of, and how often the
circumstances ("all the neighbours", "for years") are mentioned, for each cause. Simple so far:
degrees an engineer can read, start values, symptoms and circumstances taken as independent given
the cause.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from contract.errors import InputError
from contract.knowledge_files import ORIGIN, check_choice, check_keys, read_knowledge
from correlate.lexicon import merge_tables

PROFILES_FILE = Path(__file__).with_name("profiles.toml")
UNKNOWN = "unknown"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Profiles:
    """What customers of each cause state.

    Attributes
    ----------
    causes : tuple of str
        Codes in the order of the contract, `unknown` last.
    symptoms : DataFrame, one row per cause, one column per symptom code
        Chance that the symptom is the dominant one. Rows sum to 1.
    flags : DataFrame, one row per cause, one column per flag
        Chance that the circumstance is mentioned.
    symptom_noise, flag_noise : float
        Share of readings that say nothing about the cause.
    later_symptom_weight, silent_flag_weight : float
        Weight of a symptom that is not the dominant one, and of a circumstance that is not
        mentioned.
    trust : float
        Share kept of the whole, since the statements of one caller are not independent.
    """

    causes: tuple[str, ...]
    symptoms: pd.DataFrame
    flags: pd.DataFrame
    symptom_noise: float
    flag_noise: float
    later_symptom_weight: float
    silent_flag_weight: float
    trust: float


def load_profiles(codes: Sequence[str], override: Path | None = None) -> Profiles:
    """Return the profiles of the package, with a user's file merged over them.

    Parameters
    ----------
    codes : sequence of str
        Symptom codes of the lexicon.
    override : Path, optional
        A file of the same form; what it names takes the place of the package's.

    Returns
    -------
    Profiles
        All causes of the contract.

    Raises
    ------
    InputError
        If a file can't be read, or names an unknown degree, symptom or flag.

    Examples
    --------
    >>> load_profiles(["NOSIG", "WEAK"]).causes[0]
    'power_failure'
    """
    content = _read(PROFILES_FILE)
    known = set(content["causes"])
    if override is not None:
        content = merge_tables(content, _read(override))
        if unknown := sorted(set(content["causes"]) - known):
            msg = f"`override` has unknown causes {unknown}; it may name {sorted(known)}."
            raise InputError(msg)
    noise, causes = content["noise"], content["causes"]
    default = {flag: degree for flag, degree in content["flags"].items() if "_" in flag}
    degrees = content["degrees"]
    symptoms = pd.DataFrame(
        {
            code: [
                _degree(degrees["symptoms"], row["symptoms"].get(code, "no"), name)
                for name, row in causes.items()
            ]
            for code in codes
        },
        index=list(causes),
    )
    flags = pd.DataFrame(
        {
            flag: [
                _degree(degrees["flags"], row["flags"].get(flag, usual), name)
                for name, row in causes.items()
            ]
            for flag, usual in default.items()
        },
        index=list(causes),
    )
    return Profiles(
        causes=tuple(causes),
        symptoms=symptoms.div(symptoms.sum(axis=1), axis=0),
        flags=flags,
        symptom_noise=float(noise["symptom"]),
        flag_noise=float(noise["flag"]),
        later_symptom_weight=float(noise["later_symptom_weight"]),
        silent_flag_weight=float(noise["silent_flag_weight"]),
        trust=float(noise["trust"]),
    )


def symptom_log_likelihood(symptoms: pd.DataFrame, profiles: Profiles) -> Floats:
    """Return how much better each cause explains what was stated than the causes do on average.

    log P(stated | cause) - log P(stated | average cause). The dominant symptom counts in full,
    others by their strength and a lower weight; a weak reading counts less. A circumstance that is
    not mentioned counts little, since most callers say little. A share of all readings is taken as
    noise, so one wrong reading is never fatal. `unknown` is 0 throughout.

    Parameters
    ----------
    symptoms : DataFrame
        From `symptoms.read_symptoms`.
    profiles : Profiles
        From `load_profiles`.

    Returns
    -------
    ndarray of float, shape (rows of `symptoms`, causes of `profiles`)
        Natural logarithms; 0 where the text says nothing.

    Examples
    --------
    >>> from correlate.symptoms import load_lexicon, read_symptoms
    >>> lexicon = load_lexicon()
    >>> profiles = load_profiles(lexicon.codes)
    >>> stated = read_symptoms(pd.Series(["network busy, the whole village"]), lexicon)
    >>> likelihood = symptom_log_likelihood(stated, profiles)[0]
    >>> busy, barred = map(profiles.causes.index, ["voice_congestion", "account_barred"])
    >>> bool(likelihood[busy] > likelihood[barred])
    True
    """
    named = np.array([cause != UNKNOWN for cause in profiles.causes])
    total = _of_symptoms(symptoms, profiles, named) + _of_flags(symptoms, profiles, named)
    return np.where(named, profiles.trust * total, 0.0)


def _of_symptoms(stated: pd.DataFrame, profiles: Profiles, named: NDArray[np.bool_]) -> Floats:
    """Return the part of the likelihood that the symptoms give."""
    codes = list(profiles.symptoms.columns)
    chances = profiles.symptoms.to_numpy(dtype=float)
    average = chances[named].mean(axis=0)
    mixed = (1 - profiles.symptom_noise) * chances + profiles.symptom_noise * average
    ratio = np.log(mixed / average)
    strength = stated[codes].to_numpy(dtype=float)
    is_dominant = stated["dominant"].to_numpy()[:, None] == np.array(codes, dtype=object)
    weight = np.where(is_dominant, strength, profiles.later_symptom_weight * strength)
    product: Floats = weight @ ratio.T
    return product


def _of_flags(stated: pd.DataFrame, profiles: Profiles, named: NDArray[np.bool_]) -> Floats:
    """Return the part of the likelihood that the circumstances give."""
    flags = [flag for flag in profiles.flags.columns if flag in stated.columns]
    chances = profiles.flags[flags].to_numpy(dtype=float)
    average = chances[named].mean(axis=0)
    mixed = (1 - profiles.flag_noise) * chances + profiles.flag_noise * average
    said = np.log(mixed / average)
    silent = profiles.silent_flag_weight * np.log((1 - mixed) / (1 - average))
    is_said = stated[flags].to_numpy(dtype=bool)
    speaks = is_said.any(axis=1) | (stated["dominant"].to_numpy() != "")
    sums: Floats = is_said @ said.T + (~is_said & speaks[:, None]) @ silent.T
    return sums


def _read(path: Path) -> Mapping[str, Any]:
    """Read a file of profiles."""
    content = read_knowledge(path, "override")
    needed = (*ORIGIN, "symptoms", "flags")
    for name, row in content.get("causes", {}).items():
        where = f"[causes.{name}] of {path.name}"
        check_keys(row, where, argument="override", needed=needed, known=())
    return content


def _degree(scale: Mapping[str, float], word: str, cause: str) -> float:
    """Return the number a degree stands for."""
    return float(scale[check_choice(word, scale, f"a degree of {cause}", argument="override")])
