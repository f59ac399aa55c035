"""A day, as she writes it: `21/11`, `2111`, `21/11/2026`, or today and yesterday in any language."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from bot.flow.definition import Exit, Refused, Value
from bot.flow.questions import Question, View

RANGE = re.compile(r"(-?\d{1,5})\.\.(-?\d{1,5})")
"""Two hundred years either way: what is further has no date."""
DAY = re.compile(r"(\d{1,2})\D+(\d{1,2})(?:\D+(\d{4}|\d{2}))?|(\d{2})(\d{2})(\d{4})?")


class Date(Question):
    """`days: -30..0` is the last thirty days and today. A day without a year is the nearest one in range."""

    keys: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "days": {"type": "string", "pattern": r"^-?\d{1,5}\.\.-?\d{1,5}$"}
    }
    required: ClassVar[Sequence[str]] = ("days",)

    def __init__(self, settings: Mapping[str, Any], words: str) -> None:
        super().__init__(settings, words)
        match = RANGE.fullmatch(str(settings["days"]))
        if not match or int(match[1]) > int(match[2]):
            raise ValueError("`days` wants two whole numbers, the earlier first: -30..0")
        self.low, self.high = int(match[1]), int(match[2])

    def read(self, text: str, view: View) -> Value:
        today = dt.date.fromisoformat(str(view.get("today")))
        for key, days in (("keyword.today", 0), ("keyword.yesterday", -1)):
            if view.means(key, text):
                return self._within(today, [today + dt.timedelta(days)])
        match = DAY.fullmatch(text.strip())
        if not match:
            raise Refused("common.wrong.date", example=f"{today:%d/%m}")
        day, month, year = (match[1], match[2], match[3]) if match[1] else (match[4], match[5], match[6])
        years = [int(year) % 2000 + 2000] if year else [today.year, today.year - 1, today.year + 1]
        return self._within(today, [found for y in years if (found := _day(y, int(month), int(day)))])

    def _within(self, today: dt.date, days: Sequence[dt.date]) -> str:
        for day in days:
            if self.low <= (day - today).days <= self.high:
                return day.isoformat()
        raise Refused("common.wrong.date", example=f"{today:%d/%m}")

    def samples(self, view: View, exits: Sequence[Exit]) -> Sequence[str]:
        del exits
        today = dt.date.fromisoformat(str(view.get("today")))
        return [f"{today + dt.timedelta(days):%d/%m/%Y}" for days in (self.low, self.high)]


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
