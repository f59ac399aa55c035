"""How `/api/v1` says no: as problem details."""

from http import HTTPStatus

from aiohttp import web
from msgspec import json

from bot.admin.api.shapes import Problem


class Refusal(Exception):  # noqa: N818 - an answer to whoever asked
    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers

    def answer(self) -> web.Response:
        said = Problem(HTTPStatus(self.status).phrase, self.status, self.detail)
        return web.Response(
            body=json.encode(said),
            status=self.status,
            content_type="application/problem+json",
            headers={name.replace("_", "-"): value for name, value in self.headers.items()},
        )
