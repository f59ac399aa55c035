"""A house over the embedded store, a provider that stands in, and a clock that the test moves."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.flow.release import Release
from bot.house import House
from bot.store.servers import Server, connect
from tests.due.week import Week, settings
from tests.standin import StandIn


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """The embedded store, opened once."""
    data = tmp_path_factory.mktemp("due")
    server = await connect("embedded", data)
    yield server
    await server.close()


@pytest_asyncio.fixture(loop_scope="package")
async def week(server: Server, release: Release) -> AsyncIterator[Week]:
    """An empty house, its flows published, at the beginning of a week of November."""
    await server.tick.every_primary("FLUSHALL")
    async with StandIn() as standin:
        week = Week(standin)
        house = House(settings(standin), server, week.clock)
        await house.functions.load()
        await house.releases.publish(release, week.clock(), "files")
        await week.moves_into(house)
        yield week
        await house.close()
