"""An SMS from its arrival to being durable: looked up, answered, kept with its reply in one piece."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.messages import Inbound
from bot.people import LEADERS
from bot.services import conversation, reports
from bot.services.calls import typed
from bot.services.known import Programme
from bot.services.leading import NOTHING, Leading, Led
from bot.services.outcome import Outcome
from bot.services.sms import Desk
from bot.store.outbox import Body
from bot.store.releases import Releases
from bot.store.sessions import Looked, Moved, Sessions, Step

if TYPE_CHECKING:
    from bot.store.standing import Standing

TRIES = 5
"""How often an SMS is looked at again when the conversation moves on under it."""


class Inbox:
    """Takes incoming SMS. What it returns from is on disk."""

    def __init__(
        self,
        sessions: Sessions,
        releases: Releases,
        programme: Programme,
        leading: Leading,
        clock: Callable[[], int],
    ) -> None:
        self._sessions = sessions
        self._releases = releases
        self._programme = programme
        self._leading = leading
        self._clock = clock

    async def receive(self, inbound: Inbound) -> bool:
        """Whether this was the first time: a message that comes again changes nothing. Raises StoreUnavailable."""
        for _ in range(TRIES - 1):
            try:
                return await self._receive(inbound)
            except Moved:
                continue
        return await self._receive(inbound)

    async def _receive(self, inbound: Inbound) -> bool:
        now, request = self._clock(), f"sms:{inbound.id}"
        looked = await self._sessions.look(request, inbound.msisdn, self._releases.current, now)
        if looked.first is not None:
            return False
        await self._releases.need(looked.pin.release)
        if looked.draft is not None:
            await self._releases.need(looked.draft.pin.release)
        desk = Desk(self._programme, self._releases.find, inbound.msisdn, looked)
        last: list[Standing] = (
            await self._sessions.last(inbound.msisdn) if desk.wants_last(inbound.text) else []
        )
        led = await self._led(desk, inbound, request, now)
        outcome = desk.answer(inbound.text, last, led)
        await self._leading.carry_out(outcome.effects, inbound.msisdn, request, now)
        _, first = await self._sessions.commit(self._step(inbound, request, looked, outcome, desk, now))
        return first

    async def _led(self, desk: Desk, inbound: Inbound, request: str, now: int) -> Led:
        """What a leader asks for is done, or looked up, before it is answered."""
        if desk.caller.role not in LEADERS:
            return NOTHING
        return await self._leading.led(desk.command(inbound.text), inbound.msisdn, request, now)

    def _step(
        self, inbound: Inbound, request: str, looked: Looked, outcome: Outcome, desk: Desk, now: int
    ) -> Step:
        pin = outcome.pin or looked.pin
        saying = reports.Saying(
            msisdn=inbound.msisdn,
            pin=pin,
            release=self._releases.find(pin.release),
            language=outcome.run.language if outcome.run else desk.caller.language,
            channel="sms",
            session=inbound.id,
            request=request,
            raw=typed(outcome.given) or inbound.text,
            at=now,
        )
        reply = reports.message(
            f"reply:{inbound.id}",
            Body(to=inbound.msisdn, kind="reply", text=outcome.reply, channel=inbound.channel),
            now,
        )
        effects = (*outcome.effects, *desk.left_behind(outcome))
        return Step(
            msisdn=inbound.msisdn,
            request=request,
            reply=outcome.reply,
            records=reports.records(effects, saying, self._programme),
            changes=reports.changes(effects),
            messages=(reply, *reports.tells(effects, saying)),
            **reports.alerts(effects, saying, self._programme),
            draft=conversation.to_keep(outcome.run, pin, inbound.id, now, "sms") if outcome.run else None,
            aside=outcome.aside,
            expects=looked.count,
            polled=outcome.answer.kept() if outcome.answer else None,
        )
