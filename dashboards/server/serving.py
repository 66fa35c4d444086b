"""Serve until interrupted.

Simple so far: one process answers; whoever wants TLS puts a proxy before it.
"""

from __future__ import annotations

import logging
import socket

import uvicorn

from contract.errors import SettingsError
from contract.logs import log_lines
from contract.settings import Settings
from dashboards.server.app import build_app
from dashboards.server.replaying import Pace
from dashboards.server.running import make_server

logger = logging.getLogger(__name__)
KEPT_S = 75
"""How long a connection is kept that is not used: longer than a feed pauses, so that none is cut while it sends."""
BACKLOG = 2048
"""Connections that wait while the server starts, or is busy."""


def serve(settings: Settings, *, port: int | None, replay: Pace | None) -> int:
    """Serve until interrupted and return 0.

    Parameters
    ----------
    port : int, optional
        In place of the setting; 0 takes a free one, which is logged.
    replay : Pace, optional
        Bundle that is replayed through the intake, and how fast.

    Raises
    ------
    InputError
        If the settings, the inventory, the ledger or the port can't be used.
    """
    log_lines()
    server = make_server(settings)
    server.replay_from = replay
    listening = _listening(settings.serve_host, settings.serve_port if port is None else port)
    logger.info("serving at http://%s:%d", *listening.getsockname()[:2])
    config = uvicorn.Config(
        build_app(server),
        log_config=None,
        server_header=False,
        timeout_keep_alive=KEPT_S,
    )
    uvicorn.Server(config).run(sockets=[listening])
    return 0


def _listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        msg = f"`serve_port` must be free: {host}:{port}: {error.strerror}."
        raise SettingsError(msg) from error
    listening.listen(BACKLOG)
    return listening
