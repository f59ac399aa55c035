"""The outbox: a message exists only if it was committed with its cause, and is sent by whoever claims it first."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, json

from bot.messages import DeliveryReport
from bot.store.functions import Functions
from bot.store.keys import DELIVERY, Shard, shard_of

CHUNK = 500
RECENT = 50
"""Messages of each shard looked through for one phone's: enough for a demonstration, asked every second."""
_KEPT = int(DELIVERY.total_seconds())


class Body(Struct, frozen=True, omit_defaults=True):
    """What a message says: its text, or words said in the recipient's language when it is sent."""

    to: str
    kind: str
    text: str = ""
    key: str = ""
    values: dict[str, str] = {}
    channel: str = ""


class Claimed(Struct, frozen=True):
    """A message that is this worker's to send until the lease ends (Unix ms)."""

    id: str
    shard: Shard
    body: Body
    attempts: int
    """This one included."""
    lease: int


class Line(Struct, frozen=True):
    """One message as other systems read it."""

    id: str
    to: str
    kind: str
    text: str
    state: str
    attempts: int
    segments: int
    cost: str
    provider_id: str
    reason: str
    report: str
    made: str
    sent: str


class Outbox:
    """Messages in the store, spread over the shards of what caused them."""

    def __init__(self, functions: Functions, shards: int) -> None:
        self._functions = functions
        self._line = functions.line
        self._shards = [Shard(number) for number in range(shards)]

    async def claim(self, now: int, lease: int, most: int) -> list[Claimed]:
        """Up to `most` messages of each shard that may leave now; they are ours for `lease` ms."""
        found = await asyncio.gather(
            *(
                self._functions.call(
                    "k_claim", [shard.due, shard.sending], shard.messages, now, now + lease, most
                )
                for shard in self._shards
            )
        )
        return [
            Claimed(id_.decode(), shard, json.decode(body, type=Body), int(attempts) + 1, now + lease)
            for shard, messages in zip(self._shards, found, strict=True)
            for id_, body, attempts in messages
        ]

    async def begin(self, message: Claimed) -> bool:
        """Says that it is being sent; False when the lease has ended, and it is not ours any more."""
        keys = [f"{message.shard.messages}{message.id}", message.shard.sending]
        return bool(await self._functions.call("k_begin", keys, message.id, message.lease))

    async def settle(
        self, message: Claimed, state: str, again_at: int | None = None, **fields: str | int
    ) -> None:
        """What became of a send; `again_at` (Unix ms) queues it once more."""
        provider_id = str(fields.get("provider_id", ""))
        if provider_id:
            key = self._shard(message.body.to).delivery(provider_id)
            await self._line.call("SET", key, f"{message.shard.number}|{message.id}", "EX", _KEPT)
        pairs = [part for pair in fields.items() for part in pair]
        keys = [f"{message.shard.messages}{message.id}", message.shard.due, message.shard.sending]
        await self._functions.call(
            "k_settle", keys, message.id, state, "" if again_at is None else again_at, *pairs
        )
        if provider_id:
            key = self._shard(message.body.to).early(provider_id)
            for early in await self._line.call("LPOP", key, CHUNK) or ():
                await self.deliver(json.decode(early, type=DeliveryReport))

    async def abandon(self, now: int) -> int:
        """Marks unknown what a dead worker was sending, and leaves to others what it had only claimed; how many."""
        lost = await asyncio.gather(
            *(
                self._functions.call("k_abandon", [shard.sending, shard.due], shard.messages, now)
                for shard in self._shards
            )
        )
        return sum(lost)

    async def deliver(self, report: DeliveryReport) -> bool:
        """Takes a delivery report; one that came before its message was settled is kept for it (False)."""
        shard = self._shard(report.msisdn)
        keys = [shard.delivery(report.provider_id), shard.early(report.provider_id)]
        where = await self._functions.call("k_heard", keys, json.encode(report), _KEPT)
        if not where:
            return False
        number, _, message = where.decode().partition("|")
        name = f"{Shard(int(number)).messages}{message}"
        await self._functions.call("k_deliver", [name], report.state or "", report.status, report.reason)
        return True

    async def read(self, since: int = 0) -> AsyncIterator[Line]:
        """Every message made since then (Unix ms), shard by shard, oldest first."""
        for shard in self._shards:
            start = 0
            while ids := await self._line.call(
                "ZRANGEBYSCORE", shard.outbox, since, "+inf", "LIMIT", start, CHUNK
            ):
                names = [id_.decode() for id_ in ids]
                hashes = await asyncio.gather(
                    *(self._line.call("HGETALL", f"{shard.messages}{name}") for name in names)
                )
                for name, found in zip(names, hashes, strict=True):
                    yield _line(name, found)
                start += CHUNK

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
        lines = (_line(name, found) for (_, name), found in zip(names, hashes, strict=True))
        return sorted((line for line in lines if line.to == msisdn), key=lambda line: line.made)[-most:]

    def _shard(self, msisdn: str) -> Shard:
        return shard_of(msisdn, len(self._shards))


def _line(name: str, found: Any) -> Line:
    fields = {key.decode(): value.decode() for key, value in found.items()}
    body = json.decode(fields["message"], type=Body)
    return Line(
        id=name,
        to=body.to,
        kind=body.kind,
        text=fields.get("text", body.text),
        state=fields["state"],
        attempts=int(fields["attempts"]),
        segments=int(fields.get("segments", 0)),
        cost=fields.get("cost", ""),
        provider_id=fields.get("provider_id", ""),
        reason=fields.get("reason", ""),
        report=fields.get("report", ""),
        made=_iso(fields["made"]),
        sent=_iso(fields.get("sent", "")),
    )


def _iso(ms: str) -> str:
    return datetime.fromtimestamp(int(ms) / 1000, UTC).isoformat(timespec="milliseconds") if ms else ""
