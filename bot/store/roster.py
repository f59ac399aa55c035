"""The whole roster with what each has said last, read in chunks that hold nobody up: for what goes by the calendar."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from functools import partial

from msgspec import Struct, msgpack

from bot.store.functions import Functions
from bot.store.keys import Shard, shard_of

CHUNK = 64
"""Contacts read in one call: two milliseconds of the server, which answers nobody else meanwhile."""
AT_ONCE = 4
"""Calls under way at a time."""


class Seen(Struct, frozen=True, array_like=True, gc=False):
    """The roster's word on somebody; all of it text, empty where nothing is known."""

    active: str
    stopped: str
    role: str
    path: str
    products: str
    training: str
    """What she is invited to: JSON."""
    reminded: str
    """The day on which she was first reminded to check in, `2026-11-21`."""
    told_checkin: str
    """Since when she was silent when her supervisor was last told; of stock, in which week."""
    told_stock: str
    name: str = ""
    """From here on: only when all is asked for."""
    language: str = ""
    org_unit: str = ""
    unit_name: str = ""
    supervisor: str = ""


class Person(Struct, frozen=True, array_like=True, gc=False):
    """One contact as she is read: the roster's word, and what else was asked for."""

    msisdn: str
    seen: Seen
    said: tuple[str, ...]
    """The latest of each subject."""
    made: tuple[str, ...]
    """Unix ms of each message whose stem was asked for; empty: there is none."""


class Roster:
    """Everybody, shard by shard."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._functions = functions
        self._shards = [Shard(number) for number in range(shards)]
        self._decode = msgpack.Decoder(list[Person]).decode

    async def people(
        self,
        subjects: Sequence[str],
        stems: Sequence[str] = (),
        *,
        reachable: bool,
        whole: bool,
        among: Collection[str] | None = None,
    ) -> AsyncIterator[list[Person]]:
        """All contacts, or those who may be written to, in chunks; with all that the roster says, or what is needed.

        `among`: of these numbers only, and no other is read.
        """
        read = partial(self._read, subjects=subjects, stems=stems, reachable=reachable, whole=whole)
        waiting: list[asyncio.Task[list[Person]]] = []
        known = None if among is None else self._by_shard(among)
        try:
            for shard in self._shards:
                numbers = sorted(
                    await self._functions.line.call("SMEMBERS", shard.contacts)
                    if known is None
                    else known[shard.number]
                )
                for start in range(0, len(numbers), CHUNK):
                    chunk = numbers[start : start + CHUNK]
                    waiting.append(asyncio.ensure_future(read(shard, chunk)))
                    if len(waiting) == AT_ONCE:
                        yield await waiting.pop(0)
            while waiting:
                yield await waiting.pop(0)
        finally:
            # One that fails, or a reader who has seen enough, leaves none running on.
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def _by_shard(self, numbers: Collection[str]) -> dict[int, list[bytes]]:
        found: dict[int, list[bytes]] = {shard.number: [] for shard in self._shards}
        for number in numbers:
            found[shard_of(number, len(self._shards)).number].append(number.encode())
        return found

    async def _read(
        self,
        shard: Shard,
        numbers: Sequence[bytes],
        subjects: Sequence[str],
        stems: Sequence[str],
        *,
        reachable: bool,
        whole: bool,
    ) -> list[Person]:
        packed = await self._functions.call(
            "k_roster",
            [shard.contacts],
            int(reachable),
            int(whole),
            shard.contact(""),
            shard.known(""),
            shard.messages,
            " ".join(subjects),
            " ".join(stems),
            *numbers,
        )
        return self._decode(packed)

    async def first_reminded(self, numbers: Sequence[str], day: str) -> None:
        """Notes the day from which her silence counts, where none is noted: she has never checked in."""
        await asyncio.gather(
            *(
                self._functions.line.call("HSETNX", shard.contact(number), "reminded", day)
                for number, shard in ((number, shard_of(number, len(self._shards))) for number in numbers)
            )
        )

    async def told(self, number: str, about: str, since: str) -> None:
        """Notes that her supervisor was told of this silence."""
        key = shard_of(number, len(self._shards)).contact(number)
        await self._functions.line.call("HSET", key, f"told_{about}", since)
