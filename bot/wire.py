"""What comes over the wire in one piece, and is a form as it should be, is answered at once; the rest by aiohttp.

Nothing is decided here but that llhttp found one plain request and nothing after it. Whatever else a connection brings
(cut, chunked, refused, another's, no HTTP at all) goes to aiohttp as it came, and the connection with it, for good.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from time import time
from typing import Any, cast

from aiohttp import web
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser

from bot.channels import Post, Quick

NAME = "kunnafoni"
"""Who answers; of what versions it is made is nobody's business."""
_ODD = frozenset((b"transfer-encoding", b"content-encoding", b"expect", b"upgrade", b"sec-websocket-key1"))
"""What makes a body other than its bytes, or its sender wait for a word of ours."""
_LARGEST, _MOST_HEADERS = 8190, 128
"""Bytes of a request that is looked at here, and headers: aiohttp refuses longer lines, and more of them."""


class Entrance(web.Server):
    """aiohttp's server, with a `Wire` before each of its connections."""

    def __init__(
        self,
        handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]],
        quick: Mapping[str, Quick],
        *,
        idle: float,
        **settings: Any,
    ) -> None:
        """`quick`: by path. `idle`: seconds a connection is kept on which nothing is asked."""
        super().__init__(handler, keepalive_timeout=idle, **settings)
        self.quick = {path.encode(): answer for path, answer in quick.items()}
        self.idle = idle
        self.wires: set[Wire] = set()
        self._second = 0
        self._head = b""

    def __call__(self) -> "Wire":  # type: ignore[override]  # a protocol, as theirs is
        return Wire(self, super().__call__)

    def pre_shutdown(self) -> None:
        super().pre_shutdown()
        for wire in list(self.wires):
            wire.leave()

    async def shutdown(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - theirs
        await asyncio.gather(self._answered(timeout), super().shutdown(timeout))

    async def _answered(self, seconds: float | None) -> None:
        """What is under way is answered, or cut after so long; what is answered leaves by itself."""
        if under_way := [wire.answering for wire in self.wires if wire.answering is not None]:
            await asyncio.wait(under_way, timeout=seconds)
        for wire in [wire for wire in self.wires if wire.answering is not None]:
            wire.cut()

    def response(self, text: str) -> bytes:
        """What says this, with 200."""
        now = int(time())
        if now != self._second:
            self._second = now
            date = formatdate(now, usegmt=True)
            said = f"Content-Type: text/plain; charset=utf-8\r\nServer: {NAME}\r\nDate: {date}"
            self._head = f"HTTP/1.1 200 OK\r\n{said}\r\nContent-Length: ".encode()
        body = text.encode()
        return b"%b%d\r\n\r\n%b" % (self._head, len(body), body)


class Wire(asyncio.Protocol):
    """One connection, until it brings something for aiohttp."""

    _transport: asyncio.Transport

    def __init__(self, entrance: Entrance, web_protocol: Callable[[], asyncio.Protocol]) -> None:
        self.answering: asyncio.Task[None] | None = None
        self._entrance = entrance
        self._web_protocol = web_protocol
        self._address: str | None = None
        self._parser = HttpRequestParser(self)
        self._early = b""
        """What came before the last answer was given."""
        self._leaving = False
        self._asked_at = 0.0
        self._watching: asyncio.TimerHandle | None = None
        self._url = self._kind = self._body = b""
        self._names: set[bytes] = set()
        self._begun = self._plain = self._whole = False
        """Of what came last: one request has begun, it alone is plain, and it is all there."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        if peer is None:  # gone before it was let in: nobody is there to be answered, or to be counted
            self.cut()
        self._address = peer[0] if isinstance(peer, tuple) else None
        self._entrance.wires.add(self)
        self._asked_at = asyncio.get_running_loop().time()
        self._watch(self._entrance.idle)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - theirs
        if self.answering is None:
            self._gone()

    def data_received(self, data: bytes) -> None:
        if self.answering is not None:
            self._early += data
            self._transport.pause_reading()
        elif (answer := self._understood(data)) is not None:
            loop = asyncio.get_running_loop()
            self._asked_at = loop.time()
            self.answering = loop.create_task(self._answer(answer))
        else:
            self._hand_over(data)

    def pause_writing(self) -> None:
        """Answers pile up: whoever does not read them gets no more."""
        self.cut()

    def leave(self) -> None:
        """After the answer that is under way, if one is."""
        self._leaving = True
        if self.answering is None:
            self._transport.close()

    def cut(self) -> None:
        self._transport.abort()

    # What the parser finds.

    def on_message_begin(self) -> None:
        self._url = self._kind = self._body = b""
        self._names.clear()
        self._plain, self._whole = not self._begun, False
        self._begun = True

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        name = name.lower()
        if name in self._names or name in _ODD:
            self._plain = False
        self._names.add(name)
        if name == b"content-type":
            self._kind = value

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        parser = self._parser
        self._whole = parser.should_keep_alive() and parser.get_http_version() == "1.1"

    def _understood(self, data: bytes) -> Awaitable[str] | None:
        """What answers this, if it is one whole request that is answered here."""
        if len(data) > _LARGEST:
            return None
        self._begun = self._whole = False
        parser = self._parser
        try:
            parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            return None
        if not (self._whole and self._plain and parser.get_method() == b"POST"):
            return None
        if b"host" not in self._names or len(self._names) > _MOST_HEADERS:
            return None
        path, _, query = self._url.partition(b"?")
        quick = self._entrance.quick.get(path)
        if quick is None or not query.isascii():
            return None
        return quick(Post(query.decode(), self._kind.decode("latin-1"), self._body, self._address))

    async def _answer(self, answer: Awaitable[str]) -> None:
        try:
            said = self._entrance.response(await answer)
        except BaseException:  # whoever waits for it hears of it: the loop
            self.cut()
            raise
        finally:
            self.answering = None
            if self._transport.is_closing():
                self._gone()
        if self._transport.is_closing():  # hung up meanwhile; what she said is kept all the same
            return
        self._transport.write(said)
        if self._leaving:
            self._transport.close()
        elif self._early and not self._transport.is_closing():
            self._hand_over(self._early)

    def _hand_over(self, data: bytes) -> None:
        transport = self._transport
        self._gone()
        protocol = self._web_protocol()
        transport.set_protocol(protocol)
        protocol.connection_made(transport)
        if self._early:
            transport.resume_reading()
        protocol.data_received(data)

    def _gone(self) -> None:
        self._entrance.wires.discard(self)
        if self._watching is not None:
            self._watching.cancel()

    def _watch(self, seconds: float) -> None:
        self._watching = asyncio.get_running_loop().call_later(seconds, self._look)

    def _look(self) -> None:
        """Whether anything was asked of late."""
        left = self._asked_at + self._entrance.idle - asyncio.get_running_loop().time()
        if self.answering is None and left <= 0:
            self._transport.close()
        else:
            self._watch(max(left, 1.0))
