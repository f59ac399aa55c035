"""The socket that a service manager holds for us: calls wait in it while one gateway takes another's place."""

import os
import socket
from collections.abc import Mapping

FIRST = 3
"""The number of the first socket passed on, as systemd has it (sd_listen_fds)."""
CHILD = "child of "
"""Before the parent's number, where systemd has our own: a gateway hands it on to those beside it."""


def listener(environ: Mapping[str, str] = os.environ) -> socket.socket | None:
    """The listening socket meant for this very process; None when we must open our own."""
    return socket.socket(fileno=FIRST) if _meant(environ) else None


def handed_on(environ: Mapping[str, str] = os.environ) -> tuple[dict[str, str], tuple[int, ...]]:
    """What a process that we start must be told, and given, to listen on that socket too; nothing without one."""
    return ({"LISTEN_PID": f"{CHILD}{os.getpid()}"}, (FIRST,)) if _meant(environ) else ({}, ())


def _meant(environ: Mapping[str, str]) -> bool:
    own = (f"{os.getpid()}", f"{CHILD}{os.getppid()}")
    return environ.get("LISTEN_PID") in own and environ.get("LISTEN_FDS") == "1"
