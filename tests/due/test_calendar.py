"""Calendar arithmetic: no day is missed or doubled, over year ends, leap years, week 53 and long holidays."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config_reminders import Calendar as Settings
from bot.config_reminders import Pause
from bot.services.calendar import DAY, Calendar, month_after
from tests.due.people import BAMAKO, at, day

CALENDAR = Calendar(Settings(), BAMAKO)
DATES = st.dates(date(2020, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("given_day", "works"),
    [
        ("2026-11-20", True),
        ("2026-11-21", False),
        ("2026-11-22", False),
        ("2026-12-25", False),
        ("2027-01-01", False),
        ("2028-02-29", True),
        ("2026-01-20", False),
    ],
)
def test_working_days_are_those_of_the_week_without_the_holidays(given_day: str, works: bool) -> None:
    assert CALENDAR.works(day(given_day)) is works


def test_a_movable_holiday_is_one_of_its_year_only() -> None:
    calendar = Calendar(Settings(holidays=("2026-03-20",)), BAMAKO)
    assert (calendar.works(day("2026-03-20")), calendar.works(day("2028-03-20"))) == (False, True)


@pytest.mark.parametrize(
    ("first", "again", "end", "days"),
    [
        ("2026-11-23", (2, 3), "2026-11-30", ["2026-11-23", "2026-11-25", "2026-11-26"]),
        ("2026-12-25", (1, 2), "2027-01-30", ["2026-12-28", "2026-12-29", "2026-12-30"]),
        ("2026-12-31", (1, 2), "2027-01-30", ["2026-12-31", "2027-01-04", "2027-01-05"]),
        ("2028-02-28", (1, 2), "2028-03-06", ["2028-02-28", "2028-02-29", "2028-03-01"]),
        ("2026-11-23", (5, 6), "2026-11-30", ["2026-11-23"]),
    ],
    ids=["a plain week", "a holiday on a Friday", "a year end", "a leap year", "past the week"],
)
def test_a_ladder_keeps_to_working_days(
    first: str, again: tuple[int, ...], end: str, days: list[str]
) -> None:
    assert CALENDAR.ladder(day(first), again, day(end)) == [day(one) for one in days]


@given(
    DATES,
    st.lists(st.integers(1, 20), max_size=5),
    st.integers(1, 40),
    st.sets(st.integers(0, 400), max_size=60),
)
def test_a_ladder_never_goes_back_and_never_leaves_its_occasion(
    first: date, again: list[int], length: int, off: set[int]
) -> None:
    holidays = tuple(f"{first + timedelta(days)}" for days in off)
    calendar = Calendar(Settings(holidays=holidays), BAMAKO)
    found = calendar.ladder(first, again, first + length * DAY)
    assert all(calendar.works(one) and first <= one < first + length * DAY for one in found)
    assert all(late - early >= DAY for early, late in pairwise(found))
    assert len(found) <= len(again) + 1


@given(DATES, st.integers(0, 60))
def test_what_lies_between_two_days_is_counted_day_by_day(after: date, length: int) -> None:
    counted = [after + timedelta(days) for days in range(1, length)]
    assert CALENDAR.working_between(after, after + length * DAY, "") == sum(map(CALENDAR.works, counted))


def test_a_pause_is_of_a_unit_and_all_below_it_and_ends() -> None:
    pauses = (
        Pause("BLA", day("2026-11-23"), day("2026-11-24")),
        Pause("ML/MOP", day("2026-12-31"), day("2027-01-01")),
    )
    calendar = Calendar(Settings(pauses=pauses), BAMAKO)
    assert calendar.paused("ML/SEG/BLA/FALO", day("2026-11-24"))
    assert calendar.paused("ML/MOP", day("2027-01-01"))
    assert not calendar.paused("ML/SEG/BLA/FALO", day("2026-11-25"))
    assert not calendar.paused("ML/SEG/BLAX/FALO", day("2026-11-24"))
    assert calendar.working_between(day("2026-11-20"), day("2026-11-27"), "ML/SEG/BLA") == 2


def test_without_working_days_none_is_found() -> None:
    calendar = Calendar(Settings(working_days=()), BAMAKO)
    assert calendar.working_from(day("2026-11-23")) is None
    assert calendar.ladder(day("2026-11-23"), (1,), day("2027-11-23")) == []


@given(DATES)
def test_a_day_begins_at_its_own_midnight(one: date) -> None:
    assert CALENDAR.local(CALENDAR.at(one)).date() == one
    assert CALENDAR.local(CALENDAR.at(one) - 1).date() == one - DAY
    assert month_after(one).day == 1
    assert DAY <= month_after(one) - one <= 31 * DAY


def test_an_hour_is_the_programmes() -> None:
    assert CALENDAR.at(day("2026-11-23"), "16:00") == at("2026-11-23 16:00")
