"""An object comes back from its file as it was, its arrays can be changed, and a spoilt file is told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from correlate.live.object_files import SpoiltError, is_whole, read_object, told_of, write_object

LARGE = np.arange(600_000, dtype=np.float64)


def written(folder: Path) -> Path:
    """Return a file with arrays large and small."""
    table = pd.DataFrame({"name": ["a", "b"], "n": [1, 2]})
    path = folder / "below" / "one"
    write_object(path, {"step": 7}, {"large": LARGE, "again": LARGE, "table": table})
    return path


def test_an_object_comes_back_with_what_is_told_of_it(tmp_path: Path) -> None:
    path = written(tmp_path)
    told, found = told_of(path), read_object(path)
    assert told is not None
    assert told["step"] == 7
    np.testing.assert_array_equal(found["large"], LARGE)
    assert found["again"] is found["large"]
    assert found["table"].to_dict("list") == {"name": ["a", "b"], "n": [1, 2]}
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_changed_after_reading_is_changed_in_memory_alone(tmp_path: Path) -> None:
    path = written(tmp_path)
    found = read_object(path)["large"]
    found += 1.0
    assert found[0] == 1.0
    assert found.flags.aligned
    assert read_object(path)["large"][0] == 0.0
    path.unlink()
    assert found[-1] == len(LARGE), "what was read stays when its file goes"


@pytest.mark.parametrize("place", [-5000, 300_000], ids=["in the last array", "in the middle"])
def test_a_changed_byte_is_noticed(tmp_path: Path, place: int) -> None:
    path = written(tmp_path)
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert not is_whole(path)
    with pytest.raises(SpoiltError, match="not what was written"):
        read_object(path)


@pytest.mark.parametrize("content", [b"", b"{}", b"garbage", b'{"parts": 3, "sha256": []}'])
def test_garbage_is_no_object(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "one"
    path.write_bytes(content + len(content).to_bytes(8, "little"))
    assert told_of(path) is None
    with pytest.raises(SpoiltError, match="cut"):
        read_object(path)


def test_a_cut_file_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(SpoiltError, match="cut"):
        read_object(path)


def test_an_object_that_can_not_be_written_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="pickle"):
        write_object(tmp_path / "one", {}, (part for part in "generators"))
    assert list(tmp_path.iterdir()) == []
