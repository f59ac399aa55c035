"""A day on the programme's calendar, in every name that the projections give it."""

from datetime import date, datetime
from functools import lru_cache

from msgspec import Struct


class Day(Struct, frozen=True, gc=False):
    """A day on the programme's calendar, as the projections name it."""

    day: str
    """`20261121`."""
    yday: int
    week: str
    """`2026W47`: ISO, from Monday."""
    month: str
    """`202611`."""

    @classmethod
    def of(cls, local: datetime) -> "Day":
        return _day(local.date())


@lru_cache(64)
def _day(date: date) -> Day:
    year, week, _ = date.isocalendar()
    return Day(f"{date:%Y%m%d}", date.timetuple().tm_yday, f"{year}W{week}", f"{date:%Y%m}")
