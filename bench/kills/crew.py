"""A gateway, a worker, and the store that one of them runs: killed without warning, and started anew."""

import asyncio
import os
import signal
import socket
import struct
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from tests.chaos.running import HANDED
from tests.conftest import ROOT, UNHURRIED

VICTIMS = (("gateway",), ("worker",), ("store",), ("gateway", "store"))
PATIENCE = 60.0
"""Seconds in which everybody is running again, whoever was killed."""
_GONE = (FileNotFoundError, ConnectionError)


class Crew:
    """`kunnafoni gateway` on a socket that outlives it, and `kunnafoni worker`, on one data folder."""

    def __init__(self, folder: Path, env: Mapping[str, str], door: socket.socket) -> None:
        self._folder = folder
        self._env = {**os.environ, **UNHURRIED, **env, "NO_PROXY": "127.0.0.1"}
        self._door = door
        self._there: dict[str, asyncio.subprocess.Process] = {}
        self.killed: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        """What gave up by itself, as a rule because the store went away while it started."""

    async def __aenter__(self) -> Self:
        self._keeping = [asyncio.create_task(self._keep(name)) for name in ("gateway", "worker")]
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """They are told to stop, as at the end of a day."""
        for task in self._keeping:
            task.cancel()
        await asyncio.gather(*self._keeping, return_exceptions=True)
        for process in self._there.values():
            if process.returncode is None:
                process.terminate()
        async with asyncio.timeout(60):
            for process in self._there.values():
                await process.wait()

    async def kill(self, victims: tuple[str, ...]) -> None:
        """SIGKILL, which nobody can prepare for; all at the same moment, as soon as each of them runs."""
        async with asyncio.timeout(PATIENCE):
            found = {victim: await self._pid(victim) for victim in victims}
        for victim, pid in found.items():
            with suppress(ProcessLookupError):  # it ended by itself this very moment
                os.kill(pid, signal.SIGKILL)
                self.killed[victim] += 1

    def complaints(self) -> list[str]:
        """What the processes themselves call a bug."""
        words = ("Traceback (most recent call last)", "bug session=", "worker_stumbled", "worker_died")
        logs = (log.read_text("utf-8", "replace") for log in self._folder.glob("*.log"))
        lines = (line for log in logs for line in log.splitlines())
        return [line.strip()[:200] for line in lines if any(word in line for word in words)]

    async def _keep(self, name: str) -> None:
        """Starts it again whenever it ends, as the service manager does; the store is its owner's to start."""
        while True:
            self._there[name] = process = await self._start(name)
            code = await process.wait()
            self.ended[name] += code >= 0

    async def _start(self, name: str) -> asyncio.subprocess.Process:
        handed = self._door.fileno() if name == "gateway" else -1
        command = ("-c", HANDED, str(handed), name, "--data", str(self._folder / "data"))
        with (self._folder / f"{name}.log").open("ab") as words:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, *command, *(("--no-demo",) if name == "gateway" else ())),
                cwd=ROOT,
                env=self._env,
                pass_fds=(handed,) if handed >= 0 else (),
                stdout=asyncio.subprocess.DEVNULL,
                stderr=words,
            )

    async def _pid(self, name: str) -> int:
        """Of the store: the process that answers on its socket."""
        while True:
            if name != "store":
                process = self._there.get(name)
                if process is not None and process.returncode is None:
                    return process.pid
            else:
                with suppress(*_GONE), socket.socket(socket.AF_UNIX) as line:
                    line.connect(str(self._folder / "data" / "store.sock"))
                    told = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
                    return int(struct.unpack("3i", told)[0])
            await asyncio.sleep(0.01)


class Outages:
    """How long nobody was heard after a kill: seconds to the next report that was acknowledged."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._since = 0.0

    def begins(self) -> None:
        self._since = monotonic()

    def ends(self) -> None:
        self.seconds.append(monotonic() - self._since)
