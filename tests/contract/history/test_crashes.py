"""Wherever a writer breaks off, readers find what was there before or what came after, never half of it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.implementations.memory import MemoryFileSystem

from contract.history import History, open_history
from contract.settings import Settings
from tests.contract.history.counter_rows import DAY, drops, hours

ROOT = Path(__file__).resolve().parents[3]
KILLS = 10


class BrokenOffError(OSError):
    """Report that the file system went away."""


class _Failing:
    """A file system that fails at one of its operations, before it or just after it."""

    left: float = float("inf")
    is_after: bool = False
    calls: int = 0

    def _counted(self, operate: Callable[..., Any], *given: Any, **told: Any) -> Any:
        """Operate, or fail when it is time; from then on everything fails."""
        self.calls += 1
        self.left -= 1
        if self.left < 0 or (self.left == 0 and not self.is_after):
            raise BrokenOffError
        done = operate(*given, **told)
        if self.left == 0:
            raise BrokenOffError
        return done


class FailingMemory(_Failing, MemoryFileSystem):  # type: ignore[misc]
    """Objects in memory, of a store that fails."""

    store: ClassVar[dict[str, Any]] = {}
    pseudo_dirs: ClassVar[list[str]] = [""]
    cachable = False

    def cat_file(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().cat_file, *given, **told)

    def pipe_file(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().pipe_file, *given, **told)

    def rm_file(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().rm_file, *given, **told)

    def ls(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().ls, *given, **told)


class FailingLocal(_Failing, LocalFileSystem):  # type: ignore[misc]
    """Files on this machine, on a disk that fails."""

    cachable = False

    def cat_file(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().cat_file, *given, **told)

    def open(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().open, *given, **told)

    def mv(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().mv, *given, **told)

    def rm_file(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().rm_file, *given, **told)

    def ls(self, *given: Any, **told: Any) -> Any:
        return self._counted(super().ls, *given, **told)


def changes(history: History) -> None:
    """Write over what is there, bring it into one file, and remove what is old."""
    with replace(history, grace=timedelta(0)).writing() as writer:
        writer.write("kpi", hours("AB", 2.0), region="new", day=DAY)
        writer.write("kpi", hours("AB", 3.0), region="new", day=DAY)
        writer.compact("kpi")


def eleven_minutes_on() -> datetime:
    """The time when a lease taken now has run out."""
    return datetime.now(UTC) + timedelta(minutes=11)


@pytest.fixture(params=[FailingMemory, FailingLocal], ids=["memory", "local"])
def begun(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], History]:
    """Return histories with some rows, each on a file system of its own that may fail."""
    first = f"/{uuid4().hex}" if request.param is FailingMemory else str(tmp_path / "first")
    scheme = "memory:/" if request.param is FailingMemory else ""
    settings = Settings(history_threads=1)
    rows = hours("AB", 1.0)
    history = open_history(f"{scheme}{first}", settings=settings, filesystem=request.param())
    history.write("kpi", rows, region="old", day=DAY)

    def copied() -> History:
        """Return a history like the first."""
        copy = f"{first}-{uuid4().hex}"
        history.storage.filesystem.cp(first, copy, recursive=True)
        return open_history(f"{scheme}{copy}", settings=settings, filesystem=request.param())

    return copied


@pytest.mark.parametrize("is_after", [False, True], ids=["before it", "after it"])
def test_a_failure_at_any_operation_leaves_old_or_new(
    begun: Callable[[], History], is_after: bool
) -> None:
    whole = begun()
    calls = whole.storage.filesystem.calls
    changes(whole)
    operations = whole.storage.filesystem.calls - calls
    assert operations > 15
    seen = set()
    step = 3 if is_after else 1 + whole.storage.is_local
    for number in range(1, operations + 1, step):
        history = begun()
        system = history.storage.filesystem
        system.left, system.is_after = number, is_after
        with pytest.raises(BrokenOffError):
            changes(history)
        system.left = float("inf")
        values = drops(history)
        assert len(values) == 4
        assert len(set(values.values())) == 1
        seen |= set(values.values())
        if number % 5 == 0:
            changes(replace(history, clock=eleven_minutes_on))
            assert set(drops(history).values()) == {3.0}
            assert history.partitions("kpi")["files"].tolist() == [1, 1]
    assert seen == {1.0, 2.0, 3.0}


KILLER = """
import os, signal, sys, time
from contract.history import open_history
from tests.contract.history.counter_rows import DAY, hours

def write(first, told):
    history = open_history(sys.argv[1])
    for number in range(first, first + 10_000):
        history.write("kpi", hours("ABCD", float(number), count=24), region="r", day=DAY)
        os.write(told, b".")
        if number % 3 == 0:
            history.compact("kpi")

print("ready", flush=True)
for line in sys.stdin:
    first, batches, delay = line.split()
    heard, told = os.pipe()
    child = os.fork()
    if not child:
        write(int(first), told)
    for _ in range(int(batches)):
        os.read(heard, 1)
    time.sleep(float(delay))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    print("killed", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="kills processes")
def test_a_writer_that_is_killed_leaves_whole_batches(tmp_path: Path) -> None:
    history, least = open_history(str(tmp_path)), 0.0
    history.write("kpi", hours("ABCD", least, count=24), region="r", day=DAY)
    command = [sys.executable, "-c", KILLER, str(tmp_path)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, text=True, bufsize=1, stdin=pipe, stdout=pipe
    ) as killer:
        assert killer.stdin is not None
        assert killer.stdout is not None
        assert killer.stdout.readline() == "ready\n"
        for number in range(KILLS):
            killer.stdin.write(f"{int(least) + 1} {1 + number % 3} {0.003 * number}\n")
            assert killer.stdout.readline() == "killed\n"
            values = drops(history).values()
            assert len(values) == 96
            assert len(set(values)) == 1
            assert min(values) > least
            least = min(values)
        killer.stdin.close()
    history.compact("kpi")
    assert set(drops(history).values()) == {least}
