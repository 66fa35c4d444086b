"""Compare names of columns as people write them: blanks, width, case and marks do not matter.

Simple so far: words are compared as they are; nothing is translated or stemmed.
"""

import re
import unicodedata
from collections.abc import Sequence

_IDLE = re.compile(r"[\s_*:\-·.]+")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\dA-Za-z_]+|[/%?#]")
_BRACKETS = re.compile(r"[(\[{<【〔].*?[)\]}>】〕]")


def plain_header(name: str) -> str:
    r"""Return a name of a column in the form in which names are compared.

    Full width becomes half width, capitals small; blanks, line breaks, `_`, `-`, `*`, `:` and
    full stops go.

    Examples
    --------
    >>> plain_header(" eNodeB\n_ID * "), plain_header("故障单号（投诉单号）")
    ('enodebid', '故障单号(投诉单号)')
    """
    return _IDLE.sub("", unicodedata.normalize("NFKC", name).casefold())


def bare_header(name: str) -> str:
    """Return the plain form of a name without what stands in brackets: units, remarks.

    Examples
    --------
    >>> bare_header("天线挂高（米）"), bare_header("Height (m)"), bare_header("(1)")
    ('天线挂高', 'height', '(1)')
    """
    normal = unicodedata.normalize("NFKC", name)
    bare = plain_header(_BRACKETS.sub("", normal))
    return bare or plain_header(name)


def words_of_header(name: str) -> list[str]:
    """Return the words of a name, small, without what stands in brackets; `CellName` has two.

    Examples
    --------
    >>> words_of_header("CellName"), words_of_header("Site_ID (new)"), words_of_header("下行PRB利用率")
    (['cell', 'name'], ['site', 'id'], ['下行', 'prb', '利用率'])
    """
    normal = unicodedata.normalize("NFKC", name)
    bare = _BRACKETS.sub("", normal)
    return [word.casefold() for word in _WORDS.findall(bare if bare.strip() else normal)]


def joined_header(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of a header of several rows: of each column the lowest that is not empty.

    Examples
    --------
    >>> joined_header([["小区名称", "天线", ""], ["", "方位角", "挂高"]])
    ['小区名称', '方位角', '挂高']
    """
    width = max((len(line) for line in lines), default=0)
    names = [""] * width
    for line in lines:
        for position, cell in enumerate(line):
            names[position] = cell if cell.strip() else names[position]
    return names
