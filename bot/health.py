"""Alive, able to serve, and what was counted: the three addresses an operator's tools ask."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.metrics import Metrics
from bot.store.keys import Shard
from bot.store.releases import Releases
from bot.store.servers import Server
from bot.store.tick import StoreUnavailable

PATIENCE = 2.0
EVERY = 0.25
"""Seconds that an answer of the store stands for all who ask."""


async def writable(server: Server, shards: int) -> None:
    """Whether each part of the store takes a write: one that is full, or follows another, answers a PING as ever."""
    keys = [Shard(number).ready for number in range(shards)]
    await asyncio.gather(*(server.tick.call("SET", key, "", "PX", 1) for key in keys))


class Ready:
    """Whether the store takes writes, asked of it now and then: asking us a thousand times costs it no more."""

    def __init__(self, probe: Callable[[], Awaitable[None]]) -> None:
        self._probe = probe
        self._told: asyncio.Task[str] | None = None
        self._at = 0.0

    async def __call__(self) -> str:
        """Empty, or why not."""
        told = self._told
        if told is None or (told.done() and monotonic() - self._at >= EVERY):
            self._at = monotonic()
            told = self._told = asyncio.create_task(self._ask())
        return await asyncio.shield(told)

    async def _ask(self) -> str:
        try:
            await asyncio.wait_for(self._probe(), PATIENCE)
        except (StoreUnavailable, TimeoutError) as error:
            return str(error) or "time-out"
        return ""


def health_routes(server: Server, releases: Releases, metrics: Metrics, shards: int) -> list[web.RouteDef]:
    ready = Ready(partial(writable, server, shards))

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readyz(_: web.Request) -> web.Response:
        if not releases.current:
            return web.Response(status=503, text="no release of the flows is published\n")
        if why := await ready():
            return web.Response(status=503, text=f"the store takes nothing: {why}\n")
        return web.Response(text="ready\n")

    async def metrics_page(_: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics_page)]
