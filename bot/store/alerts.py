"""Alerts in the store: opened and ended in one piece with their cause, told up the ladder, acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, json

from bot.store.archived import ALERTS, Archived
from bot.store.functions import Functions
from bot.store.keys import Shard, shard_of
from bot.store.things import Kind, Things

CHUNK = 500


class Raised(Struct, frozen=True):
    """Something that is wrong, as `k_commit` opens an alert of it: what, of whom, where, and who hears of it first."""

    kind: str
    """The rule's name."""
    subject: str
    """`stockout:SRO`: of a contact, one alert of a subject is open at a time."""
    msisdn: str
    name: str
    unit: str
    path: str
    supervisor: str
    values: str
    """What its words name, as JSON."""
    at: int
    urgent: bool = False
    again: bool = False
    """Told again when it is raised while it is open."""
    calm: int = 0
    """Milliseconds after her own report ended it in which it goes on as it was, without another SMS."""
    undoes: int = 0
    """When the report was said (Unix ms) that is taken back now: what that one ended goes on, and nothing is opened."""


class Alert(Struct, frozen=True):
    """One alert as it stands. Times in Unix ms, 0: not yet."""

    number: int
    kind: str
    subject: str
    state: str
    """`open`, `acknowledged` or `resolved`."""
    msisdn: str
    name: str
    unit: str
    path: str
    supervisor: str
    urgent: bool
    values: dict[str, str]
    opened: int
    step: int
    """The level to be told next."""
    level: int
    """The one told last; -1: nobody yet."""
    holder: str
    """Who was told last."""
    heard: tuple[str, ...]
    """Who was told since it was last raised."""
    bounced: tuple[str, ...]
    """Who was written to in vain."""
    round: int
    """How often it was raised again while open."""
    acknowledged: int = 0
    acknowledged_by: str = ""
    acknowledged_name: str = ""
    resolved: int = 0
    resolved_by: str = ""
    """Herself, by what she said since; or a leader."""
    resolved_name: str = ""
    origin: int = 0
    """The number it was opened under, when she has changed hers since: what was sent of it is named so."""
    unheard: int = 0
    """When it was found that nobody is there to be told."""


class Line(Struct, frozen=True):
    """One alert as other systems read it."""

    number: int
    kind: str
    subject: str
    state: str
    contact: str
    msisdn: str
    org_unit: str
    org_path: str
    urgent: bool
    level: int
    holder: str
    opened: str
    acknowledged: str
    acknowledged_by: str
    resolved: str
    resolved_by: str
    values: dict[str, str]


ENDED = Kind(
    ALERTS,
    lambda shard: shard.alerts,
    lambda shard: shard.alert,
    lambda fields: fields["state"] == "resolved",
    ":log",
)


def alert_names(shard: Shard, shards: int) -> dict[str, Any]:
    """The keys that the functions open and end alerts with."""
    return {
        "alert": shard.alert,
        "alerts": shard.alerts,
        "open": shard.open_alerts,
        "next": shard.next_alerts,
        "count": shard.alert_count,
        "of": shard.subjects(""),
        "ended": shard.ended(""),
        "held": shard.held,
        "shard": shard.number,
        "shards": shards,
    }


class Alerts:
    """Alerts in the shards of the contacts they are about; a number tells its shard."""

    def __init__(self, functions: Functions, shards: int, archived: Archived | None = None) -> None:
        self._functions = functions
        self.things = Things(functions, archived or Archived(functions), ENDED)
        self._line = functions.line
        self._shards = [Shard(number) for number in range(shards)]

    async def get(self, number: int) -> Alert | None:
        """The alert; of one that has gone on under another number, that one."""
        found = await self._line.call("HGETALL", f"{self._of(number).alert}{number}")
        return await self.get(int(found[b"moved"])) if b"moved" in found else alert_of(found)

    async def log(self, number: int) -> list[dict[str, Any]]:
        """What became of it, oldest first: when, what, by or to whom."""
        found = await self._line.call("LRANGE", f"{self._of(number).alert}{number}:log", 0, -1)
        return [json.decode(entry) for entry in found]

    async def open(self, raised: Raised) -> int:
        """Raises it, unless it is open already; its number either way."""
        shard = shard_of(raised.msisdn, len(self._shards))
        names = json.encode(alert_names(shard, len(self._shards)))
        return int(await self._functions.keep("k_alert_raise", [shard.alerts], json.encode(raised), names))

    async def resolve(self, number: int, by: str, name: str, at: int) -> str:
        """`done`, or the state it is in already; "" when there is none of that number."""
        shard = self._of(number)
        names = json.encode(alert_names(shard, len(self._shards)))
        done = await self._functions.keep("k_alert_end", [shard.alerts], number, at, by, name, names)
        return str(done.decode())

    async def acknowledge(self, number: int, request: str, by: str, name: str, at: int) -> str:
        """The same; a request that comes again is answered as the first time."""
        shard = self._of(number)
        keys = [f"{shard.alert}{number}", shard.next_alerts]
        done = await self._functions.keep("k_alert_acknowledge", keys, number, request, by, name, at)
        return str(done.decode())

    async def due(self, now: int, most: int) -> list[Alert]:
        """Up to `most` alerts of each shard that somebody must hear of now."""
        found = await asyncio.gather(
            *(
                self._functions.call("k_alert_due", [shard.next_alerts], shard.alert, now, most)
                for shard in self._shards
            )
        )
        told = (dict(zip(flat[::2], flat[1::2], strict=True)) for alerts in found for flat in alerts)
        return [alert for fields in told if (alert := alert_of(fields))]

    async def told(self, alert: Alert, level: int, holder: str, now: int, again_at: int | None) -> bool:
        """Notes who was told; False when it has moved on since it was read."""
        shard = self._of(alert.number)
        keys = [f"{shard.alert}{alert.number}", shard.next_alerts, f"{shard.held}{holder}"]
        seen = (alert.number, alert.step, alert.round)
        due = "" if again_at is None else again_at
        return bool(
            await self._functions.call("k_alert_told", keys, *seen, now, level, holder, level + 1, due)
        )

    async def unheard(self, alert: Alert, now: int, again_at: int | None) -> bool:
        """Notes that nobody is there to be told, until it is looked at again; whether this is new."""
        shard = self._of(alert.number)
        keys = [f"{shard.alert}{alert.number}", shard.next_alerts]
        seen = (alert.number, alert.step, alert.round)
        return bool(
            await self._functions.call(
                "k_alert_unheard", keys, *seen, now, "" if again_at is None else again_at
            )
        )

    async def unsaid(self, number: int) -> None:
        """It was over before its message left: if it goes on, it must be told after all."""
        await self._line.call("HSET", f"{self._of(number).alert}{number}", "unsaid", 1)

    async def comment(self, number: int, at: int, by: str, text: str) -> bool:
        """In its log; False when there is none of that number."""
        keys = [f"{self._of(number).alert}{number}"]
        return bool(await self._functions.keep("k_alert_comment", keys, number, at, by, text))

    async def reassign(
        self, alert: Alert, level: int, holder: str, at: int, again_at: int | None, by: str
    ) -> bool:
        """Gives it to a leader, who has to answer anew; False when it has moved on since it was read."""
        shard = self._of(alert.number)
        keys = [f"{shard.alert}{alert.number}", shard.next_alerts, f"{shard.held}{holder}"]
        seen = (alert.number, alert.state, alert.round)
        due = "" if again_at is None else again_at
        return bool(
            await self._functions.keep("k_alert_reassign", keys, *seen, at, level, holder, level + 1, due, by)
        )

    async def bounced(self, number: int, holder: str, now: int) -> bool:
        """What was sent to her did not arrive: the next level is due now, unless it has heard already."""
        shard = self._of(number)
        keys = [f"{shard.alert}{number}", shard.next_alerts]
        return bool(await self._functions.call("k_alert_bounced", keys, number, holder, now))

    async def held_by(self, msisdn: str) -> list[Alert]:
        """What she was told of, or is hers to hear of first, and is not resolved; the newest first."""
        numbers = await asyncio.gather(
            *(self._line.call("SMEMBERS", f"{shard.held}{msisdn}") for shard in self._shards)
        )
        found = await self.several(int(number) for some in numbers for number in some)
        return sorted(found, key=lambda alert: (alert.opened, alert.number), reverse=True)

    async def several(self, numbers: Iterable[int]) -> list[Alert]:
        found = await asyncio.gather(*(self.get(number) for number in numbers))
        return [alert for alert in found if alert]

    async def numbers(self, since: int) -> set[int]:
        """Those not resolved, and those opened since then (Unix ms)."""
        opened = [self._line.call("ZRANGEBYSCORE", shard.alerts, since, "+inf") for shard in self._shards]
        standing = [self._line.call("ZRANGE", shard.open_alerts, 0, -1) for shard in self._shards]
        return {int(number) for some in await asyncio.gather(*opened, *standing) for number in some}

    async def read(self, since: int = 0) -> AsyncIterator[Line]:
        """Every alert opened since then (Unix ms), shard by shard, oldest first; those of the archive too."""
        for shard in await self.things.held_in(self._shards):
            async for _, found in self.things.read(shard, since):
                yield read_alert(found)

    def _of(self, number: int) -> Shard:
        return self._shards[number % len(self._shards)]


def alert_of(found: Mapping[bytes, bytes]) -> Alert | None:
    if not found:
        return None
    said = {name.decode(): value.decode() for name, value in found.items()}
    made: dict[str, Any] = {name: said[name] for name in Alert.__struct_fields__ if name in said}
    numbers = ("number", "opened", "step", "level", "round", "acknowledged", "resolved", "unheard", "origin")
    made |= {name: int(made[name]) for name in numbers if name in made}
    made["urgent"] = made["urgent"] == "1"
    made |= {name: tuple(said.get(name, "").split()) for name in ("heard", "bounced")}
    made["values"] = json.decode(made["values"])
    return Alert(**made)


def read_alert(found: Mapping[bytes, bytes]) -> Line:
    """An alert as its hash tells it. Raises KeyError for one that is not there."""
    alert = alert_of(found)
    if alert is None:
        raise KeyError("alert")
    return _line(alert)


def _line(alert: Alert) -> Line:
    return Line(
        number=alert.number,
        kind=alert.kind,
        subject=alert.subject,
        state=alert.state,
        contact=alert.name,
        msisdn=alert.msisdn,
        org_unit=alert.unit,
        org_path=alert.path,
        urgent=alert.urgent,
        level=alert.level,
        holder=alert.holder,
        opened=_iso(alert.opened),
        acknowledged=_iso(alert.acknowledged),
        acknowledged_by=alert.acknowledged_by,
        resolved=_iso(alert.resolved),
        resolved_by=alert.resolved_by,
        values=alert.values,
    )


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds") if ms else ""
