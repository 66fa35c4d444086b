"""What the equipment calls suspect is unknown to a judgement, in whatever form the mark comes."""

import pandas as pd
import pytest

from kpi.files.suspects import without_suspects


@pytest.mark.parametrize(
    "marks",
    [[False, True, False], ["False", "True", None], [0, 1, 0], ["", "true", ""], [0.0, 1.0, None]],
    ids=["flags", "text", "numbers", "words", "floats"],
)
def test_counters_of_suspect_rows_are_null(marks: list[object]) -> None:
    rows = pd.DataFrame({"drops": [1.0, 2.0, 3.0], "minutes": [15.0] * 3, "is_suspect": marks})
    before = rows.copy()
    found = without_suspects(rows, ["drops", "cqi"])
    assert found["drops"].fillna(-1).tolist() == [1.0, -1.0, 3.0]
    assert found["minutes"].tolist() == [15.0] * 3
    pd.testing.assert_frame_equal(rows, before)


def test_table_without_marks_comes_back_as_it_is() -> None:
    rows = pd.DataFrame({"drops": [1.0]})
    assert without_suspects(rows, ["drops"]) is rows
