"""The one port: what a channel asks goes straight to its handler, what the console is asked to wherever it is.

On aiohttp's own server, which reads every request and writes every answer; but for a form that comes in one piece and
in order, on an address that has a quick way (bot/wire.py).
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, cast

from aiohttp import hdrs, web

from bot.channels import Quick
from bot.wire import NAME, Entrance

if TYPE_CHECKING:
    from bot.limits import Handler

GRACE = 10
"""Seconds given to what is under way when a gateway, or its console, stops."""


class Apart(Protocol):
    """Whoever answers below `/admin` and `/api/v1`."""

    async def answer(self, request: web.Request) -> web.StreamResponse: ...
    async def close(self) -> None: ...


class Within:
    """An application in this process, built when it is first asked."""

    def __init__(self, build: Callable[[], Awaitable[web.Application]]) -> None:
        self._build = build
        self._runner: web.AppRunner | None = None
        self._building = asyncio.Lock()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        async with self._building:
            if self._runner is None:
                runner = web.AppRunner(await self._build(), access_log=None)
                await runner.setup()
                self._runner = runner
        return await _server(self._runner).request_handler(request)

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()


class Front:
    """Hands each request to whoever it is for. The application behind it sees what is left."""

    def __init__(
        self,
        inside: web.AppRunner,
        routes: Iterable[web.RouteDef],
        apart: Apart,
        prefixes: tuple[str, ...],
        quick: Mapping[str, Quick] | None = None,
    ) -> None:
        """`apart` answers under these prefixes (`/admin`); `quick` at these paths, if it can."""
        # A route with a hole in its path is the application's to find.
        self._direct: dict[tuple[str, str], Handler] = {
            (route.method, route.path): route.handler for route in routes if "{" not in route.path
        }
        self._inside = inside
        self._apart = apart
        self._quick = quick or {}
        self._prefixes = tuple(f"{prefix}/" for prefix in prefixes)

    def server(self, *, idle: float) -> web.Server:
        """Once the application inside is set up. `idle`: seconds a connection is kept on which nothing is asked."""
        # The application makes the requests, whoever answers them: they are of the kind that handlers expect.
        answer = cast("Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]", self._answer)
        made = _server(self._inside).request_factory
        return Entrance(answer, self._quick, idle=idle, request_factory=made, access_log=None)

    async def close(self) -> None:
        """After the server: nothing is asked any more."""
        await self._inside.cleanup()
        await self._apart.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        try:
            response = await self._answered(request)
        except web.HTTPException as refused:
            refused.headers[hdrs.SERVER] = NAME
            raise
        if not response.prepared:
            response.headers[hdrs.SERVER] = NAME
        return response

    async def _answered(self, request: web.Request) -> web.StreamResponse:
        path = request.rel_url.raw_path
        handler = self._direct.get((request.method, path))
        if handler is not None and hdrs.EXPECT not in request.headers:
            return await handler(request)
        if f"{path}/".startswith(self._prefixes):
            return await self._apart.answer(request)
        return await _server(self._inside).request_handler(request)


def _server(runner: web.AppRunner) -> web.Server:
    """What an application that is set up is served by."""
    assert runner.server is not None  # noqa: S101 - set up
    return runner.server
