"""Lanes share one axis: what lies in the window is drawn where it was, what lasts has an arrow, the rest is not."""

import re

from dashboards.incident_lanes import LEFT, RIGHT, WIDTH, Band, Item, Lane, lanes_drawing

SPAN = ("2026-03-10T10:00:00+08:00", "2026-03-10T14:00:00+08:00")


def drawn(*items: Item, severity: str = "") -> str:
    """Return the drawing of one lane."""
    lane = Lane("H1 no signal", items, severity=severity, count="2")
    return str(lanes_drawing([Band("Alarms", (lane,))], SPAN, title="Story"))


def test_a_bar_lies_where_it_lasted() -> None:
    told = drawn(
        Item("2026-03-10T11:00:00+08:00", "2026-03-10T12:00:00+08:00", fill="major", text="an hour")
    )
    width = (WIDTH - RIGHT - LEFT) / 4
    (bar,) = re.findall(r'<rect x="([\d.]+)"[^>]* width="([\d.]+)"[^>]* class="fill-major"', told)
    assert [float(one) for one in bar] == [LEFT + width, width]
    assert "<title>an hour</title>" in told


def test_what_lasts_ends_at_the_edge_with_an_arrow() -> None:
    told = drawn(Item("2026-03-10T09:00:00+08:00", lasts=True, fill="warning"))
    assert f'x="{LEFT:g}"' in told
    assert f"M{WIDTH - RIGHT:.1f} " in told


def test_a_moment_is_a_mark_of_its_kind_with_words() -> None:
    told = drawn(Item("2026-03-10T12:00:00+08:00", shape="act", text="Li acknowledged"))
    assert 'class="mark act"' in told
    assert "<title>Li acknowledged</title>" in told


def test_what_lies_outside_the_window_is_left_out() -> None:
    told = drawn(
        Item("2026-03-09T12:00:00+08:00", shape="act"),
        Item("2026-03-11T11:00:00+08:00", "2026-03-11T12:00:00+08:00", fill="major"),
        Item("not a time", shape="act"),
    )
    assert 'class="mark' not in told
    assert 'class="fill-major"' not in told


def test_hours_are_named_and_the_day_once() -> None:
    told = drawn(Item("2026-03-10T12:00:00+08:00"))
    assert told.count("03-10 ") == 1
    assert ">11:00<" in told


def test_nothing_is_drawn_of_nothing() -> None:
    assert lanes_drawing([Band("Alarms", ())], SPAN, title="Story") == ""
    assert lanes_drawing([Band("Alarms", (Lane("x", ()),))], (SPAN[1], SPAN[0]), title="S") == ""


def test_names_of_feeds_are_escaped() -> None:
    lane = Lane("<script>x</script>", (Item("2026-03-10T12:00:00+08:00"),))
    assert "<script>" not in lanes_drawing([Band("A", (lane,))], SPAN, title="S")


def test_a_short_story_has_minutes() -> None:
    lane = Lane("x", (Item("2026-03-10T12:00:00+08:00"),))
    span = ("2026-03-10T12:00:00+08:00", "2026-03-10T12:20:00+08:00")
    told = lanes_drawing([Band("A", (lane,))], span, title="S")
    assert [minute in told for minute in ("12:05", "12:10", "12:15")] == [True] * 3
