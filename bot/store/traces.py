"""All that is held of one number: every key is looked through, so that nothing added later can be left out."""

import asyncio
from collections.abc import AsyncIterator, Container, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from msgspec import Struct

from bot.store.functions import Functions
from bot.store.tick import Tick

AT_ONCE = 100


class Trace(Struct, frozen=True):
    """What one key holds of a number: entries of a stream, fields of a hash, members of a set."""

    key: str
    kind: str
    held: list[Any]


class Traces:
    def __init__(self, tick: Tick, functions: Functions) -> None:
        self._tick = tick
        self._functions = functions

    async def of(self, needle: str) -> AsyncIterator[Trace]:
        names = sorted(await self._tick.names())
        for some in _chunks(names):
            found = await asyncio.gather(*(self._functions.call("k_copy", [name], "", "") for name in some))
            for key, kind, _, held in (copy for copies in found for copy in copies):
                if parts := list(_parts(key, kind.decode(), held, needle.encode())):
                    yield Trace(key.decode(), kind.decode(), parts)

    async def recode(self, trace: Trace, number: str, code: str) -> None:
        """Puts the code where the number stands, in the name of the key as in what it holds."""
        await self._functions.keep("k_recode", [trace.key, trace.key.replace(number, code)], number, code)

    async def field(self, key: str, field: str) -> str:
        found = await self._tick.call("HGET", key, field)
        return _text(found) if found else ""

    async def named(self, words: Container[str]) -> AsyncIterator[str]:
        """Keys one part of whose name is one of these words."""
        for name in await self._tick.names():
            if any(part in words for part in _text(name).split(":")[1:]):
                yield _text(name)

    async def drop(self, key: str) -> None:
        await self._tick.call("DEL", key)

    async def note(self, key: str, field: str, value: str) -> None:
        await self._tick.call("HSET", key, field, value)


def _parts(key: bytes, kind: str, held: Sequence[Any], needle: bytes) -> Iterator[Any]:
    whole = needle in key
    if kind == "stream":
        for xid, flat in held:
            if any(needle in part for part in flat):
                yield [xid.decode(), _paired(flat)]
    elif kind in ("hash", "zset"):
        fields = [(name, value) for name, value in _pairs(held)]
        # Of a message, all; of a hash about many, what is about her.
        whole = whole or (b":out:" in key and any(needle in part for pair in fields for part in pair))
        for name, value in fields:
            if whole or needle in name or needle in value:
                yield [_text(name), _text(value)]
    else:
        yield from (_text(one) for one in held if whole or needle in one)


def _pairs(flat: Sequence[Any]) -> Iterator[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _paired(flat: Sequence[bytes]) -> dict[str, str]:
    return {_text(name): _text(value) for name, value in _pairs(flat)}


def _text(told: bytes) -> str:
    return told.decode(errors="replace")


def _chunks(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    source = iter(names)
    while some := list(islice(source, AT_ONCE)):
        yield some
