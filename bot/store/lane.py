"""The way to one server: one pipeline on it while a queue fills, and no call is sent twice."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol, cast

from hiredis import pack_command
from msgspec import Struct
from redis.exceptions import ReadOnlyError, ResponseError

_log = logging.getLogger(__name__)

FLIGHTS = 1
"""Pipelines on their way to one server; what is asked meanwhile fills the next one, and shares its write to disk."""

SEATS = 1000
"""Calls in one pipeline: behind a flood of reads, a caller waits for so many at a time."""

Argument = str | bytes | int | float

pack = cast("Callable[[tuple[Argument, ...]], bytes]", pack_command)
"""A command as it goes over the wire."""

_ASKING = pack(("ASKING",))
_ROLE = pack(("ROLE",))


class StoreUnavailable(Exception):  # noqa: N818 - a state of the store, not a mistake of the caller's
    """The store did not answer: what was asked is done, or not. What is idempotent may be asked again."""


class NotReplicated(StoreUnavailable):
    """Done, and on the primary's disk; but too few replicas have said so in time."""

    def __init__(self, answer: Any) -> None:
        super().__init__("on the primary's disk, but not yet on a replica's")
        self.answer = answer


class Connection(Protocol):
    """As much of redis-py's connections as we use."""

    socket_timeout: float | None

    @property
    def is_connected(self) -> bool: ...
    async def connect(self) -> None: ...
    async def can_read(self) -> bool: ...
    async def send_packed_command(self, command: bytes) -> None: ...
    async def read_response(self) -> Any: ...
    async def disconnect(self, nowait: bool = ...) -> None: ...


class Call(Struct, frozen=True):
    """One command as it goes over the wire, and the future of its answer."""

    key: bytes
    """Its first key, which says where it goes; empty when any server will do."""
    packed: bytes
    answer: asyncio.Future[Any]
    guarded: bool = False
    hops: int = 0
    """How often a cluster has sent it on."""
    asking: bool = False

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Guard:
    """What durable answers of one server wait for: the replicas that are wanted, or those it has left."""

    def __init__(self, server: str, wanted: int, wait_ms: int) -> None:
        self._server = server
        self._wanted = wanted
        self._wait_ms = wait_ms
        self._there = wanted

    @property
    def short(self) -> bool:
        return self._there < self._wanted

    def words(self, key: bytes) -> bytes:
        # WAIT looks only at what its own connection wrote, and a step that is asked again writes nothing. So each
        # pipeline ends with a write of its own: what stands before that in the server's stream is waited for.
        tag = key[: key.find(b"}") + 1] or key
        mark = pack(("SET", tag + b":wait", 1))
        return mark + _ROLE + pack(("WAIT", min(self._wanted, self._there), self._wait_ms))

    async def kept(self, connection: Connection) -> bool:
        """Hear the answers to `words`."""
        await connection.read_response()
        there = len((await connection.read_response())[2])
        heard: int = await connection.read_response()
        needed = min(self._wanted, self._there, there)
        if there != self._there:
            _log.warning("replicas of server=%s wanted=%d there=%d", self._server, self._wanted, there)
        self._there = there
        return heard >= needed


class Lane:
    """The queue of one server. What came back for each call, or what went wrong, goes to `heard`."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        heard: Callable[[Call, Any], None],
        guard: Guard | None,
        patience: float,
    ) -> None:
        self.trips = 0
        self.flights: set[asyncio.Task[None]] = set()
        self.guard = guard
        self._connect = connect
        self._heard = heard
        self._patience = patience
        self._queue: list[Call] = []
        self._idle: list[Connection] = []
        self._aloft = 0
        self._boarding = False

    def put(self, call: Call) -> None:
        self._queue.append(call)
        if self._boarding or self._aloft == FLIGHTS:
            return
        # A task begins in the next pass of the loop: whatever this pass asks goes with it.
        self._boarding = True
        self._aloft += 1
        flight = asyncio.get_running_loop().create_task(self._fly())
        self.flights.add(flight)
        flight.add_done_callback(self.flights.discard)

    async def close(self) -> None:
        for connection in self._idle:
            await connection.disconnect()

    async def _fly(self) -> None:
        """Carry batch after batch until nobody waits."""
        connection = self._idle.pop() if self._idle else self._connect()
        connection.socket_timeout = None  # one clock for a batch, not one for each write and each reply
        self._boarding = False
        try:
            while self._queue:
                batch, self._queue = self._queue[:SEATS], self._queue[SEATS:]
                self.trips += 1
                for call, reply in zip(batch, await self._carry(connection, batch), strict=True):
                    self._heard(call, reply)
        finally:
            self._aloft -= 1
            self._idle.append(connection)

    async def _carry(self, connection: Connection, batch: list[Call]) -> list[Any]:
        try:
            async with asyncio.timeout(self._patience):
                return await self._exchange(connection, batch)
        except Exception as error:  # noqa: BLE001 - redis-py lets anything out when a connection goes; all hear of it
            await connection.disconnect(nowait=True)
            return [unavailable(error) for _ in batch]

    async def _exchange(self, connection: Connection, batch: list[Call]) -> list[Any]:
        if connection.is_connected and await connection.can_read():  # closed while idle, or out of step
            await connection.disconnect(nowait=True)
        if not connection.is_connected:
            await connection.connect()
        words = [_ASKING + call.packed if call.asking else call.packed for call in batch]
        if self.guard is not None:
            words.append(self.guard.words(batch[0].key))
        await connection.send_packed_command(b"".join(words))
        replies = []
        for call in batch:
            if call.asking:
                await _hear(connection)  # what it says to ASKING itself
            replies.append(await _hear(connection))
        if self.guard is not None and not await self.guard.kept(connection):
            replies = [reply if isinstance(reply, Exception) else NotReplicated(reply) for reply in replies]
        if ReadOnlyError in map(type, replies):  # a primary no more: its name may lead elsewhere now
            await connection.disconnect(nowait=True)
        return replies


def unavailable(error: Exception) -> StoreUnavailable:
    said = StoreUnavailable(f"{type(error).__name__}: {error}")
    said.__cause__ = error
    return said


async def _hear(connection: Connection) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as refused:
        return refused
