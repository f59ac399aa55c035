"""The ledger: an append-only stream a shard and month of what contacts said. All else follows from it."""

import asyncio
import heapq
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from msgspec import Struct, json

from bot.store.archived import Archived, written_id
from bot.store.days import months_between
from bot.store.functions import Functions
from bot.store.keys import DRAFT, Shard

CHUNK = 500
HELD = 200
"""Archived entries of a shard and month held at a time: a country's whole month would be some hundred megabytes."""
LATE = (DRAFT + timedelta(hours=1)) // timedelta(milliseconds=1)
"""How long after it was said (ms) an entry may be written: an unfinished report waits for a day."""
Place = tuple[int, ...]
"""What entries are ordered by."""
_Entry = TypeVar("_Entry")


class Entry(Struct, frozen=True, omit_defaults=True):
    """Who said one report, where, when and how: what all its rows share."""

    kind: str
    contact: str
    msisdn: str
    role: str
    org_unit: str
    org_path: str
    flow: str
    flow_version: int
    channel: str
    session: str
    language: str
    raw: str
    at: int
    """Unix ms."""
    void: bool = False


class Row(Struct, frozen=True):
    """One line of the ledger as other systems read it; `corrects` is the id of the row it replaces."""

    id: str
    kind: str
    contact: str
    msisdn: str
    role: str
    org_unit: str
    org_path: str
    flow: str
    flow_version: int
    channel: str
    session: str
    language: str
    answers: dict[str, Any]
    raw: str
    corrects: str
    at: str


class Moved(Struct, frozen=True):
    """A contact left this shard, or arrived in it, under another number: what was said stays as it was said."""

    xid: str
    month: str
    shard: Shard
    told: dict[str, Any]
    """`side` (`out` or `in`), `id`, `from`, `to`, `at`; of what left, its `years` and `days`; of what came, `gone`."""

    @property
    def msisdn(self) -> str:
        return str(self.told["from" if self.told["side"] == "out" else "to"])


class Told(Struct, frozen=True):
    """One entry as it stands in the stream of its shard and month."""

    xid: str
    month: str
    shard: Shard
    entry: Entry
    answers: list[dict[str, Any]]
    corrects: list[str]

    def id_of(self, index: int) -> str:
        """A row's id. Streams number their entries each for itself, so the id names the stream too."""
        return f"{self.xid}-{self.month}-{self.shard.number:02d}-{index}"

    def rows(self) -> list[Row]:
        entry = self.entry
        return [
            Row(
                id=self.id_of(index),
                kind=entry.kind,
                contact=entry.contact,
                msisdn=entry.msisdn,
                role=entry.role,
                org_unit=entry.org_unit,
                org_path=entry.org_path,
                flow=entry.flow,
                flow_version=entry.flow_version,
                channel=entry.channel,
                session=entry.session,
                language=entry.language,
                answers=answers,
                raw=entry.raw,
                corrects=corrects,
                at=datetime.fromtimestamp(entry.at / 1000, UTC).isoformat(timespec="milliseconds"),
            )
            for index, (answers, corrects) in enumerate(zip(self.answers, self.corrects, strict=True))
        ]


class Ledger:
    """Reads the ledger, in the store and in the archive; it is written by the commit of a step only."""

    def __init__(self, functions: Functions, shards: int, archived: Archived | None = None) -> None:
        self._line = functions.line
        self._archived = archived or Archived(functions)
        self._shards = [Shard(number) for number in range(shards)]

    async def read(self, since: int = 0, until: int | None = None, kind: str = "") -> AsyncIterator[Row]:
        """Rows from `since` up to but not at `until` (Unix ms), oldest first, whatever shard they are in.

        Of no other months anything is read, and a file of theirs need not be here.
        """
        written = await self._written()
        for month in months_between(set[str]().union(*written.values()), since, until):
            streams = [
                _in_time(self.told(shard, month)) for shard, months in written.items() if month in months
            ]
            async for told in _merged(streams, _said):
                entry = told.entry
                if entry.at >= since and (until is None or entry.at < until) and kind in ("", entry.kind):
                    for row in told.rows():
                        yield row

    async def months(self) -> list[str]:
        return sorted(set[str]().union(*(await self._written()).values()))

    async def _written(self) -> dict[Shard, set[str]]:
        """The months in which each shard has something."""
        found = await asyncio.gather(*(self._line.call("SMEMBERS", shard.months) for shard in self._shards))
        return {
            shard: {month.decode() for month in months}
            for shard, months in zip(self._shards, found, strict=True)
        }

    def written(self, shard: Shard, months: Sequence[str]) -> AsyncIterator[Told | Moved]:
        """One shard's entries of several months in the order they were written, and who came and went between them."""
        return _merged([self._all(shard, month) for month in months], _order)

    async def told(self, shard: Shard, month: str) -> AsyncIterator[Told]:
        """One shard's month in the order it was written, a chunk at a time."""
        async for entry in self._all(shard, month):
            if isinstance(entry, Told):
                yield entry

    async def _all(self, shard: Shard, month: str) -> AsyncIterator[Told | Moved]:
        """What is moved to the archive while we read is gone from the stream and named by the mark, read after it."""
        last = mark = ""
        while True:
            chunk = await self._line.call(
                "XRANGE", shard.ledger(month), f"({last}" if last else "-", "+", "COUNT", CHUNK
            )
            before, mark = mark, await self._archived.mark(shard, month)
            if mark != before:
                async for xid, fields in self._archived.entries(shard, month, after=last, until=mark):
                    yield read_entry(xid, month, shard, fields)
                last = max(last, mark, key=written_id)
                continue
            for xid, fields in chunk:
                yield read_entry(xid.decode(), month, shard, fields)
            if len(chunk) < CHUNK:
                return
            last = chunk[-1][0].decode()

    async def back(
        self, shard: Shard, month: str, end: str, most: int
    ) -> AsyncIterator[list[tuple[str, list[bytes]]]]:
        """The same the other way round, as it is kept: from before `end` (`+`: the newest), ever more at a time."""
        while chunk := await self._line.call(
            "XREVRANGE", shard.ledger(month), end if end == "+" else f"({end}", "-", "COUNT", most
        ):
            yield [(xid.decode(), fields) for xid, fields in chunk]
            end = chunk[-1][0].decode()
            most = min(2 * most, CHUNK)
        mark = await self._archived.mark(shard, month)
        while mark:
            older = await self._newest(shard, month, end, mark)
            if older:
                yield older
                end = older[-1][0]
            if len(older) < HELD:
                return

    async def _newest(self, shard: Shard, month: str, end: str, mark: str) -> list[tuple[str, list[bytes]]]:
        """The last few that are archived from before `end`, the last first: its file is read anew for those before."""
        kept: deque[tuple[str, list[bytes]]] = deque(maxlen=HELD)
        async for one in self._archived.entries(shard, month, until=mark):
            if end == "+" or written_id(one[0]) < written_id(end):
                kept.append(one)
        return list(reversed(kept))


def read_entry(xid: str, month: str, shard: Shard, fields: list[bytes]) -> Told | Moved:
    found = dict(zip(fields[::2], fields[1::2], strict=True))
    if b"moved" in found:
        return Moved(xid, month, shard, json.decode(found[b"moved"]))
    return Told(
        xid,
        month,
        shard,
        json.decode(found[b"entry"], type=Entry),
        json.decode(found[b"answers"]),
        found[b"corrects"].decode().split(" "),
    )


def _order(told: Told | Moved) -> Place:
    """Its place in the stream."""
    return written_id(told.xid)


def _said(told: Told) -> Place:
    return (told.entry.at, *_order(told))


async def _in_time(stream: AsyncIterator[Told]) -> AsyncIterator[Told]:
    """A stream in the order of what was said: an unfinished report, written a day later, is put where it belongs."""
    waiting: list[tuple[Place, Told]] = []
    latest = 0
    async for told in stream:
        latest = max(latest, told.entry.at)
        heapq.heappush(waiting, (_said(told), told))
        while waiting[0][1].entry.at <= latest - LATE:
            yield heapq.heappop(waiting)[1]
    while waiting:
        yield heapq.heappop(waiting)[1]


async def _merged(
    streams: Sequence[AsyncIterator[_Entry]], place: Callable[[_Entry], Place]
) -> AsyncIterator[_Entry]:
    """Several ordered streams as one, holding a single entry of each."""
    heads: list[tuple[Place, int, _Entry]] = []
    for index, stream in enumerate(streams):
        async for told in stream:
            heads.append((place(told), index, told))
            break
    heapq.heapify(heads)
    while heads:
        _, index, told = heapq.heappop(heads)
        yield told
        async for following in streams[index]:
            heapq.heappush(heads, (place(following), index, following))
            break
