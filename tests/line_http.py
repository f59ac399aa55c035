"""The gateway as a line to talk to, as Africa's Talking would post; what was kept is read from ledger and outbox."""

from collections.abc import AsyncIterator
from uuid import uuid4

from aiohttp import ClientSession
from msgspec import json

from bot.house import House
from bot.people import Contact
from bot.services.editing.leading import BINTOU, NAME, raised
from bot.services.editing.line import (
    MSISDN,
    NOW,
    UNIT,
    answers,
    asked,
    contact,
    known,
    said,
    supervisor,
    told,
)
from bot.services.editing.talk import Heard, Talk
from bot.store.alerts import Alert
from bot.store.keys import shard_of
from bot.store.outbox import Body


class HttpLine:
    """The gateway, as Africa's Talking would post to it; what was kept is read from the ledger and the outbox."""

    def __init__(self, house: House, client: ClientSession, url: str, talk: Talk) -> None:
        self.house, self.client, self.url, self.talk = house, client, url, talk
        self.msisdn = MSISDN if talk.headers.get("as") != "unknown" else "+22376999999"
        self.seen: set[str] = set()
        self.chosen: dict[bytes, bytes] = {}

    async def prepare(self) -> None:
        await self.house.contacts.put_units([UNIT])
        await self.house.contacts.put([supervisor()])
        if self.talk.headers.get("as") != "unknown":
            await self.house.contacts.put([contact(self.talk)])
        if question := asked(self.talk):
            await self.house.contacts.change(self.msisdn, **question)
        key = shard_of(self.msisdn, self.house.settings.store.shards).known(self.msisdn)
        for subject, value in known(self.talk).items():
            await self.house.functions.line.call("HSET", key, subject, value)
        await self._lead()
        self.alerts = await self._alerts()
        self.chosen = await self._chosen()

    async def _lead(self) -> None:
        """The team that a leader's conversation speaks of."""
        words = self.talk.headers.get("team", "")
        if not words:
            return
        await self.house.contacts.put(
            [Contact(BINTOU, NAME, "asc", UNIT.code, "fr", self.msisdn, path=UNIT.code)]
        )
        if "away" not in words.split():
            key = shard_of(BINTOU, self.house.settings.store.shards).known(BINTOU)
            await self.house.functions.line.call("HSET", key, "checkin", f"present@{NOW}")
        for found in raised(words, self.house.programme.judge, self.msisdn, NOW):
            await self.house.alerts.open(found)

    async def _alerts(self) -> dict[int, Alert]:
        lines = [line async for line in self.house.alerts.read()]
        return {one.number: one for one in await self.house.alerts.several(line.number for line in lines)}

    async def _judged(self) -> list[str]:
        """The alerts that were opened, taken and ended since it was asked last."""
        was, self.alerts = self.alerts, await self._alerts()
        release = self.house.releases.find(self.house.releases.current)
        opened: list[str] = []
        taken: list[int] = []
        ended: list[int] = []
        for number, one in sorted(self.alerts.items()):
            before = was.get(number)
            if before is None or before.round != one.round:
                opened.append(said(release, one))
            elif before.state != one.state:
                (taken if one.state == "acknowledged" else ended).append(number)
        return [*opened, *(f"taken: {n}" for n in taken), *(f"ended: {n}" for n in ended)]

    async def dial(self) -> Heard:
        await self.house.gateway.settle()
        self.session = f"ATUid_{uuid4().hex}"
        self.text: list[str] = []
        return await self._post()

    async def type(self, text: str) -> Heard:
        self.text.append(text)
        return await self._post()

    async def _post(self) -> Heard:
        form = {
            "sessionId": self.session,
            "serviceCode": "*123#",
            "phoneNumber": self.msisdn,
            "networkCode": "61002",
            "text": "*".join(self.text),
        }
        async with self.client.post(f"{self.url}/africastalking/ussd?key=sandbox", data=form) as response:
            body = await response.text()
        assert body[:4] in ("CON ", "END "), body
        return Heard(body[4:], body.startswith("END"), await self._kept())

    async def sms(self, text: str) -> Heard:
        await self.house.gateway.settle()
        name = uuid4().hex
        form = {"from": self.msisdn, "to": "36123", "text": text, "id": name, "date": "2026-11-21 09:12:00"}
        async with self.client.post(f"{self.url}/africastalking/sms?key=sandbox", data=form) as response:
            assert response.status == 200, await response.text()
        lines = [line async for line in self.house.outbox.read()]
        reply = next(line for line in lines if line.id == f"reply:{name}")
        self.seen.add(reply.id)
        return Heard(reply.text, kept=await self._kept())

    async def _kept(self) -> list[str]:
        rows = [row async for row in self.house.ledger.read() if row.id not in self.seen]
        self.seen |= {row.id for row in rows}
        return [
            *(f"kept: {row.kind} {answers(row.answers)}" for row in rows),
            *[line async for line in self._told()],
            *await self._judged(),
            *await self._answered(),
        ]

    async def _answered(self) -> list[str]:
        """An answer to the question of a broadcast, each time it is said."""
        key = shard_of(self.msisdn, self.house.settings.store.shards).poll("b1")
        said = await self.house.functions.line.call("HGET", key, self.msisdn)
        await self.house.functions.line.call("DEL", key)
        return [f"answer: {said.decode().partition('@')[0]}"] if said else []

    async def _chosen(self) -> dict[bytes, bytes]:
        key = shard_of(self.msisdn, self.house.settings.store.shards).contact(self.msisdn)
        found: dict[bytes, bytes] = await self.house.functions.line.call("HGETALL", key)
        return {name: found[name] for name in (b"language", b"consent", b"stopped") if name in found}

    async def _told(self) -> AsyncIterator[str]:
        was, self.chosen = self.chosen, await self._chosen()
        for name, value in self.chosen.items():
            if was.get(name) != value:
                yield f" set: {name.decode()}={value.decode()}"
        release = self.house.releases.find(self.house.releases.current)
        messages = shard_of(self.msisdn, self.house.settings.store.shards).messages
        async for line in self.house.outbox.read():
            if line.id not in self.seen:
                self.seen.add(line.id)
                if line.to != self.msisdn and line.text:
                    yield f"told: {line.to} {line.text}"
                    continue
                raw = await self.house.functions.line.call("HGET", f"{messages}{line.id}", "message")
                body = json.decode(raw, type=Body)
                yield told(release, body.key, body.values, body.to) if body.key else "told: herself"
