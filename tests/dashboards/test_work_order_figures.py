from typing import Any
from xml.etree import ElementTree

import pytest

from dashboards.case_evidence import AlarmView, MeasureView
from dashboards.case_view import case_view
from dashboards.case_words import case_words
from dashboards.work_order_figures import alarm_timeline, counter_chart
from tests.dashboards.full_case import full_case

WORDS = case_words("en")


def read(drawing: str) -> ElementTree.Element:
    """A drawing, read back."""
    return ElementTree.fromstring(str(drawing).replace('xmlns="', 'x="'))


def alarms(case: dict[str, Any]) -> tuple[tuple[AlarmView, ...], tuple[str, str]]:
    """Alarms and window of a case."""
    found = case_view(case).evidence
    return found.alarms, found.alarm_window


def measures() -> dict[str, MeasureView]:
    """Measures of the case by name."""
    return {m.measure: m for m in case_view(full_case()).evidence.counters[0][1]}


def of_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    """Elements of a class."""
    return [e for e in root.iter() if name in e.get("class", "").split()]


def chart(measure: MeasureView) -> ElementTree.Element:
    """The drawing of a measure."""
    return read(counter_chart(measure, name="c", title="a counter"))


def test_timeline_has_a_row_per_object_and_a_bar_per_span() -> None:
    rows, span = alarms(full_case())
    root = read(alarm_timeline(rows, span, WORDS, ticket_at="2026-03-10T13:02:00+08:00"))
    assert [e.text for e in of_class(root, "object")] == ["H1-1/TRX-3", "H2"]
    assert len([e for e in of_class(root, "in-force") if e.tag == "rect"]) == 5
    assert len([e for e in of_class(root, "in-force") if e.tag == "path"]) == 1
    assert len(of_class(root, "ticket-line")) == 1
    assert root.find("title") is not None


def test_bars_stay_inside_the_days() -> None:
    rows, span = alarms(full_case())
    early = rows[0].spans + (("2020-01-01T00:00:00+08:00", "2020-01-02T00:00:00+08:00"),)
    late = AlarmView(**(rows[0].__dict__ | {"spans": early}))
    root = read(alarm_timeline((late,), span, WORDS))
    bars = [e for e in of_class(root, "in-force") if e.tag == "rect"]
    assert len(bars) == len(rows[0].spans)
    assert all(float(e.get("x", "0")) >= 340 for e in bars)


def test_a_long_alarm_name_is_cut_and_told_in_full_beside() -> None:
    rows, span = alarms(full_case())
    root = read(alarm_timeline(rows, span, WORDS))
    titles = [e.text or "" for e in root.iter("title")]
    assert any("CHANNEL FAILURE RATE ABOVE DEFINED THRESHOLD" in t for t in titles)


def test_without_alarms_or_window_there_is_no_timeline() -> None:
    rows, span = alarms(full_case())
    assert alarm_timeline((), span, WORDS) == ""
    assert alarm_timeline(rows, ("", ""), WORDS) == ""


def test_a_counter_shows_line_band_and_values_outside_it() -> None:
    root = chart(measures()["setup_success"])
    assert len(of_class(root, "band")) == len(of_class(root, "values")) == 1
    assert len(of_class(root, "outlier")) == 8


def test_a_gap_breaks_the_line() -> None:
    line = of_class(chart(measures()["setup_success"]), "values")[0].get("d", "")
    assert line.count("M") == 2
    whole = of_class(chart(measures()["traffic_erl"]), "values")[0].get("d", "")
    assert whole.count("M") == 1


def test_bit_errors_are_drawn_in_decades() -> None:
    ticks = [e.text or "" for e in of_class(chart(measures()["ber"]), "tick")]
    assert any(t.startswith("1e-") for t in ticks)


@pytest.mark.parametrize("series", [(), (None,) * 48], ids=["none", "nothing arrived"])
def test_a_counter_without_values_has_no_drawing(series: tuple[None, ...]) -> None:
    measure = MeasureView(**(measures()["traffic_erl"].__dict__ | {"values": series}))
    assert counter_chart(measure, name="c", title="a counter") == ""


def test_every_number_of_a_drawing_is_finite() -> None:
    flat = MeasureView(
        **(
            measures()["traffic_erl"].__dict__
            | dict.fromkeys(("values", "low", "high"), (0.0,) * 48)
        )
    )
    for drawing in (chart(flat), chart(measures()["ber"])):
        assert "nan" not in ElementTree.tostring(drawing, encoding="unicode")
