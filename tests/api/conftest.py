"""Another system, with a token, over HTTP."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import ClientSession
from msgspec import Struct

from bot.accounts import SCOPES
from bot.app import listening
from bot.house import House
from tests.calls import Phone

OUMOU, NANA = "+22370000002", "+22370000015"


class Answer(Struct, frozen=True):
    status: int
    said: Any
    kind: str
    headers: Any


class System:
    def __init__(self, client: ClientSession, url: str, token: str) -> None:
        self.client = client
        self.url = url
        self.token = token

    async def reads(self, path: str, method: str = "GET", **query: str) -> Answer:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self.client.request(
            method, f"{self.url}/api/v1{path}", params=query, headers=headers
        ) as answer:
            said = await answer.json(content_type=None)
            return Answer(answer.status, said, answer.content_type, answer.headers)


Comes = Callable[..., Awaitable[System]]


@pytest.fixture
async def url(house: House) -> AsyncIterator[str]:
    async with listening(house, simulator=False) as url:
        yield url


@pytest.fixture
def system(house: House, url: str, client: ClientSession) -> Comes:
    async def one(*scopes: str, area: str = "") -> System:
        issued = await house.admission.issue("DHIS2", scopes or SCOPES, area)
        return System(client, url, issued.text)

    return one


@pytest.fixture
async def reported(house: House, url: str, client: ClientSession) -> None:
    """Oumou reports a stock-out and corrects herself, Nana is present; an alert stands for each."""
    await Phone(client, url, OUMOU).writes("STOCK SRO 2 CTE 12", "a")
    await Phone(client, url, OUMOU).writes("CORRIGER SRO 9", "b")
    await Phone(client, url, NANA).writes("PRESENT", "c")
    for number in (OUMOU, NANA):
        await house.leading.answers.open(number, "silent", "2026-11", house.clock(), {"days": "3"})
