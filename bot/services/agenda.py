"""When something leaves: the moments of a day, from the settings, the calendar and the trainings. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, time, timedelta

from msgspec import Struct

from bot.config import Settings
from bot.config_reminders import WEEKDAYS
from bot.services.calendar import DAY, Calendar, month_after
from bot.store.trainings import Session

SUPERVISOR = "supervisor"
"""The last rung: not she is reminded, her supervisor is told."""
UNTIL_WORK = 31
"""Days after which a working day has come, at the latest: the longest that a follow-up waits for one."""


KEYS = (
    "reminder.checkin",
    "reminder.stock",
    "reminder.stock.again",
    "reminder.payment",
    "reminder.payment.again",
    "reminder.training.soon",
    "reminder.training.tomorrow",
    "reminder.training.today",
    "reminder.followup",
    "reminder.invitation",
    "reminder.moved",
    "reminder.cancelled",
)
"""All that is said by the calendar and about trainings."""


class Moment(Struct, frozen=True):
    """One time at which a reminder leaves, of one occasion: the day it is about."""

    reminder: str
    """The section of the settings: `checkin`."""
    occasion: date
    at: int
    """Unix ms, as all times here."""
    expires: int
    """Not sent from then on."""
    key: str
    """Of its words."""
    values: Mapping[str, str] = {}
    rung: str = ""
    """Empty the first time; then `1`, `2`; of a training, the days before it."""
    since: int = 0
    """Who has done it since then is not reminded."""
    session: Session | None = None
    after: str = ""
    """The stem of the reminder before it on the ladder."""

    @property
    def stem(self) -> str:
        """What the ids of its messages have in common; the number follows."""
        about = self.session.id if self.session else ""
        return ":".join(filter(None, ("reminder", self.reminder, f"{self.occasion}", self.rung, about, " ")))[
            :-1
        ]


class Agenda:
    """What the settings and the calendar say of a day."""

    def __init__(self, settings: Settings, calendar: Calendar) -> None:
        self.settings = settings.reminders
        self.calendar = calendar
        self._sms = settings.sms
        self._code = {"service_code": settings.programme.service_code}

    def moments(self, now: int, sessions: Iterable[Session], topic: Callable[[str], str]) -> list[Moment]:
        """What leaves now, or should have left earlier today and may still; `topic` gives a value for a text."""
        day = self.calendar.local(now).date()
        planned = [one for one in sessions if one.state == "planned"]
        found = [*self._checkin(day), *self._stock(day), *self._payment(day)]
        for session in planned:
            found += [*self._training(day, session, topic), *self._followup(day, session, topic)]
        enabled = {name: getattr(self.settings, name).enabled for name in self.settings.__struct_fields__}
        return [moment for moment in found if moment.at <= now < moment.expires and enabled[moment.reminder]]

    def of(self, session: Session, topic: Callable[[str], str]) -> list[Moment]:
        """All reminders of a training, the earliest first; none when it is cancelled."""
        if session.state != "planned":
            return []
        begins, last = (date.fromisoformat(one) for one in (session.begins[:10], session.last))
        first = begins - max((0, *self.settings.training.days_before)) * DAY
        after = last + (max((0, *self.settings.followup.days_after)) + UNTIL_WORK) * DAY
        days = [first + place * DAY for place in range((after - first).days + 1)]
        found = [
            *(moment for day in days for moment in self._training(day, session, topic)),
            *(moment for day in days for moment in self._followup(day, session, topic)),
        ]
        enabled = {"training": self.settings.training.enabled, "followup": self.settings.followup.enabled}
        return sorted((one for one in found if enabled[one.reminder]), key=lambda one: one.at)

    def _moment(self, reminder: str, occasion: date, day: date, hour: str, **more: object) -> Moment:
        quiet = self._sms.quiet_from(time.fromisoformat(hour))
        expires = self.calendar.at(day, f"{quiet:%H:%M}") if quiet else self.calendar.at(day + DAY)
        told: dict[str, object] = {
            "key": f"reminder.{reminder}",
            "expires": expires,
            "values": self._code,
            **more,
        }
        return Moment(reminder, occasion, self.calendar.at(day, hour), **told)  # type: ignore[arg-type]

    def _checkin(self, day: date) -> Iterator[Moment]:
        if self.calendar.works(day):
            yield self._moment("checkin", day, day, self.settings.checkin.at, since=self.calendar.at(day))

    def _stock(self, day: date) -> Iterator[Moment]:
        own = self.settings.stock
        first = day - timedelta((day.weekday() - WEEKDAYS.index(own.weekday)) % 7)
        days = self.calendar.ladder(first, (*own.again, own.supervisor_after), first + 7 * DAY)
        since = self.calendar.at(first - own.early_days * DAY)
        told = len(own.again) + 1
        yield from self._rungs("stock", first, day, days[:told], own.at, since=since)
        if day in days[told:]:
            yield self._moment("stock", first, day, own.at, since=since, rung=SUPERVISOR)

    def _payment(self, day: date) -> Iterator[Moment]:
        own = self.settings.payment
        first = day.replace(day=own.day)
        days = self.calendar.ladder(first, own.again, month_after(day))
        values = {**self._code, "month": f"{first.replace(day=1) - DAY:%m/%Y}"}
        since = self.calendar.at(day.replace(day=1))
        yield from self._rungs("payment", first, day, days, own.at, since=since, values=values)

    def _rungs(
        self, reminder: str, first: date, day: date, days: list[date], hour: str, **more: object
    ) -> Iterator[Moment]:
        """The one of these days' reminders that is today's."""
        if day not in days:
            return
        number = days.index(day)
        rungs = ["", *map(str, range(1, len(days)))]
        moment = self._moment(reminder, first, day, hour, **more)
        if not number:
            yield moment
            return
        before = self._moment(reminder, first, day, hour, rung=rungs[number - 1])
        yield self._moment(
            reminder,
            first,
            day,
            hour,
            **more,
            rung=rungs[number],
            after=before.stem,
            key=f"{moment.key}.again",
        )

    def _training(self, day: date, session: Session, topic: Callable[[str], str]) -> Iterator[Moment]:
        own = self.settings.training
        begins = date.fromisoformat(session.begins[:10])
        days = (begins - day).days
        if days not in (0, *own.days_before):
            return
        hour = own.at if days else own.morning
        begun = {} if days else {"expires": self.calendar.at(day, session.begins[11:])}
        key = {0: "today", 1: "tomorrow"}.get(days, "soon")
        yield self._moment(
            "training",
            begins,
            day,
            hour,
            **begun,
            rung=str(days),
            session=session,
            key=f"reminder.training.{key}",
            values=self.said(session, topic),
        )

    def said(self, session: Session, topic: Callable[[str], str]) -> dict[str, str]:
        """What a message names of a training."""
        day, hour = date.fromisoformat(session.begins[:10]), session.begins[11:]
        return {
            **self._code,
            "topic": topic(session.topic),
            "place": session.place,
            "date": f"{day:%d/%m} {hour}",
        }

    def _followup(self, day: date, session: Session, topic: Callable[[str], str]) -> Iterator[Moment]:
        last = date.fromisoformat(session.last)
        since = last + DAY
        for days in sorted(self.settings.followup.days_after):
            occasion = self.calendar.working_from(last + days * DAY)
            if occasion == day:
                yield self._moment(
                    "followup",
                    day,
                    day,
                    self.settings.followup.at,
                    rung=str(days),
                    session=session,
                    since=self.calendar.at(since),
                    values=self.said(session, topic),
                )
            since = occasion or since
