"""A day on the programme's calendar, in every name that the projections give it."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

from msgspec import Struct

DAY_MS = 86_400_000
"""No zone is further from UTC."""
_FAR = 253_370_000_000_000
"""Unix ms; in the last month there is a name for."""


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


def months_between(months: Iterable[str], since: int, until: int | None = None) -> list[str]:
    """Those of these months, in whatever zone, in which a time from `since` to `until` (Unix ms) may be; in order."""
    first = _month(since - DAY_MS)
    last = _month(_FAR if until is None else until + DAY_MS)
    return sorted(month for month in months if first <= month <= last)


def _month(at: int) -> str:
    return f"{datetime.fromtimestamp(max(0, min(at, _FAR)) / 1000, UTC):%Y%m}"
