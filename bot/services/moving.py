"""A contact has a new number, or two rows of the roster are one person: she goes on under one, with all that is hers.

What she said stays under the number she said it with; what follows from it goes with her (docs/decisions/0059).
"""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

from msgspec import Struct, structs

from bot.people import Contact
from bot.store.audit import Audit
from bot.store.contacts import Contacts
from bot.store.days import Day
from bot.store.keys import DAY_KEPT, SESSION
from bot.store.ledger import Ledger
from bot.store.moves import Move, Moves, When
from bot.store.sessions import Sessions
from bot.store.standing import Standing
from bot.text.msisdn import is_mobile, mask

_log = logging.getLogger("kunnafoni.worker")
EVERY_MS = 60_000
LATE = SESSION + timedelta(minutes=5)
"""A call that was under way when she moved has ended by then: what was said in it follows her."""


class CannotMove(Exception):  # noqa: N818 - said to whoever asked
    """`reason` is a word: `none`, `same`, `landline`, `there`, `role`, `leads`."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class Portrait(Struct, frozen=True):
    """What would go along with a number, for who decides."""

    contact: Contact
    last: list[Standing]
    """The latest of each subject, the newest last."""
    alerts: int
    team: int


class Moving:
    """Moves and merges: the same steps, noted first."""

    def __init__(
        self,
        moves: Moves,
        contacts: Contacts,
        ledger: Ledger,
        audit: Audit,
        sessions: Sessions,
        keep_partial: Callable[[str], Awaitable[bool]],
        local: Callable[[int], datetime],
        clock: Callable[[], int],
    ) -> None:
        self._moves = moves
        self._contacts = contacts
        self._ledger = ledger
        self._audit = audit
        self._sessions = sessions
        self._keep_partial = keep_partial
        self._local = local
        self._clock = clock

    async def move(self, gone: str, kept: str, by: str) -> None:
        """She has the number `kept`, which is on no roster. Raises CannotMove."""
        if await self._there(gone, kept):
            return
        if other := await self._contacts.get(kept):
            raise CannotMove(
                "there", f"{kept} is on the roster: {other.name}; two rows that are one person are merged"
            )
        await self._go(gone, kept, by, "contact.move")

    async def merge(self, gone: str, kept: str, by: str) -> None:
        """Two of the roster are one; the number `kept` and what the roster says of it stay. Raises CannotMove."""
        if await self._there(gone, kept):
            return
        one, other = await self._contacts.get(gone), await self._contacts.get(kept)
        if other is None:
            raise CannotMove("none", f"{kept} is not on the roster")
        if one is not None:
            _alike(one, other)
        await self._go(gone, kept, by, "contact.merge")

    async def portrait(self, contact: Contact) -> Portrait:
        number = contact.msisdn
        team = await self._contacts.team(number)
        last = sorted(await self._sessions.last(number), key=lambda row: row.at)
        return Portrait(contact, last, await self._moves.alerts(number), len(team))

    async def job(self, now: int) -> None:
        """Finishes what was begun, whoever stopped in the middle; and lets what was said meanwhile follow."""
        for move in await self._moves.noted():
            await self._finish(move)
            if now >= move.at + LATE // timedelta(milliseconds=1):
                await self._carry(move.late, late=True)
                await self._moves.over(move)

    async def _go(self, gone: str, kept: str, by: str, deed: str) -> None:
        one = await self._contacts.get(gone)
        if gone == kept:
            raise CannotMove("same", f"{gone} is the number she has")
        if one is None:
            raise CannotMove("none", f"{gone} is not on the roster")
        if not is_mobile(kept):
            raise CannotMove("landline", f"{kept} is no mobile number: a landline gets no SMS")
        now = self._clock()
        await self._audit.note(now, by, deed, gone, gone, kept)
        move = Move(f"{now}:{gone}:{kept}", gone, kept, now, by)
        await self._moves.note(move)
        await self._finish(move)
        _log.info("moved from=%s to=%s", mask(gone), mask(kept))

    async def _there(self, gone: str, kept: str) -> bool:
        """Finishes what was begun with either number; whether she has moved so already."""
        for move in await self._moves.noted():
            if {move.gone, move.kept} & {gone, kept}:
                await self._finish(move)
        one, other = await self._contacts.get(gone), await self._contacts.get(kept)
        return one is None and other is not None and gone in dict(other.before)

    async def _finish(self, move: Move) -> None:
        """All steps, those that were done already among them; once all were, none is done again."""
        if move.done:
            return
        await self._carry(move)
        await self._moves.note(structs.replace(move, done=True))

    async def _carry(self, move: Move, *, late: bool = False) -> None:
        """Of two unfinished reports one can wait: the other is kept as it is."""
        if await self._hers(move.gone, late=late) and await self._moves.drafts(move.kept):
            await self._keep_partial(move.gone)
        when = await self._when(max(move.at, self._clock()))
        carried = await self._moves.out(move, when, late=late)
        if carried is None:
            # Somebody else may be on the roster with the old number by now: what is hers stays hers.
            if await self._contacts.get(move.gone) is None:
                await self._moves.tell(move, [])
            return
        await self._moves.mark(move)
        numbers = await self._moves.arrive(move, when, carried)
        await self._lead(move, carried)
        await self._moves.tell(move, numbers)
        await self._moves.leave(move)

    async def _hers(self, gone: str, *, late: bool) -> bool:
        """Whether the draft of the old number is hers: who has it by now may have begun one of his own."""
        if late and await self._contacts.get(gone) is not None:
            return False
        return await self._moves.drafts(gone, enrolled=True)

    async def _lead(self, move: Move, carried: dict[str, Any]) -> None:
        now = await self._contacts.get(move.kept)
        team = list(carried["team"])
        if now is not None:
            await self._moves.lead(move, team, now.supervisor, now.name)
        await self._contacts.leave_team(str(carried["contact"].get("supervisor", "")), move.gone)

    async def _when(self, at: int) -> When:
        months = await self._ledger.months()
        today = self._local(at)
        years = {int(month[:4]) for month in months} | {today.year}
        span = DAY_KEPT.days + 2
        days = [Day.of(today + timedelta(days=1 - back)).day for back in range(span)]
        return When(Day.of(today).month, [f"{year}" for year in range(min(years) - 1, max(years) + 2)], days)


def _alike(one: Contact, other: Contact) -> None:
    """Raises CannotMove for two who cannot be one person."""
    if one.role != other.role:
        raise CannotMove(
            "role", f"{one.msisdn} is {one.role}, {other.msisdn} is {other.role}: they are not one person"
        )
    if one.supervisor == other.msisdn or other.supervisor == one.msisdn:
        raise CannotMove("leads", "one of them supervises the other: they are not one person")
