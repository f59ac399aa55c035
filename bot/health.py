"""Alive, able to serve, and what was counted: the three addresses an operator's tools ask."""

import asyncio

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.metrics import Metrics
from bot.store.keys import Shard
from bot.store.releases import Releases
from bot.store.servers import Server
from bot.store.tick import StoreUnavailable

PATIENCE = 2.0


async def writable(server: Server, shards: int) -> None:
    """Whether each part of the store takes a write: one that is full, or follows another, answers a PING as ever."""
    keys = [Shard(number).ready for number in range(shards)]
    await asyncio.gather(*(server.tick.call("SET", key, "", "PX", 1) for key in keys))


def health_routes(server: Server, releases: Releases, metrics: Metrics, shards: int) -> list[web.RouteDef]:
    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="alive\n")

    async def readyz(_: web.Request) -> web.Response:
        if not releases.current:
            return web.Response(status=503, text="no release of the flows is published\n")
        try:
            await asyncio.wait_for(writable(server, shards), PATIENCE)
        except (StoreUnavailable, TimeoutError) as error:
            return web.Response(status=503, text=f"the store takes nothing: {str(error) or 'time-out'}\n")
        return web.Response(text="ready\n")

    async def metrics_page(_: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(metrics.registry), headers={"Content-Type": CONTENT_TYPE_LATEST}
        )

    return [web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics_page)]
