"""What we talk to: the embedded server, one that a URL names, the master that Sentinel names, or a cluster."""

import asyncio
import logging
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisClusterException
from redis.maint_notifications import MaintNotificationsConfig

from bot.store.embedded import Embedded, StoreError
from bot.store.tick import StoreUnavailable, Tick

_log = logging.getLogger(__name__)

Kind = Literal["embedded", "server", "cluster"]

_SEVERAL = re.compile(r"(rediss?)\+(cluster|sentinel)://(.*@)?([^/?]+)/?([^?]*)(\?.*)?")
_FORMS = (
    "`embedded`, redis://HOST:PORT, unix:///SOCKET, redis+cluster://HOST:PORT,HOST:PORT or "
    "redis+sentinel://HOST:PORT,HOST:PORT/NAME; rediss for TLS, USER:PASSWORD@ before the first host"
)


@dataclass(frozen=True)
class Server:
    """An open way to the store."""

    tick: Tick
    kind: Kind
    url: str
    """By which another process finds it, while this one holds it."""
    client: Redis | RedisCluster
    _held: AsyncExitStack

    async def close(self) -> None:
        await self._held.aclose()


async def connect(url: str, data: Path, *, wait_replicas: int = 0) -> Server:
    """Open the store and wait until it answers, which takes a server seconds that has much data to read."""
    async with AsyncExitStack() as held:
        try:
            kind, url, client = await _client(url, data, held)
        except ValueError as error:
            raise StoreError(f"[store] url {_masked(url)}: {error}. Write {_FORMS}") from error
        held.push_async_callback(client.aclose)
        tick = Tick(client, wait_replicas=wait_replicas)
        held.push_async_callback(tick.close)
        try:
            await _answers(client, tick)
        except (StoreUnavailable, RedisClusterException) as error:
            raise StoreError(
                f"[store] url {_masked(url)}: {error}. Is it running, and are address and password right?"
            ) from error
        return Server(tick, kind, url, client, held.pop_all())


async def _client(url: str, data: Path, held: AsyncExitStack) -> tuple[Kind, str, Redis | RedisCluster]:
    if url == "embedded":
        embedded = await Embedded.start(data)
        held.push_async_callback(embedded.stop)
        return "embedded", embedded.url, _one(embedded.url)
    url = re.sub("^valkey", "redis", url)
    if "+" not in url.partition("://")[0]:
        return "server", url, _one(url)
    layout, hosts, name, options = _several(url)
    if layout == "cluster":
        # One part that is down must not keep the others from being served.
        nodes = [ClusterNode(host, port) for host, port in hosts]
        return "cluster", url, RedisCluster(startup_nodes=nodes, require_full_coverage=False, **options)
    sentinel = Sentinel(hosts, sentinel_kwargs=_options(), **options)  # type: ignore[no-untyped-call] # redis-py
    held.push_async_callback(sentinel.aclose)
    return "server", url, sentinel.master_for(name)


def _one(url: str) -> Redis:
    return Redis.from_pool(BlockingConnectionPool.from_url(url, max_connections=16, timeout=5, **_options()))


def _several(url: str) -> tuple[str, list[tuple[str, int]], str, dict[str, Any]]:
    """Read an address with several hosts: their layout, they, the master's name, and the rest for redis-py."""
    form = _SEVERAL.fullmatch(url)
    if form is None:
        raise ValueError("no address of a store")
    scheme, layout, user, hosts, name, query = (part or "" for part in form.groups())
    usual = 6379 if layout == "cluster" else 26379
    each = [parse_url(f"redis://{host}") for host in hosts.split(",")]
    said = parse_url(f"redis://{user}-{query}")
    options = {key: value for key, value in said.items() if key != "host"}
    options |= {"ssl": True} if scheme == "rediss" else {}
    return layout, [(one["host"], one.get("port", usual)) for one in each], name, _options() | options


def _options() -> dict[str, Any]:
    """Times in seconds. Nothing is retried below us: an outcome that is unknown is for the caller to know."""
    return {
        "protocol": 3,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
        "health_check_interval": 30,
        "retry": Retry(NoBackoff(), 0),
        "maint_notifications_config": MaintNotificationsConfig(enabled=False),
    }


async def _answers(client: Redis | RedisCluster, tick: Tick) -> None:
    if isinstance(client, RedisCluster):
        try:
            await client.initialize()
        except IndexError as error:  # redis-py takes the first primary there is, and forgets whom it asked
            for node in client.startup_nodes:
                await node.disconnect()
            raise RedisClusterException("no node serves any slot yet") from error
    while True:
        try:
            await tick.call("PING")
        except StoreUnavailable as error:
            if not isinstance(error.__cause__, BusyLoadingError):
                raise
            _log.info("store reading its data")
            await asyncio.sleep(0.5)
        else:
            return


def _masked(url: str) -> str:
    return re.sub("://.*@", "://…@", url.partition("?")[0])
