"""Hold every setting of the program, from one TOML file and the environment.

A value in the environment (`CELLCAUSE_` and the name in capitals) wins over the file, the file
over the default. Durations end in `_min`, shares are between 0 and 1.

Simple so far: one flat table of settings; no profiles.
"""

import difflib
import os
import tomllib
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from contract.errors import SettingsError

PREFIX = "CELLCAUSE_"
IN_A_FILE = "sqlite:///"
"""How the address of a database begins that is a file."""


class Settings(BaseSettings):
    """Every setting, with its default, bounds and meaning.

    To add one, add a field with a description here and run `python -m contract.manual`.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    zone: str = Field(
        default="Asia/Shanghai",
        description="IANA time zone of times without an offset, and of the times written",
    )
    language: Literal["zh", "en"] = Field(
        default="zh", description="language of the sentences written for people"
    )
    kpi_delay_min: float = Field(
        default=20.0,
        ge=0,
        le=1440,
        description="minutes from the end of a counter period to its arrival",
    )
    hold_min: float = Field(
        default=30.0,
        gt=0,
        le=30,
        description="minutes a ticket is held at most before it is diagnosed",
    )
    step_min: float = Field(
        default=5.0,
        ge=0.5,
        le=30,
        description="minutes from one step to the next; at most `hold_min`",
    )
    reject_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="share of a required table's rows that may be unusable before the run stops",
    )
    far_site_km: float = Field(
        default=1000.0,
        gt=0,
        description="kilometres from the median site beyond which a site is taken as misplaced",
    )
    alarm_catalogue: Path | None = Field(
        default=None, description="file of alarm meanings that overrides the one shipped"
    )
    alarm_relations: Path | None = Field(
        default=None,
        description="file of relations that `learn alarms` wrote, for alarms the catalogue doesn't know",
    )
    learned: Path | None = Field(
        default=None,
        description="folder that `learn verdicts` wrote, from which a run starts; default: it starts "
        "from what ships and learns on its way",
    )
    signatures: Path | None = Field(
        default=None, description="file of cause signatures that overrides the one shipped"
    )
    lexicon: Path | None = Field(
        default=None, description="file of complaint words that overrides the one shipped"
    )
    measures: Path | None = Field(
        default=None,
        description="file of measures and limits of counters that is laid over the one shipped",
    )
    holidays: Path | None = Field(
        default=None, description="file of holidays (CSV) that is laid over the one shipped"
    )
    country: str = Field(
        default="CN",
        pattern="^[A-Z]{2}$",
        description="country whose holidays hold, two letters of ISO 3166-1",
    )
    sla: Path | None = Field(
        default=None, description="file of repair limits (CSV) that overrides the one shipped"
    )
    process: Path | None = Field(
        default=None,
        description="file of the way of work orders (states, limits, escalations) that overrides the one shipped",
    )
    repair_owners: Path | None = Field(
        default=None,
        description="file of who repairs which cause or family (CSV) that is laid over the one shipped",
    )
    repair_exceptions: Path | None = Field(
        default=None,
        description="table of approved suspensions of repair clocks and of sites exempted from assessment",
    )
    hotline_queue: Path | None = Field(
        default=None,
        description="table of the hotline's queue lengths: `queue`, `time`, `waiting`",
    )
    history_purpose: str = Field(
        default="",
        description="what sightings of a number older than a week are used for, such as "
        "'complaints: home and work cells' (it is logged); empty: they are not used",
    )
    history_memory_mib: float = Field(
        default=2048.0,
        ge=64,
        description="MiB of memory at most for reading and sorting a kept history; more is spilled to disk",
    )
    history_threads: int = Field(
        default=0, ge=0, description="cores that read a kept history at most; 0 = all"
    )
    history_spill_folder: Path | None = Field(
        default=None,
        description="folder for what does not fit into `history_memory_mib`; default: one in the "
        "system's folder of temporary files",
    )
    history_grace_min: float = Field(
        default=60.0,
        ge=0,
        description="minutes that replaced files of a kept history stay for those who still read them",
    )
    history_retention: Path | None = Field(
        default=None,
        description="file of days to keep each table of a kept history that overrides the one shipped",
    )
    notice_min_complaints: float = Field(
        default=0.1,
        ge=0,
        description="what issuing a notice costs: complaints that must be expected of a fault that is sure; of an "
        "unsure one more (`correlate/notices/notice_rules.toml`), of a sure outage none",
    )
    notice_approval: Literal["none", "severe", "all"] = Field(
        default="none",
        description="notices that wait for a person's word before they are issued; in `run` nobody gives it",
    )
    report_hour: float = Field(
        default=8.0,
        ge=0,
        lt=24,
        description="hour of the day, in the setting `zone`, at which a daily report is drawn up",
    )
    target_per_10k: float | None = Field(
        default=None,
        ge=0,
        description="target of complaints per 10,000 users and day, shown in the daily report",
    )
    target_per_10k_month: float | None = Field(
        default=None,
        ge=0,
        description="target of complaints per 10,000 users and month, shown in the daily report",
    )

    ledger: str | None = Field(
        default=None,
        description="`serve`: address of the database of what arrived and what was issued, such as "
        "`sqlite:///ledger.db` or `postgresql://user@host/name`; made at the first start",
    )
    history: Path | None = Field(
        default=None,
        description="`serve`: folder of counters and saved states; made if missing",
    )
    inventory: Path | None = Field(
        default=None, description="`serve`: bundle with sites, cells, links and places"
    )
    serve_host: str = Field(
        default="127.0.0.1",
        description="`serve`: address it listens at; others than this machine's need a token first",
    )
    serve_port: int = Field(
        default=8080, ge=0, le=65535, description="`serve`: port; 0 = a free one"
    )
    serve_watched: Path | None = Field(
        default=None,
        description="`serve`: folder whose files are taken in and moved to its `done` or `rejected`",
    )
    serve_body_mib: float = Field(
        default=16.0, gt=0, le=1024, description="`serve`: MiB of one request at most"
    )
    serve_waiting_rows: int = Field(
        default=50_000,
        ge=1,
        description="`serve`: rows that may wait to be written before senders are told to wait (429)",
    )
    serve_behind_min: float = Field(
        default=60.0,
        gt=0,
        description="`serve`: minutes that the step may be behind before it is told as not ready",
    )
    serve_requests_per_min: int = Field(
        default=6_000,
        ge=1,
        description="`serve`: requests of one caller in a minute at most; those of feeds don't count",
    )
    oidc: Path | None = Field(
        default=None, description="`serve`: TOML file of the provider of single sign-on"
    )
    session_idle_min: float = Field(
        default=120.0, gt=0, description="`serve`: minutes without a request that end a log-in"
    )
    session_hours: float = Field(
        default=12.0, gt=0, description="`serve`: hours after which a log-in ends in any case"
    )

    serve_report_hour: float = Field(
        default=7.5,
        ge=0,
        lt=24,
        description="`serve`: hour of the day, in the setting `zone`, at which it draws up the daily report by itself",
    )
    serve_sending: Path | None = Field(
        default=None,
        description="`serve`: file of who is sent the daily report, by mail and webhooks (docs/operations.md)",
    )
    serve_retention: Path | None = Field(
        default=None,
        description="`serve`: file of days to keep what arrived that overrides the one shipped",
    )
    serve_backup_folder: Path | None = Field(
        default=None, description="`serve`: folder of daily back-ups; default: none are made"
    )
    serve_backup_hour: float = Field(
        default=2.0, ge=0, lt=24, description="`serve`: hour of the day of the daily back-up"
    )
    serve_backup_kept: int = Field(
        default=7, ge=1, le=1000, description="`serve`: daily back-ups that are kept"
    )

    @model_validator(mode="after")
    def _step_within_hold(self) -> "Settings":
        """Return the settings when a ticket can be diagnosed within its hold."""
        if self.step_min > self.hold_min:
            msg = f"`step_min` {self.step_min} must not exceed `hold_min` {self.hold_min}"
            raise ValueError(msg)
        return self

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        """Return the zone when it is known."""
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            msg = f"{zone!r} is not an IANA time zone such as 'Asia/Shanghai'"
            raise ValueError(msg) from None
        return zone

    @field_validator("learned")
    @classmethod
    def _existing_folder(cls, path: Path | None) -> Path | None:
        """Return the path when there is a folder."""
        if path is not None and not path.is_dir():
            msg = f"there is no folder {str(path)!r}"
            raise ValueError(msg)
        return path

    @field_validator(
        "alarm_catalogue",
        "alarm_relations",
        "signatures",
        "lexicon",
        "measures",
        "holidays",
        "sla",
        "process",
        "repair_owners",
        "repair_exceptions",
        "hotline_queue",
        "history_retention",
        "serve_sending",
        "serve_retention",
    )
    @classmethod
    def _existing_file(cls, path: Path | None) -> Path | None:
        """Return the path when there is a file."""
        if path is not None and not path.is_file():
            msg = f"there is no file {str(path)!r}"
            raise ValueError(msg)
        return path


def load_settings(path: Path | None = None) -> Settings:
    """Return the settings of a TOML file and of the environment.

    Parameters
    ----------
    path : Path or None
        TOML file; paths in it are taken from its folder. None = defaults and environment only.

    Raises
    ------
    SettingsError
        If the file cannot be read, a key is unknown (the closest known one is named) or a value
        is out of bounds.

    Examples
    --------
    >>> load_settings(None).hold_min <= 30
    True
    """
    environment = _environment()
    values = {} if path is None else _file_values(path)
    given = {key: value for key, value in values.items() if key not in environment}
    try:
        return Settings(**given)
    except ValidationError as error:
        raise SettingsError(_problems(error, path, environment)) from None


def _file_values(path: Path) -> dict[str, Any]:
    """Return the values of a settings file, its paths made absolute."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        msg = f"`settings` must be a TOML file; there is none at {str(path)!r}."
        raise SettingsError(msg) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"`settings` must be a TOML file; {str(path)!r} cannot be read: {error}."
        raise SettingsError(msg) from None
    for key in values:
        _check_name(key, key, str(path))
    folder = path.resolve().parent
    return {
        key: folder / value if isinstance(value, str) and _is_path(key) else value
        for key, value in values.items()
    } | _ledger_beside(values, folder)


def _ledger_beside(values: dict[str, Any], folder: Path) -> dict[str, str]:
    """Return the address of a ledger in a file, that file taken from the folder of the settings."""
    address = values.get("ledger")
    if not isinstance(address, str) or not address.startswith(IN_A_FILE):
        return {}
    return {"ledger": f"{IN_A_FILE}{folder / address.removeprefix(IN_A_FILE)}"}


def _environment() -> set[str]:
    """Return the names of the settings that the environment gives."""
    names = {key for key in os.environ if key.upper().startswith(PREFIX)}
    for key in sorted(names):
        _check_name(key.upper().removeprefix(PREFIX).lower(), key, "the environment")
    return {key.upper().removeprefix(PREFIX).lower() for key in names}


def _is_path(key: str) -> bool:
    """Tell whether a setting is the address of a file."""
    return Settings.model_fields[key].annotation == (Path | None)


def _check_name(name: str, written: str, where: str) -> None:
    """Raise when no setting has that name."""
    known = list(Settings.model_fields)
    if name in known:
        return
    close = difflib.get_close_matches(name.lower(), known, n=1, cutoff=0.0)
    msg = (
        f"`{written}` in {where} is not a setting; the closest is `{close[0]}`. "
        "docs/settings.md lists them all."
    )
    raise SettingsError(msg)


def _problems(error: ValidationError, path: Path | None, environment: set[str]) -> str:
    """Return one line that names every value out of bounds."""
    found = []
    for problem in error.errors():
        name = str(problem["loc"][0]) if problem["loc"] else "step_min"
        where = "the environment" if name in environment else str(path)
        reason = str(problem["msg"]).removeprefix("Value error, ")
        found.append(f"`{name}` from {where}: {reason}; it is {problem['input']!r}")
    return "; ".join(found) + ". docs/settings.md gives the bounds."
