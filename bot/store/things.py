"""Messages and alerts that are over, in the store and in the archive: each a hash, in an index by when it was made."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, json, structs

from bot.store.archived import Archived, digest_of
from bot.store.days import months_between
from bot.store.functions import Functions
from bot.store.keys import Shard

CHUNK = 200
Found = dict[bytes, bytes]


class Kind(Struct, frozen=True):
    """Where things of a kind are."""

    name: str
    """What their files begin with."""
    index: Callable[[Shard], str]
    prefix: Callable[[Shard], str]
    over: Callable[[Mapping[str, str]], bool]
    """Whether nothing can become of one any more."""
    beside: str = ""
    """What the key of the list beside one ends with."""


class Thing(Struct, frozen=True, omit_defaults=True):
    """One of them as a line of a file. `at`: when it was made (Unix ms)."""

    at: int
    id: str
    fields: dict[str, str]
    beside: list[str] = []

    @property
    def place(self) -> tuple[int, bytes]:
        return self.at, self.id.encode()

    @property
    def found(self) -> Found:
        """As the store tells a hash."""
        return {name.encode(): value.encode() for name, value in self.fields.items()}

    def digest(self) -> str:
        return digest_of(self.found, (one.encode() for one in self.beside))

    def line(self) -> bytes:
        return json.encode(self) + b"\n"


_thing = json.Decoder(Thing)
read_thing = _thing.decode


def reworded_thing(line: bytes, change: Callable[[Mapping[str, str]], dict[str, str]]) -> bytes:
    """A line with some of its fields changed."""
    thing = read_thing(line)
    changed = change(thing.fields)
    return structs.replace(thing, fields=thing.fields | changed).line() if changed else line


class Things:
    """Things of one kind."""

    def __init__(self, functions: Functions, archived: Archived, kind: Kind) -> None:
        self._functions = functions
        self._line = functions.line
        self._archived = archived
        self.kind = kind

    async def held_in(self, shards: Sequence[Shard]) -> list[Shard]:
        """The shards that have any: in the store, or in the archive, asked later since things move there."""
        kept = await asyncio.gather(*(self._line.call("ZCARD", self.kind.index(shard)) for shard in shards))
        filed = await asyncio.gather(*(self._archived.months(shard, self.kind.name) for shard in shards))
        return [shard for shard, here, there in zip(shards, kept, filed, strict=True) if here or there]

    async def read(self, shard: Shard, since: int) -> AsyncIterator[tuple[str, Found]]:
        """Those made since then (Unix ms), oldest first. Raises Missing."""
        hot = await self._indexed(shard, since, "+inf")
        ids = {name for _, name in hot}
        waiting = list(reversed(hot))
        gone: set[str] = set()
        async for thing in self._filed(shard, since):
            if thing.id in ids:  # a crash left it in both
                continue
            while waiting and (waiting[-1][0], waiting[-1][1].encode()) < thing.place:
                async for one in self._taken(shard, waiting, gone, thing.place):
                    yield one
            yield thing.id, thing.found
        while waiting:
            async for one in self._taken(shard, waiting, gone):
                yield one
        if gone:  # moved to a file since we looked
            async for thing in self._filed(shard, since):
                if thing.id in gone:
                    yield thing.id, thing.found

    async def _taken(
        self,
        shard: Shard,
        waiting: list[tuple[int, str]],
        gone: set[str],
        before: tuple[int, bytes] | None = None,
    ) -> AsyncIterator[tuple[str, Found]]:
        """The next few of the store's own, up to that place; what is not there any more is noted."""
        names: list[str] = []
        while waiting and len(names) < CHUNK:
            at, name = waiting[-1]
            if before is not None and (at, name.encode()) >= before:
                break
            names.append(name)
            waiting.pop()
        prefix = self.kind.prefix(shard)
        hashes = await asyncio.gather(*(self._line.call("HGETALL", f"{prefix}{name}") for name in names))
        for name, found in zip(names, hashes, strict=True):
            if found:
                yield name, found
            else:
                gone.add(name)

    async def _filed(self, shard: Shard, since: int) -> AsyncIterator[Thing]:
        for month in months_between(await self._archived.months(shard, self.kind.name), since):
            async for line in self._archived.archives.read(self.kind.name, month, shard):
                if (thing := read_thing(line)).at >= since:
                    yield thing

    async def _indexed(self, shard: Shard, since: int, until: int | str) -> list[tuple[int, str]]:
        found = await self._line.call("ZRANGEBYSCORE", self.kind.index(shard), since, until, "WITHSCORES")
        return [(int(at), name.decode()) for name, at in found]

    async def move(
        self, shards: Sequence[Shard], before: int, month_of: Callable[[int], str]
    ) -> dict[str, int]:
        """Moves those that are over and were made before then (Unix ms); how many by month. The lock is held."""
        old: defaultdict[str, dict[Shard, list[Thing]]] = defaultdict(dict)
        for shard in shards:
            for thing in await self._over(shard, before):
                old[month_of(thing.at)].setdefault(shard, []).append(thing)
        return {month: await self._month(month, shards, of_shard) for month, of_shard in sorted(old.items())}

    async def _over(self, shard: Shard, before: int) -> list[Thing]:
        names = await self._indexed(shard, 0, f"({before}")
        over: list[Thing] = []
        for start in range(0, len(names), CHUNK):
            some = names[start : start + CHUNK]
            found = await asyncio.gather(*(self._whole(shard, at, name) for at, name in some))
            over += [thing for thing in found if thing.fields and self.kind.over(thing.fields)]
        return over

    async def _whole(self, shard: Shard, at: int, name: str) -> Thing:
        key = f"{self.kind.prefix(shard)}{name}"
        found = await self._line.call("HGETALL", key)
        beside = (
            await self._line.call("LRANGE", f"{key}{self.kind.beside}", 0, -1) if self.kind.beside else []
        )
        fields = {field.decode(): value.decode() for field, value in found.items()}
        return Thing(at, name, fields, [one.decode() for one in beside])

    async def _month(
        self, month: str, shards: Iterable[Shard], of_shard: Mapping[Shard, Sequence[Thing]]
    ) -> int:
        archives, name = self._archived.archives, self.kind.name
        with archives.writing(name, month) as writer:
            for shard in shards:
                new = of_shard.get(shard, ())
                held = {one.id for one in new}
                # What a crash left in the file is in the store still, where more may have become of it.
                held |= {name for _, name in await self._indexed(shard, 0, "+inf")} if new else set()
                kept = []
                if month in await self._archived.months(shard, name):
                    lines = [line async for line in archives.read(name, month, shard)]
                    kept = [thing for thing in map(read_thing, lines) if thing.id not in held]
                with writer.section(shard) as out:
                    out.writelines(one.line() for one in sorted([*kept, *new], key=lambda one: one.place))
            await asyncio.to_thread(writer.done)
        return sum([await self._take_out(month, shard, things) for shard, things in of_shard.items()])

    async def _take_out(self, month: str, shard: Shard, things: Sequence[Thing]) -> int:
        keys = [self.kind.index(shard), shard.archived]
        field = f"{self.kind.name}:{month}"
        many = 0
        for start in range(0, len(things), CHUNK):
            told: list[Any] = [
                part for one in things[start : start + CHUNK] for part in (one.id, one.digest())
            ]
            many += await self._functions.keep(
                "k_put_away_things", keys, field, self.kind.prefix(shard), self.kind.beside, *told
            )
        return many
