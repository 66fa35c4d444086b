"""Do the same work for many parts: one after the other, in several processes, or on a cluster, with one result.

Simple so far: a part that fails ends the whole; the processes of a cluster must see the same folders.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeVar

from contract.errors import InputError

Part = TypeVar("Part")
Result = TypeVar("Result")

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Schedule:
    """Where work is done.

    Attributes
    ----------
    scheduler : str or None
        Address of a Dask scheduler, such as tcp://10.0.0.1:8786; None: this machine.
    jobs : int
        Processes on this machine; 1: this process.

    Raises
    ------
    InputError
        If there are fewer jobs than one.
    """

    scheduler: str | None = None
    jobs: int = 1

    def __post_init__(self) -> None:
        """Refuse no processes at all."""
        if self.jobs < 1:
            message = f"`jobs` must be 1 or more, got {self.jobs}."
            raise InputError(message)


def in_order(
    work: Callable[[Part], Result], parts: Sequence[Part], schedule: Schedule | None = None
) -> list[Result]:
    """Return the result of each part, in the order of the parts, wherever each was worked on.

    Parameters
    ----------
    work : callable
        A function of a module, whose result depends on its part alone.
    parts : sequence
    schedule : Schedule, optional
        Default: in this process.

    Raises
    ------
    InputError
        If there is no scheduler at the address.

    Examples
    --------
    >>> in_order(abs, [-2, 1])
    [2, 1]
    """
    chosen = schedule or Schedule()
    if chosen.scheduler:
        return _on_cluster(work, parts, chosen.scheduler)
    if chosen.jobs < 2 or len(parts) < 2:
        return [work(part) for part in parts]
    with ProcessPoolExecutor(chosen.jobs, mp_context=get_context("spawn")) as pool:
        return list(pool.map(work, parts))


def _on_cluster(
    work: Callable[[Part], Result], parts: Sequence[Part], scheduler: str
) -> list[Result]:
    """Return the results of a Dask cluster."""
    import distributed

    connect: Any = distributed.Client
    try:
        client = connect(scheduler, timeout=PATIENCE_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        message = (
            f"`scheduler` must be the address of a Dask scheduler; {scheduler!r} gave: {error}. "
            "Start one with `dask scheduler`, or leave the option out."
        )
        raise InputError(message) from error
    with client:
        return list(client.gather(client.map(work, parts, pure=False)))
