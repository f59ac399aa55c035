"""Messages and alerts that were moved to archive files, looked up: newest first, or one of them.

A month's file is read to its end each time, a piece at a time in a thread; of what is in it only as much is held as is
wanted.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Generic, TypeVar

from msgspec import Struct, json

from bot.store.alerts import ENDED, Alert, alert_of
from bot.store.archived import Archived
from bot.store.functions import Functions
from bot.store.keys import Shard
from bot.store.mail import Line, line_of
from bot.store.outbox import MESSAGES
from bot.store.things import Kind, Thing, read_thing

AT_ONCE = 250
"""Lines looked at before anybody else has a turn."""
ASKED = 500
"""Things asked for in one go."""
DAY = timedelta(days=1)
Mark = tuple[int, int, int]
"""Where a thing stands: Unix ms, number, shard. Greater is newer; of what is in a file the number is above 0."""
T = TypeVar("T")


class Look(Struct, Generic[T], frozen=True):
    """What is looked for in files."""

    kind: Kind
    read: Callable[[Thing], T]
    meant: Callable[[T], bool] = lambda _: True
    most: int = 50
    """Held at a time."""
    naming: bytes = b""
    """What a line must have in it to be read at all."""


class _When(Struct):
    at: int


_when = json.Decoder(_When)


class Past:
    """Reads what was moved."""

    def __init__(self, functions: Functions, archived: Archived, shards: int) -> None:
        self._line = functions.line
        self._archived = archived
        self._shards = [Shard(number) for number in range(shards)]

    async def months(self, kind: Kind, shards: Sequence[Shard] = ()) -> list[str]:
        """Those of which something was moved, the latest first."""
        asked = (self._archived.months(shard, kind.name) for shard in shards or self._shards)
        return sorted({month for months in await asyncio.gather(*asked) for month in months}, reverse=True)

    async def back(
        self, look: Look[T], before: Mark, shards: Sequence[Shard] = ()
    ) -> AsyncIterator[tuple[Mark, T | None]]:
        """What is meant, the last made first; before each file a None, for who would rather not have it opened.

        Raises Missing.
        """
        last = before
        for month in await self.months(look.kind, shards):
            began, ended = about(month)
            if began >= before[0]:
                continue
            last = min(last, (ended, 0, 0))
            yield last, None
            while found := await self._newest(look, month, last, shards or self._shards):
                for mark, thing in await self._moved(look.kind, found):
                    yield mark, look.read(thing)
                last = found[-1][0]
                if len(found) < look.most:
                    break

    async def _newest(
        self, look: Look[T], month: str, before: Mark, shards: Sequence[Shard]
    ) -> list[tuple[Mark, Thing]]:
        """The newest of a month from before that mark."""
        heap: list[tuple[Mark, Thing]] = []
        for shard in shards:
            reader = _Reader(look, shard, before, heap)
            source = self._archived.archives.lines(look.kind.name, month, shard)
            while await asyncio.to_thread(reader.takes, islice(source, AT_ONCE)):
                pass
        return sorted(heap, key=lambda one: one[0], reverse=True)

    async def _moved(self, kind: Kind, found: Sequence[tuple[Mark, Thing]]) -> list[tuple[Mark, Thing]]:
        """Without those that are in the store still: a crash left them in both."""
        left: list[tuple[Mark, Thing]] = []
        for start in range(0, len(found), ASKED):
            some = found[start : start + ASKED]
            asked = (self._line.call("ZSCORE", kind.index(Shard(mark[2])), thing.id) for mark, thing in some)
            held = await asyncio.gather(*asked)
            left += [one for one, score in zip(some, held, strict=True) if score is None]
        return left

    async def message(self, name: str, month: str) -> Line | None:
        """One of those that were made in that month. Raises Missing."""
        thing = await self._one(MESSAGES, name, [month], self._shards)
        return message_of(thing) if thing else None

    async def alert(self, number: int) -> tuple[Alert, list[dict[str, Any]]] | None:
        """The alert, and what became of it, oldest first. Raises Missing."""
        shards = [self._shards[number % len(self._shards)]]
        thing = await self._one(ENDED, str(number), await self.months(ENDED, shards), shards)
        alert = alert_of(thing.found) if thing else None
        return (alert, [json.decode(entry) for entry in thing.beside]) if thing and alert else None

    async def _one(
        self, kind: Kind, name: str, months: Iterable[str], shards: Sequence[Shard]
    ) -> Thing | None:
        called = b'"id":' + json.encode(name)
        look = Look(kind, lambda thing: thing, lambda thing: thing.id == name, 1, called)
        for month in months:
            for shard in shards:
                if month not in await self._archived.months(shard, kind.name):
                    continue
                if found := await self._newest(look, month, (2**62, 0, 0), [shard]):
                    return found[0][1]
        return None

    async def opened(self, month: str, first: int, end: int) -> list[Alert]:
        """Alerts of a month, from `first` to before `end` (Unix ms), in the store or in its file. Raises Missing."""
        found: list[Alert] = []
        for shard in self._shards:
            names = await self._line.call("ZRANGEBYSCORE", shard.alerts, first, f"({end}")
            for start in range(0, len(names), AT_ONCE):
                some = [f"{shard.alert}{name.decode()}" for name in names[start : start + AT_ONCE]]
                hashes = await asyncio.gather(*(self._line.call("HGETALL", key) for key in some))
                found += [alert for fields in hashes if (alert := alert_of(fields))]
            if month in await self._archived.months(shard, ENDED.name):
                held = {name.decode() for name in names}
                source = self._archived.archives.lines(ENDED.name, month, shard)
                while some_things := await asyncio.to_thread(_things, islice(source, AT_ONCE)):
                    mine = (one for one in some_things if first <= one.at < end and one.id not in held)
                    found += [alert for one in mine if (alert := alert_of(one.found))]
        return found

    async def oldest(self, kind: Kind) -> int:
        """When the oldest of the store was made (Unix ms), or about when, of those in files; 0: there is none."""
        asked = (self._line.call("ZRANGE", kind.index(shard), 0, 0, "WITHSCORES") for shard in self._shards)
        made = [int(at) for found in await asyncio.gather(*asked) for _, at in found]
        made += [about(month)[1] - 2 * DAY // timedelta(milliseconds=1) for month in await self.months(kind)]
        return min(made, default=0)


class _Reader(Generic[T]):
    """Reads one shard's part of a file, oldest first, and holds the newest that are meant."""

    def __init__(self, look: Look[T], shard: Shard, before: Mark, heap: list[tuple[Mark, Thing]]) -> None:
        self._look = look
        self._shard = shard
        self._before = before
        self._heap = heap
        self._at = self._same = 0

    def takes(self, lines: Iterable[bytes]) -> bool:
        """Whether there were any."""
        line = b""
        for line in lines:
            at = _when.decode(line).at
            self._same = self._same + 1 if at == self._at else 1
            self._at = at
            self._weigh((at, self._same, self._shard.number), line)
        return bool(line)

    def _weigh(self, mark: Mark, line: bytes) -> None:
        look, heap = self._look, self._heap
        full = len(heap) >= look.most
        if mark >= self._before or (full and mark < heap[0][0]) or look.naming not in line:
            return
        thing = read_thing(line)
        if look.meant(look.read(thing)):
            (heapq.heappushpop if full else heapq.heappush)(heap, (mark, thing))


def _things(lines: Iterable[bytes]) -> list[Thing]:
    return [read_thing(line) for line in lines]


def message_of(thing: Thing) -> Line:
    return line_of(thing.id, thing.fields)


def about(month: str) -> tuple[int, int]:
    """When a month (`202603`) begins and is over (Unix ms), whatever the clock: a day more on either side."""
    first = datetime(int(month[:4]), int(month[4:]), 1, tzinfo=UTC)
    following = (first + 32 * DAY).replace(day=1)
    return round((first - DAY).timestamp() * 1000), round((following + DAY).timestamp() * 1000)
