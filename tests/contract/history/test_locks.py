"""One writes at a time; who comes second is told in one line, and who died stands in nobody's way."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from contract.errors import InputError
from contract.history import History, open_history
from tests.contract.history.counter_rows import DAY, drops, hours

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(params=["local", "memory"])
def history(request: pytest.FixtureRequest, tmp_path: Path) -> History:
    return open_history(str(tmp_path) if request.param == "local" else f"memory://{uuid4().hex}")


def later(history: History, minutes: float) -> History:
    """The history as it will be opened some minutes ahead."""
    return replace(history, clock=lambda: history.clock() + timedelta(minutes=minutes))


def test_a_second_writer_is_told_who_writes(history: History) -> None:
    with (
        history.writing(),
        pytest.raises(InputError, match=f"one writer at a time; .* process {os.getpid()} on"),
    ):
        history.write("kpi", hours("A", 1.0), region="r", day=DAY)


def test_readers_need_no_turn(history: History) -> None:
    history.write("kpi", hours("A", 1.0), region="r", day=DAY)
    with history.writing():
        assert len(drops(history)) == 2


def test_the_next_writer_follows_one_that_has_ended(history: History) -> None:
    with pytest.raises(KeyError), history.writing():
        raise KeyError
    history.write("kpi", hours("A", 1.0), region="r", day=DAY)
    assert len(drops(history)) == 2


def test_a_lease_that_has_run_out_is_taken_over_and_the_first_owner_stops() -> None:
    history = open_history(f"memory://{uuid4().hex}")
    with history.writing() as writer:
        later(history, 11).write("kpi", hours("A", 2.0), region="r", day=DAY)
        with pytest.raises(InputError, match="one writer at a time"):
            writer.write("kpi", hours("A", 1.0), region="r", day=DAY)
    assert set(drops(history).values()) == {2.0}


def test_a_lease_is_renewed_while_its_owner_works() -> None:
    history = open_history(f"memory://{uuid4().hex}")
    ahead = [0.0]
    moving = replace(history, clock=lambda: history.clock() + timedelta(minutes=ahead[0]))
    with moving.writing() as writer:
        ahead[0] = 6.0
        writer.write("kpi", hours("A", 1.0), region="r", day=DAY)
        with pytest.raises(InputError, match="one writer at a time"):
            later(history, 14).write("kpi", hours("A", 2.0), region="r", day=DAY)
    assert set(drops(history).values()) == {1.0}


def test_a_lease_that_can_not_be_read_is_taken_over() -> None:
    history = open_history(f"memory://{uuid4().hex}")
    history.storage.put("writer.lease", b"{half")
    history.write("kpi", hours("A", 1.0), region="r", day=DAY)
    assert history.storage.read("writer.lease") is None


def test_a_writer_that_died_leaves_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, sys\nfrom contract.history import open_history\n"
        "with open_history(sys.argv[1]).writing():\n    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, check=False)
    assert done.returncode == 9
    open_history(str(tmp_path)).write("kpi", hours("A", 1.0), region="r", day=DAY)
