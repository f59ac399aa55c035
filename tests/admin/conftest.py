"""A console that listens, and people at it."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.accounts import Rank
from bot.app import listening
from bot.house import House
from tests.admin.visitor import Visitor, somebody

Comes = Callable[..., Awaitable[Visitor]]


@pytest.fixture
async def url(house: House) -> AsyncIterator[str]:
    async with listening(house, simulator=False) as url:
        yield url


@pytest.fixture
async def stranger(url: str) -> AsyncIterator[Visitor]:
    visitor = Visitor(url)
    yield visitor
    await visitor.client.close()


@pytest.fixture
async def comes(house: House, url: str) -> AsyncIterator[Comes]:
    """Somebody of a role and an area, signed in."""
    here: list[Visitor] = []

    async def one(role: Rank, area: str = "") -> Visitor:
        here.append(await somebody(house, url, f"{role}-{len(here)}", role, area))
        return here[-1]

    yield one
    for visitor in here:
        await visitor.client.close()
