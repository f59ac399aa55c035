"""The log: one structured line an event, gathered and written a few times a second, off the callers' clock."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from logging.handlers import MemoryHandler
from typing import TextIO

EVERY = 0.2
"""Seconds a line may wait to be written."""
HELD = 2000
FORMAT = "%(asctime)s.%(msecs)03d %(levelname)s %(name)s %(message)s"


@asynccontextmanager
async def journal(out: TextIO) -> AsyncIterator[None]:
    """Writes the `kunnafoni` loggers to `out` until left; errors at once."""
    target = logging.StreamHandler(out)
    target.setFormatter(logging.Formatter(FORMAT, "%Y-%m-%dT%H:%M:%S"))
    held = MemoryHandler(HELD, flushLevel=logging.ERROR, target=target)
    root = logging.getLogger("kunnafoni")
    root.setLevel(logging.INFO)
    root.propagate = False
    root.addHandler(held)
    writing = asyncio.create_task(_write(held))
    try:
        yield
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        held.close()
        root.removeHandler(held)


async def _write(held: MemoryHandler) -> None:
    while True:
        await asyncio.sleep(EVERY)
        held.flush()
