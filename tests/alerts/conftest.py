"""A small district whose alerts go to the stand-in provider, at a time the test sets."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from aiohttp import ClientSession

from bot.app import listening
from bot.flow.release import Release
from bot.house import House
from bot.store.servers import Server, connect
from tests.alerts.district import District
from tests.standin import StandIn
from tests.worker.work import Clock, at_standin


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep loopback out of a proxy, if the machine has one."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """The embedded store, opened once."""
    server = await connect("embedded", tmp_path_factory.mktemp("alerts"))
    yield server
    await server.close()


@pytest_asyncio.fixture(loop_scope="package")
async def district(server: Server, release: Release) -> AsyncIterator[District]:
    """Its people on the roster, its gateway listening, nothing said yet."""
    await server.tick.every_primary("FLUSHALL")
    clock = Clock()
    async with StandIn() as standin, ClientSession() as client:
        house = House(at_standin(standin, "http"), server, clock)
        await house.functions.load()
        await house.releases.publish(release, clock(), "files")
        async with listening(house, simulator=False) as url:
            there = District(house, standin, clock, client, url)
            await there.settle()
            yield there
        await house.close()
