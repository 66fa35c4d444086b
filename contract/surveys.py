"""Look a text file over in a stream, before anything of it is loaded.

A line without end, a workbook named `.csv` or a foreign encoding is found so.

Simple so far: UTF-8 and GB18030 are told apart; another encoding must be named.
"""

import codecs
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from contract.errors import UnreadableFileError

LONGEST_LINE = 2**20
CHUNK = 2**20
DAMAGED_SHARE = 0.1
REPLACED = "\ufffd"
MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; save it as .xlsx or unpack it",
    b"PAR1": "a Parquet file; name it .parquet",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as .xlsx",
    b"\x1f\x8b": "a gzip archive; unpack it",
    b"\xff\xfe": "UTF-16 text; save it as UTF-8",
    b"\xfe\xff": "UTF-16 text; save it as UTF-8",
}
_IS_END = np.isin(np.arange(256), (10, 13))


@dataclass(frozen=True)
class Survey:
    """What one pass over a file found."""

    encoding: str
    is_damaged: bool
    has_nul: bool
    has_open_quote: bool


def survey_of(path: Path, encoding: str) -> Survey:
    """Return what one pass over a file finds, holding one chunk at a time.

    Parameters
    ----------
    path : Path
    encoding : str
        Empty = found out.

    Raises
    ------
    UnreadableFileError
        If the file is something else, has a line over 1 MiB, or no known encoding.
    """
    quotes, has_nul, open_length, is_utf8 = 0, False, 0, True
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as stream:
        _check_start(path, stream.read(8))
        stream.seek(0)
        while chunk := stream.read(CHUNK):
            open_length = _check_lines(path, chunk, open_length)
            quotes += chunk.count(b'"')
            has_nul = has_nul or b"\0" in chunk
            is_utf8 = is_utf8 and _decodes(decoder, chunk)
    is_utf8 = is_utf8 and _decodes(decoder, b"", is_last=True)
    if encoding:
        found, is_damaged = encoding, not _is_whole(path, encoding)
    else:
        found, is_damaged = ("utf-8", False) if is_utf8 else _other_encoding(path)
    return Survey(found, is_damaged, has_nul, quotes % 2 == 1)


def _check_start(path: Path, start: bytes) -> None:
    """Raise when a file begins as something other than text."""
    for magic, form in MAGIC.items():
        if start.startswith(magic):
            msg = f"`{path}` must be CSV text; it is {form}."
            raise UnreadableFileError(msg)


def _check_lines(path: Path, chunk: bytes, open_length: int) -> int:
    """Return the length of the line still open at the end of a chunk; raise when too long."""
    ends = np.flatnonzero(_IS_END[np.frombuffer(chunk, np.uint8)])
    if not len(ends):
        lengths = np.array([open_length + len(chunk)])
    else:
        lengths = np.diff(ends, prepend=-1 - open_length, append=len(chunk)) - 1
    if lengths.max() > LONGEST_LINE:
        msg = (
            f"`{path}` must have lines of at most {LONGEST_LINE} bytes; one is longer. "
            "It is no CSV table, or its line ends are lost: export it again."
        )
        raise UnreadableFileError(msg)
    return int(lengths[-1])


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, is_last: bool = False) -> bool:
    """Tell whether the next chunk of a file decodes."""
    try:
        decoder.decode(chunk, is_last)
    except UnicodeDecodeError:
        return False
    return True


def _is_whole(path: Path, encoding: str) -> bool:
    """Tell whether a file decodes without error."""
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
    except LookupError:
        msg = f"`encoding` must be one that Python knows; {encoding!r} is none."
        raise UnreadableFileError(msg) from None
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if not _decodes(decoder, chunk):
                return False
    return _decodes(decoder, b"", is_last=True)


def _other_encoding(path: Path) -> tuple[str, bool]:
    """Return the encoding of a file that is not whole UTF-8, and whether it is damaged.

    A few broken characters among many sound ones are damage; else the file is GB18030.
    """
    damage = {encoding: _damaged_share(path, encoding) for encoding in ("utf-8", "gb18030")}
    if damage["utf-8"] < DAMAGED_SHARE:
        return "utf-8", True
    if damage["gb18030"] < DAMAGED_SHARE:
        return "gb18030", damage["gb18030"] > 0
    msg = f"`{path}` must be UTF-8 or GB18030 text; it is neither. Save it as UTF-8."
    raise UnreadableFileError(msg)


def _damaged_share(path: Path, encoding: str) -> float:
    """Return the share of the characters beyond ASCII that an encoding cannot read."""
    broken = beyond = 0
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        while chunk := text.read(CHUNK):
            broken += chunk.count(REPLACED)
            beyond += len(chunk) - len(chunk.encode("ascii", errors="ignore"))
    return broken / beyond if beyond else 0.0
