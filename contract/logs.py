"""Log one JSON object a line, numbers of customers masked.

Simple so far: to standard error; whoever runs the server keeps it.
"""

from __future__ import annotations

import datetime as dt
import json
import logging

from contract.privacy import masked_numbers

TALKATIVE = ("alembic", "uvicorn.access", "fontTools")
"""Libraries of which only warnings are worth a line."""


class JsonLines(logging.Formatter):
    """A form of log lines that programs read."""

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of JSON.

        Examples
        --------
        >>> made = logging.LogRecord("a", logging.INFO, "", 0, "call of %s", ("15900002291",), None)
        >>> json.loads(JsonLines().format(made))["message"]
        'call of 159****2291'
        """
        told = {
            "at": dt.datetime.fromtimestamp(record.created, tz=dt.UTC).isoformat(),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": masked_numbers(record.getMessage()),
        }
        if record.exc_info:
            told["trace"] = masked_numbers(self.formatException(record.exc_info))
        return json.dumps(told, ensure_ascii=False)


def log_lines() -> None:
    """Log in this form, ours and that of the server's libraries."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
