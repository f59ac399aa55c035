"""The month itself: hour by hour people report, the worker works, the network delivers, and people react."""

import asyncio
import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from random import Random
from zoneinfo import ZoneInfo

from bench.country import habits
from bench.country.line import Line
from bench.country.people import Person, Said, absence, at_hours, check_in, pay, person, stock, suspicion
from bench.country.places import Country
from bench.country.provider import Provider, Taken
from bot.house import House
from bot.messages import DeliveryReport
from bot.store.keys import shard_of

ZONE = ZoneInfo("Africa/Bamako")
FIRST = dt.date(2026, 10, 1)
"""A Thursday; no holiday in the month."""
DAY, HOUR = 86_400_000, 3_600_000
OPENS, CLOSES = 6, 21
"""The hours in which anybody does anything."""
JOBS_AT = frozenset({7, 9, 10, 11, 13, 16, 17, 20})
"""The hours that matter: the end of the quiet ones, those of reminders, and some for alerts that nobody answers."""
STEPS = 4
"""Parts of an hour in which what people do is gathered, and done at once."""
AT_ONCE = 256
NUMBER = re.compile(r"\bOK (\d+)|\((\d+)\)")
"""An alert's number, as it is told alone and in a digest."""

Deed = Callable[[], Awaitable[None]]


class Clock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


class Month:
    """One country and its month. What the programme should have kept is in `said`, by number."""

    def __init__(
        self,
        house: House,
        clock: Clock,
        provider: Provider,
        country: Country,
        wrong: set[str],
        random: Random,
    ) -> None:
        self.house = house
        self._clock = clock
        self.provider = provider
        self._random = random
        self._worker = house.worker()
        self.line = Line(house)
        self.asc = [
            person(random, one, wrong=one.msisdn in wrong) for one in country.people if one.role == "asc"
        ]
        self._by_number = {one.msisdn: one for one in self.asc}
        self._agenda: defaultdict[int, list[Deed]] = defaultdict(list)
        """What will be done, by quarter of an hour."""
        self._read = 0
        """How many of the messages that the network took have been read."""
        self._answered: set[int] = set()
        self.said: Counter[tuple[str, str, str, object]] = Counter()
        """Number, kind, product, quantity or status: what was acknowledged."""
        self.counts: Counter[str] = Counter()

    async def runs(self, days: int, told: Callable[[str], None]) -> None:
        stops = self._stops(days)
        for day in range(days):
            date = FIRST + dt.timedelta(days=day)
            self._plan(day, date, stops[day])
            for hour in range(OPENS, CLOSES):
                await self._an_hour(self._at(day, hour))
            told(f"{date}: {self.line.requests:,} requests, {len(self.provider.taken):,} messages")

    def _at(self, day: int, hour: float) -> int:
        begins = dt.datetime.combine(FIRST, dt.time(), ZONE).timestamp() * 1000
        return int(begins + day * DAY + hour * HOUR)

    async def _an_hour(self, at: int) -> None:
        """People, and twice an hour the worker."""
        for step in range(STEPS):
            self._clock.now = at + step * HOUR // STEPS
            deeds = self._agenda.pop(self._clock.now * STEPS // HOUR, [])
            for start in range(0, len(deeds), AT_ONCE):
                await asyncio.gather(*(deed() for deed in deeds[start : start + AT_ONCE]))
            if step in (0, STEPS // 2):
                await self._work(jobs=step == 0 and self._hour_of(at) in JOBS_AT)
                await self._read_mail()

    async def _work(self, *, jobs: bool) -> None:
        """The worker does what is due; sends in any case."""
        if jobs:
            await self._worker.once()
        while await self._worker.send_due():
            pass

    def _later(self, at: int, deed: Deed) -> None:
        """At that time, or when the day begins after it."""
        hour = self._hour_of(at)
        if not OPENS <= hour < CLOSES - 0.1:
            at += round((OPENS + 1 - hour) % 24 * HOUR)
        self._agenda[max(at, self._clock.now) * STEPS // HOUR + 1].append(deed)

    def _hour_of(self, at: int) -> float:
        local = dt.datetime.fromtimestamp(at / 1000, ZONE)
        return local.hour + local.minute / 60

    def _stops(self, days: int) -> list[list[Person]]:
        stops: list[list[Person]] = [[] for _ in range(days)]
        for one in self._random.sample(self.asc, round(habits.STOPS * len(self.asc))):
            self._random.choice(stops).append(one)
        return stops

    def _plan(self, day: int, date: dt.date, stops: Sequence[Person]) -> None:
        """What people mean to do today."""
        self._clock.now = self._at(day, OPENS - 1)
        for one in stops:
            self._later(self._at(day, self._random.uniform(8, 18)), partial(self._stop, one))
        if date.weekday() >= 5:
            return
        for one in self.asc:
            for hour, deed in self._intentions(one, day, date):
                self._later(self._at(day, hour), deed)

    def _intentions(self, one: Person, day: int, date: dt.date) -> Iterator[tuple[float, Deed]]:
        random, week = self._random, _week(date)
        if one.silent or one.away_until >= day:
            return
        if random.random() < habits.BECOMES_ABSENT:
            one.away_until = day + random.randint(*habits.ABSENCE_DAYS)
            if random.random() < habits.SAYS_ABSENT:
                yield at_hours(random, 6, 12, 8), lambda: self._check_in(one, day, absence(random))
            return
        if random.random() < one.diligence:
            yield at_hours(random, 7, 19, 12), lambda: self._check_in(one, day, check_in(random, one))
        if date.weekday() < 3 and one.counted < week and random.random() < one.diligence / 2:
            yield at_hours(random, 7, 18, 10), lambda: self._count(one, week)
        if random.random() < habits.SUSPECTS / 5:
            yield at_hours(random, 7, 19, 12), lambda: self._say(one, suspicion(random))

    async def _check_in(self, one: Person, day: int, said: Said) -> None:
        if one.checked_in < day:
            one.checked_in = day
            await self._say(one, said)

    async def _count(self, one: Person, week: int) -> None:
        if one.counted < week:
            one.counted = week
            await self._say(one, stock(self._random, one, week))

    async def _say(self, one: Person, said: Said) -> None:
        async with one.phone:
            await self._said(one, said)

    async def _said(self, one: Person, said: Said) -> None:
        if said.sms:
            await self.line.writes(one.msisdn, said.texts[0])
        else:
            drops = len(said.texts) > 2 and self._random.random() < habits.DROPS
            cut = self._random.randint(1, len(said.texts) - 1) if drops else 0
            through = self._random.random() < habits.DIALS_THROUGH
            if not await self.line.calls_and_types(one.msisdn, said.texts, cut, through=through):
                return
        self.said.update((one.msisdn, *row) for row in said.rows)
        self.counts[said.rows[0][0]] += 1

    async def _stop(self, one: Person) -> None:
        one.stopped = True
        await self.line.writes(one.msisdn, "STOP")

    async def _read_mail(self) -> None:
        """What the network took since: delivered or not, read, and acted upon."""
        new = self.provider.taken[self._read :]
        self._read += len(new)
        names = await asyncio.gather(*map(self._name, new))
        for start in range(0, len(new), AT_ONCE):
            await asyncio.gather(*map(self._report, new[start : start + AT_ONCE]))
        for taken, name in zip(new, names, strict=True):
            self._react(taken, name)

    async def _name(self, taken: Taken) -> str:
        """What we call the message that the network calls so."""
        shards = self.house.settings.store.shards
        key = shard_of(taken.number, shards).delivery(taken.id, taken.number)
        found = await self.house.server.tick.call("GET", key)
        return found.decode().partition("|")[2] if found else ""

    async def _report(self, taken: Taken) -> None:
        fate = self._random.random()
        if fate < habits.DELIVERED:
            await self.house.gateway.delivered(DeliveryReport(taken.id, taken.number, "Success", "delivered"))
        elif fate < habits.DELIVERED + habits.FAILED:
            await self.house.gateway.delivered(DeliveryReport(taken.id, taken.number, "Failed", "failed"))

    def _react(self, taken: Taken, name: str) -> None:
        kind, _, rest = name.partition(":")
        if kind == "reminder" and (one := self._by_number.get(taken.number)):
            self._reminded(one, rest.partition(":")[0])
        elif kind == "alert":
            self._alerted(taken)

    def _reminded(self, one: Person, about: str) -> None:
        day, week = self._day(), _week(FIRST + dt.timedelta(days=self._day()))
        done = {"checkin": one.checked_in >= day, "stock": one.counted >= week, "payment": one.answered_pay}
        self.counts["needless"] += done.get(about, False)
        self.counts["after stop"] += one.stopped
        if one.silent or one.away_until >= day or self._random.random() > habits.HEEDS_REMINDER:
            return
        deeds: dict[str, Deed] = {
            "checkin": lambda: self._check_in(one, day, check_in(self._random, one)),
            "stock": lambda: self._count(one, week),
            "payment": lambda: self._answer_pay(one),
        }
        if about in deeds:
            self._later(self._clock.now + round(self._random.uniform(0.1, 3) * HOUR), deeds[about])

    async def _answer_pay(self, one: Person) -> None:
        if not one.answered_pay:
            one.answered_pay = True
            await self._say(one, pay(one))

    def _alerted(self, taken: Taken) -> None:
        """Some supervisors answer, each alert that the SMS names."""
        if self._random.random() > habits.ACKNOWLEDGES:
            return
        for number in (int(alone or among) for alone, among in NUMBER.findall(taken.text)):
            if number not in self._answered:
                self._answered.add(number)
                wait = self._random.uniform(0.2, habits.ACKNOWLEDGES_WITHIN)
                ok = partial(self.line.writes, taken.number, f"OK {number}")
                self._later(self._clock.now + round(wait * HOUR), ok)

    def _day(self) -> int:
        return (dt.datetime.fromtimestamp(self._clock.now / 1000, ZONE).date() - FIRST).days


def _week(date: dt.date) -> int:
    """Weeks from Monday; the month's first is 0."""
    return (date.toordinal() - 1) // 7 - (FIRST.toordinal() - 1) // 7
