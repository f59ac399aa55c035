"""A leader's team today, read in a few round trips and pinned with her call, so that any worker shows the same."""

from collections.abc import Callable
from datetime import datetime

from bot.people import LEADERS, Contact
from bot.services import at_hand
from bot.services.at_hand import AtHand, Missing
from bot.store.alerts import Alerts
from bot.store.contacts import Contacts
from bot.store.sessions import Pin, Sessions


class Teams:
    """Who is in whose team, and what each has said today."""

    def __init__(
        self, contacts: Contacts, alerts: Alerts, sessions: Sessions, local: Callable[[int], datetime]
    ) -> None:
        self._contacts = contacts
        self._alerts = alerts
        self._sessions = sessions
        self._local = local

    async def pinned(self, session: str, msisdn: str, pin: Pin) -> Pin:
        """The pin of a call, with what she has at hand when she is a leader; another's pin is left as it is."""
        if not leads(pin) or at_hand.KEY in pin.known:
            return pin
        hand = await self.at_hand(msisdn, pin.at)
        return await self._sessions.pin(session, msisdn, at_hand.pinned(pin, hand))

    async def at_hand(self, msisdn: str, now: int) -> AtHand:
        held = await self._alerts.held_by(msisdn)
        team = [one for one in await self._below(msisdn) if one.role == "asc" and one.active]
        said = await self._contacts.checked_in(one.msisdn for one in team)
        away = (self._missing(one, known, now) for one, known in zip(team, said, strict=True))
        return at_hand.of(held, filter(None, away), len(team))

    async def _below(self, msisdn: str) -> list[Contact]:
        """Her team, and the teams of those in it who lead one."""
        found: dict[str, Contact] = {}
        todo = [msisdn]
        while todo:
            team = await self._contacts.team(todo.pop())
            new = [one for one in team if one.msisdn not in found and one.msisdn != msisdn]
            found |= {one.msisdn: one for one in new}
            todo += [one.msisdn for one in new if one.role in LEADERS]
        return sorted(found.values(), key=lambda one: (one.name, one.msisdn))

    def _missing(self, who: Contact, checkin: str, now: int) -> Missing | None:
        """None when she has checked in today."""
        if not checkin:
            return Missing(who.msisdn, who.name, "")
        last = self._local(int(checkin.rpartition("@")[2])).date()
        return None if last == self._local(now).date() else Missing(who.msisdn, who.name, f"{last:%d/%m}")


def leads(pin: Pin) -> bool:
    """Whether who is calling leads a team."""
    return pin.contact.get("role", "") in LEADERS and pin.contact.get("active") == "1"
