"""What a server must promise so that no acknowledged report is lost, and what it does promise."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct
from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.connection import Connection, SSLConnection
from redis.exceptions import RedisClusterException, RedisError, ResponseError

from bot.store.servers import Kind, Server

OVERCOMMIT = Path("/proc/sys/vm/overcommit_memory")

_SETTINGS = (
    "appendonly",
    "appendfsync",
    "no-appendfsync-on-rewrite",
    "maxmemory-policy",
    "hash-max-listpack-entries",
    "hash-max-listpack-value",
)
_Ask = Callable[..., Awaitable[Any]]


class Finding(Struct, frozen=True):
    """One promise that is not kept: an error would lose data."""

    level: Literal["error", "warning"]
    what: str
    mend: str


_error = partial(Finding, "error")
_warning = partial(Finding, "warning")


class Facts(Struct, frozen=True):
    """What one server says of itself: INFO, and its settings where it tells them (managed services do not)."""

    info: dict[str, Any]
    settings: dict[str, str] | None


async def promises(server: Server) -> list[Finding]:
    """Ask every primary and every replica."""
    findings: list[Finding] = []
    async for where, ask in _each(server):
        try:
            facts = await _facts(ask)
        except (RedisError, RedisClusterException) as error:
            findings.append(
                _warning(f"{where} cannot be asked: {error}", "let Kunnafoni reach the replicas too")
            )
        else:
            findings += [
                Finding(one.level, f"{where}: {one.what}", one.mend) for one in judge(facts, server.kind)
            ]
    return findings + (_machine(OVERCOMMIT) if server.kind == "embedded" else [])


def judge(facts: Facts, kind: Kind) -> list[Finding]:
    """Tell what is wrong with one server."""
    said = _silent(facts.info) if facts.settings is None else _settings(facts.settings)
    return [*_place(facts.info, kind), *said]


def _place(info: dict[str, Any], kind: Kind) -> Iterator[Finding]:
    version = str(info["redis_version"])  # Valkey says here which Redis it equals
    if int(version.partition(".")[0]) < 7:
        yield _error(f"version {version} has no functions", "take Redis 7, Valkey 7.2 or newer")
    if info.get("cluster_enabled") and kind != "cluster":
        yield _error("is one node of a cluster", "name it redis+cluster://HOST:PORT,… in [store] url")


def _silent(info: dict[str, Any]) -> Iterator[Finding]:
    yield _warning(
        "does not tell its settings (CONFIG is forbidden)",
        "see that your provider keeps every write on disk (AOF, fsync always) and evicts nothing",
    )
    if not info.get("aof_enabled"):
        yield _warning("says it keeps no append-only file", "ask your provider what a crash may lose")
    if info.get("maxmemory_policy", "noeviction") != "noeviction":
        yield _warning(f"evicts ({info['maxmemory_policy']})", "choose noeviction")


def _settings(said: dict[str, str]) -> Iterator[Finding]:
    if said["appendonly"] != "yes":
        yield _error("keeps nothing on disk as it comes (appendonly no)", "set appendonly yes")
    elif said["appendfsync"] != "always":
        yield _warning(
            f"a power cut loses seconds (appendfsync {said['appendfsync']})", "set appendfsync always"
        )
    elif said["no-appendfsync-on-rewrite"] == "yes":
        yield _warning("does not fsync during rewrites", "set no-appendfsync-on-rewrite no")
    if said["maxmemory-policy"] != "noeviction":
        yield _error(
            f"drops data when memory is full ({said['maxmemory-policy']})", "set maxmemory-policy noeviction"
        )
    for name, least in (("hash-max-listpack-entries", 366), ("hash-max-listpack-value", 128)):
        if int(said[name]) < least:
            yield _warning(
                f"needs five times the memory for old reports ({name} {said[name]})", f"set {name} {least}"
            )


def _machine(overcommit: Path) -> list[Finding]:
    if not overcommit.exists() or overcommit.read_text().strip() == "1":
        return []
    return [_warning("rewriting the log may fail when memory is short", "sysctl vm.overcommit_memory=1")]


async def _facts(ask: _Ask) -> Facts:
    info = await ask("INFO")
    try:
        return Facts(info, await ask("CONFIG GET", *_SETTINGS))
    except ResponseError:
        return Facts(info, None)


async def _each(server: Server) -> AsyncIterator[tuple[str, _Ask]]:
    if isinstance(server.client, RedisCluster):
        for node in server.client.get_nodes():
            yield node.name, partial(server.client.execute_command, target_nodes=node)
        return
    yield "the store", server.client.execute_command
    said = await server.client.info("replication")
    for name, replica in said.items():
        if name.startswith("slave") and isinstance(replica, dict):
            async with _beside(server.client, replica["ip"], replica["port"]) as client:
                yield f"replica {replica['ip']}:{replica['port']}", client.execute_command


def _beside(client: Redis, host: str, port: int) -> Redis:
    """Reach another server the way we reach this one."""
    pool = client.connection_pool
    secure = issubclass(pool.connection_class, SSLConnection)
    options = {
        key: value for key, value in pool.connection_kwargs.items() if key not in ("path", "connection_pool")
    }
    return Redis.from_pool(
        ConnectionPool(SSLConnection if secure else Connection, **options | {"host": host, "port": port})
    )
