"""Read since when a customer says the trouble lasts.

An onset is a window of time in which the trouble began; open to the left where the customer only
knows that it was there by then ("前天" is that day or earlier). Simple so far: one phrase decides,
the one marked as a beginning ("从", "since", "ago") or else the first; a date without a year is the
nearest past one.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from contract.errors import InputError
from contract.knowledge_files import read_knowledge
from correlate.lexicon import Lexicon, View, default_lexicon, merge_tables, view_of
from correlate.spoken_times import CHRONIC_FOR, READINGS, Reading, TimeWords, Window

__all__ = ["TimeWords", "load_time_words", "read_onsets"]

ONSET_FILE = Path(__file__).with_name("onset.toml")
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def read_onsets(
    texts: pd.Series,
    created_at: pd.Series,
    zone: str,
    *,
    lexicon: Lexicon | None = None,
    time_words: TimeWords | None = None,
) -> pd.DataFrame:
    """Return the window in which each customer says the trouble began.

    The fault always precedes the complaint, so no window ends after `created_at`. A clock time is
    taken as about; a day or a part of the day as a whole; "N hours" as somewhat more or less;
    "前天" and the like as that day or earlier.

    Parameters
    ----------
    texts : Series of str, any index
        Complaint texts, Chinese or English.
    created_at : Series of datetime64 UTC, same index
        When the work order was written.
    zone : str
        Time zone the customer lives in, for example "Asia/Shanghai".
    lexicon : Lexicon, optional
        From `lexicon.load_lexicon`; the package's own by default.
    time_words : TimeWords, optional
        From `load_time_words`; the package's own by default.

    Returns
    -------
    DataFrame, index of `texts`
        `earliest_at`, `latest_at` (datetime64[us, UTC], NaT where nothing is said; `earliest_at`
        NaT where only the end is known), `is_open_left` (it may have begun before `earliest_at`),
        `phrase` (the words read, or empty).

    References
    ----------
    .. [1] Customer's text 4, lines 819 and 833: the fault precedes the complaint; "前天" is that
    day
       or earlier.

    Examples
    --------
    >>> at = pd.Series(pd.to_datetime(["2010-06-28 05:45:37+00:00"]))
    >>> onset = read_onsets(pd.Series(["从前天开始不能主被叫"]), at, "Asia/Shanghai").loc[0]
    >>> onset.earliest_at.tz_convert("Asia/Shanghai").isoformat(), bool(onset.is_open_left)
    ('2010-06-26T00:00:00+08:00', True)
    """
    lexicon, words = lexicon or default_lexicon(), time_words or _default_words()
    local = created_at.dt.tz_convert(ZoneInfo(zone))
    onsets: list[tuple[Window, str]] = [
        ((None, None, False), "")
        if pd.isna(now)
        else _onset(view_of(text, lexicon), now.to_pydatetime(warn=False), lexicon, words)
        for text, now in zip(texts.fillna("").astype(str), local, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "earliest_at": [window[0] for window, _ in onsets],
            "latest_at": [window[1] for window, _ in onsets],
            "is_open_left": pd.array([window[2] for window, _ in onsets], dtype=bool),
            "phrase": pd.array([phrase for _, phrase in onsets], dtype="str"),
        },
        index=texts.index,
    )
    for column in ("earliest_at", "latest_at"):
        frame[column] = pd.to_datetime(frame[column], utc=True).astype("datetime64[us, UTC]")
    return frame


def load_time_words(override: Path | None = None) -> TimeWords:
    """Return the ways of naming a time, with a user's file merged over the package's.

    Parameters
    ----------
    override : Path, optional
        A file of the same form; its rules are added to the package's.

    Raises
    ------
    InputError
        If a file can't be read, or has an unknown reading or a bad pattern.

    Examples
    --------
    >>> load_time_words().hours["下午"]
    (12, 18)
    """
    content = read_knowledge(ONSET_FILE, "override")
    if override is not None:
        content = merge_tables(content, read_knowledge(override, "override"))
    pieces = content["pieces"]
    return TimeWords(
        rules_zh=_rules(content["rules_zh"], pieces),
        rules_en=_rules(content["rules_en"], pieces),
        not_onset_zh=_compiled(content["not_onset"]["zh"], pieces),
        not_onset_en=_compiled(content["not_onset"]["en"], pieces),
        beginning=_compiled(content["beginning"]["phrase"], pieces),
        hours={word: (span[0], span[1]) for word, span in content["hours"].items()},
        days_back=content["days_back"],
        numbers=content["numbers"],
        units=content["units"],
        vague_amounts=frozenset(content["vague_amounts"]["words"]),
    )


@cache
def _default_words() -> TimeWords:
    """Return the package's own ways of naming a time, loaded once."""
    return load_time_words()


def _rules(
    rows: list[Mapping[str, str]], pieces: Mapping[str, str]
) -> tuple[tuple[re.Pattern[str], Reading], ...]:
    """Compile rules and look up how each is read."""
    for row in rows:
        if row.get("meaning") not in READINGS:
            message = (
                f"`override` needs a meaning of {sorted(READINGS)} for each rule; "
                f"{row.get('meaning')!r} came."
            )
            raise InputError(message)
    return tuple((_compiled(row["pattern"], pieces), READINGS[row["meaning"]]) for row in rows)


def _compiled(pattern: str, pieces: Mapping[str, str]) -> re.Pattern[str]:
    """Compile a pattern with the pieces it names put in."""
    while _PLACEHOLDER.search(pattern):
        pattern = _PLACEHOLDER.sub(lambda match: pieces.get(match[1], ""), pattern)
    try:
        return re.compile(pattern, re.ASCII)
    except re.error as error:
        message = f"`override` needs regular expressions; {pattern!r}: {error}."
        raise InputError(message) from error


def _onset(view: View, now: datetime, lexicon: Lexicon, words: TimeWords) -> tuple[Window, str]:
    """Return the window one text names, and its words."""
    found = list(_named(view, now, words))
    if not found:
        if lexicon.flags["is_chronic"].position(view) is None:
            return (None, None, False), ""
        return (None, now - CHRONIC_FOR, True), "long-standing"
    _, _, phrase, (earliest, latest, is_open) = min(found, key=lambda item: item[:2])
    latest = now if latest is None else min(latest, now)
    if earliest is not None:
        earliest = min(earliest, latest)
    return (earliest, latest, is_open), phrase


def _named(view: View, now: datetime, words: TimeWords) -> Iterator[tuple[int, float, str, Window]]:
    """Yield each time a text names: unmarked or not, where, its words, its window."""
    languages = (
        (view.zh, words.not_onset_zh, words.rules_zh),
        (view.en, words.not_onset_en, words.rules_en),
    )
    for text, mask, rules in languages:
        if not text:
            continue
        clean = mask.sub(lambda match: "," * len(match[0]), text)
        for number, (pattern, reading) in enumerate(rules):
            for match in pattern.finditer(clean):
                window = reading(match, now, words)
                if window is not None and (window[0] is None or window[0] <= now):
                    phrase = match[0].strip(" ,")
                    marked = 0 if words.beginning.search(phrase) else 1
                    yield marked, match.start() + number / 100, phrase, window
