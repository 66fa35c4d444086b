"""Read what customers and agents say into symptoms, flags and named things.

A symptom is what the customer meets (no signal, call drops), never its cause. Strength runs from 0
(not said) to 1 (said first and plainly). Rules of the lexicon come first; a text they don't read is
mended and read again, then compared with known wordings, then guessed from examples; what remains
is left to the words learned from closed orders. Simple so far: a text that rules read wrongly is
not doubted.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from correlate.lexicon import (
    Lexicon,
    Symptom,
    View,
    load_lexicon,
    normalise,
    view_of,
    without_negated,
)
from correlate.symptom_guessing import guessed
from correlate.symptom_mending import mended

__all__ = ["Lexicon", "load_lexicon", "read_symptoms"]

SURE, HINT, FUZZY, CATEGORY = 1.0, 0.5, 0.6, 0.5
"""Strength of a plain wording, of a weak one, of a badly typed one, of the ticket's category alone
(start values)."""
MENDED = 0.8
"""Share of a strength left to what was read only after mending (start value)."""
LATER, IN_PASSING, CATEGORY_BESIDE_TEXT = 0.7, 0.5, 0.25
"""Share of that strength left to a symptom said later, said in passing, or only in the category."""
LEAST_LIKENESS = {"en": 84.0, "zh": 80.0}
"""Least likeness, in per cent, of a badly typed text to a known wording (start values)."""
LEAST_LENGTH = {"en": 10, "zh": 5}
"""Shortest wording, in characters, that badly typed text is compared with."""


def read_symptoms(
    texts: pd.Series, lexicon: Lexicon, *, categories: pd.Series | None = None
) -> pd.DataFrame:
    """Return the symptoms and circumstances that each complaint states.

    What the text says comes first. What it says is not wrong is dropped ("不是信号不好是打不通").
    Of several symptoms the first dominates, unless a turn ("但", "mainly") puts the weight on a
    later one or one of them outranks the other ("network busy" outranks "cannot call"). The
    category of the ticket is evidence with error: alone it gives half strength.

    Parameters
    ----------
    texts : Series of str, any index
        Complaint texts, Chinese or English or mixed; null reads as empty.
    lexicon : Lexicon
        From `load_lexicon`.
    categories : Series of str, optional
        Category path of each ticket, same index as `texts`, null where none.

    Returns
    -------
    DataFrame, index of `texts`
        One float column per symptom code (0 to 1); `dominant` (code or empty); one boolean column
        per flag of the lexicon (`is_group`, `is_single`, ...); `handset`, `second_number` (as
        written), `service` (voice, data, sms, other or empty).

    References
    ----------
    .. [1] Customer's text 4, lines 811-883: what to read in a work order, symptoms of groups and
    of single customers.

    Examples
    --------
    >>> texts = pd.Series(["不是信号不好是打不通,周围用户存在同样情况"])
    >>> read_symptoms(texts, load_lexicon()).loc[0, ["dominant", "service"]].tolist()
    ['NOCALL', 'voice']
    """
    views = [view_of(text, lexicon) for text in texts.fillna("").astype(str)]
    stated = [_stated(without_negated(view, lexicon), lexicon) for view in views]
    _read_anew(views, stated, lexicon)
    if categories is not None:
        paths = categories.fillna("").astype(str)
        stated = [
            _with_category(codes, path, lexicon) for codes, path in zip(stated, paths, strict=True)
        ]
    return _table(stated, views, lexicon).set_axis(texts.index, axis=0)


def _read_anew(views: list[View], stated: list[dict[str, float]], lexicon: Lexicon) -> None:
    """Read texts that say nothing as they stand once more: mended, by likeness, by what is learned."""
    unread = [row for row, codes in enumerate(stated) if not codes and views[row].plain]
    for row, view in zip(unread, mended([views[row] for row in unread], lexicon), strict=True):
        views[row] = view
        said = _stated(without_negated(view, lexicon), lexicon)
        stated[row] = {code: MENDED * strength for code, strength in said.items()}
    unread = [row for row in unread if not stated[row]]
    for row, guess in zip(unread, _likened([views[row] for row in unread], lexicon), strict=True):
        stated[row] = guess
    unread = [row for row in unread if not stated[row]]
    for row, (code, sure) in zip(
        unread, guessed([views[row] for row in unread], lexicon), strict=True
    ):
        stated[row] = {code: min(FUZZY, sure)} if code else {}


def _table(
    stated: Sequence[Mapping[str, float]], views: Sequence[View], lexicon: Lexicon
) -> pd.DataFrame:
    """Lay out symptoms, flags and named things as columns."""
    services = {symptom.code: symptom.service for symptom in lexicon.symptoms}
    dominant = [next(iter(codes), "") for codes in stated]
    columns: dict[str, object] = {
        code: np.array([codes.get(code, 0.0) for codes in stated], dtype=float)
        for code in lexicon.codes
    }
    columns["dominant"] = pd.array(dominant, dtype="str")
    for name, family in lexicon.flags.items():
        columns[name] = np.array([family.position(view) is not None for view in views], dtype=bool)
    columns["handset"] = pd.array([_handset(view, lexicon) for view in views], dtype="str")
    columns["second_number"] = pd.array(
        [_second_number(view.plain, lexicon) for view in views], dtype="str"
    )
    columns["service"] = pd.array([services.get(code, "") for code in dominant], dtype="str")
    return pd.DataFrame(columns)


def _stated(view: View, lexicon: Lexicon) -> dict[str, float]:
    """Return the strengths of the symptoms a text states, the dominant one first."""
    said = []
    for symptom in lexicon.symptoms:
        place, strength = symptom.sure.position(view), SURE
        if place is None:
            place, strength = symptom.hint.position(view), HINT
        if place is not None:
            said.append((symptom, place, strength))
    if len(said) < 2:
        return {symptom.code: strength for symptom, _, strength in said}
    return _ranked(said, view, lexicon)


def _ranked(
    said: list[tuple[Symptom, float, float]], view: View, lexicon: Lexicon
) -> dict[str, float]:
    """Order symptoms by who dominates, and lower the strength of the others."""
    turn, aside = lexicon.stress.position(view), lexicon.minor.position(view)
    first = min(place for _, place, _ in said)
    passing = 2.0 if aside is None or aside < first else aside
    if turn is None or turn > max(place for _, place, _ in said) or turn > passing:
        turn = 0.0
    ordered = sorted(said, key=lambda item: (item[1] > passing, -item[2], item[1] < turn, item[1]))
    ordered = _outranked(ordered, passing)
    strengths = {ordered[0][0].code: ordered[0][2]}
    for symptom, place, strength in ordered[1:]:
        strengths[symptom.code] = strength * (IN_PASSING if place > passing else LATER)
    return strengths


def _outranked(
    ordered: list[tuple[Symptom, float, float]], passing: float
) -> list[tuple[Symptom, float, float]]:
    """Move a symptom that wins over the first one, and is said as plainly, to the front."""
    for item in ordered[1:]:
        top = ordered[0]
        if (
            top[0].code in item[0].wins_over
            and item[2] >= top[2]
            and (item[1] > passing) == (top[1] > passing)
        ):
            ordered = [item, *(other for other in ordered if other is not item)]
    return ordered


def _with_category(codes: dict[str, float], path: str, lexicon: Lexicon) -> dict[str, float]:
    """Add what the ticket's category says to what its text says."""
    filed = _category_codes(path, lexicon)
    if not filed:
        return codes
    if max(codes.values(), default=0.0) >= FUZZY:
        added = {code: CATEGORY_BESIDE_TEXT * weight for code, weight in filed.items()}
        return codes | {code: weight for code, weight in added.items() if code not in codes}
    added = {code: CATEGORY * weight for code, weight in filed.items()}
    both = {code: added.get(code, 0.0) + codes.get(code, 0.0) for code in {**added, **codes}}
    return dict(sorted(both.items(), key=lambda item: (-item[1], item[0])))


def _category_codes(path: str, lexicon: Lexicon) -> Mapping[str, float]:
    """Return the symptoms a category path names, looking at its last part first."""
    parts = [part for part in _split_path(normalise(path, lexicon)) if part]
    for part in reversed(parts):
        for pattern, codes in lexicon.categories:
            if pattern.search(part):
                return codes
    return {}


def _split_path(path: str) -> list[str]:
    """Split a category path at arrows, slashes and the like."""
    for sign in ("→", "->", ">", "\\", "|"):
        path = path.replace(sign, "/")
    return [part.strip() for part in path.split("/")]


def _likened(views: Sequence[View], lexicon: Lexicon) -> list[dict[str, float]]:
    """Return the symptom of the known wording that each badly typed text is most like."""
    guesses: list[dict[str, float]] = [{} for _ in views]
    for language in ("zh", "en"):
        codes, phrases = _comparable(lexicon.phrases, language)
        rows = [
            row for row, view in enumerate(views) if getattr(view, language) and not guesses[row]
        ]
        if not rows or not phrases:
            continue
        texts = [_compact(getattr(views[row], language)) for row in rows]
        likeness = process.cdist(
            texts, phrases, scorer=fuzz.partial_ratio, score_cutoff=LEAST_LIKENESS[language]
        )
        longer = np.array([len(text) for text in texts])[:, None] >= np.array(
            [len(phrase) - 2 for phrase in phrases]
        )
        likeness = np.where(longer, likeness, 0.0)
        for row, best, score in zip(
            rows, likeness.argmax(axis=1), likeness.max(axis=1), strict=True
        ):
            if score > 0:
                guesses[row] = {codes[best]: FUZZY}
    return guesses


@cache
def _comparable(
    phrases: tuple[tuple[str, str], ...], language: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes and compact wordings of one language that are long enough to compare."""
    chosen = [
        (code, _compact(phrase.lower()))
        for code, phrase in phrases
        if phrase.isascii() == (language == "en")
    ]
    kept = [pair for pair in chosen if len(pair[1]) >= LEAST_LENGTH[language]]
    return tuple(code for code, _ in kept), tuple(phrase for _, phrase in kept)


def _compact(text: str) -> str:
    """Return only the letters, digits and characters of a text."""
    return "".join(character for character in text if character.isalnum())


def _handset(view: View, lexicon: Lexicon) -> str:
    """Return the maker of the handset named, or nothing."""
    for maker, pattern in lexicon.handsets.items():
        if pattern.search(view.plain):
            return maker
    return ""


def _second_number(plain: str, lexicon: Lexicon) -> str:
    """Return the number of another customer who is said to suffer the same, as written."""
    found = list(lexicon.number.finditer(plain))
    ends = [0, *(match.end() for match in found)]
    for match, (earlier, _) in zip(found, pairwise([*ends, len(plain)]), strict=False):
        before = plain[earlier : match.start()]
        after = plain[match.end() :]
        if lexicon.number_before.search(before) or lexicon.number_after.search(after):
            return match[0]
    return ""
