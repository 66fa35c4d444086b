import re
from pathlib import Path

import jinja2
import pytest

from contract.errors import InputError, OutputError
from dashboards.pages import TEMPLATES, render_page, save_page
from dashboards.wording import load_words

REFERENCES = re.compile(
    r"""(?:\b(?:src|href|action)\s*=\s*["']?|url\(\s*["']?|@import\s+["']?)(https?:|//)"""
)


def test_values_are_escaped() -> None:
    html = render_page("base.html", language="en", title="<script>alert(1)</script>")
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_page_refers_to_nothing_outside_and_forbids_it() -> None:
    html = render_page("base.html", language="zh", title="日报")
    assert not REFERENCES.search(html)
    assert "default-src 'none'" in html
    assert "@font-face" in html


@pytest.mark.parametrize(
    ("language", "lang", "skip"), [("zh", "zh-CN", "跳到正文"), ("en", "en", "Skip to the content")]
)
def test_page_says_its_language(language: str, lang: str, skip: str) -> None:
    html = render_page("base.html", language=language, title="x")
    assert f'<html lang="{lang}">' in html
    assert f'href="#content">{skip}' in html


def test_library_stands_once_and_as_it_is() -> None:
    html = render_page("base.html", language="en", title="x", libraries=["var a = '<b>';"])
    assert html.count("<script>var a = '<b>';</script>") == 1


def test_title_like_the_mark_of_the_typeface_is_harmless() -> None:
    html = render_page("base.html", language="en", title="/*<font face>*/ <!--libraries-->")
    assert html.count("@font-face") == 1
    assert "&lt;!--libraries--&gt;" in html


def test_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="`language` must be 'zh' or 'en'; it is 'fr'"):
        render_page("base.html", language="fr", title="x")


def test_missing_value_is_an_error() -> None:
    with pytest.raises(jinja2.UndefinedError):
        render_page("report.html", language="en", title="x")


@pytest.mark.parametrize(
    "rule", ["@page { size: A4", "table-header-group", "light-dark(", "tabular-nums"]
)
def test_style_keeps_its_rules_of_print_and_dark(rule: str) -> None:
    assert rule in (TEMPLATES / "base.css").read_text(encoding="utf-8")


def test_dark_is_for_screens_only() -> None:
    style = (TEMPLATES / "base.css").read_text(encoding="utf-8")
    _, _, printed = style.partition("@media print {")
    assert "color-scheme: light;" in printed.split("}")[0]
    assert "prefers-color-scheme" not in style


def test_page_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.html"
    save_page("one", path)
    save_page("二", path)
    assert path.read_text(encoding="utf-8") == "二"
    assert [p.name for p in path.parent.iterdir()] == ["a.html"]


def test_folder_in_the_place_of_a_page_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="must be a file"):
        save_page("x", tmp_path)


def test_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="must be a file that can be written"):
        save_page("x", tmp_path / "file" / "a.html")


def test_word_without_a_language_is_named(tmp_path: Path) -> None:
    (tmp_path / "w.toml").write_text('[a]\nb = { zh = "是" }\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"\[a\] lacks one of \['b'\]"):
        load_words(tmp_path / "w.toml", "zh")
