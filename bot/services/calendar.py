"""The programme's days: when people work, and where nobody can. Arithmetic only; it reads no clock."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache

from bot.config_reminders import WEEKDAYS
from bot.config_reminders import Calendar as Settings

DAY = timedelta(days=1)
QUARTER = 900_000
"""Milliseconds in which no day of any time zone begins but at the start."""
FAR = 60
"""Days after which no working day is looked for any more."""


class Calendar:
    """Working days, holidays and pauses, on the programme's clock."""

    def __init__(self, settings: Settings, zone: tzinfo) -> None:
        self._settings = settings
        self._zone = zone
        self._weekdays = frozenset(WEEKDAYS.index(name) for name in settings.working_days)
        self._holidays = frozenset(settings.holidays)
        self._day_of = lru_cache(8192)(lambda quarter: self.local(quarter * QUARTER).date())
        self.paused = lru_cache(8192)(self._paused) if settings.pauses else _never
        self.working_between = lru_cache(8192)(self._working_between)

    def local(self, at: int) -> datetime:
        """A time (Unix ms) on the programme's clock."""
        return datetime.fromtimestamp(at / 1000, self._zone)

    def day_of(self, at: int) -> date:
        """The day of a time (Unix ms)."""
        return self._day_of(at // QUARTER)

    def at(self, day: date, hour: str = "00:00") -> int:
        """That hour of that day, in Unix ms."""
        return round(datetime.combine(day, time.fromisoformat(hour), self._zone).timestamp() * 1000)

    def works(self, day: date) -> bool:
        return day.weekday() in self._weekdays and not {f"{day:%m-%d}", f"{day}"} & self._holidays

    def working_from(self, day: date) -> date | None:
        """The first working day from this one on; None when there is none for two months."""
        return next((one for one in _days(day, day + FAR * DAY) if self.works(one)), None)

    def ladder(self, first: date, again: Sequence[int], end: date) -> list[date]:
        """The days of an occasion: itself, then so many days later; each a working day after the one before it.

        What would fall on `end`, where the next occasion begins, or later, falls away.
        """
        found: list[date] = []
        for days in (0, *again):
            earliest = max(first + days * DAY, *(one + DAY for one in found[-1:]), first)
            day = self.working_from(earliest)
            if day is None or day >= end:
                break
            found.append(day)
        return found

    def _paused(self, path: str, day: date) -> bool:
        """Whether nobody at this place (`ML/SEG/BLA/FALO`) is reminded that day."""
        return any(pause.holds(path, day) for pause in self._settings.pauses)

    def _working_between(self, after: date, before: date, path: str) -> int:
        """The working days of that place after one day and before another, both left out."""
        return sum(self.works(day) and not self.paused(path, day) for day in _days(after + DAY, before))


def _never(_path: str, _day: date) -> bool:
    return False


def _days(first: date, end: date) -> Iterator[date]:
    day = first
    while day < end:
        yield day
        day += DAY


def month_after(day: date) -> date:
    """The first day of the next month."""
    return (day.replace(day=1) + 32 * DAY).replace(day=1)
