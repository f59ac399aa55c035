"""The log: one structured line an event, gathered and written a few times a second, off the callers' clock."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from time import gmtime, strftime, time
from typing import TextIO

EVERY = 0.2
"""Seconds a line may wait to be written; a warning is written at once, with all before it."""
FORMAT = "%(levelname)s %(name)s %(message)s"


class Journal(logging.Handler):
    """Lines on their way out. `step` is for the hot path: a line of its own costs the library ten times as much."""

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter(FORMAT))
        self._out = out
        self._lines: list[str] = []
        self._second = 0
        self._date = ""

    def step(self, line: str) -> None:
        self._lines.append(f"{self._now()} INFO {line}\n")

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(f"{self._now()} {self.format(record)}\n")
        if record.levelno >= logging.WARNING:
            self.flush()

    def _now(self) -> str:
        """The time (UTC); its calendar part is made once a second."""
        now = time()
        if int(now) != self._second:
            self._second = int(now)
            self._date = strftime("%Y-%m-%dT%H:%M:%S", gmtime(now))
        return f"{self._date}.{int(now % 1 * 1000):03d}"

    def flush(self) -> None:
        lines, self._lines = self._lines, []
        if lines:
            self._out.write("".join(lines))
            self._out.flush()


@asynccontextmanager
async def journal(out: TextIO) -> AsyncIterator[Journal]:
    """Writes the `kunnafoni` loggers to `out` until left."""
    held = Journal(out)
    root = logging.getLogger("kunnafoni")
    root.setLevel(logging.INFO)
    root.propagate = False
    root.addHandler(held)
    writing = asyncio.create_task(_write(held))
    try:
        yield held
    finally:
        writing.cancel()
        with suppress(asyncio.CancelledError):
            await writing
        root.removeHandler(held)
        held.flush()


async def _write(held: Journal) -> None:
    while True:
        await asyncio.sleep(EVERY)
        held.flush()
