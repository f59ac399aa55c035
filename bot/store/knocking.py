"""A line to the embedded server: opened when it answers, and ended when it ends."""

import asyncio
import itertools
import logging
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_log = logging.getLogger(__name__)

POLL = 0.002
_PROGRESS = 100


class Line(NamedTuple):
    """One open connection to the server; it ends when the server does."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, command: bytes) -> bytes:
        self.writer.write(command + b"\r\n")
        return await self.reader.readuntil(b"\r\n")

    async def loaded(self) -> str:
        """How much of its log the server has read, in percent."""
        size = await self.ask(b"INFO persistence")
        said = await self.reader.readexactly(int(size[1:]) + 2)
        return said.partition(b"loading_loaded_perc:")[2].partition(b"\r\n")[0].decode() or "100"

    async def ended(self) -> None:
        with suppress(ConnectionError):
            await self.reader.read()
        self.writer.close()


async def knock(socket: Path) -> Line | None:
    """Open a line to the server there and wait until it has read its log; None when there is no server."""
    try:
        line = Line(*await asyncio.open_unix_connection(socket))
    except (FileNotFoundError, ConnectionRefusedError):
        return None
    try:
        for poll in itertools.count(1):
            if not (await line.ask(b"PING")).startswith(b"-LOADING"):
                return line
            if poll % _PROGRESS == 0:
                _log.info("store reading its log socket=%s percent=%s", socket, await line.loaded())
            await asyncio.sleep(POLL)
    except (ConnectionError, EOFError):  # it ended while we talked
        line.writer.close()
    except asyncio.CancelledError:
        line.writer.close()
        raise
    return None
