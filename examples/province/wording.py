"""Word complaints as customers and hotline agents do.

An intent (what is wrong, where, since when, with whom) becomes a text, an address, the opinion of the desk before, a
category and a channel. Phrases are data: `wording_zh.toml` and `wording_en.toml`.
Simple so far: one complaint does not know what the same customer said before, but that he called.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from examples.province.onset_words import onset_words
from examples.province.phrasing import (
    Texts,
    Wording,
    as_texts,
    fill,
    joined,
    load_wording,
    pick,
    pick_by,
    sometimes,
)
from examples.province.slips import with_slips
from examples.province.whereabouts import addresses, where_words

_NEEDED = (
    "created_at",
    "cause",
    "symptom",
    "place_name",
    "place_kind",
    "town",
    "county",
    "site_name",
    "is_indoor",
    "group",
    "onset_at",
    "is_chronic",
    "is_moving",
    "is_repeat",
    "msisdn",
    "second_msisdn",
    "knows_address",
)
_CUSTOMER_CAUSES = (
    "account_barred",
    "sms_blacklisted",
    "sms_centre_setting",
    "value_added_service",
)
_RADIO_SYMPTOMS = ("NOSVC", "WEAK")


def complaint_texts(
    intents: pd.DataFrame, *, language: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Return what is written in each complaint.

    A voice is drawn (agent of the hotline, customer, social media, elderly, terse), then a frame of that voice, and the
    clauses it names: symptom, place, beginning, others affected, tests, a guess of the cause, attitude, request. A
    cause shows only as far as a customer could know of it, and some guess wrong.

    Parameters
    ----------
    intents : DataFrame, one row per complaint
        Needs `created_at`, `cause` (code), `symptom` (NOSVC, WEAK, BUSY, ...), `place_name`, `place_kind`, `town`,
        `county`, `site_name`, `is_indoor`, `group` (True, False, None), `onset_at` (NaT = unknown), `is_chronic`,
        `is_moving`, `is_repeat`, `msisdn`, `second_msisdn` and `knows_address` (0 to 1). Times are local, naive.
    language : str
        `zh` or `en`.
    rng : Generator
        The only source of chance: the same seed and intents give the same texts.

    Returns
    -------
    DataFrame, index of `intents`
        Columns `text`, `address`, `previous_opinion`, `category`, `channel`, all text, empty where nothing is said.

    Raises
    ------
    ValueError
        If a column is missing, a symptom has no phrases, or there is no file for the language.
    """
    wording = load_wording(language)
    _check(intents, wording)
    voices = _voices(len(intents), wording, rng)
    manner = _manners(voices, wording)
    slots = _leaf_slots(intents, manner, wording, rng)
    clauses = _clauses(intents, wording, slots, rng)
    frames = pick_by(
        {name: voice["frames"] for name, voice in wording.sections["voices"].items()}, voices, rng
    )
    raw = fill(frames, {**slots, **clauses})
    channels = {name: voice["channels"] for name, voice in wording.sections["voices"].items()}
    return pd.DataFrame(
        {
            "text": with_slips(_finished(raw, manner, wording, rng), wording, rng),
            "address": _tidy(addresses(intents, wording, slots, rng)),
            "previous_opinion": _opinions(intents, wording, slots, rng),
            "category": _categories(intents, wording, rng),
            "channel": pick_by(channels, voices, rng),
        },
        index=intents.index,
        dtype="str",
    )


def _check(intents: pd.DataFrame, wording: Wording) -> None:
    """Refuse intents that can't be worded."""
    missing = [name for name in _NEEDED if name not in intents.columns]
    if missing:
        message = f"`intents` lacks columns {missing}; it has {list(intents.columns)}"
        raise ValueError(message)
    strange = sorted(set(intents["symptom"]) - set(wording.sections["symptoms"]))
    if strange:
        message = f"`intents` has symptoms without phrases: {strange}"
        raise ValueError(message)


def _voices(size: int, wording: Wording, rng: np.random.Generator) -> Texts:
    """Draw who speaks."""
    voices = wording.sections["voices"]
    shares = np.array([voice["share"] for voice in voices.values()])
    return np.array(list(voices), dtype=object)[
        rng.choice(len(shares), size=size, p=shares / shares.sum())
    ]


def _manners(voices: Texts, wording: Wording) -> Texts:
    """Return how each voice speaks: as agent, customer, elder or tersely."""
    manner = {name: voice.get("manner", name) for name, voice in wording.sections["voices"].items()}
    return as_texts(pd.Series(voices, dtype=object).map(manner))


def _leaf_slots(
    intents: pd.DataFrame, manner: Texts, wording: Wording, rng: np.random.Generator
) -> dict[str, Texts]:
    """Return the words that fill phrases: things, names, numbers."""
    size = len(intents)
    slots = {name: pick(words, size, rng) for name, words in wording.sections["words"].items()}
    slots["app2"] = pick(wording.phrases("words", "app"), size, rng)
    for word in ("me", "my"):
        options = {name: said[word] for name, said in wording.sections["speakers"].items()}
        slots[word] = pick_by(options, manner, rng)
    for name, top in (("floor", 28), ("unit", 12), ("small", 6), ("number_small", 180)):
        slots[name] = rng.integers(1, top + 1, size=size).astype(str).astype(object)
    for name, column in (
        ("place", "place_name"),
        ("town", "town"),
        ("county", "county"),
        ("site", "site_name"),
    ):
        slots[name] = _column(intents, column)
    slots["town"] = as_texts(np.where(slots["town"] == "", slots["county"], slots["town"]))
    slots["number"] = _column(intents, "second_msisdn")
    slots["mobile"] = sometimes(_column(intents, "msisdn"), wording.chance("mobile"), rng)
    slots["time_label"] = pick(wording.phrases("closing", "time_label"), size, rng)
    slots["handset_said"] = fill(pick(wording.phrases("closing", "handset_said"), size, rng), slots)
    return slots


def _column(intents: pd.DataFrame, name: str) -> Texts:
    """Return a column as text, empty where nothing stands."""
    values = intents[name].astype(object)
    return as_texts(values.where(values.notna(), "").astype(str))


def _clauses(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> dict[str, Texts]:
    """Return the clauses a frame is made of."""
    size = len(intents)
    where, bare = where_words(intents, wording, slots, rng)
    said = fill(pick(wording.phrases("where", "said"), size, rng), {"where": bare})
    hello = pick(wording.phrases("closing", "hello"), size, rng)
    asked = pick(wording.phrases("closing", "ask"), size, rng)
    symptoms = _column(intents, "symptom")
    words, denial = _symptom_words(symptoms, wording, slots, rng)
    clauses = {
        "where": where,
        "where_bare": bare,
        "place_said": np.where(bare == "", "", said).astype(object),
        "onset": onset_words(intents, wording, rng),
        "denial": denial,
        "symptom": words,
        "also": _also(symptoms, wording, slots, rng),
        "group": _group_words(intents, wording, slots, rng),
        "tests": _test_words(intents, wording, slots, rng),
        "hint": _hints(intents, wording, slots, rng),
        "second": _second_number(intents, wording, slots, rng),
        "attitude": _attitudes(intents, wording, slots, rng),
        "ask": sometimes(asked, wording.chance("ask"), rng),
        "hello": sometimes(hello, wording.chance("hello"), rng),
    }
    return {**clauses, **_depending(wording, {**slots, **clauses})}


def _depending(wording: Wording, slots: Mapping[str, Texts]) -> dict[str, Texts]:
    """Return the clauses that say more about another one, empty where that one is."""
    clauses = {}
    for name, rule in wording.sections["depending"].items():
        needed = slots[rule["needs"]]
        words = fill(as_texts(np.full(len(needed), rule["text"])), slots)
        clauses[name] = as_texts(np.where(needed == "", "", words))
    return clauses


def _symptom_words(
    symptoms: Texts, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> tuple[Texts, Texts]:
    """Return the trouble and a denial of another; some say both in one, some add a second trouble."""
    size = len(symptoms)
    words = fill(pick_by(wording.sections["symptoms"], symptoms, rng), slots)
    denial = fill(pick_by(wording.sections["denials"], symptoms, rng), slots)
    space = " " if wording.has_spaces else ""
    then = pick(wording.phrases("linkers", "denial_then"), size, rng)
    before = denial + "|" + then + space + words
    denied = np.where(rng.random(size) < 0.6, before, words + "|" + denial)
    denies = rng.random(size) < wording.chance("denial")
    other = pick_by(wording.sections["second_symptoms"], symptoms, rng)
    linker = pick(wording.phrases("linkers", "second"), size, rng)
    second = fill(pick_by(wording.sections["symptoms"], other, rng), slots)
    more = words + "|" + linker + space + second
    adds = rng.random(size) < wording.chance("second_symptom")
    told = as_texts(np.select([denies, adds], [denied, more], default=words))
    return told, as_texts(np.where(denies, "", denial))


def _also(
    symptoms: Texts, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> Texts:
    """Return what else is said of the trouble: side effects, what still works, that it came back for a moment."""
    size = len(symptoms)
    words = fill(pick_by(wording.sections["also"], symptoms, rng), slots)
    words = sometimes(words, wording.chance("also"), rng)
    foreign = pick(wording.phrases("closing", "latin"), size, rng)
    radio = np.where(np.isin(symptoms, _RADIO_SYMPTOMS), wording.chance("latin"), 0.0)
    recovered = pick(wording.phrases("closing", "recovered"), size, rng)
    words = joined(words, sometimes(foreign, radio, rng), separator="|")
    return joined(words, sometimes(recovered, wording.chance("recovered"), rng), separator="|")


def _group_words(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> Texts:
    """Return what is said of others: they have it too, they don't, nothing."""
    answer = (
        intents["group"].map({True: "true", False: "false"}).fillna("none").to_numpy(dtype=object)
    )
    chance = np.select([answer == "true", answer == "false"], [0.75, 0.6], default=0.5)
    words = fill(pick_by(wording.sections["group"], answer, rng), slots)
    return sometimes(words, chance, rng)


def _test_words(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> Texts:
    """Return what the customer tried; trying another phone helps only where the phone is at fault."""
    cause = _column(intents, "cause")
    kind = np.select(
        [cause == "terminal_fault", np.isin(cause, _CUSTOMER_CAUSES)],
        ["terminal", "neutral"],
        default="plain",
    )
    words = fill(pick_by(wording.sections["tests"], kind.astype(object), rng), slots)
    return sometimes(words, wording.chance("tests"), rng)


def _hints(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> Texts:
    """Return what the customer saw or believes of the cause; some believe something else."""
    hints = wording.sections["hints"]
    cause = _column(intents, "cause")
    words = pick_by({name: hint["phrases"] for name, hint in hints.items()}, cause, rng)
    chance = pd.Series(cause, dtype=object).map(
        {name: hint["chance"] for name, hint in hints.items()}
    )
    known = sometimes(words, chance.fillna(0.0).to_numpy(dtype=float), rng)
    guess = pick(wording.phrases("red_herrings", "phrases"), len(cause), rng)
    guess = sometimes(guess, wording.chance("red_herring"), rng)
    return fill(np.where(known == "", guess, known).astype(object), slots)


def _second_number(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> Texts:
    """Return a second number as it is given: of another one affected, or to call back."""
    shared = (intents["group"].map({True: "second"}).fillna("second_single")).to_numpy(dtype=object)
    words = fill(pick_by(wording.sections["closing"], shared, rng), slots)
    return np.where(slots["number"] == "", "", sometimes(words, 0.85, rng)).astype(object)


def _attitudes(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> Texts:
    """Return how the customer feels, and that he called before."""
    size = len(intents)
    mood = sometimes(
        pick(wording.phrases("closing", "attitude"), size, rng), wording.chance("attitude"), rng
    )
    before = fill(pick(wording.phrases("closing", "repeat"), size, rng), slots)
    chance = intents["is_repeat"].to_numpy(dtype=bool) * wording.chance("opinion_repeat")
    return joined(sometimes(before, chance, rng), mood, separator="|")


def _opinions(
    intents: pd.DataFrame, wording: Wording, slots: Mapping[str, Texts], rng: np.random.Generator
) -> Texts:
    """Return what the desk before wrote, often with a question to the network department."""
    cause = _column(intents, "cause")
    repeat = intents["is_repeat"].to_numpy(dtype=bool) & (rng.random(len(cause)) < 0.6)
    kind = np.select(
        [repeat, np.isin(cause, _CUSTOMER_CAUSES)], ["repeat", "neutral"], default="plain"
    )
    mixed = np.where((kind == "plain") & (rng.random(len(cause)) < 0.35), "neutral", kind)
    words = fill(pick_by(wording.sections["opinion"], mixed.astype(object), rng), slots)
    return sometimes(words, wording.chance("opinion"), rng)


def _categories(intents: pd.DataFrame, wording: Wording, rng: np.random.Generator) -> Texts:
    """Return the path chosen in the form, at times a wrong one."""
    wrong = rng.random(len(intents)) < wording.chance("wrong_category")
    key = np.where(wrong, "other", _column(intents, "symptom")).astype(object)
    return pick_by(wording.sections["category"], key, rng)


def _finished(raw: Texts, manner: Texts, wording: Wording, rng: np.random.Generator) -> Texts:
    """Return clauses joined by the marks of each voice, with capitals and full stop as people set them."""
    text = pd.Series(raw, dtype=object).str.replace(r"\s+", " ", regex=True)
    text = text.str.replace(r"\s*\|[\s|]*", "|", regex=True).str.strip("| ")
    text = text.str.replace(r"([:\u3011])\s*(?=\||$)", r"\1-", regex=True)
    marks = pick_by(wording.sections["format"]["joiners"], manner, rng)
    parts = text.str.split("|")
    whole = np.array(
        [mark.join(part) for mark, part in zip(marks, parts, strict=True)], dtype=object
    )
    stop = sometimes(
        np.full(len(raw), wording.sections["format"]["full_stop"], dtype=object), 0.4, rng
    )
    whole = np.where(pd.Series(whole).str.endswith(("!", "-")), whole, whole + stop).astype(object)
    return _cased(_tidy(whole), manner, rng) if wording.has_spaces else _tidy(whole)


def _cased(texts: Texts, manner: Texts, rng: np.random.Generator) -> Texts:
    """Return English texts with the capitals their writers set: all, few, none or nothing else."""
    text = pd.Series(texts, dtype=object)
    draw = rng.random(len(texts))
    upper = text.str.replace(r"(^|[.!?] )([a-z])", lambda m: m[1] + m[2].upper(), regex=True)
    careful = (manner != "customer") | (draw < 0.5)
    lower = (manner != "agent") & (draw > 0.88) & (draw <= 0.98)
    loud = (manner != "agent") & (draw > 0.98)
    cases = [text.str.upper(), text.str.lower(), upper]
    return as_texts(np.select([loud, lower, careful], cases, default=texts))


def _tidy(texts: Texts) -> Texts:
    """Return texts without spaces before marks, double marks or blanks at the ends."""
    text = pd.Series(texts, dtype=object)
    text = text.str.replace(r"\s+([,.;:!?])(?=\s|$)", r"\1", regex=True)
    text = text.str.replace(r"\s+", " ", regex=True).str.strip(" ,;，")
    return as_texts(text)
