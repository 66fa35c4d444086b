"""Settings come from one file and the environment, and are checked."""

from pathlib import Path

import pytest

from contract.errors import SettingsError
from contract.settings import Settings, load_settings


def written(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_defaults_hold_without_a_file() -> None:
    settings = load_settings(None)
    assert (settings.zone, settings.hold_min, settings.kpi_delay_min) == ("Asia/Shanghai", 30, 20)


def test_file_is_read_and_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, 'zone = "Europe/London"\nhold_min = 10\n')
    monkeypatch.setenv("CELLCAUSE_HOLD_MIN", "15")
    settings = load_settings(path)
    assert (settings.zone, settings.hold_min) == ("Europe/London", 15)


def test_paths_are_taken_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "words.toml").write_text("", encoding="utf-8")
    settings = load_settings(written(tmp_path, 'lexicon = "words.toml"'))
    assert settings.lexicon == tmp_path / "words.toml"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hold_mins = 10", r"hold_mins.*closest is `hold_min`"),
        ("hold_min = 31", r"hold_min.*less than or equal to 30.*31"),
        ('zone = "Mars/North"', r"zone.*not an IANA time zone"),
        ('sla = "none.toml"', r"sla.*there is no file"),
        ("hold_min = ", r"must be a TOML file"),
        ("hold_min = 31\nstep_min = 0", r"hold_min.*step_min"),
    ],
)
def test_bad_file_is_one_clear_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        load_settings(written(tmp_path, text))
    assert "\n" not in str(caught.value)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"there is none at"):
        load_settings(tmp_path / "none.toml")


def test_unknown_name_in_the_environment_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CELLCAUSE_HOLDMIN", "15")
    with pytest.raises(SettingsError, match=r"CELLCAUSE_HOLDMIN.*hold_min"):
        load_settings(None)


def test_every_setting_has_a_meaning() -> None:
    assert all(field.description for field in Settings.model_fields.values())
