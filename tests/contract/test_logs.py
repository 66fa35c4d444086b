"""The log holds what an operator wants to read, one JSON object a line."""

import json
import subprocess
import sys

SAYS = """
import logging
from contract.logs import log_lines
log_lines()
logging.getLogger("fontTools.subset").info("GPOS pruned")
logging.getLogger("alembic.runtime").info("will assume transactional")
logging.getLogger("fontTools.subset").warning("a glyph lacks")
logging.getLogger("dashboards").info("call of %s", "15900002291")
"""


def test_libraries_are_heard_when_they_warn_alone() -> None:
    said = subprocess.run(
        [sys.executable, "-c", SAYS], check=True, capture_output=True, text=True
    ).stderr
    told = [json.loads(line) for line in said.splitlines()]
    assert [(one["from"], one["level"], one["message"]) for one in told] == [
        ("fontTools.subset", "warning", "a glyph lacks"),
        ("dashboards", "info", "call of 159****2291"),
    ]
