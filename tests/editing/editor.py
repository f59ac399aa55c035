"""Somebody at the console's pages of flows and words, over HTTP."""

from typing import Any

from aiohttp import ClientSession, FormData
from msgspec import Struct

from bot.accounts import Rank
from bot.admin.door import SIGNED
from bot.admin.form import FIELD, proof
from bot.house import House
from bot.text.catalog import parse

PASSWORD = "une phrase assez longue"


class Answer(Struct, frozen=True):
    status: int
    text: str
    at: str
    """The path it ends on."""


class Editor:
    """Signed in; every form she sends is made from the draft as it is, unless she says otherwise."""

    def __init__(self, house: House, client: ClientSession, url: str) -> None:
        self.house, self.client, self.url = house, client, url
        self.token = ""

    async def signs_in(self, name: str = "Awa Diarra", role: Rank = "editor", area: str = "") -> "Editor":
        await self.house.keeper.add(name, role, PASSWORD, area=area)
        self.token = (await self.house.keeper.sign_in(name, PASSWORD, "127.0.0.1", "test")).token
        return self

    async def reads(self, path: str) -> Answer:
        async with self.client.get(f"{self.url}/admin{path}", headers=self._headers()) as response:
            return Answer(
                response.status, (await response.read()).decode("utf-8", "replace"), str(response.url.path)
            )

    async def sends(self, path: str, /, seen: Any = None, file: Any = None, **fields: str) -> Answer:
        version = (await self.house.editing.open()).version if seen is None else seen
        told: dict[str, Any] = {FIELD: proof(self.token), "seen": str(version), **fields}
        form = FormData(told)
        if file is not None:
            form.add_field("file", file, filename="f")
        async with self.client.post(
            f"{self.url}/admin{path}", data=form, headers=self._headers()
        ) as response:
            return Answer(response.status, await response.text(), str(response.url.path))

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"{SIGNED}={self.token}"}


async def stock(house: House) -> str:
    """The file of the stock flow, as the draft has it."""
    return (await house.editing.open()).draft.source.flows["flows/stock.yaml"]


async def said(house: House, language: str, key: str) -> str:
    """What the draft says there."""
    return parse(language, (await house.editing.open()).draft.source.words[language]).messages[key].text
