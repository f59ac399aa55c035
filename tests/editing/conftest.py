"""An editor at the console of a house that listens."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.app import listening
from bot.house import House
from tests.editing.editor import Editor


@pytest.fixture
async def editor(house: House, client: ClientSession) -> AsyncIterator[Editor]:
    async with listening(house, simulator=False) as url:
        yield await Editor(house, client, url).signs_in()
