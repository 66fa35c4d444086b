"""The unit is one that systemd takes, and the container file names what there is."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from cli import main

ROOT = Path(__file__).resolve().parents[1]
UNIT, CONTAINER = ROOT / "deploy/cellcause.service", ROOT / "deploy/Containerfile"
MOST_EXPOSED = 40


def analyzed(*words: str) -> subprocess.CompletedProcess[str]:
    """Return what systemd's own checker says."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("the unit is NOT checked: systemd-analyze is not installed")
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)


def test_systemd_takes_the_unit_once_the_program_is_there(tmp_path: Path) -> None:
    program = tmp_path / "cellcause"
    program.write_text("#!/bin/sh\n", encoding="utf-8")
    program.chmod(0o755)
    unit = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    assert "/opt/cellcause/bin/cellcause" in text
    unit.write_text(text.replace("/opt/cellcause/bin/cellcause", str(program)), encoding="utf-8")
    done = analyzed("verify", "--man=no", str(unit))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_well_shut_off() -> None:
    done = analyzed("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(UNIT))
    assert done.returncode == 0, done.stdout[-300:]


def test_what_the_unit_starts_is_a_command_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    found = re.search(r"^ExecStart=\S+/cellcause (\w+) (--\w+)", UNIT.read_text("utf-8"), re.M)
    assert found is not None
    with pytest.raises(SystemExit, match="0"):
        main([found[1], "--help"])
    assert found[2] in capsys.readouterr().out


def test_what_the_container_file_copies_is_there() -> None:
    text = CONTAINER.read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(\S+) ", text, re.M)
    assert copied == ["requirements.lock", "."]
    assert all((ROOT / name).exists() for name in copied)
    assert 'CMD ["serve", "--settings", "/etc/cellcause/server.toml"]' in text
    assert "/etc/cellcause/server.toml" in UNIT.read_text(encoding="utf-8")
