"""The outbox: a message exists only if it was committed with its cause, and is sent by whoever claims it first."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec import json, structs

from bot.messages import DeliveryReport
from bot.store.archived import OUTBOX, Archived
from bot.store.functions import Functions
from bot.store.keys import BROADCAST, DELIVERY, GROUPED, LANES, REMINDER, WRITTEN, Shard, shard_of
from bot.store.mail import FINAL, Body, Charge, Claimed, Line, Lost, Waiting, message, read_body, read_line
from bot.store.sessions import Message
from bot.store.things import Kind, Things

__all__ = ["Body", "Charge", "Claimed", "Line", "Lost", "Outbox", "Waiting", "message"]

CHUNK = 500
RECENT = 50
"""Messages of each shard looked through for one phone's: enough for a demonstration, asked every second."""
WINDOW = 300_000
"""Milliseconds in which alerts for one recipient become one SMS."""
_KEPT = int(DELIVERY.total_seconds())
_WRITTEN = int(WRITTEN.total_seconds())
_ONCE = frozenset({"segments", "cost"})
"""What is noted on the carrier alone, so that it adds up."""


def _over(fields: Mapping[str, str]) -> bool:
    """Nothing becomes of it any more; a broadcast is counted from its messages, for as long as it is listed."""
    return fields["state"].encode() in FINAL and read_body(fields["message"].encode()).kind != "broadcast"


MESSAGES = Kind(OUTBOX, lambda shard: shard.outbox, lambda shard: shard.messages, _over)


class Outbox:
    """Messages in the store: replies and tells in the shard of what caused them, all others in their recipient's."""

    def __init__(
        self, functions: Functions, shards: int, window: int = WINDOW, archived: Archived | None = None
    ) -> None:
        self._functions = functions
        self.things = Things(functions, archived or Archived(functions), MESSAGES)
        self._line = functions.line
        self._shards = [Shard(number) for number in range(shards)]
        self._window = window
        self._turn = 0

    async def queue(self, messages: Iterable[Message]) -> int:
        """Leaves messages to be sent, durably; one whose id is there stays as it is. How many are new."""
        of_shard: defaultdict[int, list[Message]] = defaultdict(list)
        for one in map(self._addressed, messages):
            of_shard[self._shard(one.to).number].append(one)
        parts = (
            self._queue(self._shards[number], told[first : first + CHUNK])
            for number, told in of_shard.items()
            for first in range(0, len(told), CHUNK)
        )
        return sum(await asyncio.gather(*parts))

    async def _queue(self, shard: Shard, messages: Sequence[Message]) -> int:
        names, told = json.encode(_names(shard)), json.encode(messages)
        return int(await self._functions.keep("k_queue", [shard.due], names, told))

    def _addressed(self, message: Message) -> Message:
        body = json.decode(message.body, type=Body)
        wait = self._window if body.lane == GROUPED else 0
        return structs.replace(message, to=body.to, lane=body.lane, due=message.due + wait)

    async def known(self, ids_by_msisdn: Mapping[str, Iterable[str]]) -> set[str]:
        """Which of these are there already, by recipient; of those that `queue` leaves in her shard."""
        asked = [(self._shard(to).messages, name) for to, names in ids_by_msisdn.items() for name in names]
        found = await asyncio.gather(*(self._line.call("EXISTS", f"{where}{name}") for where, name in asked))
        return {name for (_, name), there in zip(asked, found, strict=True) if there}

    async def waiting(self, now: int, month: str) -> Waiting:
        """What is due now, in every shard, and what the month (`202611`) has cost."""
        found = await asyncio.gather(
            *(
                self._functions.call(
                    "k_waiting",
                    [shard.spent(month), *(f"{shard.due}{lane}" for lane in LANES)],
                    now,
                    len(LANES),
                )
                for shard in self._shards
            )
        )
        spent, *due = zip(*found, strict=True)
        return Waiting(sum(spent), dict(zip(LANES, due, strict=True)))

    async def claim(self, now: int, lease: int, rooms: Mapping[str, int], waiting: Waiting) -> list[Claimed]:
        """Of what waits, as many of each lane as there is room for, the most pressing first; ours for `lease` ms.

        A group comes whole.
        """
        self._turn += 1
        asked = [
            (self._shards[number], lane, many)
            for lane in LANES
            if lane in rooms
            for number, many in _shares(waiting.due[lane], rooms[lane], self._turn)
        ]
        found = await asyncio.gather(*(self._claim(*one, now, now + lease) for one in asked))
        return list(chain.from_iterable(found))

    async def _claim(self, shard: Shard, lane: str, many: int, now: int, lease: int) -> list[Claimed]:
        keys = [f"{shard.due}{lane}", shard.sending]
        found = await self._functions.call(
            "k_claim", keys, shard.messages, lane, shard.groups, now, lease, many
        )
        return [
            Claimed(id_.decode(), shard, read_body(body), int(attempts or 0) + 1, lease, lane)
            for id_, body, attempts in found
        ]

    async def spare(self, message: Claimed, day: str, cap: int) -> str:
        """Why it is not hers to get: `needless`, or `capped` when she was written to `cap` times that day; or ''.

        It counts from now on, once.
        """
        body = message.body
        kind, _, date = body.unless.partition(":")
        # Hers, not the message's: she may have another number since it was queued.
        shard = self._shard(body.to)
        keys = [shard.written(body.to, day), f"{shard.days}{date}"]
        counted = "" if body.urgent or message.lane not in {REMINDER, BROADCAST} or not cap else cap
        fact = f"{kind}:{body.to}" if date else ""
        if fact == counted == "":
            return ""
        said: bytes = await self._functions.call("k_spare", keys, message.id, counted, fact, _WRITTEN)
        return said.decode()

    async def begin(self, *messages: Claimed) -> bool:
        """Says that they are being sent as one SMS; False when a lease has ended, and it is not ours any more.

        Raises NotReplicated: after a failover nobody would know that they were sent, and another would send them again.
        """
        first = messages[0]
        ids = (message.id for message in messages)
        begun = await self._functions.keep(
            "k_begin", [first.shard.sending], first.shard.messages, first.lease, *ids
        )
        return bool(begun)

    async def settle(
        self,
        message: Claimed,
        state: str,
        again_at: int | None = None,
        fields: Mapping[str, str | int] | None = None,
        *,
        also: Sequence[Claimed] = (),
        begun: bool = True,
        charge: Charge | None = None,
    ) -> list[Lost]:
        """What became of a send, and of those that left with it; `again_at` (Unix ms) queues them once more.

        Without a lease only who had begun them may still speak, once nobody else is to send them. Those that will reach
        nobody, now or by a delivery report that came before.
        """
        fields = fields or {}
        told = {
            "ids": [message.id, *(other.id for other in also)],
            "lease": str(message.lease),
            "begun": begun,
            "state": state,
            "lane": message.lane,
            "to": message.body.to,
            "fields": {name: value for name, value in fields.items() if name not in _ONCE},
            "once": {name: value for name, value in fields.items() if name in _ONCE},
            **structs.asdict(charge or Charge("", "", "", 0, 0)),
        }
        if again_at is not None:
            told["again"] = again_at
        names = _names(message.shard) | {"spent": message.shard.spent(charge.month if charge else "")}
        found, early = await asyncio.gather(
            self._functions.call("k_settle", [message.shard.sending], json.encode(names), json.encode(told)),
            self._named(message, str(fields.get("provider_id", ""))),
        )
        lost = _lost(found)
        for report in early:
            lost += await self.deliver(report) or ()
        return lost

    async def _named(self, message: Claimed, provider_id: str) -> list[DeliveryReport]:
        """Notes what the provider calls it; the reports that came before."""
        if not provider_id:
            return []
        to = message.body.to
        shard = self._shard(to)
        keys = [shard.delivery(provider_id, to), shard.early(provider_id, to)]
        early = await self._functions.call("k_name", keys, f"{message.shard.number}|{message.id}", _KEPT)
        return [json.decode(report, type=DeliveryReport) for report in early]

    async def abandon(self, now: int) -> int:
        """Marks unknown what a dead worker was sending, and leaves to others what it had only claimed; how many."""
        lost = await asyncio.gather(
            *(
                self._functions.call("k_abandon", [shard.sending], json.encode(_names(shard)), now)
                for shard in self._shards
            )
        )
        return sum(lost)

    async def deliver(self, report: DeliveryReport) -> list[Lost] | None:
        """Takes a delivery report: what will reach nobody, now that we know.

        None: it came before its message was settled, and is kept for it.
        """
        shard, named = self._shard(report.msisdn), (report.provider_id, report.msisdn)
        keys = [shard.delivery(*named), shard.early(*named)]
        where = await self._functions.call("k_heard", keys, json.encode(report), _KEPT)
        if not where:
            return None
        number, _, name = where.decode().partition("|")
        prefix = Shard(int(number)).messages
        said = (report.state or "", report.status, report.reason)
        return _lost(await self._functions.call("k_deliver", [f"{prefix}{name}"], prefix, name, *said))

    async def find(self, name: str) -> Line | None:
        """A message by its id, whatever shard it is in."""
        where = await self._where(name)
        found = await self._line.call("HGETALL", f"{where.messages}{name}") if where else None
        return read_line(name, found) if found and b"message" in found else None

    async def cancel(self, line: Line) -> bool:
        """Nobody will send what only waits; False when it is being sent, or waits no more."""
        return await self._turned("k_cancel", line)

    async def again(self, line: Line, now: int) -> bool:
        """What did not leave or did not arrive is sent once more; False for what may have arrived."""
        return await self._turned("k_again", line, now)

    async def _turned(self, function: str, line: Line, *now: int) -> bool:
        where = await self._where(line.id)
        if where is None:
            return False
        names = json.encode(_names(where))
        return bool(await self._functions.keep(function, [where.due], names, line.id, line.to, *now))

    async def _where(self, name: str) -> Shard | None:
        found = await asyncio.gather(
            *(self._line.call("EXISTS", f"{shard.messages}{name}") for shard in self._shards)
        )
        return next((shard for shard, there in zip(self._shards, found, strict=True) if there), None)

    async def read(self, since: int = 0) -> AsyncIterator[Line]:
        """Every message made since then (Unix ms), shard by shard, oldest first; those of the archive too."""
        for shard in await self.things.held_in(self._shards):
            async for name, found in self.things.read(shard, since):
                yield read_line(name, found)

    async def newest(self, msisdn: str, most: int = 20) -> list[Line]:
        """The newest messages to this number, oldest first, of the last RECENT of each shard."""
        recent = await asyncio.gather(
            *(self._line.call("ZREVRANGE", shard.outbox, 0, RECENT - 1) for shard in self._shards)
        )
        names = [
            (shard, id_.decode()) for shard, ids in zip(self._shards, recent, strict=True) for id_ in ids
        ]
        hashes = await asyncio.gather(
            *(self._line.call("HGETALL", f"{shard.messages}{name}") for shard, name in names)
        )
        # One that moved to an archive in that very moment is old.
        lines = (read_line(name, found) for (_, name), found in zip(names, hashes, strict=True) if found)
        return sorted((line for line in lines if line.to == msisdn), key=lambda line: line.made)[-most:]

    def _shard(self, msisdn: str) -> Shard:
        return shard_of(msisdn, len(self._shards))


def _names(shard: Shard) -> dict[str, str]:
    return {
        "messages": shard.messages,
        "outbox": shard.outbox,
        "sending": shard.sending,
        "due": shard.due,
        "group": shard.groups,
    }


def _lost(found: Any) -> list[Lost]:
    return [Lost(id_.decode(), read_body(told)) for id_, told in found]


def _shares(due: Sequence[int], room: int, turn: int) -> Iterator[tuple[int, int]]:
    """How many to ask of which shards, each turn from another one on, so that none is always the last."""
    having = [number for number, many in enumerate(due) if many]
    for place in range(len(having)):
        if room <= 0:
            return
        number = having[(place + turn) % len(having)]
        many = min(due[number], room, -(-room // (len(having) - place)))
        yield number, many
        room -= many
