"""Ask for the settings that something can't do without.

Simple so far: what each is for stands in docs/settings.md.
"""

from __future__ import annotations

from typing import Any

from contract.errors import SettingsError
from contract.settings import Settings


def needed(settings: Settings, *names: str, for_what: str) -> tuple[Any, ...]:
    """Return the values of settings.

    Raises
    ------
    SettingsError
        If some are not set; all of them are named.

    Examples
    --------
    >>> needed(Settings(zone="UTC"), "zone", for_what="a clock")
    ('UTC',)
    """
    lacking = [name for name in names if getattr(settings, name) is None]
    if lacking:
        told = ", ".join(f"`{name}`" for name in lacking)
        msg = f"`settings` must have {told} for {for_what}. docs/settings.md says what they are."
        raise SettingsError(msg)
    return tuple(getattr(settings, name) for name in names)
