import base64
import io
import re
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import matplotlib
import pytest
from fontTools.ttLib import TTFont

from contract.errors import UnreadableFileError
from dashboards import fonts


def embedded(rule: str) -> TTFont:
    """Return the font that a rule carries."""
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", rule)
    assert found
    return TTFont(io.BytesIO(base64.b64decode(found[1])))


def test_typeface_is_a_static_file_with_our_characters() -> None:
    with TTFont(fonts.font_file(), lazy=True) as font:
        assert "fvar" not in font
    assert fonts.lacking_characters("万投比 拦截 ▲▼–") == ""


def test_embedded_font_has_the_characters_of_the_text_and_no_others() -> None:
    points = embedded(fonts.font_face("基站\n"))["cmap"].getBestCmap()
    assert {ord("基"), ord("站"), ord("A"), ord("7")} <= set(points)
    assert ord("网") not in points


def test_embedded_font_is_small_and_the_same_each_time() -> None:
    rule = fonts.font_face("停电掉站")
    assert rule == fonts.font_face("站掉电停")
    assert len(rule) < 60_000
    assert rule.startswith('@font-face{font-family:"cellcause-sans"')


def test_character_the_typeface_lacks_is_left_to_the_system() -> None:
    assert fonts.lacking_characters("站😀") == "😀"
    assert 0x1F600 not in embedded(fonts.font_face("站😀"))["cmap"].getBestCmap()


def test_registering_changes_no_setting() -> None:
    before = dict(matplotlib.rcParams)
    assert fonts.register_font() == "Noto Sans SC"
    assert fonts.register_font() == "Noto Sans SC"
    assert dict(matplotlib.rcParams) == before


def test_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(fonts, "distribution", nowhere)
    with pytest.raises(UnreadableFileError, match="zhplot, which is not installed"):
        fonts.font_file()


def test_check_is_loud_without_the_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fonts, "FONT_PATH", "zhplot/fonts/none.ttf")
    fonts._code_points.cache_clear()
    assert fonts.main() == 1
    assert "the file is missing" in capsys.readouterr().err
    fonts._code_points.cache_clear()


def test_check_passes_for_every_text_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert fonts.main() == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_check_names_a_character_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(fonts, "_own_texts", lambda: "基站😀")
    assert fonts.main() == 1
    assert "😀" in capsys.readouterr().err


def test_our_texts_are_read_from_data_and_templates() -> None:
    assert "停电掉站" in fonts._own_texts()
    assert Path(fonts.__file__).with_name("templates").is_dir()
