"""What one pass of the event loop asks of the store leaves together: one pipeline for each server concerned."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, cast

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

from bot.store.lane import (
    Argument,
    Call,
    Connection,
    Guard,
    Lane,
    NotReplicated,
    StoreUnavailable,
    pack,
    unavailable,
)

__all__ = ["Argument", "NotReplicated", "StoreUnavailable", "Tick"]

_log = logging.getLogger(__name__)

_HOPS = 5
_SCANNED = 1000
"""Keys looked at in one call: a millisecond in which the server does nothing else."""
_NOT_NOW = (
    StoreUnavailable,
    AskError,
    ClusterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    TryAgainError,
)
_NOT_NOW_CODES = ("MISCONF ", "NOREPLICAS ", "BUSY ")
_KEY_AT = {"FCALL": 3, "FCALL_RO": 3, "XGROUP": 2, "XINFO": 2, "OBJECT": 2, "MEMORY": 2}
_STREAMS = ("XREAD", "XREADGROUP")


class Tick:
    """The way to the store, one server or a cluster. Answers are what RESP3 says, in bytes.

    A call is written as the server reads it (`"XGROUP", "CREATE", key, …`): its first word in capitals, all its keys
    in one slot. It is under way when the method returns; of two that are under way, either may be first.
    What blocks (BLOCK, SUBSCRIBE) would hold up everybody, and goes elsewhere.
    """

    def __init__(
        self,
        client: Redis | RedisCluster,
        *,
        wait_replicas: int = 0,
        wait_ms: int = 500,
        patience: float = 5.0,
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
    def moves(self) -> bool:
        """Whether it is a cluster, in which slots may move from server to server."""
        return isinstance(self._servers, _Many)

    @property
    def trips(self) -> int:
        """Pipelines sent so far."""
        return sum(lane.trips for lane in self._lanes.values())

    @property
    def unguarded(self) -> set[str]:
        """The primaries that have lost replicas: `durable` waits only for those they have left."""
        primaries = self._servers.primaries()
        short = {
            name for (name, _), lane in self._lanes.items() if lane.guard is not None and lane.guard.short
        }
        return short.intersection(primaries)

    def call(self, *args: Argument) -> asyncio.Future[Any]:
        """Ask the store. Raises StoreUnavailable; ResponseError when it refuses what was asked."""
        return self._put(Call(_key(args), pack(args), self._future()))

    def durable(self, *args: Argument) -> asyncio.Future[Any]:
        """Ask for a write that is on replicas' disks too when it is answered, or else raises NotReplicated."""
        return self._put(Call(_key(args), pack(args), self._future(), self._wait_replicas > 0))

    async def every_primary(self, *args: Argument) -> None:
        """Ask the same of each primary there is now."""
        await self._look()
        calls = {name: Call(b"", pack(args), self._future()) for name in self._servers.primaries()}
        for name, call in calls.items():
            self._lane(name, guarded=False).put(call)
        await asyncio.gather(*(call.answer for call in calls.values()))

    async def names(self) -> set[bytes]:
        """Every key there is; one that comes, goes or moves meanwhile may be missed."""
        await self._look()
        found: set[bytes] = set()
        for primary in self._servers.primaries():
            cursor: Argument = 0
            while True:
                call = Call(b"", pack(("SCAN", cursor, "COUNT", _SCANNED)), self._future())
                self._lane(primary, guarded=False).put(call)
                cursor, some = await call.answer
                found.update(some)
                if cursor == b"0":
                    break
        return found

    async def close(self) -> None:
        """Wait for what is under way; take nothing more."""
        self._closed = True
        while under_way := self._errands.union(*(lane.flights for lane in self._lanes.values())):
            await asyncio.wait(under_way)
        for lane in self._lanes.values():
            await lane.close()

    def _put(self, call: Call) -> asyncio.Future[Any]:
        if self._closed:
            call.fail(StoreUnavailable("closed"))
            return call.answer
        try:
            name = self._servers.serving(call.key)
        except RedisClusterException as error:  # nobody, as far as we know
            self._heard(call, error)
        else:
            self._lane(name, guarded=call.guarded).put(call)
        return call.answer

    def _lane(self, name: str, *, guarded: bool) -> Lane:
        lane = self._lanes.get((name, guarded))
        if lane is None:
            guard = Guard(name, self._wait_replicas, self._wait_ms) if guarded else None
            lane = Lane(self._servers.door(name), self._heard, guard, self._patience)
            self._lanes[name, guarded] = lane
        return lane

    def _heard(self, call: Call, reply: Any) -> None:
        if not isinstance(reply, Exception):
            if not call.answer.done():  # its caller may have given up
                call.answer.set_result(reply)
        elif isinstance(reply, AskError) and call.hops < _HOPS:
            self._errand(self._follow(call, reply))
        elif isinstance(reply, _NOT_NOW) or str(reply).startswith(_NOT_NOW_CODES):
            call.fail(reply if isinstance(reply, StoreUnavailable) else unavailable(reply))
            if not self._looking:
                self._looking = True
                self._errand(self._look_again())
        else:
            call.fail(reply)

    async def _follow(self, call: Call, error: AskError) -> None:
        """Send on what another server of the cluster serves: for good (MOVED), or while it moves there (ASK)."""
        try:
            name = await self._servers.follow(error)
        except (KeyError, RedisClusterException) as unknown:
            self._heard(call, unavailable(unknown))
        except ResponseError as misnamed:
            call.fail(misnamed)
        else:
            asking = not isinstance(error, MovedError)
            self._lane(name, guarded=call.guarded).put(replace(call, hops=call.hops + 1, asking=asking))

    async def _look(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._servers.look()
        except (LookupError, RedisClusterException, TimeoutError) as error:
            raise unavailable(error) from error

    async def _look_again(self) -> None:
        try:
            await self._look()
        except StoreUnavailable as error:
            _log.warning("cluster not found: %s", error)
        finally:
            self._looking = False

    def _errand(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)


class _One:
    """One server, or the one that Sentinel calls master."""

    def __init__(self, client: Redis) -> None:
        self._pool: Any = client.connection_pool

    def serving(self, _key: bytes) -> str:
        return "store"

    def primaries(self) -> list[str]:
        return ["store"]

    def door(self, _name: str) -> Callable[[], Connection]:
        return cast("Callable[[], Connection]", self._pool.make_connection)

    async def look(self) -> None:
        """It is where the URL says."""

    async def follow(self, error: AskError) -> str:
        raise ResponseError(f"{error}: this is a node of a cluster; [store] url must say redis+cluster://")


class _Many:
    """A cluster, as it was when we last looked."""

    def __init__(self, client: RedisCluster) -> None:
        self._client = client

    def serving(self, key: bytes) -> str:
        if not key:
            return self.primaries()[0]
        return cast("ClusterNode", self._client.get_node_from_key(cast("str", key))).name

    def primaries(self) -> list[str]:
        return [node.name for node in self._client.get_primaries()]

    def door(self, name: str) -> Callable[[], Connection]:
        node = cast("ClusterNode", self._client.get_node(node_name=name))
        return partial(cast("Callable[..., Connection]", node.connection_class), **node.connection_kwargs)

    async def look(self) -> None:
        await self._client.nodes_manager.initialize()

    async def follow(self, error: AskError) -> str:
        if isinstance(error, MovedError):
            await self._client.nodes_manager.move_slot(error)
        node = self._client.get_node(error.host, error.port)
        if node is None:
            raise RedisClusterException(f"{error}: no node that we know")
        return node.name


def _key(args: tuple[Argument, ...]) -> bytes:
    """Find the first key of a command; empty when it has none."""
    at = args.index("STREAMS") + 1 if args[0] in _STREAMS else _KEY_AT.get(str(args[0]), 1)
    key = args[at] if at < len(args) else b""
    return key if isinstance(key, bytes) else str(key).encode()
