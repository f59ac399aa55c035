"""What a server does not promise is found before it costs a report."""

from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from bot.store import promises as promises_module
from bot.store.promises import Facts, Finding, judge, promises
from bot.store.servers import connect
from tests.servers import Node, cluster, one_server, until


async def found(url: str, folder: Path) -> list[Finding]:
    store = await connect(url, folder)
    try:
        return await promises(store)
    finally:
        await store.close()


def brief(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.level, finding.mend) for finding in findings]


async def test_a_server_that_keeps_its_promises_and_the_embedded_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = tmp_path / "overcommit_memory"
    monkeypatch.setattr(promises_module, "OVERCOMMIT", machine)
    async with one_server(tmp_path / "one", "hash-max-listpack-value 128") as node:
        assert await found(node.url, tmp_path) == []
    assert await found("embedded", tmp_path) == []
    machine.write_text("1\n")
    assert await found("embedded", tmp_path) == []
    machine.write_text("0\n")
    assert brief(await found("embedded", tmp_path)) == [("warning", "sysctl vm.overcommit_memory=1")]


@pytest.mark.parametrize(
    ("setting", "level", "mend"),
    [
        ("appendonly no", "error", "set appendonly yes"),
        ("maxmemory-policy allkeys-lru", "error", "set maxmemory-policy noeviction"),
        ("maxmemory-policy volatile-ttl", "error", "set maxmemory-policy noeviction"),
        ("appendfsync everysec", "warning", "set appendfsync always"),
        ("no-appendfsync-on-rewrite yes", "warning", "set no-appendfsync-on-rewrite no"),
        ("hash-max-listpack-value 64", "warning", "set hash-max-listpack-value 128"),
        ("hash-max-listpack-entries 128", "warning", "set hash-max-listpack-entries 366"),
    ],
)
async def test_each_promise_that_is_not_made(setting: str, level: str, mend: str, tmp_path: Path) -> None:
    async with one_server(tmp_path, "hash-max-listpack-value 128", setting) as node:
        assert brief(await found(node.url, tmp_path)) == [(level, mend)]


async def test_a_managed_service_that_hides_its_settings_is_warned_of_and_no_more(tmp_path: Path) -> None:
    hidden = ('rename-command CONFIG ""', "appendonly no", "maxmemory-policy allkeys-lru")
    async with one_server(tmp_path, *hidden) as node:
        findings = await found(node.url, tmp_path)
        assert [finding.level for finding in findings] == ["warning"] * 3
        assert "CONFIG is forbidden" in findings[0].what


@pytest.mark.parametrize(
    ("setting", "what"),
    [("appendfsync everysec", "a power cut loses seconds"), ("replica-announce-port 1", "cannot be asked")],
)
async def test_replicas_are_asked_too(setting: str, what: str, tmp_path: Path) -> None:
    promised = "hash-max-listpack-value 128"
    async with AsyncExitStack() as held:
        fast = "repl-diskless-sync-delay 0"
        primary = await held.enter_async_context(one_server(tmp_path / "a", promised, fast))
        behind = f"replicaof 127.0.0.1 {primary.port}"
        await held.enter_async_context(one_server(tmp_path / "b", promised, behind, setting))
        await until(lambda: has_a_replica(primary))
        (finding,) = await found(primary.url, tmp_path)
        assert finding.level == "warning"
        assert finding.what.startswith("replica 127.0.0.1:")
        assert what in finding.what


async def has_a_replica(node: Node) -> bool:
    said = await node.info("replication")
    return bool(said["connected_slaves"] == 1 and said["slave0"]["state"] == "online")


async def test_every_node_of_a_cluster_is_asked(tmp_path: Path) -> None:
    async with cluster(tmp_path, masters=1, replicas=1) as nodes:
        for node in nodes.nodes:
            await node.ask("CONFIG", "SET", "hash-max-listpack-value", 128)
        assert await found(nodes.url, tmp_path) == []
        await nodes.nodes[1].ask("CONFIG", "SET", "appendfsync", "everysec")
        (finding,) = await found(nodes.url, tmp_path)
        assert finding.what.startswith(f"127.0.0.1:{nodes.nodes[1].port}: a power cut")
        as_server = await found(nodes.nodes[0].url, tmp_path)
        assert ("error", "name it redis+cluster://HOST:PORT,… in [store] url") in brief(as_server)


def test_a_server_too_old_for_functions() -> None:
    info = {"redis_version": "6.2.14", "aof_enabled": 1, "maxmemory_policy": "noeviction"}
    assert judge(Facts(info, None), "server")[0].level == "error"
    assert [
        finding.level for finding in judge(Facts(info | {"redis_version": "7.0.15"}, None), "server")
    ] == ["warning"]
