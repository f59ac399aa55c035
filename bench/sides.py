"""Who is measured: the bare handler, ours on each kind of store, the peer; each ready to be dialled."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from bench import calls, servers
from bench.calls import Call
from bench.house import House
from bench.phones import Script
from bench.processes import cores, move
from bench.servers import Served
from tests.servers import cluster, one_server

T = TypeVar("T")


class Side(StrEnum):
    """By the name of its row."""

    BARE = "bare aiohttp handler"
    PIPED = "bare aiohttp handler, one write in a pipeline"
    SIX = "kunnafoni, stock of six products: 9 steps"
    TWO = "… by two gateways"
    SERVER = "… its store a server over TCP"
    CLUSTER = "… its store a cluster of three masters"
    ONE = "kunnafoni, stock of one product: 4 steps"
    PEER = "ussd-menu-builder, 4 steps, store in memory"
    PEER_ON_DISK = "ussd-menu-builder, 4 steps, store on disk"


OURS = {
    Side.SIX: calls.SIX,
    Side.TWO: calls.SIX,
    Side.SERVER: calls.SIX,
    Side.CLUSTER: calls.SIX,
    Side.ONE: calls.ONE,
}
"""The products of whoever calls."""


class Dialled(Struct, frozen=True):
    """Where a side is reached, what is said to it, and where it keeps that."""

    served: Served
    scripts: tuple[Script, ...]
    house: House | None = None


def opened(
    stack: ExitStack,
    folder: Path,
    ours: Mapping[Side, Sequence[Call]],
    roster: Iterable[str],
    *,
    with_peer: bool,
) -> dict[Side, Dialled]:
    """All of them, each gateway on its core and each store on the other; ours with these contacts."""
    rows, on = list(roster), cores()[0]
    scripts = {side: tuple(call.script for call in own) for side, own in ours.items()}
    plain = calls.bare_scripts(ours[Side.SIX])
    server = stack.enter_context(_entered(one_server(folder / "tcp")))
    masters = stack.enter_context(_entered(cluster(folder / "masters")))
    us, house = _ours(stack, folder / "embedded", rows)
    two, doubled = _ours(stack, folder / "two", rows, gateways=2)
    apart, far = _ours(stack, folder / "server", rows, server.url, [server.pid])
    scattered, wide = _ours(
        stack, folder / "cluster", rows, masters.url, [node.pid for node in masters.nodes]
    )
    sides = {
        Side.BARE: Dialled(stack.enter_context(servers.bare(folder, on)), plain),
        Side.PIPED: Dialled(stack.enter_context(servers.piped(folder, server.url, server.pid, on)), plain),
        Side.SIX: Dialled(us, scripts[Side.SIX], house),
        Side.TWO: Dialled(two, scripts[Side.TWO], doubled),
        Side.SERVER: Dialled(apart, scripts[Side.SERVER], far),
        Side.CLUSTER: Dialled(scattered, scripts[Side.CLUSTER], wide),
        Side.ONE: Dialled(us, scripts[Side.ONE], house),
    }
    return sides | (dict(_peers(stack, folder)) if with_peer else {})


def _ours(
    stack: ExitStack,
    folder: Path,
    rows: Iterable[str],
    url: str = "embedded",
    stores: Iterable[int] = (),
    gateways: int = 1,
) -> tuple[Served, House]:
    """Two gateways and their store run wherever the system puts them: there is no core for each."""
    on, others = cores() if gateways == 1 else ((), ())
    move(stores, others)
    house = House(folder, {"KUNNAFONI_STORE__URL": url, "KUNNAFONI_SERVER__WORKERS": str(gateways)})
    house.import_roster(rows)
    return stack.enter_context(servers.kunnafoni(folder, on, others, house.told, stores)), house


def _peers(stack: ExitStack, folder: Path) -> Iterator[tuple[Side, Dialled]]:
    for side, settings in (Side.PEER, servers.IN_MEMORY), (Side.PEER_ON_DISK, servers.ON_DISK):
        peer = servers.peer(folder / side.name.lower(), *cores(), settings)
        yield side, Dialled(stack.enter_context(peer), calls.peer_scripts())


@contextmanager
def _entered(held: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """What needs a loop to start and to end, and none in between."""
    with asyncio.Runner() as loop:
        yield loop.run(held.__aenter__())
        loop.run(held.__aexit__(None, None, None))
