"""Who is reminded: one contact and one moment → the message, and whom to tell when she stays silent. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from bot.services.agenda import SUPERVISOR, Agenda, Moment
from bot.services.calendar import DAY
from bot.services.invitations import invitations
from bot.store.roster import Person

APART = 86_400_000
"""Milliseconds between two reminders of one ladder, at least (cStock: a day)."""
AWAY = ("ill", "training", "leave", "insecurity", "displaced")
"""Reasons of an absence for which she is left alone."""
SUBJECTS = ("checkin", "stock", "payment")


class Due(Struct, frozen=True, gc=False):
    """One reminder for one contact."""

    msisdn: str
    id: str
    key: str
    values: Mapping[str, str]
    at: int
    expires: int
    unless: str
    """What makes it needless, if it comes first: `checkin:20261121`."""
    unit: str
    name: str
    language: str
    first: bool = False
    """She has never checked in, and was never reminded to."""


class Silence(Struct, frozen=True, gc=False):
    """One contact whose supervisor is to be told, once: she has not checked in, or not reported the week's stock."""

    about: str
    days: int
    since: str
    """Her last check-in's day, or the week's."""
    person: Person


def subjects_of(moments: Iterable[Moment]) -> tuple[str, ...]:
    """What must be known of each contact to judge these moments."""
    asked = dict.fromkeys(SUBJECTS)
    for moment in moments:
        if moment.session:
            asked |= dict.fromkeys((f"training:{moment.session.id}", f"quiz:{moment.session.id}"))
    return tuple(asked)


def stems_of(moments: Iterable[Moment]) -> tuple[str, ...]:
    """The stems of the messages that may be there already."""
    return tuple(dict.fromkeys(stem for moment in moments for stem in (moment.stem, moment.after) if stem))


class Judge:
    """Judges contacts at one time; what is the same for all of them is made once."""

    def __init__(self, agenda: Agenda, moments: list[Moment], now: int) -> None:
        self._settings = agenda.settings
        self._calendar = agenda.calendar
        self._moments = moments
        self._now = now
        self._today = agenda.calendar.local(now).date()
        self._subjects = {name: place for place, name in enumerate(subjects_of(moments))}
        self._stems = {stem: place for place, stem in enumerate(stems_of(moments))}
        self._ask: Mapping[str, Callable[[Person, Moment], bool]] = {
            "checkin": self._checkin,
            "stock": self._stock,
            "payment": self._payment,
            "training": self._training,
            "followup": self._followup,
        }

    def judge(self, person: Person) -> Iterator[Due | Silence]:
        """All that this contact, who is active and has not said STOP, is due; nothing where her place is paused."""
        if self._calendar.paused(person.seen.path, self._today):
            return
        for moment in self._moments:
            if moment.rung == SUPERVISOR or moment.reminder == "checkin":
                yield from self._silences(person, moment)
            if moment.rung == SUPERVISOR:
                continue
            if self._fresh(person, moment) and self._ask[moment.reminder](person, moment):
                yield self._due(person, moment)

    def _due(self, person: Person, moment: Moment) -> Due:
        done = moment.reminder in SUBJECTS
        return Due(
            msisdn=person.msisdn,
            id=moment.stem + person.msisdn,
            key=moment.key,
            values=moment.values,
            at=moment.at,
            expires=moment.expires,
            unless=f"{moment.reminder}:{self._today:%Y%m%d}" if done else "",
            unit=person.seen.path,
            name=person.seen.name,
            language=person.seen.language,
            first=moment.reminder == "checkin"
            and not (person.seen.reminded or self._said(person, "checkin")),
        )

    def _fresh(self, person: Person, moment: Moment) -> bool:
        """Not sent yet, and a day after the one before it."""
        if person.made[self._stems[moment.stem]]:
            return False
        before = person.made[self._stems[moment.after]] if moment.after else ""
        return not before or self._now - int(before) >= APART

    def _checkin(self, person: Person, moment: Moment) -> bool:
        if person.seen.role != "asc" or self._said_at(person, "checkin") >= moment.since:
            return False
        return not self._away(person) and self._missed(person) < self._settings.checkin.give_up

    def _silences(self, person: Person, moment: Moment) -> Iterator[Silence]:
        """Her supervisor is to know: of so many working days without a check-in, or of the week's stock."""
        if moment.reminder == "stock":
            since, days = f"{moment.occasion}", self._settings.stock.supervisor_after
            if person.seen.told_stock != since and self._stock(person, moment):
                yield Silence("stock", days, since, person)
            return
        if (
            person.seen.role != "asc"
            or self._said_at(person, "checkin") >= moment.since
            or self._away(person)
        ):
            return
        last = self._last(person)
        days = self._missed(person)
        if days >= self._settings.checkin.missed and person.seen.told_checkin != f"{last}":
            yield Silence("checkin", days, f"{last}", person)

    def _stock(self, person: Person, moment: Moment) -> bool:
        if person.seen.role != "asc" or not person.seen.products:
            return False
        return self._said_at(person, "stock") < moment.since and not self._away(person)

    def _payment(self, person: Person, moment: Moment) -> bool:
        return person.seen.role == "asc" and self._said_at(person, "payment") < moment.since

    def _training(self, person: Person, moment: Moment) -> bool:
        session = moment.session
        mine = next(
            (one for one in invitations(person.seen.training) if session and one.id == session.id), None
        )
        if mine is None or (mine.invited == f"{self._today}" and moment.rung != "0"):
            return False
        answer = self._said(person, f"training:{mine.id}").partition("@")[0]
        if answer == "yes" and moment.rung != "0":
            return int(moment.rung) in self._settings.training.confirmed_days_before
        return answer != "no"

    def _followup(self, person: Person, moment: Moment) -> bool:
        session = moment.session
        mine = next(
            (one for one in invitations(person.seen.training) if session and one.id == session.id), None
        )
        if mine is None or mine.attended == "no":
            return False
        declined = self._said(person, f"training:{mine.id}").partition("@")[0] == "no"
        if declined and mine.attended != "yes":
            return False
        return self._said_at(person, f"quiz:{mine.id}") < moment.since

    def _said(self, person: Person, subject: str) -> str:
        return person.said[self._subjects[subject]]

    def _said_at(self, person: Person, subject: str) -> int:
        """When she last said it; 0: never."""
        return int(self._said(person, subject).rpartition("@")[2] or 0)

    def _away(self, person: Person) -> bool:
        """Whether her last check-in says why she is not there, and not too long ago."""
        said, _, at = self._said(person, "checkin").rpartition("@")
        if said.partition(":")[2] not in AWAY:
            return False
        return self._today < self._day(int(at)) + self._settings.checkin.pause_days * DAY

    def _missed(self, person: Person) -> int:
        """Working days in a row without a check-in, up to yesterday."""
        last = self._last(person)
        return self._calendar.working_between(last, self._today, person.seen.path) if last else 0

    def _last(self, person: Person) -> date | None:
        """The last day on which nothing was missed: of her check-in or her leave, else before her first reminder."""
        said, _, at = self._said(person, "checkin").rpartition("@")
        if at:
            away = said.partition(":")[2] in AWAY
            return self._day(int(at)) + (self._settings.checkin.pause_days - 1 if away else 0) * DAY
        return date.fromisoformat(person.seen.reminded) - DAY if person.seen.reminded else None

    def _day(self, at: int) -> date:
        return self._calendar.local(at).date()
