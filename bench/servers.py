"""The gateways that are measured: the bare handler, ours as its command starts it, and npm's ussd-menu-builder."""

import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import NamedTuple

from bench.processes import Cores, awaited, children_of, move, port_of, started
from bot.store.binary import get_binary_path


class Served(NamedTuple):
    """A gateway that answers: its processes, and those of its store."""

    port: int
    gateways: tuple[int, ...]
    stores: tuple[int, ...] = ()


PEER = Path(__file__).parent / "peers" / "ussd_menu_builder"
IN_MEMORY = ("--appendonly", "no", "--save", "")
ON_DISK = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
"""What the embedded store does."""
_NPM = (
    "npm",
    "install",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
)


@contextmanager
def bare(folder: Path, on: Cores) -> Iterator[Served]:
    log = folder / "bare.log"
    with started([sys.executable, "-m", "bench.bare"], log, on) as server:
        yield Served(port_of(server, log), (server.pid,))


@contextmanager
def piped(folder: Path, url: str, store: int, on: Cores) -> Iterator[Served]:
    """The bare handler with one command to that store in each request."""
    log = folder / "piped.log"
    with started([sys.executable, "-m", "bench.bare", url], log, on) as server:
        yield Served(port_of(server, log), (server.pid,), (store,))


@contextmanager
def kunnafoni(
    folder: Path,
    on: Cores,
    store_on: Cores,
    told: Mapping[str, str] | None = None,
    stores: Iterable[int] = (),
) -> Iterator[Served]:
    """Gateway, worker and console in one process over the store in `folder`; the store moves to its own core.

    `told` says otherwise, as the environment does: another store, whose processes are `stores`; more gateways.
    """
    log = folder / "kunnafoni.log"
    command = [sys.executable, "-m", "bot", "run", "--data", str(folder / "data"), "--port", "0", "--no-demo"]
    with started(command, log, on, told=told) as server:
        port = port_of(server, log)
        own = [pid for pid in children_of(server.pid) if _is_store(pid)]
        move(own, store_on)
        crew = [pid for pid in children_of(server.pid) if pid not in own]
        yield Served(port, (server.pid, *crew), (*stores, *own))


def _is_store(pid: int) -> bool:
    return Path(f"/proc/{pid}/exe").resolve() == Path(get_binary_path()).resolve()


@contextmanager
def peer(folder: Path, on: Cores, store_on: Cores, settings: tuple[str, ...]) -> Iterator[Served]:
    """The peer over the same Valkey, in an empty folder of its own."""
    folder.mkdir()
    socket, log, words = folder / "store.sock", folder / "peer.log", folder / "store.log"
    command = [
        str(get_binary_path()),
        "--port",
        "0",
        "--dir",
        str(folder),
        "--unixsocket",
        str(socket),
        *settings,
    ]
    with started(command, words, store_on) as store:
        awaited(lambda: socket if socket.exists() else None, store, words)
        with started(["node", "server.js", str(socket)], log, on, PEER) as server:
            yield Served(port_of(server, log), (server.pid,), (store.pid,))


def install_peer() -> str:
    """Fetch the peer's packages; says why when it cannot be measured here."""
    missing = [name for name in ("node", "npm") if which(name) is None]
    if missing:
        return f"no {' and no '.join(missing)} on this machine"
    done = subprocess.run(_NPM, cwd=PEER, capture_output=True, text=True, check=False)
    return f"npm install failed: {done.stderr.strip()}" if done.returncode else ""
