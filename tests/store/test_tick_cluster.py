"""The tick on a cluster that changes: slots that move, masters that die, nobody who knows."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from redis.asyncio.cluster import ClusterNode, NodesManager, RedisCluster
from redis.crc import key_slot

from bot.store.servers import Server, connect
from bot.store.tick import StoreUnavailable
from tests.servers import Cluster, Node, cluster, until

KEY = "{s05}:known"
OTHER = "{s05}:other"
SLOT = key_slot(KEY.encode())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def many(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    async with cluster(tmp_path_factory.mktemp("many")) as nodes:
        yield nodes


@pytest.fixture
async def store(many: Cluster) -> AsyncIterator[Server]:
    server = await connect(many.url, Path())
    await server.tick.call("DEL", KEY, OTHER)
    yield server
    await server.close()


def known(store: Server) -> NodesManager:
    """What the client believes of the cluster."""
    assert isinstance(store.client, RedisCluster)
    return store.client.nodes_manager


def serving(store: Server, key: str) -> ClusterNode:
    return known(store).get_node_from_slot(key_slot(key.encode()))


async def answers(store: Server, *words: str) -> bool:
    try:
        await store.tick.call(*words)
    except StoreUnavailable:
        return False
    return True


async def name(node: Node) -> str:
    return str((await node.ask("CLUSTER", "MYID")).decode())


async def listed(node: Node) -> bool:
    """Whether this node believes that somebody serves the slot."""
    return any(first <= SLOT <= last for first, last, *_ in await node.ask("CLUSTER", "SLOTS"))


async def sides(many: Cluster, store: Server) -> tuple[Node, Node]:
    """Who serves the slot now, and somebody else."""
    (source,) = [node for node in many.nodes if node.port == serving(store, KEY).port]
    return source, next(node for node in many.nodes if node is not source)


async def begin_move(source: Node, target: Node) -> None:
    await target.ask("CLUSTER", "SETSLOT", SLOT, "IMPORTING", await name(source))
    await source.ask("CLUSTER", "SETSLOT", SLOT, "MIGRATING", await name(target))


async def end_move(many: Cluster, source: Node, target: Node) -> None:
    await source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 1000, "KEYS", KEY, OTHER)
    for node in (target, *many.nodes):
        await node.ask("CLUSTER", "SETSLOT", SLOT, "NODE", await name(target))


async def test_a_call_follows_a_slot_that_is_moving_and_one_that_has_moved(
    many: Cluster, store: Server
) -> None:
    await store.tick.call("SET", KEY, "12")
    source, target = await sides(many, store)
    await begin_move(source, target)
    # What is not at the source any more, or not yet anywhere, is asked for at the target.
    assert await store.tick.call("SET", OTHER, "5") == b"OK"
    assert await store.tick.call("GET", OTHER) == b"5"
    assert await store.tick.call("GET", KEY) == b"12"
    with pytest.raises(StoreUnavailable, match="TryAgain"):
        await store.tick.call("MGET", KEY, OTHER)
    await end_move(many, source, target)
    assert await store.tick.call("MGET", KEY, OTHER) == [b"12", b"5"]
    before = store.tick.trips
    assert await store.tick.call("GET", KEY) == b"12"
    assert store.tick.trips - before == 1  # it has learned the way


async def test_a_server_nobody_told_us_of_is_found(many: Cluster, store: Server) -> None:
    await store.tick.call("SET", KEY, "12")
    source, target = await sides(many, store)
    known(store).nodes_cache.pop(f"127.0.0.1:{target.port}")
    await begin_move(source, target)
    with pytest.raises(StoreUnavailable, match="no node that we know"):
        await store.tick.call("SET", OTHER, "5")

    await until(lambda: answers(store, "SET", OTHER, "5"))
    await end_move(many, source, target)
    assert await store.tick.call("GET", OTHER) == b"5"


async def test_a_slot_that_nobody_serves_is_unavailable_until_somebody_does(
    many: Cluster, store: Server
) -> None:
    source, _ = await sides(many, store)

    async def forgotten() -> bool:
        # Again and again: word of who had it may still be on its way from node to node.
        for node in [node for node in many.nodes if await listed(node)]:
            await node.ask("CLUSTER", "DELSLOTS", SLOT)
        return not await answers(store, "GET", KEY) and SLOT not in known(store).slots_cache

    await until(forgotten)
    await source.ask("CLUSTER", "ADDSLOTS", SLOT)
    await until(lambda: answers(store, "GET", KEY))
    await until(many.whole)


async def test_one_master_that_dies_leaves_the_others_callers_alone(many: Cluster, store: Server) -> None:
    dead, living = many.nodes[0], many.nodes[1:]
    ports = {node.port for node in living}
    keys = [f"{{s{number:02d}}}:key" for number in range(64)]
    theirs = [key for key in keys if serving(store, key).port in ports]
    dead.kill()
    heard = await asyncio.gather(*(store.tick.call("GET", key) for key in keys), return_exceptions=True)
    said = dict(zip(keys, heard, strict=True))
    assert {key for key, one in said.items() if one is None} == set(theirs)
    assert {type(one) for key, one in said.items() if key not in theirs} == {StoreUnavailable}
    dead.start()
    await until(many.whole)
    assert await asyncio.gather(*(store.tick.call("GET", key) for key in keys)) == [None] * 64


async def test_a_whole_cluster_that_goes_is_found_when_it_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with cluster(tmp_path, masters=1) as alone:
        store = await connect(alone.url, Path())
        alone.nodes[0].kill()
        with pytest.raises(StoreUnavailable):
            await store.tick.call("GET", KEY)
        with pytest.raises(StoreUnavailable):
            await store.tick.every_primary("PING")

        async def told() -> bool:
            return "cluster not found" in caplog.text

        await until(told)
        alone.nodes[0].start()

        await until(lambda: answers(store, "GET", KEY))
        await store.close()
