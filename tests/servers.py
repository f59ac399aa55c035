"""Real servers for tests, from the binary we ship: each can be killed, frozen, and started again."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError
from redis.exceptions import ConnectionError as NoConnection

from bot.store.binary import get_binary_path
from bot.store.embedded import _ENDS_WITH_OWNER

SLOTS = 16384
DURABLE = ("appendonly yes", "appendfsync always", 'save ""')
_NODE = (*DURABLE, "cluster-enabled yes", "cluster-node-timeout 2000", "repl-diskless-sync-delay 0")


class Node:
    """One server process on loopback; it ends with the tests, however they end."""

    def __init__(self, folder: Path, port: int, *conf: str, sentinel: bool = False) -> None:
        self._role = ["--sentinel"] if sentinel else []
        self.port = port
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        lines = (f"port {port}", "bind 127.0.0.1", f'dir "{folder}"', "logfile server.log", *conf)
        (folder / "server.conf").write_text("\n".join(lines))

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def start(self) -> None:
        tied = [sys.executable, "-I", "-S", "-c", _ENDS_WITH_OWNER, str(os.getpid())]
        self._process = subprocess.Popen([*tied, get_binary_path(), self.folder / "server.conf", *self._role])

    def kill(self) -> None:
        """SIGKILL, which no server can prepare for."""
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    async def ask(self, *args: str | int) -> Any:
        once = Retry(NoBackoff(), 0)
        async with Redis(port=self.port, protocol=3, retry=once) as client:
            return await client.execute_command(*args)  # type: ignore[no-untyped-call]  # redis-py's

    async def answers(self) -> bool:
        try:
            return bool(await self.ask("PING"))
        except AuthenticationError:
            return True

    async def info(self, section: str) -> dict[str, Any]:
        said: dict[str, Any] = await self.ask("INFO", section)
        return said


@dataclass(frozen=True)
class Cluster:
    nodes: list[Node]
    """Masters first; the replicas of master i are at i + masters, i + 2 × masters…"""
    masters: int

    @property
    def url(self) -> str:
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    async def serves(self) -> bool:
        """Every node that runs says that each slot has a master."""
        said = [await node.ask("CLUSTER INFO") for node in self.nodes if node.runs]
        return all(info["cluster_state"] == "ok" for info in said)

    async def whole(self) -> bool:
        """And every node that runs knows of every replica, and the replicas follow."""
        links = [(await node.info("replication")).get("master_link_status", "up") for node in self.nodes]
        shards = [shard for node in self.nodes for shard in await node.ask("CLUSTER", "SLOTS")]
        each = 2 + len(self.nodes) // self.masters  # first slot, last slot, master, its replicas
        return set(links) == {"up"} and {len(shard) for shard in shards} == {each} and await self.serves()


@asynccontextmanager
async def one_server(folder: Path, *conf: str) -> AsyncIterator[Node]:
    """Run one server that keeps its promises, unless `conf` (lines of a valkey.conf) says otherwise."""
    node = Node(folder, next(_free_ports()), *DURABLE, *conf)
    node.start()
    try:
        await until(node.answers)
        yield node
    finally:
        node.kill()


@asynccontextmanager
async def sentinel(folder: Path, name: str, master: Node) -> AsyncIterator[Node]:
    """Run a Sentinel that watches over `master` under that name."""
    watch = f"sentinel monitor {name} 127.0.0.1 {master.port} 1"
    node = Node(folder, next(_free_ports()), watch, sentinel=True)
    node.start()
    try:
        await until(node.answers)
        yield node
    finally:
        node.kill()


@asynccontextmanager
async def cluster(folder: Path, masters: int = 3, replicas: int = 0) -> AsyncIterator[Cluster]:
    """Run a cluster of `masters` servers, each followed by `replicas` others."""
    ports = _free_ports()
    names = range(masters * (1 + replicas))
    nodes = [Node(folder / str(name), next(ports), *_NODE, f"cluster-port {next(ports)}") for name in names]
    for node in nodes:
        node.start()
    try:
        for node in nodes:
            await until(node.answers)
        joined = Cluster(nodes, masters)
        await _join(joined)
        await until(joined.whole)
        yield joined
    finally:
        for node in nodes:
            node.kill()


async def until(true: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    """Look again and again until it is so: the only way the tests wait. No connection is not yet."""
    async with asyncio.timeout(seconds):
        while True:
            with suppress(NoConnection):
                if await true():
                    return
            await asyncio.sleep(0.01)


async def _join(joined: Cluster) -> None:
    for number, node in enumerate(joined.nodes[: joined.masters]):
        first, last = (SLOTS * place // joined.masters for place in (number, number + 1))
        await node.ask("CLUSTER", "ADDSLOTSRANGE", first, last - 1)
        await node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for node in joined.nodes[1:]:
        bus = int((await node.ask("CONFIG", "GET", "cluster-port"))[b"cluster-port"])
        await joined.nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, bus)
    for number, node in enumerate(joined.nodes[joined.masters :]):
        await _follow(node, joined.nodes[number % joined.masters])


async def _follow(replica: Node, master: Node) -> None:
    name = (await master.ask("CLUSTER", "MYID")).decode()

    async def knows() -> bool:
        return name in str(await replica.ask("CLUSTER", "NODES"))

    await until(knows)
    await replica.ask("CLUSTER", "REPLICATE", name)


def _free_ports() -> Iterator[int]:
    # Below the range of outgoing connections, or the port of a killed server may be gone when it comes back.
    start = 20_000 + os.getpid() * 401 % 11_000
    for port in range(start, 32_000):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            probe.close()
            yield port
