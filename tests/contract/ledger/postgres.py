"""Run a PostgreSQL server of our own for tests: on a free port, in a folder that goes with it."""

import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

NOT_ROOT = "nobody"
FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's programs, None where it is not installed."""
    found = [folder for folder in FOLDERS if (folder / "initdb").exists()]
    named = shutil.which("initdb")
    return found[0] if found else Path(named).parent if named else None


@contextmanager
def postgres(home: Path) -> Iterator[str]:
    """Give the address of an empty database; the server ends with the block."""
    folder = binaries()
    assert folder is not None
    owner = pwd.getpwnam(NOT_ROOT) if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    data = home / "data"
    data.mkdir()
    if os.geteuid() == 0:
        os.chown(data, owner.pw_uid, owner.pw_gid)
        for above in [home, *home.parents]:
            if above.stat().st_uid == 0 and above not in (Path("/"), Path("/tmp")):
                above.chmod(above.stat().st_mode | 0o011)
    as_owner: dict[str, Any] = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    how = as_owner if os.geteuid() == 0 else {}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT, "cwd": data}
    subprocess.run(
        [folder / "initdb", "-D", data, "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=True, **how, **quiet,
    )  # fmt: skip
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -k {data} -h 127.0.0.1"
    control = [str(folder / "pg_ctl"), "-D", str(data), "-w", "-t", "120"]
    subprocess.run(
        [*control, "-o", options, "-l", str(data / "log"), "start"], check=True, **how, **quiet
    )
    try:
        yield f"postgresql://tester@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **how, **quiet)
