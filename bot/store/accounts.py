"""Accounts of the console, the browsers that are signed in, and wrong passwords counted, in the store."""

import asyncio

from msgspec import json

from bot.accounts import Account, SignIn
from bot.store.functions import Functions
from bot.store.keys import ACCOUNTS, SIGN_IN, SIGN_IN_IDLE, TRIES, sign_in, sign_ins, tries

_IDLE = int(SIGN_IN_IDLE.total_seconds())
_LONGEST = SIGN_IN.total_seconds() * 1000


class Accounts:
    """A name is held in small letters: `Awa` and `awa` are one account."""

    def __init__(self, functions: Functions) -> None:
        self._line = functions.line

    async def get(self, name: str) -> Account | None:
        found = await self._line.call("HGET", ACCOUNTS, name.casefold())
        return json.decode(found, type=Account) if found else None

    async def every(self) -> list[Account]:
        found = await self._line.call("HVALS", ACCOUNTS)
        return sorted((json.decode(one, type=Account) for one in found), key=lambda one: one.name.casefold())

    async def any(self) -> bool:
        return bool(await self._line.call("HLEN", ACCOUNTS))

    async def add(self, account: Account) -> bool:
        """False when there is an account of that name."""
        return bool(
            await self._line.durable("HSETNX", ACCOUNTS, account.name.casefold(), json.encode(account))
        )

    async def put(self, account: Account) -> None:
        await self._line.durable("HSET", ACCOUNTS, account.name.casefold(), json.encode(account))

    async def sign_in(self, one: SignIn) -> None:
        await self._line.call("SET", sign_in(one.id), json.encode(one), "EX", _IDLE)
        await self._line.call("SADD", sign_ins(one.name.casefold()), one.id)

    async def signed_in(self, digest: str, now: int) -> SignIn | None:
        """Who is signed in so; being asked keeps it for another while, up to its longest life."""
        found = await self._line.call("GETEX", sign_in(digest), "EX", _IDLE)
        one = json.decode(found, type=SignIn) if found else None
        return one if one and now - one.at < _LONGEST else None

    async def sign_ins(self, name: str, now: int) -> list[SignIn]:
        """Those that last, newest first; those that have ended are forgotten."""
        held = sign_ins(name.casefold())
        digests = [one.decode() for one in await self._line.call("SMEMBERS", held)]
        found = await asyncio.gather(*(self._line.call("GET", sign_in(one)) for one in digests))
        lasting = [json.decode(one, type=SignIn) for one in found if one]
        lasting = [one for one in lasting if now - one.at < _LONGEST]
        ended = set(digests) - {one.id for one in lasting}
        if ended:
            await self._line.call("SREM", held, *ended)
        return sorted(lasting, key=lambda one: -one.at)

    async def sign_out(self, name: str, digest: str) -> None:
        await self._line.call("DEL", sign_in(digest))
        await self._line.call("SREM", sign_ins(name.casefold()), digest)

    async def sign_out_everywhere(self, name: str, now: int, but: str = "") -> None:
        for one in await self.sign_ins(name, now):
            if one.id != but:
                await self.sign_out(name, one.id)

    async def tried(self, who: str) -> int:
        """Counts one more try; how many there were in a while."""
        key = tries(who)
        many = await self._line.call("INCR", key)
        # After it, and each time: a count that nothing ends would lock her out for good.
        await self._line.call("EXPIRE", key, int(TRIES.total_seconds()), "NX")
        return int(many)

    async def forgive(self, who: str) -> None:
        await self._line.call("DEL", tries(who))
