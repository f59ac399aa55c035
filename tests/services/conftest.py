"""An empty programme to import into; phones of people who get a new number."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientSession

from bot.app import listening
from bot.house import House
from tests.calls import Phone
from tests.services.held import Held
from tests.services.numbers import AMINATA, OUMOU


@pytest.fixture
def held() -> Held:
    return Held()


@pytest.fixture
async def desk(house: House, client: ClientSession) -> AsyncIterator[Callable[[str], Phone]]:
    """Phones of anybody; Aminata has said she is here and is out of SRO."""
    for number in (AMINATA, OUMOU):
        await house.contacts.change(number, language="fr", products="SRO CTE")
    async with listening(house, simulator=False) as url:
        hers = Phone(client, url, AMINATA)
        await hers.dials(deep="1*1*2")
        await hers.writes("STOCK SRO 0 CTE 20", "before")
        yield lambda number: Phone(client, url, number)
