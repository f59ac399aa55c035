from collections.abc import AsyncIterator

import pytest

from bot.messages import Sender
from tests.channels.house import House, Provider, served
from tests.channels.sending import IMPATIENT, IN_TIME, KINDS, settings
from tests.standin import StandIn


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def provider(house: House) -> AsyncIterator[Provider]:
    """Something that calls our callbacks."""
    async with served(house) as client:
        yield client


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep loopback out of a proxy, if the machine has one: the SDK heeds its settings."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
async def standin() -> AsyncIterator[StandIn]:
    async with StandIn() as provider:
        yield provider


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def sender(kind: str, standin: StandIn) -> AsyncIterator[Sender]:
    sender = KINDS[kind](settings(standin), IN_TIME)
    yield sender
    await sender.close()


@pytest.fixture
async def impatient(kind: str, standin: StandIn) -> AsyncIterator[Sender]:
    sender = KINDS[kind](settings(standin), IMPATIENT)
    yield sender
    await sender.close()
