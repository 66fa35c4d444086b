"""The page of measures says what the file of measures says."""

from dataclasses import replace

from kpi.measure_files import load_measures
from kpi.measure_pages import PAGE, TAG_WORDS, measures_page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == measures_page(load_measures()), (
        "run python -m kpi.measure_pages"
    )


def test_every_measure_and_limit_stands_on_the_page() -> None:
    book = load_measures()
    page = measures_page(book)
    assert [m.name for m in book.measures if f"| `{m.name}` |" not in page] == []
    assert {limit.measure for limit in book.limits} == {
        name for name in book.by_name if f"| `{name}` |" in page[page.index("## Limits") :]
    }
    assert all(f"`{tag}`" in page for tag in TAG_WORDS)


def test_a_changed_limit_changes_the_page() -> None:
    book = load_measures()
    other = replace(book.limits[0], at=0.123)
    assert "0.123" in measures_page(replace(book, limits=(other, *book.limits[1:])))
