"""A house whose SMS go to the stand-in, by each of the two senders, at a time the test sets."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.flow.release import Release
from bot.house import House
from bot.store.servers import Server, connect
from tests.channels.sending import KINDS
from tests.standin import StandIn
from tests.worker.work import Clock, Work, at_standin


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep loopback out of a proxy, if the machine has one: the SDK heeds its settings."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture(scope="package")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def server(data: Path) -> AsyncIterator[Server]:
    """The embedded store, opened once."""
    server = await connect("embedded", data)
    yield server
    await server.close()


@pytest_asyncio.fixture(loop_scope="package")
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn() as provider:
        yield provider


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest_asyncio.fixture(loop_scope="package")
async def work(server: Server, standin: StandIn, kind: str, release: Release) -> AsyncIterator[Work]:
    """An empty house, its flows published."""
    await server.tick.every_primary("FLUSHALL")
    clock = Clock()
    house = House(at_standin(standin, kind), server, clock)
    await house.functions.load()
    await house.releases.publish(release, clock(), "files")
    work = Work(house, standin, clock)
    yield work
    await work.close()
