"""A connection on paper: what a server is sent, in whatever pieces, and all that it writes."""

import asyncio
import re
from typing import Any, cast

from aiohttp import web

from bot.channels.africastalking import Settings, create
from bot.front import Front, Within
from bot.messages import Inbound, Reply
from tests.channels.house import SETTINGS, House

TURNS = 30
"""Passes of the loop in which whatever was asked is answered: nothing in it waits."""


class Paper(asyncio.Transport):
    """Tells a protocol what comes, and keeps what it writes."""

    def __init__(self, protocol: asyncio.Protocol, peer: object = ("127.0.0.1", 40000)) -> None:
        super().__init__({"peername": peer})
        self.protocol = protocol
        self.written = b""
        self.closed = self.aborted = self.paused = False
        protocol.connection_made(self)

    async def say(self, *pieces: bytes) -> bytes:
        """All that was written since it was opened, once these have come."""
        for piece in pieces:
            if not self.closed:
                self.protocol.data_received(piece)
            await self.turn()
        return self.written

    async def turn(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

    def abort(self) -> None:
        self.aborted = True
        self.close()

    def is_closing(self) -> bool:
        return self.closed

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        self.protocol = cast("asyncio.Protocol", protocol)

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


async def _nobody() -> web.Application:
    return web.Application()


async def server(house: House, settings: Settings = SETTINGS, *, quick: bool = True) -> web.Server:
    """The channel as it is served, or by its routes alone."""
    channel = create(settings)
    routes = channel.routes(house)
    app = web.Application()
    app.add_routes(routes)
    inside = web.AppRunner(app)
    await inside.setup()
    front = Front(inside, routes, Within(_nobody), ("/admin",), channel.quick(house) if quick else None)
    return front.server(idle=75.0)


def answers(written: bytes) -> list[tuple[bytes, bytes, bytes]]:
    """Status, type and body of each answer."""
    found, rest = [], written
    while rest:
        head, _, rest = rest.partition(b"\r\n\r\n")
        kind = re.search(rb"(?i)\r\ncontent-type: ([^\r]*)", head)
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        size = int(length[1]) if length else 0
        found.append((head.split(b" ")[1], kind[1] if kind else b"", rest[:size]))
        rest = rest[size:]
    return found


class Slow(House):
    """Answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.let = asyncio.Event(), asyncio.Event()

    async def dial(self, inbound: Inbound) -> Reply:
        self.asked.set()
        await self.let.wait()
        return await super().dial(inbound)


class Broken(Paper):
    """Its other end is gone when it is written to."""

    def write(self, data: Any) -> None:
        super().write(data)
        self.close()
