"""Turn a time as people say it into a window of time.

A reading takes the words matched and the moment they were said, and gives the first and last moment
they may mean, and whether it may have been earlier, in local time. Simple so far: weeks begin on
Monday, dates lie within the last year, no holidays ("since New Year").
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rapidfuzz import fuzz, process

DIGITS = "零一二三四五六七八九十"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
CHRONIC_FOR = timedelta(days=7)
"""A trouble called long-standing is at least this old (start value)."""
ABOUT = timedelta(minutes=45)
"""How far a clock time named by a customer may be off (start value)."""
LEAST_LIKENESS = 70
"""Least likeness, in per cent, of a mistyped day of the week."""

Window = tuple[datetime | None, datetime | None, bool]


@dataclass(frozen=True)
class TimeWords:
    """How times are said; made by `load_time_words`."""

    rules_zh: tuple[tuple[re.Pattern[str], "Reading"], ...]
    rules_en: tuple[tuple[re.Pattern[str], "Reading"], ...]
    not_onset_zh: re.Pattern[str]
    not_onset_en: re.Pattern[str]
    beginning: re.Pattern[str]
    hours: Mapping[str, tuple[int, int]]
    days_back: Mapping[str, int]
    numbers: Mapping[str, float]
    units: Mapping[str, float]
    vague_amounts: frozenset[str]


Reading = Callable[[re.Match[str], datetime, TimeWords], Window | None]


def _start_of(day: date, now: datetime) -> datetime:
    """Return the local midnight a day begins with."""
    return datetime.combine(day, time(), tzinfo=now.tzinfo)


def _group(match: re.Match[str], name: str) -> str:
    """Return a named group, or nothing where the pattern has none."""
    return (match.groupdict().get(name) or "").strip()


def _within(day: date, match: re.Match[str], now: datetime, words: TimeWords) -> Window:
    """Return the window of a day, narrowed by a part of the day or a clock time."""
    part, hour = _group(match, "part"), _group(match, "hour")
    start = _start_of(day, now)
    if not hour:
        first, last = words.hours.get(part, (0, 24))
        return start + timedelta(hours=first), start + timedelta(hours=last), False
    clock = float(_amount(hour, words) or 0)
    half, minute = _group(match, "half"), _group(match, "minute")
    late = words.hours.get(part, (0, 24))[0] >= 12 or (part == "中午" and clock < 3)
    if clock < 12 and (late or half == "pm"):
        clock += 12
    elif clock == 12 and (half == "am" or part in ("凌晨", "半夜", "晚上", "晚")):
        clock = 24.0 if part in ("晚上", "晚") else 0.0
    clock += 0.5 if half == "半" else float(minute or 0) / 60
    at = start + timedelta(hours=min(clock, 24.0))
    return at - ABOUT, at + ABOUT, False


def _relative_day(match: re.Match[str], now: datetime, words: TimeWords) -> Window | None:
    """Read 昨天, yesterday, last night, this morning."""
    word = _group(match, "day")
    back = words.days_back.get(word, words.days_back.get(word.rstrip("天日儿个"), 0))
    if word in ("last", "this") and not _group(match, "part"):
        return None
    earliest, latest, _ = _within(now.date() - timedelta(days=back), match, now, words)
    if earliest is not None and earliest > now:
        return None
    return earliest, latest, back >= 2


def _part_of_today(match: re.Match[str], now: datetime, words: TimeWords) -> Window | None:
    """Read 早上十点开始, since about 8am: the last such hour before the complaint."""
    window = _within(now.date(), match, now, words)
    if window[0] is not None and window[0] > now:
        window = _within(now.date() - timedelta(days=1), match, now, words)
    return window


def _amount(word: str, words: TimeWords) -> float | None:
    """Return the number a word means."""
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", word):
        return float(word)
    if word in words.numbers:
        return float(words.numbers[word])
    word = word.replace("两", "二")
    if not word or not set(word) <= set(DIGITS):
        return None
    if "十" not in word:
        return float(DIGITS.index(word[0]))
    tens, _, ones = word.partition("十")
    return 10.0 * (DIGITS.index(tens) if tens else 1) + (DIGITS.index(ones) if ones else 0)


def _duration(match: re.Match[str], now: datetime, words: TimeWords) -> Window | None:
    """Read N hours ago, for N days, 这几天: about that long, and in days the whole days."""
    amount, unit = _amount(_group(match, "amount") or "几", words), _group(match, "unit")
    hours = words.units.get(unit, words.units.get(unit.rstrip("s"), 0.0))
    if amount is None or not hours:
        return None
    amount += 0.5 if _group(match, "half") else 0.0
    if hours < 24:
        slack = max(0.25 * amount * hours, 0.35 * hours, 0.25)
        length = amount * hours
        longest, shortest = timedelta(hours=length + slack), timedelta(hours=max(length - slack, 0))
        elapsed = now.astimezone(UTC)
        return elapsed - longest, elapsed - shortest, False
    days = min(amount * hours / 24, 3650.0)
    first = _start_of((now - timedelta(days=days)).date(), now) - timedelta(days=0.15 * days)
    vague = _group(match, "amount") in words.vague_amounts
    last = now if vague and hours == 24 else now - timedelta(days=max(0.6 * days - 0.5, 0))
    return first, last, vague or hours > 24


def _just_now(_: re.Match[str], now: datetime, __: TimeWords) -> Window:
    """Read 刚刚, just now, a few minutes ago."""
    return now - timedelta(hours=2), now, False


def _chronic(_: re.Match[str], now: datetime, __: TimeWords) -> Window:
    """Read 长期以来, for ages: long before, nobody knows when."""
    return None, now - CHRONIC_FOR, True


def _calendar_day(match: re.Match[str], now: datetime, words: TimeWords) -> Window | None:
    """Read 9月20号, 20号, 28 Apr: the nearest past such date."""
    month, number = _group(match, "month"), int(_amount(_group(match, "date"), words) or 0)
    named = MONTHS.index(month[:3]) + 1 if month[:3] in MONTHS else int(_amount(month, words) or 0)
    for back in range(13):
        total = now.year * 12 + now.month - 1 - back
        year, here = divmod(total, 12)
        if named and named != here + 1:
            continue
        try:
            day = date(year, here + 1, number)
        except ValueError:
            continue
        if day <= now.date():
            return _within(day, match, now, words)
    return None


def _iso_day(match: re.Match[str], now: datetime, words: TimeWords) -> Window | None:
    """Read 2026-03-01."""
    try:
        day = date(*(int(_group(match, name)) for name in ("year", "month", "date")))
    except ValueError:
        return None
    return _within(day, match, now, words) if day <= now.date() else None


def _weekday(match: re.Match[str], now: datetime, words: TimeWords) -> Window | None:
    """Read 上周五, 周三, since Wednesday (mistyped too): the nearest past one."""
    word = _group(match, "weekday")
    place = "一二三四五六日".find(word.replace("天", "日")) if word else -1
    if place < 0:
        best = process.extractOne(word, WEEKDAYS, scorer=fuzz.ratio, score_cutoff=LEAST_LIKENESS)
        place = next(
            (n for n, day in enumerate(WEEKDAYS) if word == day[:3]), best[2] if best else -1
        )
    if place < 0:
        return None
    back = (now.weekday() - place) % 7
    if _group(match, "last"):
        back = now.weekday() + 7 - place
    return _within(now.date() - timedelta(days=back), match, now, words)


def _period(match: re.Match[str], now: datetime, _: TimeWords) -> Window:
    """Read 这周, 上周, 月初, 上个月, this week, last month."""
    word = _group(match, "period")
    monday = now.date() - timedelta(days=now.weekday())
    first = now.date().replace(day=1)
    spans = {
        "week": (monday, now.date()),
        "last week": (monday - timedelta(days=7), monday),
        "month": (first, now.date()),
        "last month": ((first - timedelta(days=1)).replace(day=1), first),
        "start": (first, first + timedelta(days=7)),
    }
    key = "month" if "月" in word or "month" in word else "week"
    if "上" in word or "last" in word:
        key = f"last {key}"
    if "初" in word or "start" in word:
        key = "start"
    begin, end = spans[key]
    latest = now if end == now.date() else _start_of(end, now)
    return min(_start_of(begin, now), now), latest, False


READINGS: Mapping[str, Reading] = {
    "calendar_day": _calendar_day,
    "chronic": _chronic,
    "duration": _duration,
    "iso_day": _iso_day,
    "just_now": _just_now,
    "part_of_today": _part_of_today,
    "period": _period,
    "relative_day": _relative_day,
    "weekday": _weekday,
}
