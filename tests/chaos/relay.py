"""A wire between us and the store that can be cut, or fall silent."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self


class Relay:
    """Passes bytes both ways, until it is told to reset every connection, or to swallow what comes."""

    def __init__(self, to: int) -> None:
        self._to = to
        self._lines: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.silent = False
        self.cut = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        await self.resets()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def resets(self) -> None:
        """RST on every line there is."""
        lines, self._lines = self._lines, set()
        self.cut += len(lines)
        for line in lines:
            line.transport.abort()

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self._to)
        self._lines |= {writer, back}
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._passes(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _passes(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while told := await source.read(65536):
                if not self.silent:
                    target.write(told)
        target.transport.abort()
