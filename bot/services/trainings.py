"""Trainings as a programme plans them: sessions from a sheet, who is invited, who came, what they knew."""

from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from datetime import date, timedelta

from msgspec import Struct, json, structs

from bot.flow.definition import Problem
from bot.flow.release import Release
from bot.services import roster, sheets
from bot.services.agenda import Agenda
from bot.services.changes import Considered, Report, plan
from bot.services.courses import COLUMNS, read_sessions
from bot.services.invitations import Invitation, invitations
from bot.services.known import topic_key
from bot.store.outbox import Body, Outbox, message
from bot.store.roster import Person, Roster
from bot.store.sessions import Message
from bot.store.trainings import Session, Trainings
from bot.text import msisdn

FORGET = timedelta(400)
"""How long after a session an invitation is kept."""
LISTED = ("msisdn", "name", "unit", "role", "answer", "attended", "score")
_CAME = {"oui": "yes", "o": "yes", "yes": "yes", "1": "yes", "x": "yes"}
_CAME |= {"non": "no", "n": "no", "no": "no", "0": "no"}


class Invited(Struct, frozen=True):
    """How many were invited anew, and how many had been already."""

    new: int
    already: int


class Attendant(Struct, frozen=True):
    """One line of the trainer's list."""

    msisdn: str
    name: str
    unit: str
    role: str
    answer: str
    """`yes`, `no`, `unsure`; empty: she has not answered."""
    attended: str
    score: str
    """Right answers of the quiz, the latest time."""


class Planner:
    """Sessions, invitations and attendance over the store."""

    def __init__(
        self,
        trainings: Trainings,
        people: Roster,
        outbox: Outbox,
        agenda: Agenda,
        release: Callable[[], Release],
    ) -> None:
        self._trainings = trainings
        self._roster = people
        self._outbox = outbox
        self._agenda = agenda
        self._release = release

    async def session(self, name: str) -> Session | None:
        return (await self._trainings.sessions()).get(name)

    async def consider(self, content: str | bytes, file: str) -> Considered[Session]:
        """What a sheet would do; nothing is done."""
        held = await self._trainings.sessions()
        sessions, problems = read_sessions(content, held, self._release(), file)
        return Considered(plan(held, sessions), problems, held, lambda one: one.id, COLUMNS, _cells)

    async def import_sessions(self, content: str | bytes, file: str, now: int) -> Report:
        """Takes a sheet; who is invited to a session that changed keeps the new one, and is told of it.

        That first: whoever stops in the middle and begins again still finds it changed, and tells nobody twice.
        """
        planned = await self.consider(content, file)
        changed = [structs.replace(one, changes=one.changes + 1) for one in planned.changes.changed]
        for session in changed:
            await self._changed(planned.held[session.id], session, now)
        await self._trainings.put([*planned.changes.added, *changed])
        return planned.changes.report(planned.problems)

    async def export_sessions(self) -> str:
        found = await self._trainings.sessions()
        return sheets.write(COLUMNS, map(_cells, found.values()))

    async def invite(self, session: Session, chosen: Callable[[Person], bool], now: int) -> Invited:
        """Invites those of the roster, and has each told once."""
        people = [one async for one in self._people() if one.seen.active == "1" and chosen(one)]
        numbers = [one.msisdn for one in people]
        new = set(await self._trainings.invite(numbers, self._kept(session, now), self._forgotten(now)))
        await self._tell("invitation", session, people, now)
        return Invited(len(new), len(numbers) - len(new))

    async def _changed(self, before: Session, session: Session, now: int) -> None:
        people = [one async for one in self._people() if _mine(one, session.id)]
        numbers = [one.msisdn for one in people]
        await self._trainings.invite(numbers, self._kept(session, now), self._forgotten(now), only_held=True)
        if session.state != before.state and session.state == "cancelled":
            await self._tell("cancelled", session, people, now, f"{session.changes}")
        elif (session.begins, session.place, session.state) != (before.begins, before.place, before.state):
            await self._tell("moved", session, people, now, f"{session.changes}")

    async def _tell(
        self, what: str, session: Session, people: Iterable[Person], now: int, change: str = ""
    ) -> None:
        """Until it begins; a second time the message is there already."""
        begins = self._begins(session)
        stem = ":".join(filter(None, ("reminder", what, session.id, change)))
        values = self._agenda.said(session, lambda topic: topic_key(topic, self._release()))
        await self._outbox.queue(
            self._message(f"{stem}:{one.msisdn}", one, f"reminder.{what}", values, begins, now)
            for one in people
            if one.seen.stopped != "1" and begins > now
        )

    @staticmethod
    def _message(
        name: str, person: Person, key: str, values: dict[str, str], expires: int, now: int
    ) -> Message:
        path = person.seen.path
        body = Body(to=person.msisdn, kind="reminder", key=key, values=values, expires=expires, unit=path)
        return message(name, body, now)

    def _begins(self, session: Session) -> int:
        calendar, (day, _, hour) = self._agenda.calendar, session.begins.partition("T")
        return calendar.at(date.fromisoformat(day), hour)

    def begun(self, session: Session, now: int) -> bool:
        return self._begins(session) <= now

    def _kept(self, session: Session, now: int) -> bytes:
        """What an invited contact keeps of it."""
        return json.encode(
            Invitation(
                id=session.id,
                topic=session.topic,
                place=session.place,
                date=session.begins,
                ends=session.ends,
                quiz=session.quiz,
                state=session.state,
                invited=f"{self._agenda.calendar.local(now).date()}",
            )
        )

    def _forgotten(self, now: int) -> str:
        return f"{self._agenda.calendar.local(now).date() - FORGET}"

    async def _people(self, *subjects: str, among: Collection[str] | None = None) -> AsyncIterator[Person]:
        async for chunk in self._roster.people(subjects, reachable=False, whole=True, among=among):
            for person in chunk:
                yield person

    async def listed(self, session: Session, among: Collection[str] | None = None) -> list[Attendant]:
        """Everybody invited, by place and name. `among`: no one else is read."""
        subjects = f"training:{session.id}", f"quiz:{session.id}"
        found = [
            Attendant(
                msisdn=one.msisdn,
                name=one.seen.name,
                unit=one.seen.unit_name,
                role=one.seen.role,
                answer=one.said[0].partition("@")[0],
                attended=mine.attended,
                score=one.said[1].partition("@")[0],
            )
            async for one in self._people(*subjects, among=among)
            if (mine := _mine(one, session.id))
        ]
        return sorted(found, key=lambda one: (one.unit, one.name, one.msisdn))

    async def attend(
        self, session: Session, content: str | bytes, file: str, seen: Callable[[str], bool] = lambda _: True
    ) -> Report:
        """Takes the trainer's list with its column `attended` filled in; an empty cell leaves what is noted.

        Who is not `seen`, by number, is as if not invited.
        """
        sheet = sheets.read(content, file, LISTED, "msisdn")
        held = {one.msisdn: one.attended for one in await self.listed(session) if seen(one.msisdn)}
        came: dict[str, str] = {}
        problems = list(sheet.problems)
        for row in sheet.rows:
            try:
                number, said = _attendance(row.cells, held)
            except ValueError as reason:
                problems.append(Problem(file, row.line, str(reason)))
            else:
                came |= {number: said} if said else {}
        changes = plan(held, came)
        for number, said in came.items():
            if held[number] != said:
                await self._trainings.attend(number, session.id, said)
        return changes.report(sorted(problems))


def _cells(session: Session) -> list[str]:
    return [getattr(session, name) for name in COLUMNS]


def _mine(person: Person, session: str) -> Invitation | None:
    held = person.seen.training
    return next((one for one in invitations(held) if one.id == session), None) if session in held else None


def _attendance(cells: Mapping[str, str], held: Collection[str]) -> tuple[str, str]:
    """Who, and whether she came. Raises ValueError."""
    number = msisdn.parse(cells["msisdn"])
    if number not in held:
        raise ValueError(f"msisdn: {number} is not invited")
    said = cells.get("attended", "").casefold()
    if said and said not in _CAME:
        raise ValueError(f"attended: {said} is not known: oui or non")
    return number, _CAME.get(said, "")


def among(roles: Collection[str], units: Collection[str]) -> Callable[[Person], bool]:
    """Those of these roles in or below these units (by code or path); where none is named, all."""

    def chosen(person: Person) -> bool:
        path = f"/{person.seen.path}/"
        here = not units or any(f"/{unit}/" in path for unit in units)
        return here and (not roles or person.seen.role in roles)

    return chosen


def named(content: str | bytes, file: str) -> tuple[set[str], list[Problem]]:
    """The numbers of a list, and what of it could not be read."""
    sheet = sheets.read(content, file, (*roster.COLUMNS, *LISTED), "msisdn")
    numbers: set[str] = set()
    problems = list(sheet.problems)
    for row in sheet.rows:
        try:
            numbers.add(msisdn.parse(row.cells["msisdn"]))
        except ValueError as reason:
            problems.append(Problem(file, row.line, f"msisdn: {reason}"))
    return numbers, problems
