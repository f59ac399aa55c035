"""Each form of [store] url leads to a store that works, or to words that say what is wrong with it."""

import asyncio
from pathlib import Path

import pytest
from redis.exceptions import ResponseError

from bot.store.embedded import StoreError
from bot.store.servers import Server, connect
from bot.store.tick import StoreUnavailable
from tests.servers import Node, cluster, one_server, sentinel, until

PASSWORD = ("user default on >se:cr@t ~* +@all",)
SPOKEN = "default:se%3Acr%40t"


async def works(store: Server) -> bool:
    await store.tick.call("SET", "{s00}:key", "value")
    said = [await store.tick.call("GET", "{s00}:key"), await store.client.get("{s00}:key")]
    return said == [b"value", b"value"]


async def test_a_server_by_its_names(tmp_path: Path) -> None:
    async with one_server(tmp_path, f"unixsocket {tmp_path}/a.sock") as node:
        address = node.url.removeprefix("redis")
        for url in (f"redis{address}", f"valkey{address}", f"redis{address}/1", f"unix://{tmp_path}/a.sock"):
            store = await connect(url, tmp_path)
            assert store.kind == "server"
            assert await works(store)
            await store.close()


async def test_the_embedded_store_in_a_folder_with_a_difficult_name(tmp_path: Path) -> None:
    store = await connect("embedded", tmp_path / "d'onnées 100% ?#")
    assert store.kind == "embedded"
    assert await works(store)
    await store.close()


async def test_a_cluster_by_any_one_of_its_nodes(tmp_path: Path) -> None:
    async with cluster(tmp_path) as nodes:
        hosts = f"127.0.0.1:1,127.0.0.1:{nodes.nodes[1].port}"
        for url in (f"redis+cluster://{hosts}", f"valkey+cluster://{hosts}?client_name=kunnafoni"):
            store = await connect(url, tmp_path)
            assert store.kind == "cluster"
            assert await works(store)
            await store.close()


async def test_the_master_that_sentinel_names_also_when_it_is_another(tmp_path: Path) -> None:
    async with one_server(tmp_path / "a") as first, one_server(tmp_path / "b") as second:
        await second.ask("REPLICAOF", "127.0.0.1", first.port)
        await until(lambda: has_a_replica(first))
        async with sentinel(tmp_path / "s", "mali", first) as watcher:
            store = await connect(f"redis+sentinel://127.0.0.1:1,127.0.0.1:{watcher.port}/mali", tmp_path)
            assert store.kind == "server"
            assert await works(store)
            await until(lambda: fails_over(watcher))

            async def moved() -> bool:
                try:
                    await store.tick.call("SET", "{s00}:moved", "yes")
                except StoreUnavailable:
                    return False
                return bool(await second.ask("GET", "{s00}:moved") == b"yes")

            await until(moved)
            await store.close()


async def has_a_replica(node: Node) -> bool:
    said = await node.info("replication")
    return bool(said["connected_slaves"] == 1 and said["slave0"]["state"] == "online")


async def fails_over(watcher: Node) -> bool:
    try:
        return bool(await watcher.ask("SENTINEL", "FAILOVER", "mali"))
    except ResponseError:  # it has not heard from the replica yet
        return False


async def test_a_password_is_sent_and_never_shown(tmp_path: Path) -> None:
    async with one_server(tmp_path, *PASSWORD) as node:
        address = f"127.0.0.1:{node.port}"
        store = await connect(f"redis://{SPOKEN}@{address}", tmp_path)
        assert await works(store)
        await store.close()
        for user in (f"{SPOKEN}x@", ""):
            with pytest.raises(StoreError, match=r"AuthenticationError.*password") as refused:
                await connect(f"redis://{user}{address}?health_check_interval=3", tmp_path)
            assert "se%3A" not in str(refused.value)


async def test_a_cluster_that_is_none_or_serves_nothing_yet_is_said(tmp_path: Path) -> None:
    async with one_server(tmp_path / "alone") as alone, cluster(tmp_path / "new", masters=1) as new:
        await new.nodes[0].ask("CLUSTER", "FLUSHSLOTS")
        for node, what in (
            (alone, "Cluster mode is not enabled"),
            (new.nodes[0], "no node serves any slot yet"),
        ):
            with pytest.raises(StoreError, match=what):
                await connect(f"redis+cluster://127.0.0.1:{node.port}", tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "redis://127.0.0.1:1",
        "redis+cluster://127.0.0.1:1,127.0.0.1:2",
        "rediss+cluster://127.0.0.1:1",
        "redis+sentinel://127.0.0.1:1/mali",
        "rediss+sentinel://u:p@127.0.0.1:1/mali",
        "unix:///nowhere/store.sock",
    ],
)
async def test_where_nobody_answers_is_said(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="Is it running"):
        await connect(url, tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mysql://127.0.0.1",
        "redis+ring://127.0.0.1:1",
        "redis+cluster://",
        "redis+cluster://a:b",
        "redis://a:b",
    ],
)
async def test_what_is_no_address_is_answered_with_those_that_are(url: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"redis\+sentinel://HOST:PORT"):
        await connect(url, tmp_path)


async def test_a_server_that_still_reads_its_data_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    async with one_server(tmp_path) as node:
        node.kill()
        with (tmp_path / "appendonlydir/appendonly.aof.1.incr.aof").open("ab") as log:
            for number in range(400_000):
                log.write(b"*3\r\n$3\r\nSET\r\n$7\r\n%07d\r\n$1\r\nx\r\n" % number)
        node.start()
        await until(lambda: listens(node))
        store = await connect(node.url, tmp_path)
        assert await store.tick.call("DBSIZE") == 400_000
        assert "reading its data" in caplog.text
        await store.close()


async def listens(node: Node) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", node.port)
    except ConnectionRefusedError:
        return False
    writer.close()
    return True
