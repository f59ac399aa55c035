"""What the console counts, read from the projections and the roster; the ledger is never looked through."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from itertools import islice
from typing import Any

from msgspec import Struct

from bot.services.calendar import DAY, Calendar, month_after
from bot.services.fresh import Fresh, Kept
from bot.services.known import Programme, quantity_of, use_of
from bot.store.alerts import ENDED, Alert, Alerts
from bot.store.diary import Diary, Places
from bot.store.mail import Waiting
from bot.store.outbox import Outbox
from bot.store.past import Past
from bot.store.roster import Person, Roster
from bot.store.spent import Expenses, Spent

LOOKED_BACK = 90 * 24 * 3600 * 1000
"""How long (ms) a resolved alert is still listed."""
NEVER = 2**53
"""Unix ms that no alert is opened at."""
AT_ONCE = 64
"""Alerts asked for at a time."""
COUNTED = 500
"""Workers counted in one go."""
DIARIES = 64
"""Periods held at a time."""
MONTHS = 3
"""Months of alerts held at a time."""
OFFERED = 120
"""Months to choose from, at most."""
STATES = ("out", "low", "enough", "over")


class Worker(Struct, frozen=True):
    """An ASC who is active, with the last known quantity of each product of her box."""

    msisdn: str
    name: str
    path: str
    products: tuple[str, ...]
    stock: Mapping[str, int]
    states: Mapping[str, str]
    """Of each quantity: `out`, `low`, `enough` or `over`."""
    said: int
    """When she last reported stock (Unix ms); 0: never."""


class Figures:
    def __init__(
        self,
        roster: Roster,
        diary: Diary,
        alerts: Alerts,
        expenses: Expenses,
        outbox: Outbox,
        past: Past,
        programme: Programme,
        clock: Callable[[], int],
    ) -> None:
        self.calendar = Calendar(programme.settings.calendar, programme.zone)
        self._roster = roster
        self._diary = diary
        self._alerts = alerts
        self._expenses = expenses
        self._outbox = outbox
        self._past = past
        self._programme = programme
        self._clock = clock
        self._workers = Fresh(self._read_workers)
        self._listed = Fresh(self._read_alerts)
        self._standing = Fresh(self._read_standing)
        self.kept = Kept()
        self._over: dict[int, Alert] = {}
        """Resolved ones, which do not change any more."""
        self._spent = Fresh(self._read_spent)
        self._waiting = Fresh(self._read_waiting)
        self._opened: dict[str, Fresh[list[Alert]]] = {}
        self._months = Fresh(self._read_months)
        self._said: dict[tuple[str, tuple[date, ...]], Fresh[Places]] = {}

    @property
    def today(self) -> date:
        return self.calendar.local(self._clock()).date()

    async def workers(self) -> list[Worker]:
        return await self._workers.get()

    async def alerts(self) -> list[Alert]:
        """Those that stand, then those of the last ninety days; each the newest first."""
        return await self._listed.get()

    async def standing(self) -> list[Alert]:
        """Those that are not resolved."""
        return await self._standing.get()

    async def opened(self, month: str) -> list[Alert]:
        """Those opened in that month (`202603`), the newest first, archived ones too. Raises store.archives.Missing."""
        if month not in self._opened:
            if len(self._opened) == MONTHS:
                del self._opened[next(iter(self._opened))]
            self._opened[month] = Fresh(partial(self._read_opened, month))
        return await self._opened[month].get()

    async def months_of_alerts(self) -> list[str]:
        """From this month back to that of the first alert there is, archived ones too."""
        return await self._months.get()

    async def changed(self, number: int) -> None:
        """Something was done with an alert here: the next page shows it."""
        now = await self._alerts.get(number)
        if now:
            for listed in (self._listed, *self._opened.values()):
                listed.change(lambda every: [now if one.number == number else one for one in every])
            self._standing.change(
                lambda every: [
                    now if one.number == number else one
                    for one in every
                    if one.number != number or now.state != "resolved"
                ]
            )

    async def spent(self) -> list[Spent]:
        """This month's messages by unit and kind."""
        return await self._spent.get()

    async def waiting(self) -> Waiting:
        return await self._waiting.get()

    async def said(self, kind: str, days: Sequence[date]) -> Places:
        """Who said a kind of report on which of these days."""
        key = kind, tuple(days)
        if key not in self._said:
            if len(self._said) == DIARIES:
                del self._said[next(iter(self._said))]
            names = [f"{day:%Y%m%d}" for day in days]
            self._said[key] = Fresh(partial(self._diary.said, kind, names))
        return await self._said[key].get()

    def warm(self) -> None:
        """Begins to read what the overview shows: somebody is about to sign in."""
        for figure in (self._workers, self._standing, self._spent, self._waiting):
            figure.warm()

    def forget(self) -> None:
        """Something was changed here: the next page shows it."""
        every: list[Fresh[Any]] = [self._workers, self._listed, self._standing, self._spent, self._waiting]
        for held in (*every, self._months, *self._said.values(), *self._opened.values()):
            held.forget()

    async def _read_workers(self) -> list[Worker]:
        products = tuple(self._programme.products)
        subjects = [f"stock:{code}" for code in products]
        return [
            self._worker(one, products)
            async for people in self._roster.people(["stock", *subjects], reachable=False, whole=True)
            for one in people
            if one.seen.role == "asc" and one.seen.active == "1"
        ]

    def _worker(self, one: Person, products: Sequence[str]) -> Worker:
        own = tuple(one.seen.products.split())
        said = {
            code: known for code, known in zip(products, one.said[1:], strict=True) if code in own and known
        }
        stock = {code: count for code, known in said.items() if (count := quantity_of(known)) is not None}
        return Worker(
            msisdn=one.msisdn,
            name=one.seen.name,
            path=one.seen.path,
            products=own,
            stock=stock,
            states={code: self.state(code, count, use_of(said[code])) for code, count in stock.items()},
            said=int(one.said[0].rpartition("@")[2] or 0),
        )

    def state(self, code: str, quantity: int, use: int | None) -> str:
        """As the alerts judge it: what is used of it by her, else what the settings say is used."""
        product = self._programme.products[code]
        monthly = use or product.monthly_use
        if quantity == 0:
            return "out"
        if quantity < product.reorder_months * monthly:
            return "low"
        return "over" if 0 < product.max_months * monthly < quantity else "enough"

    async def _read_alerts(self) -> list[Alert]:
        numbers = await self._alerts.numbers(self._clock() - LOOKED_BACK)
        self._over = {number: one for number, one in self._over.items() if number in numbers}
        found = await self._several(numbers - self._over.keys())
        every = [*found, *self._over.values()]
        self._over |= {one.number: one for one in found if one.state == "resolved"}
        return sorted(every, key=lambda one: (one.state == "resolved", -one.opened, -one.number))

    async def _read_opened(self, month: str) -> list[Alert]:
        first = date(int(month[:4]), int(month[4:]), 1)
        begins, ends = (self.calendar.at(day) for day in (first, month_after(first)))
        found = await self._past.opened(month, begins, ends)
        return sorted(found, key=lambda one: (-one.opened, -one.number))

    async def _read_months(self) -> list[str]:
        oldest = await self._past.oldest(ENDED)
        first = self.calendar.local(oldest).date().replace(day=1) if oldest else self.today
        months, day = list[str](), self.today.replace(day=1)
        while day >= first and len(months) < OFFERED:
            months.append(f"{day:%Y%m}")
            day = (day - DAY).replace(day=1)
        return months

    async def _read_standing(self) -> list[Alert]:
        found = await self._several(await self._alerts.numbers(NEVER))
        return [one for one in found if one.state != "resolved"]

    async def _several(self, numbers: Iterable[int]) -> list[Alert]:
        """A few at a time: phones are answered in between."""
        left, found = iter(numbers), list[Alert]()
        while some := list(islice(left, AT_ONCE)):
            found += await self._alerts.several(some)
        return found

    async def _read_spent(self) -> list[Spent]:
        return await self._expenses.month(f"{self.today:%Y%m}")

    async def _read_waiting(self) -> Waiting:
        return await self._outbox.waiting(self._clock(), f"{self.today:%Y%m}")


async def counted(
    count: Callable[[Sequence[Worker]], Counter[Any]], workers: Sequence[Worker]
) -> Counter[Any]:
    """Some at a time: phones are answered in between."""
    found: Counter[Any] = Counter()
    for start in range(0, len(workers), COUNTED):
        found += count(workers[start : start + COUNTED])
        await asyncio.sleep(0)
    return found


def states_of(workers: Iterable[Worker]) -> Counter[tuple[str, str]]:
    """How many of them stand how with each product: by product and state."""
    return Counter(pair for one in workers for pair in one.states.items())
