"""The three places a store may be: the embedded server, a server over TCP, a cluster; each empty when a test begins."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.store.embedded import Embedded
from bot.store.servers import connect
from tests.servers import Cluster, Node, cluster, one_server
from tests.store.contract_store import Store

PLACES = ("embedded", "server", "cluster")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def embedded_data(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    data = tmp_path_factory.mktemp("contract")
    held = await Embedded.start(data)
    yield data
    await held.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def server_node(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Node]:
    async with one_server(tmp_path_factory.mktemp("contract")) as node:
        yield node


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def cluster_nodes(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    async with cluster(tmp_path_factory.mktemp("contract")) as nodes:
        yield nodes


@pytest.fixture(params=PLACES)
def place(
    request: pytest.FixtureRequest, embedded_data: Path, server_node: Node, cluster_nodes: Cluster
) -> tuple[str, Path]:
    """Its URL, and its folder when it is embedded."""
    urls = {"embedded": "embedded", "server": server_node.url, "cluster": cluster_nodes.url}
    return urls[str(request.param)], embedded_data


@pytest.fixture
async def store(place: tuple[str, Path]) -> AsyncIterator[Store]:
    server = await connect(*place)
    await server.tick.every_primary("FLUSHALL")
    store = Store(server)
    await store.functions.load()
    yield store
    await server.close()
