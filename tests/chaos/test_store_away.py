"""The store frozen, full, read-only, or gone from the wire: the phone hears so, readiness turns red, all comes back."""

import resource
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot import gateway
from bot.config import Settings
from bot.flow.release import Source
from bot.house import House
from bot.store.sessions import now_ms
from tests.chaos.account import agrees
from tests.chaos.load import house_at, under_load
from tests.chaos.relay import Relay
from tests.servers import Node, one_server, until


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """She waits a second for us, not six."""
    monkeypatch.setattr(gateway, "PATIENCE", 1.0)


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    async with one_server(tmp_path / "server") as node:
        yield node


@pytest.fixture
async def house(node: Node, settings: Settings, shipped: Source) -> AsyncIterator[House]:
    async with house_at(node.url, settings, shipped) as house:
        yield house


async def test_frozen_for_seconds(node: Node, house: House) -> None:
    async with under_load(house) as (load, door):
        node.freeze()
        await until(door.red)
        await load.hears_sorry(12)
        node.thaw()
        await until(door.ready)
        await load.goes_on()
    await agrees(load.account, house)


async def test_out_of_memory(node: Node, house: House) -> None:
    async with under_load(house) as (load, door):
        await node.ask("CONFIG", "SET", "maxmemory", "1mb")
        await until(door.red)
        await load.hears_sorry(12)
        await node.ask("CONFIG", "SET", "maxmemory", "0")
        await until(door.ready)
        await load.goes_on()
    await agrees(load.account, house)


async def test_read_only(node: Node, house: House) -> None:
    """A primary that was told to follow another, which is not there."""
    async with under_load(house) as (load, door):
        await node.ask("REPLICAOF", "127.0.0.1", 1)
        await until(door.red)
        await load.hears_sorry(12)
        await node.ask("REPLICAOF", "NO", "ONE")
        await until(door.ready)
        await load.goes_on()
    await agrees(load.account, house)


async def test_connections_reset_again_and_again(node: Node, settings: Settings, shipped: Source) -> None:
    async with (
        Relay(node.port) as relay,
        house_at(f"redis://127.0.0.1:{relay.port}", settings, shipped) as house,
    ):
        async with under_load(house) as (load, door):
            for _ in range(20):
                await relay.resets()
                await load.goes_on(3)
            await until(door.ready)
        await agrees(load.account, house)
    assert relay.cut >= 20


async def test_half_open_connections(node: Node, settings: Settings, shipped: Source) -> None:
    """The wire says nothing any more, and does not say that it is cut; what was on its way may have arrived."""
    async with (
        Relay(node.port) as relay,
        house_at(f"redis://127.0.0.1:{relay.port}", settings, shipped) as house,
    ):
        async with under_load(house) as (load, door):
            relay.silent = True
            await until(door.red)
            await load.hears_sorry(12)
            relay.silent = False
            await relay.resets()
            await until(door.ready)
            await load.goes_on()
        await agrees(load.account, house)


class Disk:
    """No file of the store may grow any more (EFBIG; a full disk says ENOSPC); what is there can be read."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._was = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fills(self, server: int) -> None:
        """For the server that runs, and for those that we start."""
        largest = max(file.stat().st_size for file in self._data.rglob("*.aof"))
        self._limit(largest)
        resource.prlimit(server, resource.RLIMIT_FSIZE, (largest, self._was[1]))

    def has_room(self) -> None:
        self._limit(self._was[0])

    def _limit(self, size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, self._was[1]))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    disk = Disk(tmp_path / "data")
    yield disk
    disk.has_room()


async def test_a_full_disk(disk: Disk, tmp_path: Path, settings: Settings, shipped: Source) -> None:
    """The embedded server ends at a write it cannot keep; it is started again until there is room."""
    data = tmp_path / "data"
    async with house_at("embedded", settings, shipped, data=str(data)) as house:
        async with under_load(house) as (load, door):
            disk.fills((await house.server.client.info("server"))["process_id"])
            await until(door.red)
            await load.hears_sorry(12)
            disk.has_room()
            await until(door.ready)
            await load.goes_on()
        await agrees(load.account, house)
    assert "Can't recover from AOF write error" in (data / "store.log").read_text()


async def test_a_clock_that_steps(tmp_path: Path, settings: Settings, shipped: Source) -> None:
    """An hour and a day, forth and back: every report is kept once, whatever time it seems to be."""
    clock = Steps()
    async with house_at("embedded", settings, shipped, data=str(tmp_path / "data"), clock=clock) as house:
        async with under_load(house) as (load, _):
            for hours in (1, -1, 24, -24, 0.25, 0):
                clock.ahead = int(hours * 3_600_000)
                await load.goes_on(6)
        await agrees(load.account, house)


class Steps:
    """A clock that somebody sets."""

    ahead = 0

    def __call__(self) -> int:
        return now_ms() + self.ahead
