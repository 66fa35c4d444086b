"""Write the pages of the manual that follow from the declarations.

`python -m contract.manual` rewrites docs/tables.md and docs/settings.md; a test keeps them so.

Simple so far: one page for all tables, in English.
"""

from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from contract.causes import CAUSES
from contract.daybook import DAYBOOK
from contract.settings import PREFIX, Settings
from contract.tables import OUTPUTS, TABLES, Column, Table

DOCS = Path(__file__).resolve().parents[1] / "docs"

_TABLES_HEAD = """# Tables

What goes in and what comes out, written from `contract/tables.toml` by `python -m contract.manual`.

## Input

A bundle is a folder. Each table is one file named after it, `.csv`, `.xlsx` or `.parquet`, or a
folder of Parquet files of that name. Other names are ignored and listed. Extra columns are kept.

* CSV is UTF-8, with or without byte order mark, or GB18030. A line may have 1 MiB.
* Times are `2010-06-28 13:45:37`, ISO 8601 with `T`, `Z` or offset, `2010/6/28 13:45`,
  `2010年6月28日 13:45`, `20100628134537`, spreadsheet serials such as `40357.5733`, with a trailing
  `DST` or without. Without an offset they are in the setting `zone`.
* Identifiers are text and stay so: 16 digits, leading zeros.
* Distances are metres, angles degrees clockwise from north, powers dBm.
* Rows of one key: the last to arrive wins; at equal arrival the greater content, column by column;
  the others are rejected as `duplicate`. The order of rows in a file does not matter.
* A missing or bad value of a required column rejects the row. A bad optional value becomes null and
  is listed in `repairs`. Rows in = rows used + rows rejected.
* `row` in `rejected` and `repairs` counts the header of a CSV or XLSX file as row 1; rows of
  Parquet files count from 1.
* A file that cannot be read, a missing required table or column, or more than `reject_share` of a
  required table unusable ends the run with one line.
* In columns that are neither text nor identifiers, `null`, `nan`, `none`, `n/a` and `-` mean empty.
"""

_OUTPUT_HEAD = """## Output

Each table is written as Parquet and as CSV, whole or not at all. Times bear the offset of the
setting `zone`; empty means null.
"""

_DAYBOOK_HEAD = """## Daybook

What `cellcause report` needs beside these tables, in the folder `daybook` of OUT, as Parquet, from
`contract/daybook.toml`. It holds no text of a customer; numbers are masked.
"""

_SETTINGS_HEAD = f"""# Settings

Written from `contract/settings.py` by `python -m contract.manual`. One TOML file gives them
(`--settings FILE`), for example `zone = "Asia/Shanghai"`; a value in the environment, `{PREFIX}`
and the name in capitals, wins over the file. An unknown name is an error that names the closest
one. Paths in the file are taken from its folder.

| setting | default | allowed | meaning |
|---|---|---|---|
"""


def tables_page() -> str:
    """Return the text of docs/tables.md."""
    parts = [_TABLES_HEAD]
    parts += [_table_section(table) for table in TABLES.values()]
    parts.append(_OUTPUT_HEAD)
    parts += [_table_section(table) for table in OUTPUTS.values()]
    parts.append(_DAYBOOK_HEAD)
    parts += [_table_section(table, within="daybook: ") for table in DAYBOOK.values()]
    parts.append(
        "## Causes\n\n| code | Chinese | English | family | incident |\n|---|---|---|---|---|"
    )
    causes = [
        f"| `{c.code}` | {c.zh} | {c.en} | {c.family or '-'} | {'yes' if c.is_network else 'no'} |"
        for c in CAUSES.values()
    ]
    return "\n".join(parts) + "\n" + "\n".join(causes) + "\n"


def settings_page() -> str:
    """Return the text of docs/settings.md."""
    rows = [_setting_row(name, field) for name, field in Settings.model_fields.items()]
    return _SETTINGS_HEAD + "\n".join(rows) + "\n"


def write_pages(folder: Path = DOCS) -> None:
    """Write both pages into a folder."""
    (folder / "tables.md").write_text(tables_page(), encoding="utf-8")
    (folder / "settings.md").write_text(settings_page(), encoding="utf-8")


def _table_section(table: Table, *, within: str = "") -> str:
    """Return the section of a table, headed by what it stands within."""
    notes = [f"One row is {table.meaning}."]
    if table.is_required and table.name in TABLES:
        notes.append("Required.")
    if table.key:
        notes.append("Key: " + ", ".join(f"`{name}`" for name in table.key) + ".")
    if table.arrives:
        notes.append(f"Arrives at {table.arrives}.")
    head = f"### {within}`{table.name}`\n\n{' '.join(notes)}\n\n"
    head += "| column | kind | unit | null | values | meaning |\n|---|---|---|---|---|---|\n"
    return head + "\n".join(_column_row(column) for column in table.columns) + "\n"


def _column_row(column: Column) -> str:
    """Return the line of a column."""
    null = "no" if column.is_required else "yes"
    values = "a cause, see below" if column.name == "cause" else column.limits
    meaning = column.meaning.replace("|", "\\|")
    return f"| `{column.name}` | {column.kind} | {column.unit} | {null} | {values} | {meaning} |"


def _setting_row(name: str, field: FieldInfo) -> str:
    """Return the line of a setting."""
    default = "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"
    allowed = "a folder" if name.endswith("_folder") else _allowed(field)
    return f"| `{name}` | {default} | {allowed} | {field.description} |"


def _allowed(field: FieldInfo) -> str:
    """Return what values a setting may have."""
    choices: tuple[Any, ...] = getattr(field.annotation, "__args__", ())
    if choices and all(isinstance(choice, str) for choice in choices):
        return ", ".join(f"`{choice}`" for choice in choices)
    if Path in choices:
        return "a file"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    bounds = [
        f"{word} {getattr(rule, sign):g}"
        for rule in field.metadata
        for sign, word in words.items()
        if hasattr(rule, sign)
    ]
    return ", ".join(bounds)


if __name__ == "__main__":
    write_pages()
