"""The three places a store may be: the embedded server, a server over TCP, a cluster; each empty when a test begins."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from bot.store.servers import connect
from tests.servers import cluster, one_server
from tests.store.contract_store import Store

PLACES = ("embedded", "server", "cluster")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def places(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Store]]:
    """Opened once: tests of the contract share an event loop."""
    folder = tmp_path_factory.mktemp("contract")
    async with AsyncExitStack() as held:
        one = await held.enter_async_context(one_server(folder / "server"))
        many = await held.enter_async_context(cluster(folder / "cluster"))
        stores = {}
        for name, url in zip(PLACES, ("embedded", one.url, many.url), strict=True):
            server = await connect(url, folder / "embedded")
            held.push_async_callback(server.close)
            stores[name] = Store(server)
            await stores[name].functions.load()
        yield stores


@pytest_asyncio.fixture(params=PLACES, loop_scope="session")
async def store(request: pytest.FixtureRequest, places: dict[str, Store]) -> Store:
    """An empty store."""
    there = places[str(request.param)]
    await there.server.tick.every_primary("FLUSHALL")
    return Store(there.server)
