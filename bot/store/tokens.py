"""Tokens of other systems in the store: what they may read, and a digest of their secret."""

from msgspec import json

from bot.accounts import Token
from bot.store.functions import Functions
from bot.store.keys import TOKENS


class Tokens:
    def __init__(self, functions: Functions) -> None:
        self._line = functions.line

    async def get(self, id_: str) -> Token | None:
        found = await self._line.call("HGET", TOKENS, id_)
        return json.decode(found, type=Token) if found else None

    async def every(self) -> list[Token]:
        """The newest first; those that are revoked among them."""
        found = await self._line.call("HVALS", TOKENS)
        return sorted((json.decode(one, type=Token) for one in found), key=lambda one: -one.made)

    async def put(self, token: Token) -> None:
        await self._line.durable("HSET", TOKENS, token.id, json.encode(token))
