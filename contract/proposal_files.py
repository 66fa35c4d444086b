"""Write a proposed mapping as a mapping file, with a comment where it is unsure.

Simple so far: comments are in English.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract.errors import OutputError
from contract.proposals import Proposal, Suggestion


def proposal_toml(proposal: Proposal) -> str:
    """Return the mapping file of a proposal; `load_mapping` takes it as it is.

    A required column without a source is an empty value, with which every row is rejected.
    """
    lines = [
        f"# Proposed from {proposal.path.name}, by names of columns and {proposal.rows} rows.",
        "# Read it before use: lines with ?? are unsure.",
        f"name = {_text(proposal.path.stem)}",
        f"meaning = {_text('proposed: ' + ', '.join(proposal.tables))}",
        f"origin = {_text('proposed from ' + proposal.path.name)}",
        "verified = false",
        "",
        "[source]",
        *(f"{name} = {_value(value)}" for name, value in proposal.source.items()),
    ]
    for table, found in proposal.tables.items():
        lines += ["", *_table_lines(table, found)]
    if proposal.unused:
        lines += ["", f"# Not used: {_comment(', '.join(proposal.unused))}"]
    return "\n".join(lines) + "\n"


def save_proposal(proposal: Proposal, out: Path) -> None:
    """Write the mapping file of a proposal; one that is there is never overwritten.

    Raises
    ------
    OutputError
        If the file exists or cannot be written.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(proposal_toml(proposal))
    except FileExistsError:
        msg = f"`out` must be a new file; {str(out)!r} exists. Choose another name."
        raise OutputError(msg) from None
    except OSError as error:
        msg = f"`out` must be a file that can be written; {str(out)!r}: {error.strerror}."
        raise OutputError(msg) from error


def _table_lines(table: str, found: tuple[Suggestion, ...]) -> list[str]:
    """Return the lines of a table."""
    lines = []
    if table == "sites":
        lines += ["[tables.sites]", 'distinct = ["site_id"]', ""]
    if table == "verdicts":
        closed = next(
            (each.sources[0] for each in found if each.column == "closed_at" and each.sources), None
        )
        if closed:
            lines += [
                "[tables.verdicts]",
                f"where = [{{ column = {_text(closed)}, is_empty = false }}]",
                "",
            ]
    lines.append(f"[tables.{table}.columns]")
    for each in found:
        doubt = f"  # ?? {_comment('; '.join(each.doubts))}" if each.doubts else ""
        lines.append(f"{each.column} = {_rule(each.rule)}{doubt}")
    return lines


def _rule(rule: Mapping[str, Any]) -> str:
    """Return a rule, in its short form where that says all."""
    return _text(str(rule["column"])) if list(rule) == ["column"] else _value(rule)


def _value(value: Any) -> str:
    """Return a value in TOML."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_key(str(key))} = {_value(part)}" for key, part in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(part) for part in value)}]"
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _key(key: str) -> str:
    """Return a key in TOML."""
    return key if key.isascii() and key.isidentifier() else _text(key)


def _text(text: str) -> str:
    """Return a text in TOML: as JSON writes it, with the one sign TOML wants escaped besides."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    """Return a text that can stand in a comment."""
    return "".join(sign if sign.isprintable() else " " for sign in text)
