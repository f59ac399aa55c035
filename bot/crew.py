"""More gateways on the same port, each a process of its own: one that ends is replaced, and all end with this one."""

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from bot.inherited import handed_on

_log = logging.getLogger("kunnafoni.crew")

BREATH = 1.0
"""Seconds before a gateway that ended is replaced."""


@asynccontextmanager
async def crew(size: int, arguments: Sequence[str]) -> AsyncIterator[None]:
    """`size` processes of `kunnafoni gateway` with these arguments, until left."""
    keeping = [asyncio.create_task(_keep(arguments)) for _ in range(size)]
    try:
        yield
    finally:
        for task in keeping:
            task.cancel()
        for task in keeping:
            with suppress(asyncio.CancelledError):
                await task


async def _keep(arguments: Sequence[str]) -> None:
    told, sockets = handed_on()
    while True:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "gateway",
            *arguments,
            env={**os.environ, "KUNNAFONI_SERVER__WORKERS": "1", **told},
            pass_fds=sockets,
        )
        try:
            await process.wait()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        _log.error("gateway_ended pid=%d code=%d", process.pid, process.returncode or 0)
        await asyncio.sleep(BREATH)
