"""Sheets that somebody has sent and not yet said yes to: kept for an hour, for her alone."""

import secrets

from bot.store.functions import Functions
from bot.store.keys import UPLOAD, upload


class Uploads:
    def __init__(self, functions: Functions) -> None:
        self._line = functions.line

    async def put(self, owner: str, content: bytes) -> str:
        """The name by which she may ask for it."""
        name = secrets.token_urlsafe(16)
        await self._line.call(
            "SET", upload(f"{owner.casefold()}:{name}"), content, "EX", int(UPLOAD.total_seconds())
        )
        return name

    async def get(self, owner: str, name: str) -> bytes | None:
        found: bytes | None = await self._line.call("GET", upload(f"{owner.casefold()}:{name}"))
        return found
