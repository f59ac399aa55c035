"""What was moved to archive files, as a shard remembers it, and read back from there.

A shard's mark is set in the call that takes what was moved out of the store: below it the file holds, above it the
stream. Whatever a file has beyond the mark is still in the store, and is passed over.
"""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from struct import Struct as Binary
from typing import Any

from msgspec import Raw, Struct, json

from bot.store.archives import Archives, Missing
from bot.store.functions import Functions
from bot.store.keys import Shard

LEDGER, OUTBOX, ALERTS = "ledger", "outbox", "alerts"
KINDS = (LEDGER, OUTBOX, ALERTS)
Fields = dict[str, str]
_WORDS = Binary(">5I")
"""The five words of a SHA-1."""
NOWHERE = Archives(Path("archives"))


class Line(Struct, frozen=True, gc=False):
    """One entry of the ledger, its JSON as it stood in the stream."""

    id: str
    entry: Raw = Raw()
    answers: Raw = Raw()
    corrects: str = ""
    moved: Raw = Raw()
    """Instead of all that: somebody left the shard, or arrived in it."""


_line = json.Decoder(Line)


def written_id(xid: str) -> tuple[int, int]:
    """An entry's id as what it is ordered by; before all others, none."""
    ms, _, number = xid.partition("-")
    return int(ms or -1), int(number or 0)


def entry_line(xid: bytes, flat: Sequence[bytes]) -> bytes:
    """An entry of a stream as a line of a file. Raises KeyError for one that is none of ours."""
    fields = {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}
    told: dict[str, Any] = {"id": xid.decode()}
    if "moved" in fields:
        told["moved"] = Raw(fields["moved"])
    else:
        told |= {"entry": Raw(fields["entry"]), "answers": Raw(fields["answers"])}
        told["corrects"] = fields["corrects"].decode()
    return json.encode(told) + b"\n"


def entry_of(line: bytes) -> tuple[str, list[bytes]]:
    """A line of a file as its entry stood in the stream."""
    told = _line.decode(line)
    if moved := bytes(told.moved):
        return told.id, [b"moved", moved]
    fields = (bytes(told.entry), bytes(told.answers), told.corrects.encode())
    return told.id, [b"entry", fields[0], b"answers", fields[1], b"corrects", fields[2]]


def reworded_entry(line: bytes, change: Callable[[Fields], Fields]) -> bytes:
    """A line with some of its fields changed, as those of a stream are."""
    xid, flat = entry_of(line)
    fields = [part.decode() for part in flat]
    changed = change(dict(zip(fields[::2], fields[1::2], strict=True)))
    if not changed:
        return line
    held = [changed.get(name, value).encode() for name, value in zip(fields[::2], fields[1::2], strict=True)]
    return entry_line(xid.encode(), [part for pair in zip(flat[::2], held, strict=True) for part in pair])


def digest(parts: Iterable[bytes]) -> str:
    """As archive.lua reckons it."""
    return hashlib.sha1(b"\0".join(parts), usedforsecurity=False).hexdigest()


def digest_of(fields: Mapping[bytes, bytes], beside: Iterable[bytes] = ()) -> str:
    """Of a hash, and the list beside it: the same in whatever order the fields are told."""
    sums = [0] * 5
    for name, value in fields.items():
        words = _WORDS.unpack(hashlib.sha1(b"%b\0%b" % (name, value), usedforsecurity=False).digest())
        sums = [(had + more) % 2**32 for had, more in zip(sums, words, strict=True)]
    return digest([_WORDS.pack(*sums).hex().encode(), *beside])


class Archived:
    """Reads what one store moved to its files."""

    def __init__(self, functions: Functions, archives: Archives = NOWHERE) -> None:
        self._line = functions.line
        self.archives = archives

    async def mark(self, shard: Shard, month: str) -> str:
        """The id of the last entry of that month that is in its file; "" when none was moved."""
        found = await self._line.call("HGET", shard.archived, f"{LEDGER}:{month}")
        return found.decode() if found else ""

    async def months(self, shard: Shard, kind: str) -> list[str]:
        """Those of which something was moved, oldest first."""
        fields = [name.decode().partition(":") for name in await self._line.call("HKEYS", shard.archived)]
        return sorted(month for held, _, month in fields if held == kind)

    async def entries(
        self, shard: Shard, month: str, *, after: str = "", until: str
    ) -> AsyncIterator[tuple[str, list[bytes]]]:
        """The ledger's entries after that id, up to and with the mark; as a stream tells them. Raises Missing."""
        first, last = written_id(after), written_id(until)
        async for line in self.archives.read(LEDGER, month, shard):
            xid, fields = entry_of(line)
            if first < written_id(xid) <= last:
                yield xid, fields

    async def all_here(self, shards: Iterable[Shard]) -> None:
        """Raises Missing when something was moved to a file that is not in our folder."""
        for shard in shards:
            for kind in KINDS:
                for month in await self.months(shard, kind):
                    if not (file := self.archives.file(kind, month)).exists():
                        raise Missing(file)
