import sys

import pytest

from contract.settings import Settings
from dashboards.progress import progress_bar


@pytest.mark.parametrize(("quiet", "watched"), [(True, True), (True, False), (False, False)])
def test_nothing_is_shown_when_quiet_or_when_no_one_watches(
    quiet: bool, watched: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: watched)
    with progress_bar(Settings(), quiet=quiet) as report:
        assert report is None
    assert capsys.readouterr() == ("", "")


def test_someone_who_watches_gets_a_function_to_report_to(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with progress_bar(Settings(), quiet=False) as report:
        assert report is not None
        report(1, 10, 0)
        report(10, 10, 3600)
    assert capsys.readouterr().out == ""
