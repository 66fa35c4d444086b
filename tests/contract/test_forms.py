"""Odd forms that are read past are counted."""

import pandas as pd
import pytest

from contract.forms import BLANKS, DECIMALS, EXTRA, MIXED, WIDE_DIGITS, odd_forms
from contract.tables import TABLES


@pytest.mark.parametrize(
    ("column", "values", "form", "rows"),
    [
        ("msisdn", ["13900000001 ", "13900000002"], BLANKS, 1),
        ("msisdn", ["13900000001.0", "13900000002.0"], DECIMALS, 2),
        ("address", ["３号", "3"], WIDE_DIGITS, 1),
        ("created_at", ["2026-03-01 10:00:00", "2026-03-02 10:00:00", "2026/3/1 9:00"], MIXED, 1),
        ("remark", ["x", None], EXTRA, 1),
    ],
    ids=["blanks", "decimals", "wide digits", "times", "extra column"],
)
def test_odd_form_is_counted(column: str, values: list[str | None], form: str, rows: int) -> None:
    source = pd.DataFrame({column: pd.Series(values, dtype="str")})
    found = odd_forms(source, TABLES["complaints"])
    assert found.to_numpy().tolist() == [["complaints", column, form, rows]]


def test_plain_and_typed_columns_have_no_odd_form() -> None:
    source = pd.DataFrame({"ticket_id": ["T1"], "lon": [100.0]})
    assert odd_forms(source, TABLES["complaints"]).empty
    assert odd_forms(source.head(0), TABLES["complaints"]).empty
