"""What is due: the roster read against the agenda; rehearsed by an operator, queued by the repeating job."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from datetime import UTC, datetime

from msgspec import Struct, json

from bot.flow.release import Release
from bot.services import sending
from bot.services.agenda import Agenda, Moment
from bot.services.known import topic_key
from bot.services.reminders import Due, Judge, Silence, stems_of, subjects_of
from bot.store.outbox import Body, Outbox
from bot.store.roster import Roster
from bot.store.sessions import Message
from bot.store.trainings import Session, Trainings
from bot.text.catalog import FRENCH
from bot.text.fold import to_gsm

EVERY_MS = 60_000
"""Between two looks at what is due; with no moment under way a look reads no contact."""


class Line(Struct, frozen=True):
    """One thing that is due, as an operator reads it."""

    at: str
    to: str
    name: str
    language: str
    why: str
    """The id of the message, or of whose silence the supervisor (`to`) would be told."""
    text: str


class Wanted(Struct, frozen=True):
    """As much of what is due as somebody wants to see."""

    reminder: str = ""
    """A section of the settings, `training`; empty: all."""
    session: str = ""
    """The id of a training."""
    among: Collection[str] | None = None
    """Only what these people are sent, or are silent about."""

    def holds(self, moment: Moment) -> bool:
        session = moment.session.id if moment.session else ""
        return self.reminder in ("", moment.reminder) and self.session in ("", session)


ALL = Wanted()


class Reminders:
    """Computed anew each time, from the store and the settings: running twice changes nothing."""

    def __init__(
        self,
        agenda: Agenda,
        roster: Roster,
        trainings: Trainings,
        outbox: Outbox,
        release: Callable[[], Release],
        silent: Callable[[Silence, int], Awaitable[None]] | None = None,
    ) -> None:
        self._agenda = agenda
        self._roster = roster
        self._trainings = trainings
        self._outbox = outbox
        self._release = release
        self.silent = silent
        """Has a supervisor told of somebody's silence; None: nobody is."""

    async def due(
        self, now: int, wanted: Wanted = ALL, *, named: bool = False
    ) -> AsyncIterator[list[Due | Silence]]:
        """What leaves at that moment and is not in the outbox yet, a chunk of the roster at a time.

        With names and languages only when asked for.
        """
        sessions = await self._trainings.sessions()
        every = self._agenda.moments(now, sessions.values(), self._topic)
        moments = [moment for moment in every if wanted.holds(moment)]
        if not moments:
            return
        judge = Judge(self._agenda, moments, now)
        asked = subjects_of(moments), stems_of(moments)
        async for people in self._roster.people(*asked, reachable=True, whole=named, among=wanted.among):
            yield [found for person in people for found in judge.judge(person)]

    async def run(self, now: int) -> None:
        """Queues what is due, and has supervisors told."""
        async for found in self.due(now):
            due = [one for one in found if isinstance(one, Due)]
            await self._outbox.queue(_message(one, now) for one in due)
            today = f"{self._agenda.calendar.local(now).date()}"
            first = [one.msisdn for one in due if one.first]
            await self._roster.first_reminded(first, today)
            for silence in found:
                if self.silent and isinstance(silence, Silence):
                    await self.silent(silence, now)
                    await self._roster.told(silence.person.msisdn, silence.about, silence.since)

    def _topic(self, topic: str) -> str:
        return topic_key(topic, self._release())

    def announced(self, session: Session) -> list[tuple[int, str]]:
        """When each reminder of a training leaves (Unix ms), the earliest first, and what it says in French."""
        return [
            (one.at, to_gsm(sending.say(self._release(), FRENCH, one.key, dict(one.values))))
            for one in self._agenda.of(session, self._topic)
        ]

    async def rehearse(self, now: int, wanted: Wanted = ALL) -> AsyncIterator[Line]:
        """What would leave at that moment, in its reader's words; nothing is sent or noted."""
        async for found in self.due(now, wanted, named=True):
            for one in found:
                yield self._line(one, now)

    def _line(self, one: Due | Silence, now: int) -> Line:
        if isinstance(one, Due):
            text = to_gsm(sending.say(self._release(), one.language, one.key, dict(one.values)))
            return Line(_iso(one.at), one.msisdn, one.name, one.language, one.id, text)
        seen = one.person.seen
        why = f"silent:{one.about}:{one.since}:{one.person.msisdn}"
        return Line(_iso(now), seen.supervisor, seen.name, "", why, "")


def _message(due: Due, now: int) -> Message:
    body = Body(
        to=due.msisdn,
        kind="reminder",
        key=due.key,
        values=dict(due.values),
        expires=due.expires,
        unless=due.unless,
        unit=due.unit,
    )
    return Message(due.id, json.encode(body).decode(), now, now)


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="minutes")
