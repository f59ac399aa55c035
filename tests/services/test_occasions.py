"""When reports are due: complete before the next one, on time by their day."""

from datetime import date
from zoneinfo import ZoneInfo

from bot.config_reminders import Calendar as Days
from bot.config_reminders import Pause, Stock
from bot.services.calendar import DAY, Calendar
from bot.services.occasions import Count, Occasion, count, occasions

MONDAY, SUNDAY = date(2026, 11, 16), date(2026, 11, 22)
FALO = "ML/SEG/BLA/FALO"
BAMAKO = ZoneInfo("Africa/Bamako")
CALENDAR = Calendar(Days(), BAMAKO)


def november(day: int) -> date:
    return date(2026, 11, day)


def test_a_check_in_is_due_each_working_day_and_late_on_the_days_off_after_it() -> None:
    found = occasions("checkin", MONDAY, SUNDAY, CALENDAR, Stock())
    assert found[0] == Occasion(november(16), november(16), november(16))
    assert found[-1] == Occasion(november(20), november(20), SUNDAY)
    assert len(found) == 5
    assert occasions("checkin", SUNDAY, MONDAY, CALENDAR, Stock()) == []


def test_a_weeks_stock_moves_past_a_holiday_and_may_come_early() -> None:
    assert occasions("stock", MONDAY, SUNDAY, CALENDAR, Stock()) == [
        Occasion(november(14), november(16), november(20))
    ]
    holiday = Calendar(Days(holidays=("11-16",)), BAMAKO)
    (moved,) = occasions("stock", MONDAY, SUNDAY, holiday, Stock())
    assert moved.due == november(17)
    never = Calendar(Days(working_days=()), BAMAKO)
    assert occasions("stock", MONDAY, SUNDAY, never, Stock()) == []


def test_a_months_stock_keeps_the_windows_of_snisi() -> None:
    assert occasions("month", date(2026, 12, 1), date(2026, 12, 31), CALENDAR, Stock()) == [
        Occasion(date(2027, 1, 1), date(2027, 1, 5), date(2027, 1, 10))
    ]


def test_what_came_is_counted_apart_from_what_came_on_time() -> None:
    days = [november(14) + place * DAY for place in range(9)]
    found = occasions("stock", MONDAY, SUNDAY, CALENDAR, Stock())
    people = [
        ("early", FALO),
        ("on the day", FALO),
        ("late", FALO),
        ("after the next", FALO),
        ("never", FALO),
    ]
    said = {"early": (0,), "on the day": (2, 4), "late": (6,), "after the next": (7,)}
    assert count(people, found, said, days, CALENDAR) == Count(5, 5, 3, 2)
    paused = Calendar(Days(pauses=(Pause("BLA", MONDAY, SUNDAY),)), BAMAKO)
    assert count(people, found, said, days, paused) == Count(5, 0, 0, 0)
