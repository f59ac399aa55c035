"""When reports are due, and what came of it: complete and on time are two things (docs/decisions/0039)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from msgspec import Struct

from bot.config_reminders import WEEKDAYS, Stock
from bot.services.calendar import DAY, Calendar, month_after

ON_TIME, LATE = 5, 10
"""Days of the next month until which the month's stock is on time, and until which it is taken (SNISI)."""
REPORTS = ("checkin", "stock", "month")
KINDS: Mapping[str, str] = {"checkin": "checkin", "stock": "stock", "month": "stock"}
"""What is said, of each report that is due."""


class Occasion(Struct, frozen=True):
    """One report that is due: said from `first` on, on time until `due`, late until `last`, all days included."""

    first: date
    due: date
    last: date


class Count(Struct, frozen=True):
    """Of some ASC in a period; `prompt` are among the complete."""

    asc: int = 0
    expected: int = 0
    complete: int = 0
    prompt: int = 0


def occasions(report: str, first: date, last: date, calendar: Calendar, stock: Stock) -> list[Occasion]:
    """Those that are due from one day to another, both included."""
    days = [first + place * DAY for place in range((last - first).days + 1)]
    if report == "checkin":
        return list(_daily(days, calendar))
    if report == "stock":
        mondays = [day for day in days if day.weekday() == WEEKDAYS.index(stock.weekday)]
        return [found for day in mondays if (found := _weekly(day, calendar, stock))]
    return [_monthly(day) for day in days if day.day == 1]


def _daily(days: Sequence[date], calendar: Calendar) -> Iterator[Occasion]:
    """Each working day; what a day off brings is late for the day before it."""
    if not days:
        return
    after = calendar.working_from(days[-1] + DAY) or days[-1] + DAY
    working = [day for day in days if calendar.works(day)]
    for day, following in pairwise([*working, after]):
        yield Occasion(day, day, following - DAY)


def _weekly(day: date, calendar: Calendar, stock: Stock) -> Occasion | None:
    """Due on its weekday, or the working day after it; what comes a little early counts for it."""
    due, early = calendar.working_from(day), stock.early_days * DAY
    if due is None or due >= day + 7 * DAY:
        return None
    return Occasion(day - early, due, day + 7 * DAY - early - DAY)


def _monthly(day: date) -> Occasion:
    after = month_after(day)
    return Occasion(after, after + timedelta(days=ON_TIME - 1), after + timedelta(days=LATE - 1))


def count(
    people: Iterable[tuple[str, str]],
    found: Sequence[Occasion],
    said: Mapping[str, Sequence[int]],
    days: Sequence[date],
    calendar: Calendar,
) -> Count:
    """Of people (number and path): what was expected, what came, and what came on time. `said`: places in `days`."""
    masks = [(one.due, _mask(days, one.first, one.last), _mask(days, one.first, one.due)) for one in found]
    asc = expected = complete = prompt = 0
    for number, path in people:
        asc += 1
        hers = sum(1 << place for place in said.get(number, ()))
        for due, whole, in_time in masks:
            if not calendar.paused(path, due):
                expected += 1
                complete += hers & whole != 0
                prompt += hers & in_time != 0
    return Count(asc, expected, complete, prompt)


def _mask(days: Sequence[date], first: date, last: date) -> int:
    """A bit for each of the days that lies between, both included."""
    return sum(1 << place for place, day in enumerate(days) if first <= day <= last)
