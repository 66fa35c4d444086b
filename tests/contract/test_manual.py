"""The pages of the manual say what the declarations say."""

import pytest

from contract.expressions import FUNCTIONS
from contract.manual import DOCS, settings_page, tables_page
from contract.mapping_files import UNITS, ColumnRule, Condition, SourceForm, TableRule
from contract.settings import Settings


@pytest.mark.parametrize(
    ("name", "page"), [("tables.md", tables_page()), ("settings.md", settings_page())]
)
def test_page_is_up_to_date(name: str, page: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == page, "run python -m contract.manual"


def test_every_setting_is_documented() -> None:
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"| `{name}` |" not in page] == []


def test_every_field_of_a_mapping_is_documented() -> None:
    page = (DOCS / "mappings.md").read_text(encoding="utf-8")
    fields = [
        name
        for model in (SourceForm, TableRule, ColumnRule, Condition)
        for name in model.model_fields
    ]
    words = [*fields, *UNITS]
    assert [word for word in words if f"`{word}`" not in page] == []
    assert [name for name in FUNCTIONS if f"`{name}(" not in page] == []
