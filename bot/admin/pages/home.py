"""What somebody sees first: how her area does today, and whether the service itself does."""

import asyncio
from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date

from aiohttp import web
from markupsafe import Markup
from msgspec import Struct

from bot.admin.areas import name_of
from bot.admin.charts import Bar, columns, share
from bot.admin.desk import Desk, Page
from bot.admin.pages.alerts import AGES, seen_alerts
from bot.admin.visit import Visit
from bot.people import ROLES, Contact
from bot.services.calendar import DAY
from bot.services.figures import Worker, counted, states_of
from bot.store.tick import StoreUnavailable

SHOWN_DAYS = 14
PATIENCE = 2.0
"""Seconds in which the store must answer."""
LATE = 100
"""Messages due and not sent, from which on sending is said to lag."""


class Line(Struct, frozen=True):
    """One figure with its bar and where it is looked into."""

    name: str
    text: str
    link: str
    chart: Markup
    tone: str = ""


class Sign(Struct, frozen=True):
    """One part of the service, and how it does."""

    name: str
    text: str
    tone: str


def pages(_: Desk) -> list[Page]:
    return [Page("/", home, menu=1), Page("", to_home)]


async def home(visit: Visit) -> web.Response:
    people, units = await visit.desk.book.people(), await visit.desk.book.units()
    area = visit.account.area
    counts = await _people(visit, people)
    workers = await seen_workers(visit)
    return visit.show(
        "home.html",
        area=name_of(area, units) if area else visit.say("area.all"),
        people=[(role, counts[role]) for role in ROLES if counts[role]],
        checkins=await _checkins(visit, workers),
        stock=await _stock(visit, workers),
        alerts=await _alerts(visit),
        cost=await _cost(visit),
        signs=await _health(visit),
        at=visit.speech.moment(visit.now),
    )


async def _people(visit: Visit, people: Mapping[str, Contact]) -> Counter[str]:
    """Who is active, by role."""

    async def make() -> Counter[str]:
        return Counter(one.role for one in people.values() if one.active and visit.account.sees(one.path))

    return await visit.desk.figures.kept.get(("people", visit.account.area), (people,), make)


async def seen_workers(visit: Visit) -> Sequence[Worker]:
    """Those of her area."""
    every = await visit.desk.figures.workers()
    if not visit.account.area:
        return every

    async def make() -> Sequence[Worker]:
        return [one for one in every if visit.account.sees(one.path)]

    return await visit.desk.figures.kept.get(("workers", visit.account.area), (every,), make)


async def _checkins(visit: Visit, workers: Sequence[Worker]) -> dict[str, object]:
    """Today's against those expected, and the two weeks before."""
    figures = visit.desk.figures
    days = [figures.today - place * DAY for place in reversed(range(SHOWN_DAYS))]
    said = await figures.said("checkin", days)

    async def make() -> tuple[Counter[int], list[int]]:
        done = Counter(place for one in workers for place in said.get(one.msisdn, ()))
        await asyncio.sleep(0)
        paths = Counter(one.path for one in workers)
        return done, [_expected(visit, paths, day) for day in days]

    done, expected = await figures.kept.get(
        ("checkins", visit.account.area, figures.today), (workers, said), make
    )
    bars = [
        Bar(
            f"{day:%d/%m}",
            done[place],
            expected[place],
            "good",
            f"{day:%d/%m} : {done[place]}/{expected[place]}",
        )
        for place, day in enumerate(days)
    ]
    last = SHOWN_DAYS - 1
    return {
        "done": visit.speech.number(done[last]),
        "expected": visit.speech.number(expected[last]),
        "works": expected[last] > 0,
        "chart": columns(bars, visit.say("home.checkins.chart")),
    }


def _expected(visit: Visit, paths: Counter[str], day: date) -> int:
    """`paths`: how many work at each place."""
    calendar = visit.desk.figures.calendar
    if not calendar.works(day):
        return 0
    return sum(count for path, count in paths.items() if not calendar.paused(path, day))


async def _stock(visit: Visit, workers: Sequence[Worker]) -> list[Line]:
    """Products by how many are without, the most first."""

    async def make() -> Counter[tuple[str, str]]:
        return await counted(states_of, workers)

    found = await visit.desk.figures.kept.get(("states", visit.account.area), (workers,), make)
    totals: Counter[str] = Counter()
    for (code, _), count in found.items():
        totals[code] += count
    short = [
        (found[code, "out"], totals[code], code)
        for code in visit.desk.programme.products
        if found[code, "out"]
    ]
    return [
        Line(
            name=product_name(visit, code),
            text=visit.say("home.stock.of", count=out, total=total),
            link=f"/admin/stock?product={code}",
            chart=share(Bar(code, out, total, "bad")),
        )
        for out, total, code in sorted(short, reverse=True)
    ]


def product_name(visit: Visit, code: str) -> str:
    """As the settings name it in French."""
    names = visit.desk.programme.products[code].names
    return names.get("fr") or code


async def _alerts(visit: Visit) -> dict[str, object]:
    """Those nobody has answered, by how long they have waited."""
    seen = await seen_alerts(visit, await visit.desk.figures.standing(), "standing")

    async def make() -> tuple[list[int], int]:
        opened = sorted(one.opened for one in seen if one.state == "open")
        return opened, sum(one.state == "acknowledged" for one in seen)

    opened, acknowledged = await visit.desk.figures.kept.get(("open", visit.account.area), (seen,), make)
    waiting = _ages(opened, visit.now)
    most = max([1, *waiting.values()])
    return {
        "open": visit.speech.number(waiting.total()),
        "acknowledged": visit.speech.number(acknowledged),
        "ages": [
            Line(
                visit.say(f"alerts.age.{age}"),
                visit.speech.number(waiting[age]),
                f"/admin/alerts?state=open&age={age}",
                share(Bar(age, waiting[age], most, tone)),
            )
            for age, tone in zip(AGES, ("plain", "warn", "bad", "bad"), strict=True)
        ],
    }


def _ages(opened: Sequence[int], now: int) -> Counter[str]:
    """How many were opened how long ago; `opened` ascends."""
    found: Counter[str] = Counter()
    last = len(opened)
    for age, below in AGES.items():
        first = bisect_right(opened, now - below) if below else 0
        found[age], last = last - first, first
    return found


async def _cost(visit: Visit) -> dict[str, object]:
    """This month's messages about her area; the ceiling is the whole programme's."""
    every = await visit.desk.figures.spent()
    await asyncio.sleep(0)
    seen = [one for one in every if visit.account.sees(one.unit)]
    budget = visit.desk.programme.settings.sms.budget
    francs = round(sum(one.cents for one in every) / 100)
    percent = round(100 * francs / budget) if budget else 0
    warned = visit.desk.programme.settings.sms.budget_warning
    tone = "bad" if percent >= 100 else "warn" if percent >= warned else "good"
    return {
        "segments": visit.speech.number(sum(one.segments for one in seen)),
        "francs": visit.speech.number(round(sum(one.cents for one in seen) / 100)),
        "budget": visit.speech.number(budget) if budget else "",
        "percent": percent,
        "chart": share(Bar("budget", francs, budget, tone, visit.say("home.cost.share", percent=percent))),
    }


async def _health(visit: Visit) -> list[Sign]:
    return [await _store(visit), await _sending(visit), _release(visit)]


async def _store(visit: Visit) -> Sign:
    name = visit.say("home.health.store")
    try:
        await asyncio.wait_for(visit.desk.ready(), PATIENCE)
    except (StoreUnavailable, TimeoutError):
        return Sign(name, visit.say("home.health.store_full"), "bad")
    return Sign(name, visit.say("home.health.well"), "good")


async def _sending(visit: Visit) -> Sign:
    waiting = await visit.desk.figures.waiting()
    late = sum(map(waiting.of, waiting.due))
    text = (
        visit.say("home.health.late", count=visit.speech.number(late))
        if late
        else visit.say("home.health.well")
    )
    return Sign(visit.say("home.health.sending"), text, "warn" if late > LATE else "good")


def _release(visit: Visit) -> Sign:
    number = visit.desk.releases.current
    return Sign(
        visit.say("home.health.release"),
        visit.say("home.health.number", number=number),
        "good" if number else "bad",
    )


async def to_home(visit: Visit) -> web.Response:
    return visit.go("/")
