"""Begin with the files that take longest, so that none of them is left to one worker at the end."""

import pytest

LONG = (
    *("test_story.py", "test_interface.py", "test_recovery.py", "test_serving.py"),
    *("test_docs.py", "test_dali_run.py", "test_properties.py"),
)
"""Files of few tests, each of which runs servers or whole bundles."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first, all else in its order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))
