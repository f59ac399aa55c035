"""The words of what was said, and how they are forgotten: the rows and all that was counted stay."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

from msgspec import json

from bot.store.functions import Functions
from bot.store.keys import Shard

CHUNK = 500
FINAL = frozenset(
    {b"sent", b"delivered", b"failed", b"unknown", b"refused", b"expired", b"needless", b"capped"}
)
Fields = dict[str, str]


class Words:
    """What is kept as it was typed or sent."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self.functions = functions
        self._line = functions.line
        self._shards = [Shard(number) for number in range(shards)]

    async def forget(self, month: str, before: int) -> int:
        """Forgets what was typed in the months up to this one (`202511`), and messages older than that (Unix ms).

        How many entries and messages; a month that was done is not looked at again.
        """
        done = await asyncio.gather(*(self._forget(shard, month, before) for shard in self._shards))
        return sum(done)

    async def _forget(self, shard: Shard, last: str, before: int) -> int:
        done: set[bytes] = set(await self._line.call("SMEMBERS", shard.forgotten))
        months = sorted(set(await self._line.call("SMEMBERS", shard.months)) - done)
        count = 0
        for month in (month.decode() for month in months):
            if month <= last:
                count += await reworded(self.functions, shard.ledger(month), _silent)
                await self._line.call("SADD", shard.forgotten, month)
        if f"out:{last}".encode() not in done:
            count += await self._forget_messages(shard, before)
            await self._line.call("SADD", shard.forgotten, f"out:{last}")
        return count

    async def _forget_messages(self, shard: Shard, before: int) -> int:
        names = await self._line.call("ZRANGEBYSCORE", shard.outbox, 0, f"({before}")
        keys = [f"{shard.messages}{name.decode()}" for name in names]
        return sum([await self.silence(key) for key in keys])

    async def silence(self, key: str | bytes) -> bool:
        """Takes the words out of a message that is over; whether there were any."""
        told, text, state = await self._line.call("HMGET", key, "message", "text", "state")
        if told is None or state not in FINAL:
            return False
        body = json.decode(told)
        if not (text or body.get("text") or body.get("values")):
            return False
        body = {name: value for name, value in body.items() if name not in ("text", "values")}
        await self._line.call("HSET", key, "message", json.encode(body), "text", "")
        return True


def _silent(fields: Fields) -> Fields:
    """An entry without what was typed."""
    if "entry" not in fields:
        return {}
    entry = json.decode(fields["entry"])
    return {"entry": json.encode(entry | {"raw": ""}).decode()} if entry.get("raw") else {}


async def entries(functions: Functions, stream: str) -> AsyncIterator[tuple[str, Fields]]:
    start = "-"
    while chunk := await functions.line.call("XRANGE", stream, start, "+", "COUNT", CHUNK):
        for xid, flat in chunk:
            told = [part.decode() for part in flat]
            yield xid.decode(), dict(zip(told[::2], told[1::2], strict=True))
        start = f"({chunk[-1][0].decode()}"


async def reworded(functions: Functions, stream: str, change: Callable[[Fields], Fields]) -> int:
    """A stream with some fields of some entries changed, under the same ids; how many entries were."""
    changes: dict[str, Any] = {}
    async for xid, fields in entries(functions, stream):
        if changed := change(fields):
            changes[xid] = changed
    if changes:
        await functions.keep("k_reword", [stream, f"{stream}:anew"], json.encode(changes))
    return len(changes)
