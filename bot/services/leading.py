"""What supervisors hear and do: alerts up the ladder, their menu, `OK 4712` and `STATUT`. Nothing of it for an ASC."""

import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from bot.flow.effects import Effect
from bot.metrics import Metrics
from bot.services.alerts import Answers, Handled
from bot.services.at_hand import AtHand
from bot.services.jobs import Job
from bot.services.known import Programme
from bot.services.ladder import EVERY, Ladder
from bot.services.reminders import Silence
from bot.services.team import Teams
from bot.store.alerts import Alerts
from bot.store.contacts import Contacts
from bot.store.outbox import Lost, Outbox
from bot.store.releases import Releases
from bot.store.sessions import Pin, Sessions
from bot.text.grammar import Command

SEVERAL = re.compile(r"\d{1,9}(?:[\s,;.+]+(?:(?:et|ni)\s+)?\d{1,9})*[\s.!]*")
AT_ONCE = 10
"""Alerts that one SMS answers: what a digest can name, and more."""


class Led(Struct, frozen=True):
    """What an SMS of a leader found out, before it is answered."""

    handled: Mapping[int, Handled] = {}
    """By the number she wrote, in that order."""
    hand: AtHand | None = None


NOTHING = Led()


def numbers_of(command: Command) -> tuple[int, ...]:
    """The alerts that `OK 87 116` means; none when anything else stands there."""
    if command.number is not None:
        return (command.number,)
    if not SEVERAL.fullmatch(command.rest.lower()):
        return ()
    return tuple(dict.fromkeys(map(int, re.findall(r"\d+", command.rest))))[:AT_ONCE]


class Leading:
    """Beside the straight path, and after it."""

    def __init__(
        self,
        alerts: Alerts,
        contacts: Contacts,
        outbox: Outbox,
        sessions: Sessions,
        releases: Releases,
        programme: Programme,
        metrics: Metrics,
        clock: Callable[[], int],
    ) -> None:
        self.answers = Answers(alerts, contacts, outbox, releases, programme.judge, metrics)
        self.teams = Teams(contacts, alerts, sessions, programme.local)
        self.ladder = Ladder(alerts, contacts, outbox, programme.judge, metrics)
        self.job = Job("ladder", EVERY, self.ladder.run)
        self.stands = self.ladder.stands
        self._clock = clock

    async def pinned(self, session: str, msisdn: str, pin: Pin) -> Pin:
        """The pin of a call, with what a leader has at hand."""
        return await self.teams.pinned(session, msisdn, pin)

    async def carry_out(self, effects: Iterable[Effect], msisdn: str, request: str, at: int) -> None:
        """What she chose, done before it is answered; the same request a second time changes nothing."""
        await self.answers.carry_out(effects, msisdn, request, at)

    async def bounced(self, msisdn: str, number: int, message: str) -> None:
        """A message about an alert reached nobody: the next level hears."""
        del message
        await self.ladder.bounced(msisdn, number, self._clock())

    async def missed(self, lost: Iterable[Lost]) -> None:
        """The same, told by delivery reports."""
        for one in lost:
            if one.body.kind == "alert":
                await self.bounced(one.body.to, one.body.alert, one.id)

    async def silent(self, silence: Silence, now: int) -> None:
        """Somebody has not been heard for days, for all the reminders."""
        about = {"what": f"@sms.about.{silence.about}", "days": str(silence.days)}
        await self.answers.open(silence.person.msisdn, "silent", silence.about, now, about)

    async def led(self, command: Command, msisdn: str, request: str, at: int) -> Led:
        """`OK 4712` is done, `STATUT` looked up."""
        if command.name == "ok":
            take = self.answers.acknowledge
            return Led({number: await take(number, request, msisdn, at) for number in numbers_of(command)})
        if command.name == "status":
            return Led(hand=await self.teams.at_hand(msisdn, at))
        return NOTHING
