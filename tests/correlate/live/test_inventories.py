"""The inventory is laid out once, and anew when anything it is made of changed."""

from pathlib import Path

import pandas as pd
import pytest

from contract.settings import Settings
from correlate.live import inventories
from correlate.live.fingerprints import inventory_fingerprint
from correlate.live.inventories import inventory_tables, known_network
from tests.correlate.live.small_bundle import write_bundle


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a server whose inventory is kept however small it is."""
    monkeypatch.setattr(inventories, "KEPT_FROM_S", 0.0)
    folder = write_bundle(tmp_path / "bundle")
    return Settings(inventory=folder, history=tmp_path / "history")


def forbid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reading and laying out fail."""

    def made(*_: object, **__: object) -> None:
        """Fail."""
        msg = "made anew"
        raise AssertionError(msg)

    monkeypatch.setattr(inventories, "read_bundle", made)
    monkeypatch.setattr(inventories, "gather", made)


def test_what_was_laid_out_is_read_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, known = inventory_tables(settings), known_network(settings)
    forbid(monkeypatch)
    again = known_network(settings.model_copy(update={"serve_port": 8402}))
    pd.testing.assert_frame_equal(inventory_tables(settings)["cells"], tables["cells"])
    pd.testing.assert_frame_equal(again.network.cells, known.network.cells)
    assert again.topology.site_position == known.topology.site_position
    assert again.settings.serve_port == 8402
    assert again.network.worked_out.keys() == known.network.worked_out.keys()


def test_another_inventory_is_laid_out_anew(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    known_network(settings)
    forbid(monkeypatch)
    path = next(Path(str(settings.inventory)).glob("cells.*"))
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(AssertionError, match="made anew"):
        inventory_tables(settings)


def test_a_spoilt_copy_is_not_used(settings: Settings) -> None:
    inventory_tables(settings)
    for path in (Path(str(settings.history)) / inventories.FOLDER).iterdir():
        path.write_bytes(path.read_bytes()[:-1])
    assert len(inventory_tables(settings)["cells"]) > 0


def test_a_small_inventory_is_not_kept(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle")
    inventory_tables(Settings(inventory=folder, history=tmp_path / "history"))
    assert not (tmp_path / "history").exists()


def test_an_inventory_is_known_by_its_content(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "one")
    known = inventory_fingerprint(folder)
    for path in folder.iterdir():
        content = path.read_bytes()
        path.unlink()
        path.write_bytes(content)
    assert inventory_fingerprint(folder) == known
    cells = next(folder.glob("cells.*"))
    cells.write_bytes(cells.read_bytes()[:-1] + b"~")
    assert inventory_fingerprint(folder) != known
