"""Broadcasts as they were sent, what became of their messages, and what people answered."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, json

from bot.store.functions import Functions
from bot.store.keys import BROADCASTS, Shard, shard_of

CHUNK = 500


class Broadcast(Struct, frozen=True, omit_defaults=True):
    """One message to many, as it was sent."""

    id: str
    at: int
    """Unix ms; its messages are made then, whenever they were queued."""
    by: str
    audience: str
    """Whom it was for, in words an operator reads."""
    texts: dict[str, str]
    """By language, placeholders and all."""
    choices: dict[str, tuple[str, ...]] = {}
    """By language: what may be answered, from 1 on."""
    urgent: bool = False
    unless: str = ""
    """What makes a message needless before it leaves, as `store.outbox.Body.unless`."""
    unit: str = ""
    """The path of the place it was for; empty: the whole programme."""
    count: int = 0
    segments: int = 0
    cost: float = 0.0
    """FCFA, as it was announced."""


class Sent(Struct, frozen=True):
    """What became of its messages: how many by state, the segments that left, how many answered which choice."""

    states: Mapping[str, int]
    segments: int
    answers: Mapping[int, int]


class Broadcasts:
    """Broadcasts in the store."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._line = functions.line
        self._shards = [Shard(number) for number in range(shards)]

    async def keep(self, broadcast: Broadcast) -> Broadcast:
        """Keeps it, once: the one that was kept first under this id."""
        await self._line.durable("HSETNX", BROADCASTS, broadcast.id, json.encode(broadcast))
        return _broadcast(await self._line.call("HGET", BROADCASTS, broadcast.id))

    async def get(self, id_: str) -> Broadcast | None:
        found = await self._line.call("HGET", BROADCASTS, id_)
        return _broadcast(found) if found else None

    async def all(self) -> list[Broadcast]:
        """Oldest first."""
        found = await self._line.call("HGETALL", BROADCASTS)
        return sorted(map(_broadcast, found.values()), key=lambda one: (one.at, one.id))

    async def sent(self, broadcast: Broadcast) -> Sent:
        found = await asyncio.gather(*(self._sent_of(shard, broadcast) for shard in self._shards))
        messages = [message for messages, _ in found for message in messages]
        answers = Counter(int(said.partition(b"@")[0]) for _, all_said in found for said in all_said)
        return Sent(
            states=Counter(state.decode() for state, _ in messages),
            segments=sum(int(segments or 0) for _, segments in messages),
            answers=dict(sorted(answers.items())),
        )

    async def _sent_of(self, shard: Shard, broadcast: Broadcast) -> tuple[list[Any], list[bytes]]:
        # All its messages are made at one time, so the time finds them among millions.
        ids = await self._line.call("ZRANGEBYSCORE", shard.outbox, broadcast.at, broadcast.at)
        mine = [id_.decode() for id_ in ids if id_.startswith(prefix_of(broadcast.id).encode())]
        messages = await asyncio.gather(
            *(self._line.call("HMGET", f"{shard.messages}{id_}", "state", "segments") for id_ in mine)
        )
        return messages, await self._line.call("HVALS", shard.poll(broadcast.id))

    async def known(self, numbers: Sequence[str], subjects: Sequence[str]) -> dict[str, dict[str, str]]:
        """What each of these people said last of each subject: `12@1763760000000`."""
        if not subjects:
            return {number: {} for number in numbers}
        found: dict[str, dict[str, str]] = {}
        for start in range(0, len(numbers), CHUNK):
            some = numbers[start : start + CHUNK]
            said = await asyncio.gather(*(self._said(number, subjects) for number in some))
            found |= zip(some, said, strict=True)
        return found

    async def _said(self, number: str, subjects: Iterable[str]) -> dict[str, str]:
        key = shard_of(number, len(self._shards)).known(number)
        values = await self._line.call("HMGET", key, *subjects)
        pairs = zip(subjects, values, strict=True)
        return {subject: value.decode() for subject, value in pairs if value}


def prefix_of(broadcast: str) -> str:
    """What the ids of its messages begin with; the recipient's number follows."""
    return f"broadcast:{broadcast}:"


def _broadcast(found: Any) -> Broadcast:
    return json.decode(found, type=Broadcast)
