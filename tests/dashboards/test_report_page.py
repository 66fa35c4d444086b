import re
from dataclasses import fields
from functools import cache
from html.parser import HTMLParser

import pandas as pd
import pytest

from contract.errors import InputError
from correlate.daily.day_report import REPORT, DayReport
from dashboards.report_cells import load_layout, page_columns, report_words, table_view
from dashboards.report_page import (
    SECTIONS,
    headline_figures,
    intercept_cards,
    map_content,
    report_html,
    summary_lines,
)
from tests.dashboards.small_report import HOSTILE, NUMBER, ROWS, empty_report, small_report

VOID = frozenset({"meta", "link", "img", "br", "hr", "input"})
LANGUAGES = ("zh", "en")


class Reader(HTMLParser):
    """Collect the elements of a page and check that they nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.names: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.names.append(tag)
        self.ids += [str(values["id"])] if "id" in values else []
        found = [values.get(k) for k in ("src", "href", "xlink:href", "action", "srcset", "data")]
        self.links += [link for link in found if link]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)


@cache
def page(language: str) -> str:
    return report_html(small_report(), language)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_is_well_formed_and_has_every_section(language: str) -> None:
    reader = read(page(language))
    assert reader.open == []
    assert set(SECTIONS) <= set(reader.ids)
    words = report_words(language)
    text = " ".join(reader.text)
    assert all(words["section"][name] in text for name in SECTIONS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_id_stands_once(language: str) -> None:
    ids = read(page(language)).ids
    assert sorted(set(ids)) == sorted(ids)


@pytest.mark.parametrize("language", LANGUAGES)
def test_page_loads_nothing(language: str) -> None:
    html = page(language)
    links = read(html).links
    assert all(link.startswith(("#", "data:")) for link in links)
    styles = " ".join(re.findall(r"<style>(.*?)</style>", html, flags=re.DOTALL))
    assert "@import" not in styles
    assert all(
        url.startswith(("data:", "#")) for url in re.findall(r"url\([\"']?([^)\"']+)", styles)
    )
    assert "cdn" not in re.sub(r"data:[^)\"']+", "", html[: html.index("<script>")])


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_names_stay_text(language: str) -> None:
    reader = read(page(language))
    assert "onerror" not in " ".join(reader.names)
    assert reader.names.count("img") == 0
    assert HOSTILE in " ".join(reader.text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_masked_everywhere(language: str) -> None:
    assert NUMBER not in page(language)
    assert "159****2291" in page(language)


def test_charts_come_alive_once_and_still() -> None:
    html, reader = page("en"), read(page("en"))
    assert {"rates-chart", "series-chart", "late-chart"} <= set(reader.ids)
    assert html.count("plotly.js v") == 1
    assert html.count('class="still"') == 3
    assert not re.search(r'"type":"(scatter|density|choropleth)?(map|mapbox|geo)"', html)


ELSEWHERE = ("numerators", "queues", "repairs")
"""Tables that the page does not show, or only when they hold something; commands tell them."""


def test_empty_report_says_so_in_calm_sentences() -> None:
    text = " ".join(read(report_html(empty_report(), "en")).text)
    words = report_words("en")["empty"]
    assert all(sentence in text for name, sentence in words.items() if name not in ELSEWHERE)


def test_part_of_a_day_is_said() -> None:
    report = small_report()
    part = DayReport(
        **({f.name: getattr(report, f.name) for f in fields(report)} | {"is_whole_day": False})
    )
    assert report_words("en")["report"]["part_day"] in report_html(part, "en")


def test_card_says_what_a_caller_is_told() -> None:
    first, second = intercept_cards(small_report(), "en")
    assert (first.number, first.area, first.county) == (1, "Mill, Ford", "Mill County")
    assert first.script == "Mill: power is out, crews are on site."
    assert (first.expected, first.interval) == ("6.2", "[2.0–12.0]")
    assert first.limit == "Repair limit 8 h (class D3, site grade B), due 03-10 13:35"
    assert (first.silent, first.late) == ("", "")
    assert second.script == f"{HOSTILE} 159****2291"
    assert (second.silent, second.late) == ("Silent: no alarm", "5.5 h late")
    assert second.notice == "No notice is out yet"


def test_headline_tells_value_interval_and_change() -> None:
    figures = {f.key: f for f in headline_figures(small_report(), report_words("en"))}
    assert figures["complaints"].change == "+3 on the day before"
    assert figures["per_10k"].interval == "[0.70–2.60]"
    assert figures["per_10k"].change == "−0.08 on the day before"
    assert figures["open_faults"].change == "as the day before"
    assert figures["per_10k_without"].change == "no figure for the day before"


def test_summary_names_the_counties_over_target() -> None:
    lines = summary_lines(small_report(), report_words("zh"))
    assert lines[0] == "2026-03-09 投诉 14 件,万投比 1.42(不拦截时 2.00)。"
    assert lines[-1] == "超过目标的区县:Mill County。"
    assert summary_lines(empty_report(), report_words("zh")) == []


def test_map_shows_numbers_of_the_cards_and_notices_that_are_out() -> None:
    shown = map_content(small_report())
    assert shown.faults["number"].tolist() == [1, 2, 0]
    assert len(shown.noticed) == 1
    assert len(shown.planned) == 1
    assert len(shown.sites) == 10


def test_long_table_is_cut_and_says_so() -> None:
    most = load_layout()["most"]["rows"]
    rows = [
        {"list": "rejected", "table": "alarms", "reason": f"reason {n}", "rows": n}
        for n in range(most + 3)
    ]
    assert "3 more rows" in report_html(small_report(listed=rows), "en")


def test_column_without_a_value_is_left_out() -> None:
    report = small_report()
    view = table_view("faults", report.faults.assign(ended_at=pd.NaT), language="en", year=2026)
    assert "ended" not in [heading.text for heading in view.headings]


def test_instant_of_another_year_bears_it() -> None:
    text = " ".join(read(page("en")).text)
    assert "2025-12-31 23:40" in text
    assert "2026-03-09 05:40" not in text


def test_page_changes_no_table() -> None:
    report = small_report()
    before = {name: getattr(report, name).copy() for name in ROWS}
    report_html(report, "en")
    for name, frame in before.items():
        pd.testing.assert_frame_equal(getattr(report, name), frame)


def test_same_report_gives_the_same_page() -> None:
    assert report_html(small_report(), "en") == page("en")


def test_unknown_language_is_refused() -> None:
    with pytest.raises(InputError, match="`language` must be 'zh' or 'en'"):
        report_html(empty_report(), "fr")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_and_choice_of_a_report_has_words(language: str) -> None:
    words = report_words(language)
    columns = [c for table in REPORT.values() for c in table.columns]
    hidden = {"sites", "places", "fault_sites"}
    shown = {c.name for name, table in REPORT.items() if name not in hidden for c in table.columns}
    assert shown - set(words["column"]) <= {"caller"} | set(load_layout()["workbook"]["hidden"])
    codes = {"measure", "cause", "last_cause"}
    choices = {x for c in columns if c.name not in codes for x in c.choices} - {
        "live",
        "planned",
        "retired",
    }
    assert choices <= set(words["choice"])


def test_layout_names_columns_that_exist() -> None:
    layout = load_layout()
    for name in layout["page"]:
        table = layout["views"].get(name, name)
        shown = {c.name for language in LANGUAGES for c in page_columns(table, language, name)}
        assert shown <= set(REPORT[table].column_names)


@pytest.mark.parametrize("group", ["section", "note", "empty", "card", "workbook", "chart", "map"])
def test_slots_are_the_same_in_both_languages(group: str) -> None:
    zh, en = (report_words(language)[group] for language in LANGUAGES)
    assert set(zh) == set(en)
    assert all(slots(zh[key]) == slots(en[key]) for key in zh)


def slots(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))
