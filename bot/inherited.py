"""The socket that a service manager holds for us: calls wait in it while one gateway takes another's place."""

import os
import socket
from collections.abc import Mapping

FIRST = 3
"""The number of the first socket passed on, as systemd has it (sd_listen_fds)."""


def listener(environ: Mapping[str, str] = os.environ) -> socket.socket | None:
    """The listening socket meant for this very process; None when we must open our own."""
    meant = environ.get("LISTEN_PID") == str(os.getpid()) and environ.get("LISTEN_FDS") == "1"
    return socket.socket(fileno=FIRST) if meant else None
