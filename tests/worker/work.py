"""What the tests of the worker do: have messages to send, let time pass, look what became of them."""

import datetime as dt
from typing import Any

from msgspec import json, structs

from bot.config import Settings, load
from bot.house import House
from bot.people import Contact
from bot.store.outbox import Body, Line, message
from bot.store.sessions import Message, Step
from tests.conftest import ROOT, SMALL
from tests.standin import StandIn
from tests.store.contract_store import NOW

AWA, BINTA, COUMBA = "+22376000001", "+22376000002", "+22376000003"
SECOND = 1000
VALUES = {
    "name": "Awa Traoré",
    "unit": "Falo",
    "what": "@alert.event.cholera",
    "cases": " (3)",
    "msisdn": AWA,
    "number": "71",
}


class Clock:
    """The time (Unix ms), which passes when the test says so."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += round(seconds * SECOND)


class Work:
    """A house with messages to send, and the provider they go to."""

    def __init__(self, house: House, standin: StandIn, clock: Clock) -> None:
        self.house = house
        self.standin = standin
        self.clock = clock
        self.worker = house.worker()
        self._others: list[House] = []

    async def reply(
        self, to: str, text: str = "I ni sògòma", name: str = "", channel: str = "africastalking"
    ) -> str:
        """A reply waits to be sent; its name."""
        return await self._queue(name or f"reply:{to}", Body(to=to, kind="reply", text=text, channel=channel))

    async def tell(self, to: str, key: str = "alert.epidemic.told", name: str = "tell:1") -> str:
        """An alert waits to be told to somebody."""
        return await self._queue(name, Body(to=to, kind="tell", key=key, values=VALUES))

    async def queue(self, *bodies: Body, name: str = "m") -> list[str]:
        """Messages wait to be sent, each in its recipient's shard; their names."""
        names = [f"{name}:{number}" for number in range(1, len(bodies) + 1)]
        now = self.clock()
        told = [message(one, body, now) for one, body in zip(names, bodies, strict=True)]
        await self.house.outbox.queue(told)
        return names

    async def _queue(self, name: str, body: Body) -> str:
        message = Message(name, json.encode(body).decode(), self.clock(), self.clock())
        step = Step(msisdn=body.to, request=f"cause of {name}", reply="", messages=(message,), aside=True)
        await self.house.sessions.commit(step)
        return name

    async def under(self, **sms: Any) -> "Work":
        """The same store, provider and clock under other rules of `[sms]`."""
        settings = self.house.settings
        other = structs.replace(settings, sms=structs.replace(settings.sms, **sms))
        house = House(other, self.house.server, self.clock)
        await house.releases.refresh()
        self._others.append(house)
        return Work(house, self.standin, self.clock)

    async def close(self) -> None:
        for house in (*self._others, self.house):
            await house.close()

    async def lines(self) -> dict[str, Line]:
        return {line.id: line async for line in self.house.outbox.read()}

    async def line(self, name: str) -> Line:
        return (await self.lines())[name]

    async def states(self) -> dict[str, str]:
        return {name: line.state for name, line in (await self.lines()).items()}

    def heard(self) -> list[tuple[str, str]]:
        """What the phones got."""
        return [(message.number, message.text) for message in self.standin.sent]


def at_standin(standin: StandIn, kind: str, rate: float = 0) -> Settings:
    """The shipped settings, with the stand-in in the provider's place, on any free port."""
    return load(ROOT / "config.toml", environ(standin, kind, rate) | SMALL | {"KUNNAFONI_SERVER__PORT": "0"})


def environ(standin: StandIn, kind: str, rate: float = 0) -> dict[str, str]:
    """What an operator would say to send through the stand-in."""
    section = "KUNNAFONI_CHANNELS__AFRICASTALKING__"
    said = {"API_URL": standin.url, "API_KEY": standin.api_key, "SENDER": kind, "RATE": str(rate)}
    return {f"{section}{name}": value for name, value in said.items()}


def leader(msisdn: str = BINTA, **said: object) -> Contact:
    known: dict[str, object] = {"name": "Dr Binta", "role": "dtc", "org_unit": "FALO", "language": "fr"}
    return Contact(msisdn, **{**known, **said})  # type: ignore[arg-type]  # a test says what it means


def reminder(to: str, **said: Any) -> Body:
    """One that names nobody's day: any words will do."""
    return Body(to=to, kind="reminder", **{"key": "common.done", "unit": "ML/SEG/FALO", **said})


def at(hour: str, day: int = 21) -> int:
    """A moment of November 2026 in Bamako (Unix ms): `20:00`."""
    return int(dt.datetime.fromisoformat(f"2026-11-{day:02d}T{hour}+00:00").timestamp() * SECOND)


def alert(to: str = BINTA, number: int = 1, **said: Any) -> Body:
    told = {**VALUES, "cases": f" ({number})", "number": str(number)}
    return Body(
        to=to, kind="alert", **{"key": "alert.epidemic.told", "values": told, "alert": number, **said}
    )
