"""Read instants out of text, whatever the exporter wrote.

An instant without an offset is local time in a zone. Where the clock was set back, the local
time means winter time (the later of the two) unless it is tagged `DST`; a time that the clock
skipped is moved to the end of the gap.

Simple so far: day-first and month-first dates are not guessed; a mapping file states their form.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

INSTANT = "datetime64[us, UTC]"
EXCEL_EPOCH = np.datetime64("1899-12-30", "us")
EXCEL_DAYS = (20_000.0, 80_000.0)
YEARS = (1900, 2200)
DAY_US = 86_400_000_000

_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_ZONED = (
    r"^(19|20|21)\d{2}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-](0\d|1[0-3]):[0-5]\d)$"
)
_SERIAL = r"^\d{5}(\.\d+)?$"
_COMPACT = (
    r"^(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})"
    r"(?:T?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?"
    r"(?P<fraction>)(?P<half>)(?P<dst>)(?P<offset>Z|[+-]\d{2}:?\d{2})?$"
)
_FREE = (
    r"^(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})日?"
    r"(?:[T\s]*(?P<half>上午|下午|[AaPp][Mm])?\s*"
    r"(?P<hour>\d{1,2})[:：时点](?P<minute>\d{1,2})"
    r"(?:[:：分](?P<second>\d{1,2})(?:[.,](?P<fraction>\d{1,9}))?)?[分秒]?"
    r"\s*(?P<tail>[AaPp][Mm])?)?"
    r"\s*(?P<dst>DST)?\s*(?P<offset>[Zz]|UTC|GMT|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d{2})?)?\s*(?P<dst_last>DST)?$"
)


def parse_instants(text: pd.Series, zone: str) -> pd.Series:
    """Return the instants that a column of text, numbers or timestamps stands for.

    Read are ISO 8601 (`T` or blank, fractions, `Z`, offsets), `2010/6/28 13:45`, `2010.6.28`,
    `2010年6月28日 13:45`, `20100628134537`, a half of the day (`下午 1:45`, `1:45 PM`), a
    trailing `DST`, days alone (midnight) and the serial numbers of spreadsheets (days since
    1899-12-30, rounded to the millisecond).

    Parameters
    ----------
    text : Series of str, number or datetime64, any index
    zone : str
        IANA zone of what bears no offset.

    Returns
    -------
    Series of datetime64[us, UTC], name and index of `text`
        NaT where there is nothing, or nothing readable.

    Examples
    --------
    >>> written = pd.Series(["2010-06-28 13:45:37", "2010年6月28日 13:45", "40357.5733", "soon"])
    >>> parse_instants(written, "Asia/Shanghai").dt.strftime("%d %H:%M:%S").tolist()
    ['28 05:45:37', '28 05:45:00', '28 05:45:33', nan]
    """
    if isinstance(text.dtype, pd.DatetimeTZDtype):
        return text.dt.tz_convert("UTC").astype(INSTANT)
    if pd.api.types.is_datetime64_dtype(text.dtype):
        return _from_local(text.astype("datetime64[us]"), zone)
    if pd.api.types.is_numeric_dtype(text.dtype):
        text = text.astype("float64").map("{:.10f}".format, na_action="ignore")
    codes, unique = pd.factorize(text.astype("str"))
    instants = _from_text(pd.Series(unique, dtype="str"), zone)
    found = instants.array.take(codes, allow_fill=True)
    return pd.Series(found, index=text.index, name=text.name)


def _from_text(text: pd.Series, zone: str) -> pd.Series:
    """Return the instants of distinct texts."""
    text = text.str.strip()
    if (
        len(text) and text.str.match(_ZONED).all()
    ):  # what programs write; nothing else need be tried
        return pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce").astype(INSTANT)
    local = pd.Series(np.full(len(text), "NaT", "datetime64[us]"))
    is_iso = text.str.match(_ISO).fillna(False).to_numpy(bool)
    local[is_iso] = pd.to_datetime(text[is_iso], format="ISO8601", errors="coerce").astype(
        "datetime64[us]"
    )
    rest = text[~is_iso & local.isna().to_numpy() & text.notna().to_numpy()]
    local[rest.index] = _from_serials(rest)
    rest = rest[local[rest.index].isna()]
    instants = _from_local(local, zone)
    if len(rest):
        compact = rest.str.match(r"^\d{8}").fillna(False)
        for part, pattern in ((rest[compact], _COMPACT), (rest[~compact], _FREE)):
            instants[part.index] = _from_fields(part, pattern, zone)
    return instants


def _from_serials(text: pd.Series) -> np.ndarray[Any, Any]:
    """Return local times of the serial numbers of spreadsheets."""
    is_serial = text.str.match(_SERIAL).fillna(False).to_numpy(bool)
    days = pd.to_numeric(text.where(is_serial), errors="coerce").to_numpy("float64")
    is_near = (days >= EXCEL_DAYS[0]) & (days < EXCEL_DAYS[1])
    milliseconds = np.round(np.where(is_near, days, 0.0) * DAY_US / 1000).astype("int64")
    local = EXCEL_EPOCH + (milliseconds * 1000).astype("timedelta64[us]")
    return np.where(is_near, local, np.datetime64("NaT"))


def _from_fields(text: pd.Series, pattern: str, zone: str) -> pd.Series:
    """Return the instants of texts that a pattern takes apart."""
    parts = pc.extract_regex(_one_array(text), pattern)
    field = {name: parts.field(i) for i, name in enumerate(_field_names(parts))}
    clock = {
        name: _whole(field[name]) for name in ("year", "month", "day", "hour", "minute", "second")
    }
    half = (
        _text(field["half"]) if "tail" not in field else _text(field["half"]) + _text(field["tail"])
    )
    hour = _full_hour(clock["hour"], half)
    days, is_day = _days(clock["year"], clock["month"], clock["day"])
    is_time = (clock["minute"] < 60) & (clock["second"] < 60) & (hour >= 0) & (hour < 24)
    seconds = (hour * 60 + clock["minute"]) * 60 + clock["second"]
    local = days + (seconds * 1_000_000 + _microseconds(field["fraction"])).astype(
        "timedelta64[us]"
    )
    is_valid = np.asarray(parts.is_valid()) & is_day & is_time
    local = pd.Series(np.where(is_valid, local, np.datetime64("NaT")), index=text.index)
    tags = _text(field["dst"]) + (_text(field["dst_last"]) if "dst_last" in field else "")
    offset_min = _offset_minutes(_text(field["offset"]))
    aware = (local - pd.to_timedelta(np.nan_to_num(offset_min), unit="m")).dt.tz_localize("UTC")
    plain = _from_local(local, zone, is_summer=tags == "DST")
    return plain.where(np.isnan(offset_min), aware.astype(INSTANT))


def _one_array(text: pd.Series) -> Any:
    """Return text as one Arrow array."""
    array = pa.array(text, type=pa.string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _field_names(parts: Any) -> list[str]:
    """Return the names of the groups that a pattern found."""
    return [parts.type.field(i).name for i in range(parts.type.num_fields)]


def _text(part: Any) -> np.ndarray[Any, Any]:
    """Return a group as upper-case text, empty where it did not take part."""
    upper = pc.utf8_upper(pc.fill_null(part, ""))
    return np.asarray(upper.to_numpy(zero_copy_only=False), dtype=object)


def _whole(part: Any) -> np.ndarray[Any, Any]:
    """Return a group of digits as int64, zero where it is empty."""
    digits = pc.fill_null(part, "0")
    filled = pc.if_else(pc.equal(digits, ""), "0", digits)
    return np.asarray(pc.cast(filled, pa.int64()).to_numpy())


def _microseconds(part: Any) -> np.ndarray[Any, Any]:
    """Return the microseconds that a group of decimals stands for."""
    padded = pc.utf8_slice_codeunits(pc.utf8_rpad(pc.fill_null(part, ""), 6, "0"), 0, 6)
    return np.asarray(pc.cast(padded, pa.int64()).to_numpy())


def _full_hour(hour: np.ndarray[Any, Any], half: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return hours of 24; -1 where the half of the day and the hour contradict."""
    is_afternoon = np.isin(half, ["下午", "PM"])
    is_morning = np.isin(half, ["上午", "AM"])
    full = np.where(is_afternoon & (hour < 12), hour + 12, hour)
    full = np.where(is_morning & (hour == 12), 0, full)
    return np.where((half != "") & ~is_afternoon & ~is_morning, -1, full)


def _days(
    year: np.ndarray[Any, Any], month: np.ndarray[Any, Any], day: np.ndarray[Any, Any]
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Return days as instants and whether each is a day of the calendar."""
    is_month = (month >= 1) & (month <= 12) & (year >= YEARS[0]) & (year <= YEARS[1])
    months = np.where(is_month, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    is_day = is_month & (day >= 1) & (days.astype("datetime64[M]") == months)
    return days.astype("datetime64[us]"), is_day


def _offset_minutes(offset: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Return offsets from UTC in minutes, NaN where there is none or it is not possible."""
    codes, unique = pd.factorize(offset)
    minutes = []
    for text in unique:
        digits = text.removeprefix("UTC").removeprefix("GMT")
        if text in ("", "Z", "UTC", "GMT"):
            minutes.append(np.nan if text == "" else 0.0)
            continue
        hours, _, rest = digits[1:].partition(":")
        if not rest and len(hours) > 2:
            hours, rest = hours[:-2], hours[-2:]
        minutes.append(float(digits[0] + "1") * (int(hours) * 60 + int(rest or 0)))
    return np.asarray(minutes, "float64")[codes] if len(codes) else np.empty(0)


def _from_local(
    local: pd.Series, zone: str, *, is_summer: np.ndarray[Any, Any] | None = None
) -> pd.Series:
    """Return the instants of local times."""
    ambiguous = np.zeros(len(local), bool) if is_summer is None else np.asarray(is_summer, bool)
    aware = local.dt.tz_localize(zone, ambiguous=ambiguous, nonexistent="shift_forward")
    return aware.dt.tz_convert("UTC").astype(INSTANT)
