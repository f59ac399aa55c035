"""The days that a page is asked for, `?since=2026-03-01&until=2026-03-31`: both of them within."""

from datetime import date

from msgspec import Struct

from bot.admin.visit import Visit
from bot.services.calendar import DAY
from bot.store.search import NEWEST

YEARS = range(1970, 3000)


class Days(Struct, frozen=True):
    since: date | None
    until: date | None
    first: int
    """When they begin (Unix ms); 0: no day was asked for."""
    end: int
    """When they are over; after everything there is where no day was asked for."""

    def hold(self, at: int) -> bool:
        """Whether a time (Unix ms) is of these days."""
        return self.first <= at < self.end


def days(visit: Visit) -> Days:
    since, until = (_day(visit.query.get(name, "")) for name in ("since", "until"))
    calendar = visit.desk.figures.calendar
    return Days(
        since,
        until,
        calendar.at(since) if since else 0,
        calendar.at(until + DAY) if until else NEWEST[0],
    )


def _day(text: str) -> date | None:
    """None for what is no day, or none that anybody means."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None
