"""A store under test: the classes of bot/store over one server, what they have written, and who says what to them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from msgspec import json, structs
from redis.asyncio.cluster import RedisCluster

from bot.store import outbox
from bot.store.contacts import Contacts
from bot.store.days import Day
from bot.store.functions import Functions
from bot.store.keys import LANES, Shard, shard_of
from bot.store.ledger import Entry, Ledger, Row
from bot.store.outbox import Body, Claimed, Line, Outbox
from bot.store.rebuild import differences
from bot.store.releases import Releases
from bot.store.servers import Server
from bot.store.sessions import Draft, Kept, Message, Pin, Record, Sessions, Step, kept

AWA, BINTA, COUMBA = "+22376000001", "+22376000002", "+22376000003"
ZONE = ZoneInfo("Africa/Bamako")
NOW = int(dt.datetime(2026, 11, 21, 9, 12, tzinfo=ZONE).timestamp() * 1000)
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


class Store:
    """Everything over one server; of eight shards, a cluster has some on each of its masters."""

    def __init__(self, server: Server, shards: int = 8) -> None:
        self.server = server
        self.shards = shards
        self.functions = Functions(server.tick)
        self.sessions = Sessions(self.functions, shards)
        self.contacts = Contacts(self.functions, shards)
        self.ledger = Ledger(self.functions, shards)
        self.outbox = Outbox(self.functions, shards)
        self.releases = Releases(self.functions)

    def shard(self, msisdn: str = AWA) -> Shard:
        return shard_of(msisdn, self.shards)

    async def ask(self, *words: str | int | bytes) -> Any:
        return await self.server.tick.call(*words)

    async def hash(self, key: str) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in (await self.ask("HGETALL", key)).items()}

    async def claim(
        self, now: int = NOW, most: int = 50, lanes: Sequence[str] = LANES, lease: int = 60_000
    ) -> list[Claimed]:
        """What is due, of these lanes, as a worker takes it."""
        waiting = await self.outbox.waiting(now, Day.of(local(now)).month)
        return await self.outbox.claim(now, lease, dict.fromkeys(lanes, most), waiting)

    async def rows(self, since: int = 0, until: int | None = None, kind: str = "") -> list[Row]:
        return [row async for row in self.ledger.read(since, until, kind)]

    async def lines(self) -> dict[str, Line]:
        return {line.id: line async for line in self.outbox.read()}

    async def counts(self, period: str, msisdn: str = AWA) -> dict[str, int]:
        found = await self.hash(f"{self.shard(msisdn).counts}{period}")
        return {name: int(value) for name, value in found.items()}

    async def said_on(self, day: str, msisdn: str = AWA) -> set[str]:
        """What was said on that day by the contacts of her shard: `checkin:+223…`."""
        return set(await self.hash(f"{self.shard(msisdn).days}{day}"))

    async def differences(self) -> list[str]:
        return await differences(self.functions, self.ledger, self.shards, local)

    async def everything(self) -> Mapping[bytes, bytes]:
        """Each key there is, and its value as the server writes it down."""
        client: Any = self.server.client
        targets = {"target_nodes": RedisCluster.PRIMARIES} if isinstance(client, RedisCluster) else {}
        return {name: await self.ask("DUMP", name) for name in await client.keys("*", **targets)}


def local(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at / 1000, ZONE)


def record(
    kind: str,
    *rows: dict[str, Any],
    at: int = NOW,
    msisdn: str = AWA,
    unit: str = "FALO",
    session: str = "call",
    raw: str = "2*1*12",
    **how: Any,
) -> Record:
    """What somebody said; `how`: once, corrects, void."""
    entry = Entry(
        kind=kind,
        contact="Awa Traoré",
        msisdn=msisdn,
        role="asc",
        org_unit=unit,
        org_path=f"ML/{unit}",
        flow=kind,
        flow_version=2,
        channel="ussd",
        session=session,
        language="bm",
        raw=raw,
        at=at,
        void=how.get("void", False),
    )
    return Record(
        kind=kind,
        rows=rows,
        told=json.encode(rows).decode(),
        entry=json.encode(entry).decode(),
        at=at,
        **structs.asdict(Day.of(local(at))),
        unit=unit,
        conversation=session,
        msisdn=msisdn,
        **how,
    )


def stock(product: str, quantity: int) -> dict[str, Any]:
    return {"product": product, "quantity": quantity}


def step(request: str, *records: Record, msisdn: str = AWA, **more: Any) -> Step:
    return Step(msisdn=msisdn, request=request, reply=f"END {request}", records=records, **more)


def draft(at: int = NOW, given: tuple[str, ...] = ("2",)) -> Kept:
    """A conversation that waits for an answer since then."""
    return kept(Draft(Pin(at, 1, {}, {}), "menu", given, "call", at, "ussd"))


def message(name: str, *, to: str = AWA, text: str = "I ni sògòma", at: int = NOW, due: int = 0) -> Message:
    return outbox.message(name, Body(to=to, kind="reply", text=text), at, due)
