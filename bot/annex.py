"""The console in a process of its own, behind the one port: no page, however long it takes, holds up a call.

Started when somebody first asks for it, and again when it has ended; it ends with us, whatever ends us.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    UnixConnector,
    hdrs,
    web,
)
from multidict import CIMultiDict
from yarl import URL

_log = logging.getLogger("kunnafoni.console")

FROM: Final = "Kunnafoni-From"
"""The header that tells the console who asks: nobody but us reaches its socket."""
PATIENCE = 60.0
"""Seconds until a console that starts has to listen: its store may be reading a long log."""
FAREWELL = 15.0
"""Seconds in which the console ends what it is at."""
AWAY = (
    "La console ne répond pas : réessayez dans un instant.\n"
    "The console does not answer: try again in a moment.\n"
)
_OF_THE_LINE = frozenset(
    name.lower()
    for name in (
        hdrs.CONNECTION,
        hdrs.EXPECT,
        hdrs.KEEP_ALIVE,
        hdrs.PROXY_AUTHENTICATE,
        hdrs.PROXY_AUTHORIZATION,
        hdrs.TE,
        hdrs.TRAILER,
        hdrs.TRANSFER_ENCODING,
        hdrs.UPGRADE,
        FROM,
    )
)
"""What a header says of one connection, and not of what is asked (RFC 9110, 7.6.1)."""


class Annex:
    """Hands on what is asked of the console, and what it answers (front's `Apart`)."""

    def __init__(self, arguments: Sequence[str], told: Mapping[str, str]) -> None:
        """`arguments` of `kunnafoni console`, and what its environment says besides."""
        self._arguments = arguments
        self._told = told
        self._folder = TemporaryDirectory(prefix="kunnafoni-")
        self._socket = Path(self._folder.name, "console.sock")
        self._process: asyncio.subprocess.Process | None = None
        self._client: ClientSession | None = None
        self._starting = asyncio.Lock()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        try:
            answer = await _asked(await self._open(), request)
        except (ClientError, OSError) as error:
            _log.warning("console_away why=%r", error)
            return web.Response(status=503, text=AWAY, headers={hdrs.RETRY_AFTER: "2"})
        async with answer:
            return await _handed_on(answer, request)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            try:
                async with asyncio.timeout(FAREWELL):
                    await self._process.wait()
            except TimeoutError:
                self._process.kill()
                await self._process.wait()
        self._folder.cleanup()

    async def _open(self) -> ClientSession:
        """The way to a console that runs. Raises OSError when it does not start."""
        async with self._starting:
            if self._process is None or self._process.returncode is not None:
                self._process = await self._started()
            if self._client is None:
                self._client = ClientSession(
                    connector=UnixConnector(str(self._socket)),
                    cookie_jar=DummyCookieJar(),
                    auto_decompress=False,
                    timeout=ClientTimeout(total=None),
                )
        return self._client

    async def _started(self) -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "console", str(self._socket), *self._arguments),
            env={**os.environ, **self._told},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None  # noqa: S101 - we asked for it
        try:
            async with asyncio.timeout(PATIENCE):
                spoke = await process.stdout.readline()
        except TimeoutError:
            process.kill()
            spoke = b""
        if not spoke:
            raise OSError(f"the console ended with {await process.wait()} before it listened")
        return process


async def _asked(client: ClientSession, request: web.Request) -> ClientResponse:
    """The console's answer, as soon as it begins."""
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # the answer itself has not begun
    asked = request.rel_url
    url = URL.build(
        scheme="http",
        host="console",
        path=asked.raw_path,
        query_string=asked.raw_query_string,
        encoded=True,
    )
    headers = _carried(request.headers)
    headers[FROM] = request.remote or ""
    body = request.content if request.body_exists else None
    return await client.request(request.method, url, headers=headers, data=body, allow_redirects=False)


async def _handed_on(answer: ClientResponse, request: web.Request) -> web.StreamResponse:
    """The same as it comes. One that breaks off is broken off: what was sent of it cannot be taken back."""
    response = web.StreamResponse(
        status=answer.status, reason=answer.reason, headers=_carried(answer.headers)
    )
    try:
        await response.prepare(request)
        async for part in answer.content.iter_any():
            await response.write(part)
        await response.write_eof()
    except (ClientError, OSError) as error:
        _log.warning("answer_broken_off why=%r", error)
        if request.transport is not None:
            request.transport.abort()
    return response


def _carried(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Those that go along."""
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _OF_THE_LINE)
