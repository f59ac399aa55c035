"""What one pass of the event loop asks of the store leaves together: one pipeline for each server concerned."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Protocol, cast

from hiredis import pack_command
from msgspec.structs import replace
from redis.asyncio import Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    ResponseError,
    TryAgainError,
)

from bot.store.lane import Call, Connection, Guard, Lane, NotReplicated, StoreUnavailable, unavailable

__all__ = ["Argument", "NotReplicated", "StoreUnavailable", "Tick"]

_log = logging.getLogger(__name__)

Argument = str | bytes | int | float

_HOPS = 5
_NOT_NOW = (ClusterDownError, OutOfMemoryError, ReadOnlyError, TryAgainError)
_NOT_NOW_CODES = ("MISCONF", "NOREPLICAS", "BUSY")
_KEY_AT = {"FCALL": 3, "FCALL_RO": 3, "XGROUP": 2, "XINFO": 2, "OBJECT": 2, "MEMORY": 2}


class Tick:
    """The way to the store, one server or a cluster. Answers are what RESP3 says, in bytes.

    A call is written as the server reads it (`"XGROUP", "CREATE", key, …`): its first word in capitals, all its keys
    in one slot. It is under way when the method returns; of two that are under way, either may be first.
    What blocks (BLOCK, SUBSCRIBE) would hold up everybody, and goes elsewhere.
    """

    def __init__(
        self, client: Redis | RedisCluster, *, wait_replicas: int = 0, wait_ms: int = 500, patience: float = 5.0
    ) -> None:
        self._servers: _One | _Many = _Many(client) if isinstance(client, RedisCluster) else _One(client)
        self._wait_replicas = wait_replicas
        self._wait_ms = wait_ms
        self._patience = patience
        self._future = asyncio.get_running_loop().create_future
        self._lanes: dict[tuple[str, bool], Lane] = {}
        self._errands: set[asyncio.Task[None]] = set()
        self._looking = False
        self._closed = False

    @property
    def trips(self) -> int:
        """Pipelines sent so far."""
        return sum(lane.trips for lane in self._lanes.values())

    @property
    def unguarded(self) -> set[str]:
        """The servers that have lost replicas: `durable` waits only for those they have left."""
        return {name for (name, _), lane in self._lanes.items() if lane.guard is not None and lane.guard.short}

    def call(self, *args: Argument) -> asyncio.Future[Any]:
        """Ask the store. Raises StoreUnavailable; ResponseError when it refuses what was asked."""
        return self._put(Call(_key(args), pack_command(args), self._future()))

    def durable(self, *args: Argument) -> asyncio.Future[Any]:
        """Ask for a write that is on replicas' disks too when it is answered, or else raises NotReplicated."""
        return self._put(Call(_key(args), pack_command(args), self._future(), self._wait_replicas > 0))

    async def every_primary(self, *args: Argument) -> None:
        """Ask the same of each primary there is now."""
        await self._look()
        calls = {name: Call(b"", pack_command(args), self._future()) for name in self._servers.primaries()}
        for name, call in calls.items():
            self._lane(name, guarded=False).put(call)
        await asyncio.gather(*(call.answer for call in calls.values()))

    async def close(self) -> None:
        """Wait for what is under way; take nothing more."""
        self._closed = True
        while under_way := self._errands.union(*(lane.flights for lane in self._lanes.values())):
            await asyncio.wait(under_way)
        for lane in self._lanes.values():
            await lane.close()
