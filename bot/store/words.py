"""The words of what was said, and how they are forgotten: the rows and all that was counted stay."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from msgspec import json

from bot.store.archived import LEDGER, OUTBOX, Archived, Fields, reworded_entry
from bot.store.functions import Functions
from bot.store.keys import Shard
from bot.store.mail import FINAL
from bot.store.things import reworded_thing

CHUNK = 500
WORDS = ("text", "values", "texts")
"""What a message says: of `store.mail.Body`."""


class Words:
    """What is kept as it was typed or sent."""

    def __init__(self, functions: Functions, shards: int, archived: Archived | None = None) -> None:
        self.functions = functions
        self._line = functions.line
        self._shards = [Shard(number) for number in range(shards)]
        self.archived = archived or Archived(functions)

    async def forget(self, month: str, before: int) -> int:
        """Forgets what was typed in the months up to this one (`202511`), and messages older than that (Unix ms).

        How many entries and messages; a month that was done is not looked at again. The archive goes first, and
        nothing is moved into it meanwhile.
        """
        if not await self._left(month):
            return 0
        async with self.archived.archives.held():
            count = await self._forget_files(month)
            done = await asyncio.gather(*(self._forget(shard, month, before) for shard in self._shards))
        return count + sum(done)

    async def _left(self, last: str) -> bool:
        """Whether anything up to that month was not done yet."""
        for shard in self._shards:
            done = set(await self._line.call("SMEMBERS", shard.forgotten))
            months = {
                month for month in await self._line.call("SMEMBERS", shard.months) if month.decode() <= last
            }
            if f"out:{last}".encode() not in done or months - done:
                return True
        return False

    async def _forget_files(self, last: str) -> int:
        """What is in files of those months, where any shard has not done them. Raises Missing."""
        left: set[str] = set()
        sent: set[str] = set()
        for shard in self._shards:
            done = {name.decode() for name in await self._line.call("SMEMBERS", shard.forgotten)}
            archived = await self.archived.months(shard, LEDGER)
            left |= {month for month in archived if month <= last and month not in done}
            if f"out:{last}" not in done:
                sent |= {month for month in await self.archived.months(shard, OUTBOX) if month <= last}
        count = await self.in_files(LEDGER, sorted(left), lambda line: reworded_entry(line, _silent))
        return count + await self.in_files(OUTBOX, sorted(sent), lambda line: reworded_thing(line, silent))

    async def in_files(self, kind: str, months: Sequence[str], change: Callable[[bytes], bytes]) -> int:
        """Changes lines of these files, each file at once; how many."""
        archives, many = self.archived.archives, 0
        for month in months:
            file = archives.file(kind, month)
            many += await asyncio.to_thread(archives.rewrite, file, self._shards, change)
        return many

    async def in_all_files(self, kind: str, change: Callable[[bytes], bytes]) -> int:
        return await self.in_files(kind, self.archived.archives.months(kind), change)

    @asynccontextmanager
    async def archive_held(self) -> AsyncIterator[None]:
        """Alone at the archive's files, all of which are here. Raises Missing."""
        await self.archived.all_here(self._shards)
        async with self.archived.archives.held():
            yield

    async def in_archive(self, needle: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
        """The lines of each file in which that stands. Raises Missing."""
        archives = self.archived.archives
        await self.archived.all_here(self._shards)
        for file in archives.files():
            kind, _, month = file.stem.rpartition("-")
            for shard in self._shards:
                lines = [line async for line in archives.read(kind, month, shard) if needle in line]
                if lines:
                    yield f"archives/{file.name}", lines

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
        changed = silent({"message": told.decode(), "text": (text or b"").decode()})
        if not changed:
            return False
        await self._line.call("HSET", key, *(part for pair in changed.items() for part in pair))
        return True


def silent(fields: Mapping[str, str]) -> Fields:
    """A message without what it said; nothing when it says nothing any more."""
    body = json.decode(fields["message"])
    if not (fields.get("text") or any(body.get(name) for name in WORDS)):
        return {}
    body = {name: value for name, value in body.items() if name not in WORDS}
    return {"message": json.encode(body).decode(), "text": ""}


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
