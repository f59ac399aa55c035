"""Who is reminded: one contact and one moment → the message, and whom to tell when she stays silent. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date

from msgspec import Struct

from bot.services.agenda import SUPERVISOR, Agenda, Moment
from bot.services.calendar import DAY
from bot.services.invitations import Invitation, invitations
from bot.store.roster import Person

APART = 86_400_000
"""Milliseconds between two reminders of one ladder, at least (cStock: a day)."""
AWAY = ("ill", "training", "leave", "insecurity", "displaced")
"""Reasons of an absence for which she is left alone."""
SUBJECTS = ("checkin", "stock", "payment")
"""What is always read of a contact, in this order."""


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


class _Case(Struct, gc=False):
    """One contact, with what every reminder asks of her."""

    person: Person
    checked: int
    """When she last checked in; 0: never."""
    away: bool
    """Her last check-in says why she is not there, and not too long ago."""
    last: date | None
    """The last day on which nothing was missed: of her check-in or her leave, else before her first reminder."""


class _Step(Struct, frozen=True):
    """A moment, with what is the same for everybody."""

    moment: Moment
    asks: Callable[[_Case, Moment], bool]
    stem: str
    unless: str
    made: int
    """Where a contact's row says when this message was made."""
    before: int
    """Where it says it of the one before it on the ladder; -1: there is none."""


class Judge:
    """Judges contacts at one time; what is the same for all of them is made once."""

    def __init__(self, agenda: Agenda, moments: list[Moment], now: int) -> None:
        self._settings = agenda.settings
        self._calendar = agenda.calendar
        self._now = now
        self._today = agenda.calendar.local(now).date()
        self._subjects = {name: place for place, name in enumerate(subjects_of(moments))}
        self._steps = self._prepared(moments)
        self._silences = [one for one in moments if one.rung == SUPERVISOR or one.reminder == "checkin"]

    def _prepared(self, moments: list[Moment]) -> list[_Step]:
        asks: Mapping[str, Callable[[_Case, Moment], bool]] = {
            "checkin": self._checkin,
            "stock": self._stock,
            "payment": self._payment,
            "training": self._training,
            "followup": self._followup,
        }
        places = {stem: place for place, stem in enumerate(stems_of(moments))} | {"": -1}
        return [
            _Step(
                moment=one,
                asks=asks[one.reminder],
                stem=one.stem,
                unless=f"{one.reminder}:{self._today:%Y%m%d}" if one.reminder in SUBJECTS else "",
                made=places[one.stem],
                before=places[one.after],
            )
            for one in moments
            if one.rung != SUPERVISOR
        ]

    def judge(self, person: Person) -> list[Due | Silence]:
        """All that this contact, who is active and has not said STOP, is due; nothing where her place is paused."""
        if self._calendar.paused(person.seen.path, self._today):
            return []
        case = self._case(person)
        found: list[Due | Silence] = []
        for moment in self._silences:
            found += self._silent(case, moment)
        for step in self._steps:
            if self._fresh(person, step) and step.asks(case, step.moment):
                found.append(self._due(case, step))
        return found

    def _case(self, person: Person) -> _Case:
        said, _, at = person.said[0].rpartition("@")
        if not at:
            reminded = person.seen.reminded
            return _Case(person, 0, False, date.fromisoformat(reminded) - DAY if reminded else None)
        last = self._calendar.day_of(int(at))
        if said.partition(":")[2] not in AWAY:
            return _Case(person, int(at), False, last)
        back = last + self._settings.checkin.pause_days * DAY
        return _Case(person, int(at), self._today < back, back - DAY)

    @staticmethod
    def _due(case: _Case, step: _Step) -> Due:
        person, moment = case.person, step.moment
        return Due(
            msisdn=person.msisdn,
            id=step.stem + person.msisdn,
            key=moment.key,
            values=moment.values,
            at=moment.at,
            expires=moment.expires,
            unless=step.unless,
            unit=person.seen.path,
            name=person.seen.name,
            language=person.seen.language,
            first=moment.reminder == "checkin" and case.last is None,
        )

    def _fresh(self, person: Person, step: _Step) -> bool:
        """Not made yet, and a day after the one before it."""
        if person.made[step.made]:
            return False
        before = person.made[step.before] if step.before >= 0 else ""
        return not before or self._now - int(before) >= APART

    def _silent(self, case: _Case, moment: Moment) -> Iterator[Silence]:
        """Her supervisor is to know: of so many working days without a check-in, or of the week's stock."""
        seen = case.person.seen
        if moment.reminder == "stock":
            since, days = f"{moment.occasion}", self._settings.stock.supervisor_after
            if self._stock(case, moment) and seen.told_stock != since:
                yield Silence("stock", days, since, case.person)
        elif self._unseen(case, moment):
            days, since = self._missed(case), f"{case.last}"
            if days >= self._settings.checkin.missed and seen.told_checkin != since:
                yield Silence("checkin", days, since, case.person)

    @staticmethod
    def _unseen(case: _Case, moment: Moment) -> bool:
        return case.checked < moment.since and not case.away and case.person.seen.role == "asc"

    def _missed(self, case: _Case) -> int:
        """Working days in a row without a check-in, up to yesterday."""
        if case.last is None:
            return 0
        return self._calendar.working_between(case.last, self._today, case.person.seen.path)

    def _checkin(self, case: _Case, moment: Moment) -> bool:
        return self._unseen(case, moment) and self._missed(case) < self._settings.checkin.give_up

    def _stock(self, case: _Case, moment: Moment) -> bool:
        seen = case.person.seen
        if case.away or seen.role != "asc" or not seen.products:
            return False
        return said_at(case.person.said[1]) < moment.since

    @staticmethod
    def _payment(case: _Case, moment: Moment) -> bool:
        return case.person.seen.role == "asc" and said_at(case.person.said[2]) < moment.since

    def _training(self, case: _Case, moment: Moment) -> bool:
        mine = invitation_to(case.person, moment)
        if mine is None or (mine.invited == f"{self._today}" and moment.rung != "0"):
            return False
        answer = self._answer(case, mine.id)
        if answer == "yes" and moment.rung != "0":
            return int(moment.rung) in self._settings.training.confirmed_days_before
        return answer != "no"

    def _followup(self, case: _Case, moment: Moment) -> bool:
        mine = invitation_to(case.person, moment)
        if mine is None or mine.attended == "no":
            return False
        if self._answer(case, mine.id) == "no" and mine.attended != "yes":
            return False
        return said_at(case.person.said[self._subjects[f"quiz:{mine.id}"]]) < moment.since

    def _answer(self, case: _Case, session: str) -> str:
        return case.person.said[self._subjects[f"training:{session}"]].partition("@")[0]


def said_at(said: str) -> int:
    """When she last said it (Unix ms); 0: never."""
    return int(said.rpartition("@")[2] or 0)


def invitation_to(person: Person, moment: Moment) -> Invitation | None:
    held, session = person.seen.training, moment.session
    if session is None or session.id not in held:
        return None
    return next((one for one in invitations(held) if one.id == session.id), None)
