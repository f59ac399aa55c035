"""Contacts as the calendar's tests need them, and days of November 2026 on a clock in Bamako."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from msgspec import structs

from bot.config import Settings
from bot.services.agenda import Agenda
from bot.services.calendar import Calendar
from bot.services.reminders import Due, Judge, Silence, stems_of, subjects_of
from bot.store.roster import Person, Seen
from bot.store.trainings import Session

BAMAKO = ZoneInfo("Africa/Bamako")
AWA = "+22376000001"


def at(said: str) -> int:
    """`2026-11-23 16:00` in Bamako, in Unix ms."""
    return round(datetime.fromisoformat(said).replace(tzinfo=BAMAKO).timestamp() * 1000)


def person(
    said: Mapping[str, str] | None = None, made: Mapping[str, int] | None = None, **seen: str
) -> "Told":
    base = {"active": "1", "stopped": "0", "role": "asc", "name": "Awa", "language": "fr", "org_unit": "FALO"}
    more = {
        "unit_name": "Falo",
        "path": "ML/SEG/BLA/FALO",
        "supervisor": "",
        "products": "SRO",
        "training": "",
    }
    return Told(
        Seen(**{**base, **more, "reminded": "", "told_checkin": "", "told_stock": "", **seen}),
        said or {},
        made or {},
    )


class Told:
    """Somebody, with what she has said by subject, and when what was made for her by stem."""

    def __init__(self, seen: Seen, said: Mapping[str, str], made: Mapping[str, int]) -> None:
        self.seen, self.said, self.made = seen, said, made

    def read(self, subjects: tuple[str, ...], stems: tuple[str, ...]) -> Person:
        said = tuple(self.said.get(subject, "") for subject in subjects)
        return Person(AWA, self.seen, said, tuple(str(self.made.get(stem, "")) for stem in stems))


class Days:
    """The reminders of a programme, at any moment."""

    def __init__(self, settings: Settings, *sessions: Session) -> None:
        self.settings = settings
        self.sessions = sessions
        self.calendar = Calendar(settings.calendar, BAMAKO)
        self.agenda = Agenda(settings, self.calendar)

    def found(self, now: str, told: Told) -> list[Due | Silence]:
        moments = self.agenda.moments(at(now), self.sessions, str)
        read = told.read(subjects_of(moments), stems_of(moments))
        return list(Judge(self.agenda, moments, at(now)).judge(read))

    def ids(self, now: str, told: Told) -> list[str]:
        """What is due then, without the number; who is to be told is `supervisor: …`."""
        return [
            one.id.removesuffix(f":{AWA}") if isinstance(one, Due) else f"supervisor: {one.about} {one.days}"
            for one in self.found(now, told)
        ]


def with_calendar(settings: Settings, **calendar: object) -> Settings:
    return structs.replace(settings, calendar=structs.replace(settings.calendar, **calendar))


def day(text: str) -> date:
    return date.fromisoformat(text)
