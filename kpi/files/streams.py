"""Feed an XML file, plain or gzip, to the parser in pieces and hand out its records one by one.

No entity is replaced, nothing is fetched, a document type declaration is refused; size, depth and length of texts are
limited. A record is thrown away when the next one comes, so memory doesn't grow with the file.

Simple so far: a file must be well-formed to its end; of a broken one nothing is handed on by the reader.
"""

import gzip
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree

from kpi.files.faults import BrokenFileError

PIECE_BYTES = 1 << 17
MOST_BYTES = 4 << 30
"""Longest file, unpacked; the largest nodes write some hundred MB a period."""
MOST_WAITING = 64 << 20
"""Bytes without the end of a record; a record is a few kB, a list of counters some 100 kB."""
PROLOG_BYTES = 1 << 16
_TYPE = "a document type declaration is not allowed"
_GZIP = b"\x1f\x8b"
_DECLARATION = b"<?xml "
_BEFORE = re.compile(rb"(?:\xef\xbb\xbf|\s|<\?(?!xml\s).*?\?>|<!--.*?-->)*", re.S)
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf|\s|<\?.*?\?>|<!--.*?-->|(?P<type><!DOCTYPE[^<]*))*"
    rb"(?:<(?:[\w.-]+:)?(?P<root>[\w.-]+)[\s/>])?",
    re.S,
)


@dataclass(frozen=True)
class Opened:
    """A file about to be parsed.

    Attributes
    ----------
    root
        Name of its outermost element, without namespace.
    note
        What was passed over before it; empty as a rule.
    """

    file: BinaryIO
    head: bytes
    lines: int
    root: str
    note: str = ""


@contextmanager
def opened(path: Path) -> Iterator[Opened]:
    """Open a file and look at its first bytes.

    What stands before the XML declaration, such as a style sheet, is passed over and told.

    Parameters
    ----------
    path : Path
        XML, plain or gzip, whatever its name ends in.

    Yields
    ------
    Opened

    Raises
    ------
    BrokenFileError
        If it cannot be read, is empty, is no XML or has a document type declaration.
    """
    with _broken_by_packing(), path.open("rb") as raw:
        is_packed = raw.read(2) == _GZIP
        raw.seek(0)
        file = gzip.GzipFile(fileobj=raw) if is_packed else raw
        head = file.read(PROLOG_BYTES)
        yield _looked_at(file, head)  # type: ignore[arg-type]


def records(source: Opened, name: str, above: tuple[str, ...]) -> Iterator[tuple[Any, bool]]:
    """Yield the elements of some names as they end; a record lives until the next one comes.

    Parameters
    ----------
    source : Opened
    name : str
        Of the records, in any namespace.
    above : tuple of str
        Names of elements around them: they are emptied when they end.

    Yields
    ------
    Element, bool
        And whether it is a record.

    Raises
    ------
    BrokenFileError
        If the file is not well-formed to its end or exceeds a limit.
    """
    parser = _parser(name, above)
    tidy = _Tidy(name)
    waiting = 0
    try:
        for piece in _pieces(source):
            parser.feed(piece)
            waiting += len(piece)
            for _, element in parser.read_events():
                waiting = 0
                is_record = tidy.is_record(element)
                yield element, is_record
                tidy.keep(element, is_record=is_record)
            if waiting > MOST_WAITING:
                reason = f"more than {MOST_WAITING >> 20} MB without the end of a record"
                raise BrokenFileError(reason)
        parser.close()
    except etree.XMLSyntaxError as error:
        line, column = error.position
        reason = (error.msg or "not well-formed").partition(", line ")[0]
        raise BrokenFileError(reason, line + source.lines, column) from None


def _parser(name: str, above: tuple[str, ...]) -> Any:
    """Return a parser that tells the end of elements of some names."""
    return etree.XMLPullParser(
        events=("end",),
        tag=[f"{{*}}{one}" for one in (name, *above)],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
        collect_ids=False,
    )


class _Tidy:
    """Keep the tree small: a record is taken out when the next one has come, what is around it when it ends.

    An element must not be moved in its own event, for the parser may still add text behind it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.tag = ""
        self.record: Any = None
        self.others: dict[str, Any] = {}

    def is_record(self, element: Any) -> bool:
        """Tell whether an element is a record; raise at the first one where the document declares a type."""
        if element.tag == self.tag:
            return True
        if local_name(element) != self.name:
            return False
        if element.getroottree().docinfo.internalDTD is not None:
            raise BrokenFileError(_TYPE)
        self.tag = element.tag
        return True

    def keep(self, element: Any, *, is_record: bool) -> None:
        """Keep an element that was read for now, and drop the one before it."""
        if is_record:
            previous, self.record = self.record, element
        else:
            previous = self.others.get(element.tag)
            self.others[element.tag] = element
            element.clear(keep_tail=True)
        parent = None if previous is None else previous.getparent()
        if parent is not None:
            parent.remove(previous)


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


@contextmanager
def _broken_by_packing() -> Iterator[None]:
    """Turn what unpacking or reading raises into a fault of the file."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        reason = f"the gzip file is broken: {' '.join(str(error).split()).rstrip('.')}"
        raise BrokenFileError(reason) from None
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        raise BrokenFileError(reason) from None


def _looked_at(file: BinaryIO, head: bytes) -> Opened:
    """Return a file with the name of its root; raise where it is not XML as it should be."""
    if not head.strip():
        raise BrokenFileError("the file is empty")
    before, note = b"", ""
    start = _BEFORE.match(head)
    if start and start.end() and head[start.end() :].startswith(_DECLARATION):
        before = head[: start.end()]
        if before != b"\xef\xbb\xbf":
            note = "what stands before the XML declaration was passed over"
    head = head[len(before) :]
    found = _ROOT.match(head)
    if found and found["type"]:
        raise BrokenFileError(_TYPE)
    root = found["root"].decode("ascii", "replace") if found and found["root"] else ""
    return Opened(file, head, before.count(b"\n"), root, note)


def _pieces(source: Opened) -> Iterator[bytes]:
    """Yield the bytes of a file; raise when they are too many."""
    yield source.head
    total = len(source.head)
    while piece := source.file.read(PIECE_BYTES):
        total += len(piece)
        if total > MOST_BYTES:
            reason = f"longer than {MOST_BYTES >> 30} GB unpacked"
            raise BrokenFileError(reason)
        yield piece
