"""A durable answer waits for a replica's disk, says when it has not come, and goes on when there is none left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from bot.store.servers import Server, connect
from bot.store.tick import NotReplicated, StoreUnavailable, Tick
from tests.servers import Node, cluster, one_server, until

WRITERS = 16
FUNCTION = "redis.register_function('once', function(k) return redis.call('SETNX', k[1], 1) end)"


@asynccontextmanager
async def pair(folder: Path) -> AsyncIterator[tuple[Node, Node, Server]]:
    """A primary, its replica, and a way to the primary."""
    async with AsyncExitStack() as held:
        fast = "repl-diskless-sync-delay 0"
        primary = await held.enter_async_context(one_server(folder / "primary", fast))
        behind = f"replicaof 127.0.0.1 {primary.port}"
        replica = await held.enter_async_context(one_server(folder / "replica", behind))
        store = await connect(primary.url, folder, wait_replicas=1)
        held.push_async_callback(store.close)
        await until(lambda: follows(primary, 1))
        await until(lambda: guarded(store))
        yield primary, replica, store


async def follows(primary: Node, replicas: int) -> bool:
    """The primary has so many replicas, and they have all of its data."""
    said = await primary.info("replication")
    online = [said[f"slave{each}"]["state"] == "online" for each in range(said["connected_slaves"])]
    return online == [True] * replicas


async def guarded(store: Server) -> bool:
    """A replica says that it has the last write."""
    try:
        await store.tick.durable("SET", "{s00}:any", 1)
    except NotReplicated:
        return False
    return not store.tick.unguarded


async def test_a_durable_write_is_on_the_replica_when_it_is_answered(tmp_path: Path) -> None:
    async with pair(tmp_path) as (primary, replica, store):
        said = await asyncio.gather(
            *(store.tick.durable("SET", f"{{s00}}:{each}", each) for each in range(100))
        )
        assert said == [b"OK"] * 100
        primary.kill()
        assert int(await replica.ask("DBSIZE")) >= 100
        assert store.tick.unguarded == set()


async def test_a_replica_that_is_silent_is_told_with_the_answer_the_second_time_too(tmp_path: Path) -> None:
    async with pair(tmp_path) as (_, replica, store):
        tick = Tick(store.client, wait_replicas=1, wait_ms=100)
        await tick.every_primary("FUNCTION", "LOAD", f"#!lua name=once\n{FUNCTION}")
        replica.freeze()
        # What is asked again writes nothing, on whichever connection: it is no more replicated for that.
        for answer in (1, 0, 0, 0):
            both = [tick.durable("FCALL", "once", 1, "{s00}:report"), tick.call("PING")]
            said = await asyncio.gather(*both, return_exceptions=True)
            assert isinstance(said[0], NotReplicated)
            assert (said[0].answer, said[1]) == (answer, b"PONG")
        refused = tick.durable("INCRBY", "{s00}:report", "many")
        with pytest.raises(ResponseError):
            await refused
        replica.thaw()
        assert await tick.durable("FCALL", "once", 1, "{s00}:report") == 0
        await tick.close()


async def test_without_a_replica_left_it_goes_on_with_an_alarm_until_one_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with pair(tmp_path) as (primary, replica, store):
        replica.kill()
        await until(lambda: follows(primary, 0))
        started = asyncio.get_running_loop().time()
        assert await store.tick.durable("SET", "{s00}:a", 1) == b"OK"
        assert store.tick.unguarded == {"store"}
        assert "wanted=1 there=0" in caplog.text
        for each in range(10):
            assert await store.tick.durable("SET", "{s00}:a", each) == b"OK"
        assert asyncio.get_running_loop().time() - started < 2  # it waited in vain once, not eleven times
        replica.start()
        await until(lambda: follows(primary, 1))

        await until(lambda: guarded(store))


async def test_a_server_that_wants_no_replica_answers_at_once(tmp_path: Path) -> None:
    async with one_server(tmp_path) as node:
        store = await connect(node.url, tmp_path)
        assert await store.tick.durable("SET", "{s00}:a", 1) == b"OK"
        assert await node.ask("EXISTS", "{s00}:wait") == 0
        await store.close()


async def test_a_failover_loses_nothing_that_was_durable(tmp_path: Path) -> None:
    async with cluster(tmp_path, masters=3, replicas=1) as nodes:
        store = await connect(nodes.url, tmp_path, wait_replicas=1)
        kept: dict[str, bytes] = {}
        over = asyncio.Event()

        async def write(writer: int) -> None:
            number = 0
            while not over.is_set():
                key, number = f"{{s{(number * WRITERS + writer) % 64:02d}}}:{writer}:{number}", number + 1
                while key not in kept and not over.is_set():
                    try:
                        kept[key] = await store.tick.durable("SET", key, number)
                    except StoreUnavailable:
                        await asyncio.sleep(0.01)  # as a caller does: a little later, the same again

        writers = [asyncio.create_task(write(writer)) for writer in range(WRITERS)]
        for dead in nodes.nodes[:1]:
            before = len(kept)

            async def under_load(before: int = before) -> bool:
                return len(kept) > before + 1000

            await until(under_load)
            dead.kill()

        async def took_over() -> bool:
            return bool((await nodes.nodes[3].info("replication"))["role"] == "master")

        await until(took_over)
        await until(lambda: answers_everywhere(store))
        over.set()
        await asyncio.gather(*writers)
        found = await asyncio.gather(*(store.tick.call("EXISTS", key) for key in kept))
        assert [key for key, there in zip(kept, found, strict=True) if not there] == []
        assert len(store.tick.unguarded) == 1
        await store.close()


async def answers_everywhere(store: Server) -> bool:
    calls = [store.tick.durable("SET", f"{{s{number:02d}}}:any", 1) for number in range(64)]
    return not any(
        isinstance(said, Exception) for said in await asyncio.gather(*calls, return_exceptions=True)
    )
