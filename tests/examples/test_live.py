"""The live map finds a port and settings that hold."""

import socket
from pathlib import Path

from contract.settings import load_settings
from examples.live import HOST, free_port, write_settings


def test_settings_are_made_anew_and_can_be_read(tmp_path: Path) -> None:
    bundle = tmp_path / "province"
    bundle.mkdir()
    (tmp_path / "live").mkdir()
    (tmp_path / "live" / "ledger.db").write_text("of the last time", encoding="utf-8")
    settings = write_settings(tmp_path / "live", bundle)
    assert not (tmp_path / "live" / "ledger.db").exists()
    assert load_settings(settings).inventory == bundle.resolve()


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        wanted = taken.getsockname()[1]
        assert free_port(wanted) not in (0, wanted)
