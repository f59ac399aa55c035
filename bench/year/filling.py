"""A year told to a store: each day's steps as the gateway would have built them, one pipeline after another."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from msgspec import Struct, structs

from bench.country import habits, places
from bench.country.places import Country
from bench.processes import ROOT
from bench.year.sayings import MONTHLY_USE, Asc, Said, asc, of_a_day
from bot import files
from bot.app import open_house, prepare
from bot.config import Settings, load
from bot.house import House
from bot.people import Contact
from bot.services import reports
from bot.services.reports import Saying
from bot.store.keys import DAY_KEPT, SEEN, Shard, shard_of
from bot.store.sessions import Pin, Step

ZONE = ZoneInfo("Africa/Bamako")
FIRST = dt.date(2025, 11, 1)
DAYS = 365
LAST = FIRST + dt.timedelta(days=DAYS - 1)
AT_ONCE = 512
"""Steps in one pipeline; the next is built while the store is busy with it."""
REPLY = "EMerci. Bien enregistré."
_POLL = 0.05


class Filled(Struct):
    """What was put in: steps and rows by kind."""

    asc: int
    steps: Counter[str]
    rows: Counter[str]


def ended_at() -> int:
    """The evening of the last day (Unix ms)."""
    return _at(LAST, 21)


def settings_of(data: Path) -> Settings:
    return load(
        ROOT / "config.toml", {"KUNNAFONI_STORE__DATA": str(data), "KUNNAFONI_STORE__URL": "embedded"}
    )


def country_of(number: int, random: Random) -> Country:
    """So many ASC in as many districts and centres as the country has for them."""
    districts, centres = (
        max(1, round(each * number / habits.ASC)) for each in (habits.DISTRICTS, habits.DTC)
    )
    return places.built(random, min(districts, habits.DISTRICTS), max(districts, centres), number)


async def fill(data: Path, number: int, seed: int, told: Callable[[str], None], days: int = DAYS) -> Filled:
    """Puts a year of so many ASC into an empty store under `data`, and leaves the store at rest.

    With no days, only the roster.
    """
    random = Random(seed)
    country = country_of(number, random)
    async with open_house(settings_of(data), ended_at) as house:
        await prepare(house, files.source(ROOT), with_demo=False)
        if await house.ledger.months():
            raise ValueError(f"the store under {data} is not empty")
        await _unguarded(house)
        await house.contacts.put_units(country.units)
        await house.contacts.put(map(_counting, country.people))
        numbers = [one.msisdn for one in country.people if one.role == "asc"] if days else []
        people = [asc(random, number, await house.contacts.fields(number)) for number in numbers]
        year = _Year(house, random, people)
        for day in range(days):
            await year.lives(day)
            if (day + 1) % 7 == 0:
                told(f"{FIRST + dt.timedelta(days=day)}: {year.filled.rows.total():,} rows")
        await year.ends(FIRST + dt.timedelta(days=days - 1))
        told("writing it to disk ...")
        await _guarded(house)
        return year.filled


def _counting(one: Contact) -> Contact:
    return structs.replace(one, products=tuple(MONTHLY_USE)) if one.role == "asc" else one


class _Year:
    def __init__(self, house: House, random: Random, people: Sequence[Asc]) -> None:
        self.filled = Filled(len(people), Counter(), Counter())
        self._house = house
        self._random = random
        self._people = people
        self._release = house.releases.find(house.releases.current)
        self._shards = house.settings.store.shards
        self._seen: list[list[str]] = []

    async def lives(self, day: int) -> None:
        """Everything that is said on that day; what was remembered of requests two days ago is forgotten."""
        date = FIRST + dt.timedelta(days=day)
        seen: list[str] = []
        steps = (step for step in self._steps(day, date))
        sending: asyncio.Future[list[tuple[str, bool]]] | None = None
        while batch := list(islice(steps, AT_ONCE)):
            if sending:
                await sending
            seen += [shard_of(step.msisdn, self._shards).seen(step.request) for step in batch]
            sending = asyncio.gather(*map(self._house.sessions.commit, batch))
            await asyncio.sleep(0)
        if sending:
            await sending
        self._seen.append(seen)
        if len(self._seen) > SEEN.days:
            await self._gone(self._seen.pop(0))

    def _steps(self, day: int, date: dt.date) -> Iterator[Step]:
        for who in self._people:
            for said in of_a_day(self._random, who, day, date):
                self.filled.steps[said.effect.kind] += 1
                self.filled.rows[said.effect.kind] += len(said.effect.rows)
                yield self._step(who, said, _at(date, said.hour) + self._random.randrange(3_600_000))

    def _step(self, who: Asc, said: Said, at: int) -> Step:
        """As the gateway builds it of a call, and the inbox of an SMS."""
        bearer = "sms" if who.by_sms else "ussd"
        session = f"ATXid_{self._random.getrandbits(128):032x}"
        request = (
            f"sms:{session}" if who.by_sms else f"ussd:{session}:{at}:{self._random.getrandbits(96):024x}"
        )
        saying = Saying(
            msisdn=who.msisdn,
            pin=Pin(at, self._release.number, who.contact, {}),
            release=self._release,
            language=who.contact["language"],
            channel=bearer,
            session=session,
            request=request,
            raw=said.raw,
            at=at,
        )
        programme = self._house.programme
        return Step(
            msisdn=who.msisdn,
            request=request,
            reply=REPLY,
            records=reports.records((said.effect,), saying, programme),
            **reports.alerts(said.judged, saying, programme),
        )

    async def ends(self, last: dt.date) -> None:
        """What the clock would have taken by now: remembered requests, and days older than a hundred days."""
        for seen in self._seen:
            await self._gone(seen)
        old = [FIRST + dt.timedelta(days=day) for day in range((last - FIRST).days + 1 - DAY_KEPT.days)]
        for shard in map(Shard, range(self._shards)):
            await self._gone(
                [f"{prefix}{day:%Y%m%d}" for day in old for prefix in (shard.counts, shard.days)]
            )

    async def _gone(self, keys: Sequence[str]) -> None:
        for first in range(0, len(keys), AT_ONCE):
            await self._house.server.tick.call("UNLINK", *keys[first : first + AT_ONCE])


async def _unguarded(house: House) -> None:
    """Nothing is written to disk while the store is filled: all of it is, at the end."""
    await house.server.tick.call("CONFIG", "SET", "appendonly", "no")


async def _guarded(house: House) -> None:
    await house.server.tick.call("CONFIG", "SET", "appendonly", "yes")
    await at_rest(house)


async def at_rest(house: House) -> None:
    """Once its log is written anew."""
    while not _at_rest(await house.server.tick.call("INFO", "persistence")):  # noqa: ASYNC110 - told only when asked
        await asyncio.sleep(_POLL)


def _at_rest(told: bytes) -> bool:
    said = dict(line.split(":", 1) for line in told.decode().splitlines() if ":" in line)
    return (
        said["aof_enabled"] == "1" and "0" == said["aof_rewrite_in_progress"] == said["aof_rewrite_scheduled"]
    )


def _at(date: dt.date, hour: float) -> int:
    return int(dt.datetime.combine(date, dt.time(), ZONE).timestamp() * 1000 + hour * 3_600_000)
