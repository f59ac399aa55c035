"""A provider in this process, over HTTP: it takes what it is given, refuses wrong numbers, and remembers both."""

import json
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

from aiohttp import web
from msgspec import Struct

from bot.text.gsm import segment

PRICE = 12
"""FCFA a segment, as in config.toml: an example, no contract's."""


class Taken(Struct, frozen=True):
    id: str
    number: str
    text: str


class Provider:
    def __init__(self, wrong: set[str]) -> None:
        self._wrong = wrong
        self.taken: list[Taken] = []
        self.refused = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=1 << 20)
        app.router.add_post("/version1/messaging", self._messaging)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _messaging(self, request: web.Request) -> web.Response:
        form = parse_qs((await request.read()).decode(), keep_blank_values=True)
        text = form["message"][0]
        parts = len(segment(text).parts)
        told = [self._take(number, text, parts) for number in form["to"][0].split(",")]
        body = json.dumps({"SMSMessageData": {"Message": "Sent", "Recipients": told}})
        return web.Response(status=201, text=body, content_type="application/json")

    def _take(self, number: str, text: str, parts: int) -> dict[str, object]:
        if number in self._wrong:
            self.refused += 1
            return {
                "statusCode": 403,
                "number": number,
                "status": "InvalidPhoneNumber",
                "cost": "0",
                "messageId": "None",
            }
        taken = Taken(f"ATXid_{len(self.taken)}", number, text)
        self.taken.append(taken)
        return {
            "statusCode": 101,
            "number": number,
            "status": "Success",
            "cost": f"XOF {PRICE * parts}.0000",
            "messageId": taken.id,
            "messageParts": parts,
        }
