"""What an operator may set about reminders and the calendar they follow."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, get_args

from msgspec import Meta, Struct

LEAP = len("02-29")
Days = Annotated[int, Meta(ge=1, le=366)]
Hour = Annotated[str, Meta(pattern=r"\A([01]\d|2[0-3]):[0-5]\d\Z", description='an hour of the day, "HH:MM"')]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
Holiday = Annotated[
    str,
    Meta(
        pattern=r"\A(\d{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z",
        description='"MM-DD" for every year, or "YYYY-MM-DD" for one',
    ),
]


class Pause(Struct, frozen=True, forbid_unknown_fields=True):
    """An org unit, by its code or its path, that nobody is to be reminded in: its zone cannot be reached."""

    unit: Annotated[str, Meta(min_length=1)]
    first: date
    last: date
    why: str = ""

    def holds(self, path: str, day: date) -> bool:
        return self.first <= day <= self.last and f"/{self.unit}/" in f"/{path}/"


class Calendar(Struct, frozen=True):
    working_days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    holidays: tuple[Holiday, ...] = ("01-01", "01-20", "03-26", "05-01", "05-25", "09-22", "12-25")
    pauses: tuple[Pause, ...] = ()

    def contradictions(self) -> Iterator[tuple[str, str]]:
        """What cannot be meant, by the setting it stands in."""
        if not self.working_days:
            yield "working_days", "no day of the week is worked: nobody would ever be reminded"
        for holiday in self.holidays:
            try:
                date.fromisoformat(holiday if len(holiday) > LEAP else f"2024-{holiday}")
            except ValueError:
                yield "holidays", f"there is no {holiday}"
        for pause in self.pauses:
            if pause.last < pause.first:
                yield "pauses", f"{pause.unit}: last ({pause.last}) is before first ({pause.first})"


class Checkin(Struct, frozen=True):
    enabled: bool = True
    at: Hour = "16:00"
    missed: Days = 3
    give_up: Days = 10
    pause_days: Days = 30


class Stock(Struct, frozen=True):
    enabled: bool = True
    weekday: Weekday = "mon"
    at: Hour = "09:00"
    again: tuple[Annotated[int, Meta(ge=1, le=6)], ...] = (2, 3)
    supervisor_after: Annotated[int, Meta(ge=1, le=6)] = 4
    early_days: Annotated[int, Meta(ge=0, le=6)] = 2


class Payment(Struct, frozen=True):
    enabled: bool = True
    day: Annotated[int, Meta(ge=1, le=20)] = 5
    at: Hour = "10:00"
    again: tuple[Annotated[int, Meta(ge=1, le=10)], ...] = (3,)


class Training(Struct, frozen=True):
    enabled: bool = True
    at: Hour = "09:00"
    days_before: tuple[Days, ...] = (7, 1)
    confirmed_days_before: tuple[Days, ...] = (1,)
    morning: Hour = "07:00"


class Followup(Struct, frozen=True):
    enabled: bool = True
    at: Hour = "11:00"
    days_after: tuple[Days, ...] = (30, 90)


class Reminders(Struct, frozen=True):
    checkin: Checkin = Checkin()
    stock: Stock = Stock()
    payment: Payment = Payment()
    training: Training = Training()
    followup: Followup = Followup()

    def hours(self) -> dict[tuple[str, str], str]:
        """Every hour at which something leaves, by where it is set."""
        told = {(name, "at"): getattr(self, name).at for name in self.__struct_fields__}
        return told | {("training", "morning"): self.training.morning}

    def contradictions(self) -> Iterator[tuple[tuple[str, str], str]]:
        """What cannot be meant, by the setting it stands in."""
        stock, payment, training = self.stock, self.payment, self.training
        if self.checkin.give_up < self.checkin.missed:
            yield (
                ("checkin", "give_up"),
                f"less than missed ({self.checkin.missed}): her supervisor would never hear",
            )
        for name, again in (("stock", stock.again), ("payment", payment.again)):
            if list(again) != sorted(set(again)):
                yield (name, "again"), "days after the first time, each more than the one before"
        if stock.supervisor_after < max(stock.again, default=0):
            yield ("stock", "supervisor_after"), f"before the last reminder ({max(stock.again)} days after)"
        if stray := set(training.confirmed_days_before) - set(training.days_before):
            yield ("training", "confirmed_days_before"), f"{min(stray)} is not among days_before"
