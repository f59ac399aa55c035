"""What was said and what was sent, newest first: for who looks things up, a little at a time."""

import asyncio
import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, TypeVar

from bot.store.alerts import ENDED, read_alert
from bot.store.alerts import Line as Alert
from bot.store.functions import Functions
from bot.store.keys import Shard, shard_of
from bot.store.ledger import Ledger, Told, read_entry
from bot.store.mail import Line, read_line
from bot.store.outbox import MESSAGES
from bot.store.past import Look, Mark, Past, message_of

FEW, MANY = 16, 200
"""Read at once of each of many shards, and of one alone."""
LOOKED_AT = 6000
"""Entries of a shard looked through for one contact's: hers are among those of her neighbours."""
NEWEST: Mark = (2**62, 0, 0)
Thing = TypeVar("Thing")


class Search:
    """Messages and alerts that stand in archive files come in their place.

    Before a file is opened comes a None: whoever has looked for long enough goes on from there another time.
    """

    def __init__(self, functions: Functions, ledger: Ledger, past: Past, shards: int) -> None:
        self._line = functions.line
        self._ledger = ledger
        self._past = past
        self._shards = [Shard(number) for number in range(shards)]

    async def told(
        self, before: Mark = NEWEST, until: str = "", msisdn: str = ""
    ) -> AsyncIterator[tuple[Mark, Told]]:
        """Entries in the reverse of the order in which they were written; of the months up to `until` (`202611`).

        Of one contact: hers, among so many of her shard's (LOOKED_AT).
        """
        shards, most = ([shard_of(msisdn, len(self._shards))], MANY) if msisdn else (self._shards, FEW)
        of = _Of(msisdn.encode())
        for month in reversed(await self._ledger.months()):
            if (not until or month <= until) and of.left > 0:
                streams = [self._month(shard, month, before, most, of) for shard in shards]
                async for one in _merged(streams, lambda one: one[0]):
                    yield one

    async def _month(
        self, shard: Shard, month: str, before: Mark, most: int, of: "_Of"
    ) -> AsyncIterator[tuple[Mark, Told]]:
        # The entry that stands at the mark itself may be of another shard: from just behind it.
        end = "+" if before == NEWEST else f"{before[0]}-{min(max(before[1], -1), NEWEST[0]) + 1}"
        async for chunk in self._ledger.back(shard, month, end, most):
            for xid, fields in chunk:
                if not any(of.number in field for field in fields):
                    continue
                told = read_entry(xid, month, shard, fields)
                if isinstance(told, Told) and (mark := _mark(told)) < before:
                    yield mark, told
            of.looked(len(chunk))
            if of.left <= 0:
                return

    async def sent(
        self,
        before: Mark = NEWEST,
        msisdn: str = "",
        meant: Callable[[Line], bool] = lambda _: True,
        most: int = MANY,
        naming: str = "",
    ) -> AsyncIterator[tuple[Mark, Line | None]]:
        """Messages, the last made first; of those in files only what is meant, `most` held at a time.

        Of one contact: those of her shard that do not name somebody else. `naming`: what is meant has these letters in
        its line, which is quicker to find out.
        """
        shards, chunk = ([shard_of(msisdn, len(self._shards))], MANY) if msisdn else (self._shards, FEW)
        of = _Of(msisdn.encode())
        hot = [self._scored(shard, shard.outbox, self._message, before, chunk, of) for shard in shards]
        look = Look(MESSAGES, message_of, meant, most, (msisdn or naming).encode())
        old = self._past.back(look, before, shards)
        async for one in _merged([*hot, old], lambda one: one[0]):
            yield one

    async def raised(
        self, before: Mark = NEWEST, meant: Callable[[Alert], bool] = lambda _: True, most: int = MANY
    ) -> AsyncIterator[tuple[Mark, Alert | None]]:
        """Alerts, the last opened first; of those in files only what is meant, `most` held at a time."""
        hot = [self._scored(shard, shard.alerts, self._alert, before, FEW, _Of()) for shard in self._shards]
        look = Look(ENDED, lambda thing: read_alert(thing.found), meant, most)
        old = self._past.back(look, before)
        async for one in _merged([*hot, old], lambda one: one[0]):
            yield one

    async def _scored(
        self,
        shard: Shard,
        index: str,
        read: Callable[[Shard, str], Awaitable[Any]],
        before: Mark,
        most: int,
        of: "_Of",
    ) -> AsyncIterator[tuple[Mark, Any]]:
        start = last = rank = 0
        highest = "+inf" if before == NEWEST else before[0]
        while of.left > 0 and (
            found := await self._line.call(
                "ZREVRANGEBYSCORE", index, highest, "-inf", "WITHSCORES", "LIMIT", start, most
            )
        ):
            hers = [of.may_be(name) for name, _ in found]
            asked = (
                read(shard, name.decode()) for (name, _), may_be in zip(found, hers, strict=True) if may_be
            )
            things = iter(await asyncio.gather(*asked))
            for (_, made), may_be in zip(found, hers, strict=True):
                rank = rank + 1 if int(made) == last else 0
                last = int(made)
                thing = next(things) if may_be else None
                if thing is not None and (mark := (last, -rank, shard.number)) < before:
                    yield mark, thing
            start += len(found)
            of.looked(len(found))
            most = min(2 * most, MANY)

    async def _message(self, shard: Shard, name: str) -> Line | None:
        """None for one that is moved to the archive at this moment."""
        found = await self._line.call("HGETALL", f"{shard.messages}{name}")
        return read_line(name, found) if found else None

    async def _alert(self, shard: Shard, number: str) -> Alert | None:
        found = await self._line.call("HGETALL", f"{shard.alert}{number}")
        return read_alert(found) if found else None


class _Of:
    """Whose entries are looked for, among how many more of her shard's; without a number everybody's, all of them."""

    def __init__(self, number: bytes = b"") -> None:
        self.number = number
        self.left = LOOKED_AT

    def looked(self, count: int) -> None:
        if self.number:
            self.left -= count

    def may_be(self, name: bytes) -> bool:
        """The id of a message ends with a number, as a rule: then it is that one's."""
        last = name.rpartition(b":")[2]
        return not self.number or last == self.number or not last.startswith(b"+")


def _mark(told: Told) -> Mark:
    ms, _, number = told.xid.partition("-")
    return int(ms), int(number), told.shard.number


async def _merged(
    streams: Sequence[AsyncIterator[Thing]], place: Callable[[Thing], Mark]
) -> AsyncIterator[Thing]:
    """Several streams, each newest first, as one."""
    heads: list[tuple[Any, int, Thing]] = []
    firsts = await asyncio.gather(*(_first(stream) for stream in streams))
    for index, found in enumerate(firsts):
        heads += [(_down(place(thing)), index, thing) for thing in found]
    heapq.heapify(heads)
    while heads:
        _, index, thing = heapq.heappop(heads)
        yield thing
        async for following in streams[index]:
            heapq.heappush(heads, (_down(place(following)), index, following))
            break


async def _first(stream: AsyncIterator[Thing]) -> list[Thing]:
    async for thing in stream:
        return [thing]
    return []


def _down(mark: Mark) -> Mark:
    return -mark[0], -mark[1], -mark[2]
