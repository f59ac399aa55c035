"""Somebody with a browser at the console, over HTTP: keeps cookies, finds the proof in each page, reads what comes."""

import html
import re
from typing import Any

from aiohttp import ClientSession, CookieJar, FormData
from msgspec import Struct

from bot.accounts import Rank
from bot.house import House

PASSWORD = "une phrase assez longue"
PROOF = re.compile(r'name="csrf" value="([0-9a-f]+)"')


class Answer(Struct, frozen=True):
    status: int
    text: str
    path: str
    """Where it ended."""
    headers: Any
    body: bytes


class Visitor:
    def __init__(self, url: str) -> None:
        self.url = url
        self.client = ClientSession(cookie_jar=CookieJar(unsafe=True))
        self.proof = ""

    async def opens(self, path: str, **headers: str) -> Answer:
        async with self.client.get(f"{self.url}/admin{path}", headers=headers) as response:
            return self._read(response, await response.read())

    async def sends(self, path: str, file: bytes | None = None, /, **fields: Any) -> Answer:
        """A form, with the proof of the last page she saw unless she says another."""
        told = {"csrf": self.proof, **fields}
        data: Any = [(name, one) for name, value in told.items() for one in _each(value)]
        if file is not None:
            data = FormData(data, default_to_multipart=True)
            data.add_field("file", file, filename="roster.csv")
        async with self.client.post(f"{self.url}/admin{path}", data=data) as response:
            return self._read(response, await response.read())

    async def signs_in(self, name: str, password: str = PASSWORD) -> Answer:
        await self.opens("/sign-in")
        return await self.sends("/sign-in", name=name, password=password)

    def _read(self, response: Any, body: bytes) -> Answer:
        text = html.unescape(body.decode("utf-8", "replace"))
        if found := PROOF.search(text):
            self.proof = found[1]
        return Answer(response.status, text, response.url.path, response.headers, body)


def _each(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [str(value)]


async def somebody(house: House, url: str, name: str, role: Rank, area: str = "") -> Visitor:
    """An account of that role and area, signed in."""
    await house.keeper.add(name, role, PASSWORD, area=area)
    visitor = Visitor(url)
    assert (await visitor.signs_in(name)).status == 200
    return visitor
