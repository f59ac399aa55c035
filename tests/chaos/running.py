"""Kunnafoni as an operator starts it, in processes that can be killed; nobody reads its log or waits for it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.conftest import SMALL, UNHURRIED

HANDED = """
import os, runpy, sys
socket = int(sys.argv.pop(1))
if socket >= 0:
    os.dup2(socket, 3)
    os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
runpy.run_module("bot", run_name="__main__", alter_sys=True)
"""
FULL = os.environ.get("CHAOS") == "full"
"""At length, as `make chaos` has it; `make test` runs the same in short."""


async def start(
    *words: str, socket: int | None = None, cwd: Path | None = None, program: str = HANDED
) -> tuple[asyncio.subprocess.Process, str]:
    """A process of `kunnafoni` that listens, on this socket if there is one, as systemd hands it over; its address.

    In a folder with flows and words of its own, these are what it publishes.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, str(-1 if socket is None else socket), *words),
        cwd=cwd,
        env={**os.environ, **UNHURRIED, **SMALL},
        pass_fds=() if socket is None else (socket,),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    match = re.search(r"http://\S+", line)
    assert match is not None, line
    return process, match[0]


async def stop(process: asyncio.subprocess.Process) -> int:
    """Ends it as a service manager does; its exit code."""
    if process.returncode is None:
        process.terminate()
    return await process.wait()


@asynccontextmanager
async def running(data: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`kunnafoni run` on this folder; its process and address."""
    process, url = await start("run", "--data", str(data), "--port", "0", "--no-demo")
    try:
        yield process, url
    finally:
        await stop(process)
