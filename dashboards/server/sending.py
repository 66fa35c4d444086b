"""Answer those who send rows: what became of each, once it is on disk.

Simple so far: a sender waits for its answer; there is no ticket to ask for later.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from fastapi import HTTPException, Request

from contract.errors import InputError
from contract.ledger.acts import Deed
from correlate.live.submissions import Outcome, Submission
from dashboards.server.access import server_of
from dashboards.server.writing import RETRY_AFTER_S, BehindError


async def json_body(request: Request) -> Any:
    """Return the JSON of a request; 400 where it is none."""
    content = await request.body()
    try:
        return json.loads(content, parse_constant=_refused)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, f"the body must be JSON: {error}") from None


def _refused(name: str) -> None:
    """Raise because JSON knows no NaN and no Infinity."""
    msg = f"{name} is no JSON value"
    raise ValueError(msg)


async def sent(request: Request, submissions: Sequence[Submission | Deed]) -> list[Outcome]:
    """Return what became of submissions once they are on disk; 429 where too much waits, 422 where it can't be read."""
    try:
        future = server_of(request).writer.submit(submissions)
    except BehindError:
        headers = {"Retry-After": str(RETRY_AFTER_S)}
        raise HTTPException(429, "too many rows wait to be written", headers=headers) from None
    try:
        return await asyncio.wrap_future(future)
    except InputError as error:
        raise HTTPException(422, str(error)) from None
    except Exception as error:
        raise HTTPException(503, "the rows could not be written; send them again") from error


def status_of(outcome: Outcome) -> int:
    """Return the status of an answer: 200, or 422 where nothing of what was sent could be used.

    Examples
    --------
    >>> status_of(Outcome(2, accepted=[1], rejected=[(2, "why")])), status_of(Outcome(1, rejected=[(1, "why")]))
    (200, 422)
    """
    is_used = outcome.accepted or outcome.repeated or not outcome.rejected
    return 200 if is_used else 422
