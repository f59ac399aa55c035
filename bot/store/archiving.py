"""Moves a month of the ledger to its file: written, on disk, in its place; only then is it taken out of the store."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import IO

from msgspec import Struct

from bot.store.archived import LEDGER, Archived, digest, entry_line, entry_of, written_id
from bot.store.archives import Writer
from bot.store.functions import Functions
from bot.store.keys import Shard

PIECE = 500
"""Entries that leave in one call: a few milliseconds in which the server does nothing else."""


class Piece(Struct, frozen=True):
    """Entries of one shard that leave the store together, the oldest of those left."""

    shard: Shard
    last: str
    many: int
    digest: str


class Ledgers:
    """The ledger's months on their way to files. The lock of the files is held by who calls."""

    def __init__(self, functions: Functions, archived: Archived, shards: Sequence[Shard]) -> None:
        self._functions = functions
        self._archived = archived
        self._shards = shards

    async def all_months(self) -> list[str]:
        """Those in which anything was said, in the store or in files."""
        found = await asyncio.gather(
            *(self._functions.line.call("SMEMBERS", shard.months) for shard in self._shards)
        )
        return sorted({month.decode() for months in found for month in months})

    async def months(self, last: str) -> list[str]:
        """Those up to this one of which anything is in the store."""
        line = self._functions.line
        found: set[str] = set()
        for shard in self._shards:
            said = (month.decode() for month in await line.call("SMEMBERS", shard.months))
            asked = [month for month in said if month <= last and month not in found]
            sizes = await asyncio.gather(*(line.call("XLEN", shard.ledger(month)) for month in asked))
            found |= {month for month, size in zip(asked, sizes, strict=True) if size}
        return sorted(found)

    async def move(self, month: str) -> int:
        """Moves what there is of that month; how many entries. Done again after a crash, it ends what was begun."""
        with self._archived.archives.writing(LEDGER, month) as writer:
            pieces = [piece async for piece in self._write(writer, month)]
            await asyncio.to_thread(writer.done)
        moved = [piece.many for piece in pieces if await self._take_out(month, piece)]
        return sum(moved)

    async def _write(self, writer: Writer, month: str) -> AsyncIterator[Piece]:
        for shard in self._shards:
            with writer.section(shard) as out:
                if mark := await self._archived.mark(shard, month):
                    await asyncio.to_thread(self._again, out, shard, month, mark)
                last = "-"
                while chunk := await self._functions.line.call(
                    "XRANGE", shard.ledger(month), last, "+", "COUNT", PIECE
                ):
                    await asyncio.to_thread(out.writelines, [entry_line(xid, flat) for xid, flat in chunk])
                    parts = [part for xid, flat in chunk for part in (xid, *flat)]
                    name = chunk[-1][0].decode()
                    yield Piece(shard, name, len(chunk), digest(parts))
                    last = f"({name}"

    def _again(self, out: IO[bytes], shard: Shard, month: str, mark: str) -> None:
        """What the file had and the store has no more."""
        for line in self._archived.archives.lines(LEDGER, month, shard):
            if written_id(entry_of(line)[0]) <= written_id(mark):
                out.write(line)

    async def _take_out(self, month: str, piece: Piece) -> bool:
        """Whether it was still as it was written; what changed meanwhile stays, and goes another time."""
        ms, number = written_id(piece.last)
        stays = f"{ms}-{number + 1}"
        keys, field = [piece.shard.ledger(month), piece.shard.archived], f"{LEDGER}:{month}"
        return bool(
            await self._functions.keep("k_put_away", keys, field, piece.last, stays, piece.digest, piece.many)
        )
