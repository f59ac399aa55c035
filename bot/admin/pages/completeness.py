"""Completeness and promptness, apart from each other, by area and period."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct

from bot.admin.areas import name_of
from bot.admin.desk import Desk, Page
from bot.admin.listing import AT_ONCE, listing
from bot.admin.places import asked_for, below, way
from bot.admin.said import urged
from bot.admin.table import Column, Table
from bot.admin.visit import Visit
from bot.people import Unit
from bot.services.calendar import DAY, month_after
from bot.services.occasions import KINDS, REPORTS, Count, Occasion, count, occasions

COMPLETE, PROMPT = 90, 80
"""Per cent to reach; a little less is a warning."""
NEAR = 15
WEEKS, MONTHS = 9, 2
"""Offered beside this one: the days are kept for a hundred."""
WEEK = timedelta(days=7)


class Period(Struct, frozen=True):
    key: str
    name: str
    first: date
    last: date


class Row(Struct, frozen=True):
    path: str
    name: str
    count: Count
    link: str


def pages(_: Desk) -> list[Page]:
    return [Page("/completeness", completeness, menu=14)]


async def completeness(visit: Visit) -> web.Response:
    units, figures = await visit.desk.book.units(), visit.desk.figures
    path, report = asked_for(visit, units), visit.query.get("report", "")
    report = report if report in REPORTS else "checkin"
    offered = _months(visit) if report == "month" else [*_weeks(visit), *_months(visit)]
    period = next((one for one in offered if one.key == visit.query.get("period")), offered[0])
    stock = visit.desk.programme.settings.reminders.stock
    found = [
        one
        for one in occasions(report, period.first, period.last, figures.calendar, stock)
        if one.first <= figures.today
    ]
    counts = await _counts(visit, path, report, found)
    rows = [_row(visit, part, path, one, units) for part, one in counts.items() if one.expected]
    return await listing(
        visit,
        "completeness.html",
        TABLE,
        rows,
        whole=_sum(counts.values()),
        percent=_percent,
        tone=_tone,
        way=way(visit, path, units),
        area=path,
        report=report,
        reports=[(one, visit.say(f"completeness.report.{one}")) for one in REPORTS],
        period=period.key,
        periods=[(one.key, one.name) for one in offered],
    )


async def _counts(visit: Visit, path: str, report: str, found: Sequence[Occasion]) -> Mapping[str, Count]:
    """Of each part of an area; counted once for as long as the figures are the same."""
    figures, days = visit.desk.figures, _days(found, visit.desk.figures.today)
    every, said = await figures.workers(), await figures.said(KINDS[report], days) if days else {}

    async def make() -> Mapping[str, Count]:
        workers = [
            one for one in every if visit.account.sees(one.path) and (report == "checkin" or one.products)
        ]
        counts = {}
        for part, some in below(path, workers).items():
            counted = []
            for start in range(0, len(some), AT_ONCE):
                people = [(one.msisdn, one.path) for one in some[start : start + AT_ONCE]]
                counted.append(count(people, found, said, days, figures.calendar))
                await asyncio.sleep(0)
            counts[part] = _sum(counted)
        return counts

    key = "completeness", visit.account.area, path, report, tuple(found)
    return await figures.kept.get(key, (every, said), make)


def _days(found: Sequence[Occasion], today: date) -> list[date]:
    """On which what was expected may have come."""
    if not found:
        return []
    first, last = min(one.first for one in found), min(max(one.last for one in found), today)
    return [first + place * DAY for place in range((last - first).days + 1)]


def _weeks(visit: Visit) -> list[Period]:
    monday = visit.desk.figures.today - visit.desk.figures.today.weekday() * DAY
    mondays = [monday - back * WEEK for back in range(WEEKS + 1)]
    return [
        Period(
            f"{day:%GW%V}",
            visit.say(
                "completeness.week", week=f"{day:%V}", first=f"{day:%d/%m}", last=f"{day + 6 * DAY:%d/%m}"
            ),
            day,
            day + 6 * DAY,
        )
        for day in mondays
    ]


def _months(visit: Visit) -> list[Period]:
    firsts = [visit.desk.figures.today.replace(day=1)]
    for _ in range(MONTHS):
        firsts.append((firsts[-1] - DAY).replace(day=1))
    return [Period(f"{day:%Y%m}", f"{day:%m/%Y}", day, month_after(day) - DAY) for day in firsts]


def _row(visit: Visit, part: str, path: str, counted: Count, units: Mapping[str, Unit]) -> Row:
    asked = {**visit.query, "area": part, "format": "", "page": "", "q": "", "said": ""}
    link = "?" + urlencode(urged(asked))
    return Row(part, name_of(part, units) or part, counted, link if part != path else "")


def _sum(counts: Iterable[Count]) -> Count:
    fields = [(one.asc, one.expected, one.complete, one.prompt) for one in counts]
    return Count(*map(sum, zip(*fields, strict=True))) if fields else Count()


def _percent(part: int, whole: int) -> float:
    """To one decimal, cut and not rounded: 99.96 is not all of it."""
    return (1000 * part // whole) / 10 if whole else 0.0


def _tone(percent: float, target: int) -> str:
    return "good" if percent >= target else "warn" if percent >= target - NEAR else "bad"


TABLE: Table[Row] = Table(
    "completeness",
    [
        Column("area", lambda row: row.name, link=lambda row: row.link),
        Column("asc", lambda row: row.count.asc),
        Column("expected", lambda row: row.count.expected),
        Column("received", lambda row: row.count.complete),
        Column(
            "complete",
            lambda row: _percent(row.count.complete, row.count.expected),
            lambda row, speech: speech.share(_percent(row.count.complete, row.count.expected)),
            tone=lambda row: _tone(_percent(row.count.complete, row.count.expected), COMPLETE),
        ),
        Column("on_time", lambda row: row.count.prompt),
        Column(
            "prompt",
            lambda row: _percent(row.count.prompt, row.count.expected),
            lambda row, speech: speech.share(_percent(row.count.prompt, row.count.expected)),
            tone=lambda row: _tone(_percent(row.count.prompt, row.count.expected), PROMPT),
        ),
    ],
    searched=lambda row: row.name,
    first="area",
)
