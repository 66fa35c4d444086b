"""Find the file of each table in the folder of a bundle.

Simple so far: a table is one file, or one folder of Parquet files; compressed files are no tables.
"""

from pathlib import Path

from contract.errors import AmbiguousTableError, UnreadableFileError
from contract.files import SUFFIXES
from contract.tables import TABLES


def table_paths(folder: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Return the file of each table, and the names that are no table, which stay untouched.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of Path
        By name of the table.
    tuple of str

    Raises
    ------
    UnreadableFileError
        If the folder cannot be listed.
    AmbiguousTableError
        If a table stands in two files.
    """
    if not folder.is_dir():
        what = "a file" if folder.exists() else "nothing"
        msg = f"`{folder}` must be the folder of a bundle; there is {what}. Check the path."
        raise UnreadableFileError(msg)
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        msg = f"`{folder}` cannot be listed: {error.strerror}. Check its permissions."
        raise UnreadableFileError(msg) from error
    paths: dict[str, Path] = {}
    ignored = []
    for name in names:
        path = folder / name
        stem = path.stem if path.suffix.lower() in SUFFIXES else name
        if stem not in TABLES or (stem == name and not path.is_dir()):
            ignored.append(name)
        elif stem in paths:
            msg = f"`{stem}` must stand once; it is in {paths[stem].name} and {name}. Remove one."
            raise AmbiguousTableError(msg)
        else:
            paths[stem] = path
    return paths, tuple(ignored)
