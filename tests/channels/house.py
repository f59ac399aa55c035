"""A house that writes down what a channel tells it, behind a real server."""

import asyncio
import re
from collections.abc import Mapping

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels import CallEnd, Unavailable
from bot.channels.africastalking import Settings, create
from bot.messages import DeliveryReport, Inbound, Reply

KEY = "a-long-random-word"
SETTINGS = Settings(callback_key=f"an-older-one, {KEY}")
Told = Inbound | DeliveryReport | CallEnd | str
Provider = TestClient[web.Request, web.Application]


class House:
    """Keeps what it is told, unless it is `down`."""

    def __init__(self) -> None:
        self.told: list[Told] = []
        self.reply = Reply("Kunnafoni\n1 Stock\n2 Présence", ends=False)
        self.down = False

    async def dial(self, inbound: Inbound) -> Reply:
        self.told.append(inbound)
        return self.reply

    async def receive(self, inbound: Inbound) -> None:
        self._keep(inbound)

    async def delivered(self, report: DeliveryReport) -> None:
        self._keep(report)

    async def hung_up(self, call: CallEnd) -> None:
        self._keep(call)

    async def opted_out(self, msisdn: str) -> None:
        self._keep(msisdn)

    def _keep(self, what: Told) -> None:
        if self.down:
            raise Unavailable
        self.told.append(what)


def served(house: House, settings: Settings = SETTINGS) -> Provider:
    """Serve the channel on a real socket, for a provider to call."""
    app = web.Application()
    app.add_routes(create(settings).routes(house))
    return TestClient(TestServer(app))


async def say(provider: Provider, path: str, form: Mapping[str, str], key: str = KEY) -> tuple[int, str]:
    """Call a callback; its status and body."""
    async with provider.post(f"/africastalking/{path}", params={"key": key}, data=form) as response:
        return response.status, await response.text()


async def say_raw(provider: Provider, request: bytes, *, then_leave: bool = False) -> tuple[int, bytes]:
    """Send these very bytes, and stop talking if so told; the status and body of the answer."""
    reader, writer = await asyncio.open_connection(provider.host, provider.port)
    try:
        writer.write(request)
        if then_leave:
            writer.write_eof()
        head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"Content-Length: ([0-9]+)", head)
        body = await reader.readexactly(int(length[1]) if length else 0)
    finally:
        writer.close()
        await writer.wait_closed()
    return int(head.split()[1]), body


def post(path: str, body: bytes, *headers: str, key: bytes = KEY.encode(), length: bool = True) -> bytes:
    """Write a form's request by hand, as wrong as it should be."""
    lines = [
        f"POST /africastalking/{path}?key=".encode() + key + b" HTTP/1.1",
        b"Host: house",
        b"Content-Type: application/x-www-form-urlencoded",
        *(header.encode() for header in headers),
        *([b"Content-Length: %d" % len(body)] if length else []),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
