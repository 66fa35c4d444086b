"""A snapshot is read back only whole, by what wrote it, for the ledger it belongs to."""

from pathlib import Path

import pytest

from correlate.live import object_files
from correlate.live.snapshots import KEPT, covered_seq, load, save
from tests.correlate.small_network import fresh_state


def names(folder: Path) -> list[str]:
    """Return the files of the snapshots."""
    return sorted(path.name for path in (folder / "snapshots").iterdir())


def test_a_state_comes_back_with_its_place(tmp_path: Path) -> None:
    state = fresh_state()
    state.now = 12345
    save(tmp_path, state, fingerprint="f", step=7, seq=70)
    found = load(tmp_path, fingerprint="f", upto=7)
    assert found is not None
    assert (found[0].now, found[1].step, found[1].seq) == (12345, 7, 70)


def test_a_spoilt_snapshot_gives_way_to_the_one_before(tmp_path: Path) -> None:
    save(tmp_path, fresh_state(), fingerprint="f", step=7, seq=70)
    path = save(tmp_path, fresh_state(), fingerprint="f", step=8, seq=80)
    path.write_bytes(path.read_bytes()[:-5])
    found = load(tmp_path, fingerprint="f", upto=9)
    assert found is not None
    assert found[1].step == 7


@pytest.mark.parametrize(("fingerprint", "upto"), [("other", 9), ("f", 6)])
def test_a_snapshot_of_something_else_is_not_used(
    tmp_path: Path, fingerprint: str, upto: int
) -> None:
    save(tmp_path, fresh_state(), fingerprint="f", step=7, seq=70)
    assert load(tmp_path, fingerprint=fingerprint, upto=upto) is None


def test_garbage_is_not_read(tmp_path: Path) -> None:
    save(tmp_path, fresh_state(), fingerprint="f", step=7, seq=70).write_bytes(b"garbage")
    assert load(tmp_path, fingerprint="f", upto=9) is None


def test_old_snapshots_go(tmp_path: Path) -> None:
    for step in range(5):
        save(tmp_path, fresh_state(), fingerprint="f", step=step, seq=step)
    assert len(names(tmp_path)) == KEPT


def test_a_snapshot_is_written_part_by_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts: list[int] = []

    class Watched(object_files._Summed):
        """Notes how much is written at a time."""

        def write(self, part: bytes) -> int:
            """Write a part."""
            parts.append(memoryview(part).nbytes)
            return super().write(part)

    monkeypatch.setattr(object_files, "_Summed", Watched)
    path = save(tmp_path, fresh_state(), fingerprint="f", step=7, seq=70)
    assert len(parts) > 1
    told = object_files.told_of(path)
    assert told is not None
    assert sum(parts) == told["parts"][0]
    assert covered_seq(tmp_path, fingerprint="f") == 0, "one alone is not enough"
    save(tmp_path, fresh_state(), fingerprint="f", step=8, seq=80)
    assert covered_seq(tmp_path, fingerprint="f") == 70
