"""Name everything that can be wrong with what a user gave us.

::

    ValueError
    └── InputError                 anything a user can put right; one line, exit code 2
        ├── UnreadableFileError    a file or folder that cannot be read as what its name says
        ├── MissingTableError      a required table is not in the bundle, or has no usable row
        ├── AmbiguousTableError    one table stands in two files
        ├── MissingColumnsError    a table lacks required columns
        ├── TooManyRejectedError   too large a share of a required table is unusable
        ├── SettingsError          a settings file, an environment variable or a value in them
        ├── MappingError           a mapping file, or a source that does not fit it
        └── OutputError            a result that does not fit the contract, or a folder not ours

A message names the argument in backticks, says what was needed, what came and what to do.

Simple so far: the errors carry a message only, not the rows and columns as fields.
"""


class InputError(ValueError):
    """Report something in the input that its owner can put right."""


class UnreadableFileError(InputError):
    """Report a file or folder that cannot be read as what its name says."""


class MissingTableError(InputError):
    """Report a required table that is absent or has no usable row."""


class AmbiguousTableError(InputError):
    """Report a table that stands in more than one file."""


class MissingColumnsError(InputError):
    """Report required columns that a table lacks."""


class TooManyRejectedError(InputError):
    """Report a required table of which too large a share is unusable."""


class SettingsError(InputError):
    """Report a settings file, an environment variable or a value that does not fit."""


class MappingError(InputError):
    """Report a mapping file that does not fit its form, or a source that does not fit it."""


class OutputError(InputError):
    """Report a result that does not fit the contract or a folder that is not ours."""
