"""The tick on real servers: few trips, each its own answer, and nobody left waiting when a server goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from redis.exceptions import ResponseError

from bot.store.servers import Server, connect
from bot.store.tick import StoreUnavailable, Tick
from tests.servers import Cluster, Node, cluster, one_server, until

PLACES = ("server", "cluster")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    async with one_server(tmp_path_factory.mktemp("one")) as node:
        yield node


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def many(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    async with cluster(tmp_path_factory.mktemp("many")) as nodes:
        yield nodes


@pytest.fixture(params=PLACES)
def url(request: pytest.FixtureRequest, one: Node, many: Cluster) -> str:
    return one.url if request.param == "server" else many.url


@asynccontextmanager
async def open_store(url: str) -> AsyncIterator[Server]:
    server = await connect(url, Path())
    try:
        yield server
    finally:
        await server.close()


def shard(number: int) -> str:
    return f"{{s{number % 64:02d}}}:{number}"


async def answers(tick: Tick, key: str = "{s00}:any") -> bool:
    try:
        await tick.call("EXISTS", key)
    except StoreUnavailable:
        return False
    return True


async def test_a_thousand_callers_share_a_few_trips(url: str) -> None:
    async with open_store(url) as store:
        before = store.tick.trips
        await asyncio.gather(*(store.tick.call("SET", shard(each), each) for each in range(1000)))
        said = await asyncio.gather(*(store.tick.call("GET", shard(each)) for each in range(1000)))
        assert said == [b"%d" % each for each in range(1000)]
        assert store.tick.trips - before == 2 * (1 if store.kind == "server" else 3)


async def test_what_is_asked_meanwhile_goes_together_and_a_flood_in_parts(one: Node) -> None:
    async with open_store(one.url) as store:
        before = store.tick.trips
        first = store.tick.call("GET", "a")
        await asyncio.sleep(0)  # the first has left
        flood = [store.tick.call("GET", "a") for _ in range(2500)]
        await asyncio.gather(first, *flood)
        assert store.tick.trips - before == 1 + 3


async def test_a_refusal_is_heard_by_him_who_asked(url: str) -> None:
    async with open_store(url) as store:
        await store.tick.call("SET", "{s01}:word", "cuivre")
        asked = [("INCRBY", "{s01}:number", 2), ("INCR", "{s01}:word"), ("GET", "{s01}:word")]
        said = await asyncio.gather(*(store.tick.call(*words) for words in asked), return_exceptions=True)
        assert isinstance(said[1], ResponseError)
        assert [said[0], said[2]] == [2, b"cuivre"]
        await store.tick.call("DEL", "{s01}:number")


async def test_a_group_that_exists_is_a_refusal_and_not_a_busy_store(url: str) -> None:
    async with open_store(url) as store:
        await store.tick.call("DEL", "{s04}:log")
        await store.tick.call("XGROUP", "CREATE", "{s04}:log", "workers", 0, "MKSTREAM")
        with pytest.raises(ResponseError, match="BUSYGROUP"):
            await store.tick.call("XGROUP", "CREATE", "{s04}:log", "workers", 0)


async def test_answers_are_what_resp3_says(url: str) -> None:
    async with open_store(url) as store:
        await store.tick.call("HSET", "{s02}:stock", "SRO", 12, "CTE", 2.5)
        assert await store.tick.call("HGETALL", "{s02}:stock") == {b"SRO": b"12", b"CTE": b"2.5"}
        assert await store.tick.call("GET", "{s02}:nothing") is None
        assert await store.tick.call("SET", b"{s02}:bytes", b"\x00\xff") == b"OK"
        assert await store.tick.call("PING") == b"PONG"


async def test_a_command_goes_to_its_key_wherever_that_stands(many: Cluster) -> None:
    async with open_store(many.url) as store:
        for number in range(8):
            stream = shard(number) + ":log"
            before = store.tick.trips
            await store.tick.call("XGROUP", "CREATE", stream, "workers", 0, "MKSTREAM")
            await store.tick.call("XADD", stream, "*", "id", number)
            await store.tick.call("XINFO", "STREAM", stream)
            await store.tick.call("OBJECT", "ENCODING", stream)
            asked = ("GROUP", "workers", "me", "COUNT", 1, "STREAMS", stream, ">")
            said = await store.tick.call("XREADGROUP", *asked)
            assert said[stream.encode()][0][1] == [b"id", b"%d" % number]
            assert store.tick.trips - before == 5


async def test_every_primary_learns_a_function(url: str) -> None:
    code = "redis.register_function('twice', function(k) return redis.call('INCRBY', k[1], 2) end)"
    async with open_store(url) as store:
        await store.tick.every_primary("FUNCTION", "LOAD", "REPLACE", f"#!lua name=twice\n{code}")
        keys = [shard(each) + ":twice" for each in range(64)]
        assert await asyncio.gather(*(store.tick.call("FCALL", "twice", 1, key) for key in keys)) == [2] * 64
        await asyncio.gather(*(store.tick.call("DEL", key) for key in keys))


async def test_a_caller_who_gives_up_harms_nobody(url: str) -> None:
    async with open_store(url) as store:
        calls = [store.tick.call("SET", shard(each), each) for each in range(10)]
        calls[3].cancel()
        said = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in said].count(bytes) == 9
        refused = store.tick.call("NONSENSE", "{s03}:x")
        refused.cancel()
        assert await answers(store.tick)


async def test_closing_waits_for_what_is_under_way_and_takes_nothing_more(url: str) -> None:
    server = await connect(url, Path())
    under_way = [server.tick.call("SET", shard(each), each) for each in range(100)]
    await server.tick.close()
    assert [call.result() for call in under_way] == [b"OK"] * 100
    with pytest.raises(StoreUnavailable, match="closed"):
        await server.tick.call("PING")
    await server.close()


async def test_a_server_that_goes_is_said_to_all_and_found_again(tmp_path: Path) -> None:
    async with one_server(tmp_path) as node, open_store(node.url) as store:
        node.kill()
        calls = [store.tick.call("SET", f"key:{each}", each) for each in range(50)]
        said = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(one) for one in said} == {StoreUnavailable}
        assert isinstance(said[0], StoreUnavailable)
        assert said[0].__cause__ is not None
        node.start()
        await until(lambda: answers(store.tick))


async def test_a_server_that_is_silent_keeps_nobody_waiting_and_its_late_answers_reach_nobody(
    tmp_path: Path,
) -> None:
    async with one_server(tmp_path) as node, open_store(node.url) as store:
        tick = Tick(store.client, patience=0.2)
        await tick.call("SET", "first", "1")
        node.freeze()
        with pytest.raises(StoreUnavailable, match="TimeoutError"):
            await tick.call("GET", "first")
        node.thaw()
        assert await tick.call("PING") == b"PONG"
        await tick.close()


async def test_a_connection_that_was_closed_while_idle_costs_nobody_an_answer(one: Node) -> None:
    async with open_store(one.url) as store:
        await one.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        said = await asyncio.gather(*(store.tick.call("PING") for _ in range(3)))
        assert said == [b"PONG"] * 3


async def test_a_server_that_cannot_take_a_write_now_is_unavailable(one: Node) -> None:
    async with open_store(one.url) as store:
        await one.ask("CONFIG", "SET", "maxmemory", 1)
        with pytest.raises(StoreUnavailable, match="OutOfMemory"):
            await store.tick.call("SET", "key", "value")
        await one.ask("CONFIG", "SET", "maxmemory", 0)
        await one.ask("CONFIG", "SET", "min-replicas-to-write", 1)
        with pytest.raises(StoreUnavailable, match="NOREPLICAS"):
            await store.tick.call("SET", "key", "value")
        await one.ask("CONFIG", "SET", "min-replicas-to-write", 0)
        assert await store.tick.call("SET", "key", "value") == b"OK"


async def test_a_primary_that_became_a_replica_is_left_for_whoever_has_its_name_now(one: Node) -> None:
    async with open_store(one.url) as store:
        await store.tick.call("SET", "key", "value")
        await one.ask("REPLICAOF", "127.0.0.1", 1)
        before = (await one.info("stats"))["total_connections_received"]
        for _ in range(2):
            with pytest.raises(StoreUnavailable, match="ReadOnly"):
                await store.tick.call("SET", "key", "value")
        after = (await one.info("stats"))["total_connections_received"]
        assert after - before == 1 + 1  # ours, again, and the one that asks
        await one.ask("REPLICAOF", "NO", "ONE")
        assert await store.tick.call("SET", "key", "value") == b"OK"


async def test_a_node_of_a_cluster_named_as_a_server_is_told_so(many: Cluster) -> None:
    async with open_store(many.nodes[0].url) as store:
        said = await asyncio.gather(
            *(store.tick.call("GET", shard(each)) for each in range(64)), return_exceptions=True
        )
        refused = {str(one) for one in said if isinstance(one, ResponseError)}
        assert all("redis+cluster://" in words for words in refused)
        assert len(refused) > 20
