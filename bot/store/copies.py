"""The whole store out of one place and into another, as values: from the embedded server into a cluster as well."""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from bot.store.functions import Functions
from bot.store.keys import META, Shard
from bot.store.layout import RESTORING
from bot.store.tick import Argument, Tick

SHARD = re.compile(rb"\{s(\d+)\}:")
LEDGER = re.compile(rb"\{s\d+\}:ledger:(\d{6})")
PASSING = re.compile(rb"\{s\d+\}:(?:(?:us|seen|run|mid|early|out):.*|ready)")
"""Of one call, one request or one message: what begins while we copy belongs to the next copy."""
REST = ""
"""The part that belongs to no shard: units, flows, accounts."""
OPEN_MONTHS = 2
LOOKS = 5
"""How often we look for names that came into being meanwhile."""
AT_ONCE = 500


class Copy(Struct, frozen=True, array_like=True):
    """One key: its name, its type, when it ends (Unix ms; -1 never), and what it holds, flat as the server tells it."""

    name: bytes
    kind: str
    ends: int
    held: list[Any]


class Part(Struct, frozen=True, tag="part"):
    """Keys that stood so at one moment. Of parts with the same label, the last is the one that holds."""

    label: str
    keys: list[Copy]


class Restless(Exception):  # noqa: N818 - said of the store: try again
    """New names came into being as fast as we read: what was read may not agree with itself."""


class Copies:
    """Reads and writes whole stores."""

    def __init__(self, tick: Tick, functions: Functions) -> None:
        self._tick = tick
        self._functions = functions

    async def read(self) -> AsyncIterator[Part]:
        """Everything, while it is being written to: each shard as it stands between two writes.

        Months of the ledger that are closed come first, each by itself. A shard in which a new name came into being
        while we read is read again. Raises Restless when that does not end.
        """
        names = await self._tick.names()
        closed = closed_months(names)
        for name in sorted(closed):
            yield Part(name.decode(), await self._copy([name]))
        left: Mapping[str, Sequence[bytes]] = by_part(names - closed)
        for _ in range(LOOKS):
            for label, held in left.items():
                yield Part(label, await self._copy(held, label))
            seen, names = names, await self._tick.names()
            new = {part_of(name) for name in names - seen if not PASSING.fullmatch(name)}
            left = {label: held for label, held in by_part(names - closed).items() if label in new}
            if not left:
                return
        raise Restless

    async def _copy(self, names: Iterable[bytes], label: str = REST) -> list[Copy]:
        shard = Shard(int(label)) if label else None
        outbox, messages = (shard.outbox, shard.messages) if shard else ("", "")
        known = [name for name in names if not messages or not name.startswith(messages.encode())]
        if not known:
            return []
        found = await self._functions.call("k_copy", known, outbox, messages)
        return [Copy(name, kind.decode(), ends, held) for name, kind, ends, held in found]

    async def write(self, part: Part, now: int) -> None:
        """Puts keys where none are of that name; what has ended by now (Unix ms) is left out."""
        calls = [call for copy in part.keys if copy.ends == -1 or copy.ends > now for call in commands(copy)]
        for start in range(0, len(calls), AT_ONCE):
            await asyncio.gather(*(self._tick.call(*call) for call in calls[start : start + AT_ONCE]))

    async def begin(self) -> None:
        """Says that this store is not whole until `end`."""
        await self._tick.call("HSET", META, RESTORING, 1)

    async def end(self) -> None:
        await self._tick.call("HDEL", META, RESTORING)

    async def empty(self) -> bool:
        """Whether nothing was ever kept here: a store that was only laid out is empty."""
        return not {name for name in await self._tick.names() if SHARD.match(name)}


def part_of(name: bytes) -> str:
    found = SHARD.match(name)
    return found[1].decode() if found else REST


def by_part(names: Iterable[bytes]) -> dict[str, list[bytes]]:
    parts = defaultdict(list)
    for name in sorted(names):
        parts[part_of(name)].append(name)
    return parts


def closed_months(names: Iterable[bytes]) -> set[bytes]:
    """The months of the ledger that are only read: all but the last two."""
    ledgers = {name: found[1] for name in names if (found := LEDGER.fullmatch(name))}
    still_open = sorted(set(ledgers.values()))[-OPEN_MONTHS:]
    return {name for name, month in ledgers.items() if month not in still_open}


def commands(copy: Copy) -> Iterator[tuple[Argument, ...]]:
    """What writes a key as it was."""
    name, held = copy.name, copy.held
    if copy.kind == "stream":
        yield from (("XADD", name, entry, *fields) for entry, fields in held)
    elif copy.kind == "zset":
        turned = [part for member, score in _pairs(held) for part in (score, member)]
        yield from _in_bits("ZADD", name, turned)
    else:
        word = {"string": "SET", "hash": "HSET", "set": "SADD", "list": "RPUSH"}[copy.kind]
        yield from _in_bits(word, name, held)
    if copy.ends != -1:
        yield "PEXPIREAT", name, copy.ends


def _in_bits(word: str, name: bytes, arguments: Sequence[Any]) -> Iterator[tuple[Argument, ...]]:
    for start in range(0, len(arguments), 2 * AT_ONCE):
        yield word, name, *arguments[start : start + 2 * AT_ONCE]


def _pairs(flat: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(flat[::2], flat[1::2], strict=True)
