"""The straight path of a call: find it, take one step, keep what was said, reply. Everything slow happens after."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from time import perf_counter
from typing import TypeVar

from bot.channels import CallEnd, Unavailable
from bot.flow import engine
from bot.flow.effects import AskBySms
from bot.flow.run import Run
from bot.journal import word
from bot.messages import DeliveryReport, Inbound, Reply
from bot.metrics import Metrics
from bot.services import conversation, reports
from bot.services.calls import Call, Calls, digest, inputs_of, raw_of, told
from bot.services.inbox import Inbox
from bot.services.known import Programme
from bot.services.leading import Leading
from bot.services.trail import Trail
from bot.store.contacts import Contacts
from bot.store.keys import SESSION_REUSE
from bot.store.outbox import Body, Outbox
from bot.store.releases import Releases
from bot.store.sessions import SEPARATOR, Message, Pin, Sessions, Step
from bot.store.tick import StoreUnavailable
from bot.text.fold import to_gsm
from bot.text.msisdn import mask

_log = logging.getLogger("kunnafoni.call")
_T = TypeVar("_T")

REASON = 160
PATIENCE = 6.0
"""Seconds to wait for the store: the network gives us ten."""
REUSE = SESSION_REUSE.total_seconds() * 1000


class Gateway:
    """What channels hand their inbound to (the channels' `Port`)."""

    def __init__(
        self,
        sessions: Sessions,
        releases: Releases,
        programme: Programme,
        inbox: Inbox,
        leading: Leading,
        contacts: Contacts,
        outbox: Outbox,
        metrics: Metrics,
        clock: Callable[[], int],
        line: Callable[[str], None] = _log.info,
    ) -> None:
        self._line = line
        """Writes one line of the log."""
        self._sessions = sessions
        self._releases = releases
        self._programme = programme
        self._inbox = inbox
        self._leading = leading
        self._contacts = contacts
        self._outbox = outbox
        self._metrics = metrics
        self._clock = clock
        self._calls = Calls()
        self._trail = Trail(sessions, clock)
        self._waits = metrics.waits
        self._repeats = metrics.repeats.labels("ussd")

    async def dial(self, inbound: Inbound) -> Reply:
        """One USSD request. Never raises: the phone is always shown something."""
        began = perf_counter()
        try:
            reply, place = await self._dial(inbound)
        except (StoreUnavailable, TimeoutError) as error:
            self._calls.forget(inbound)
            reply, place = self._sorry("store"), f"sorry:{type(error).__name__}"
        except Exception:  # noqa: BLE001 - the phone is shown something whatever happens; the trace is logged
            self._calls.forget(inbound)
            _log.exception("bug session=%s msisdn=%s", word(inbound.id), mask(inbound.msisdn))
            reply, place = self._sorry("bug"), "sorry:bug"
        seconds = perf_counter() - began
        self._waits.observe(seconds)
        self._line(
            f"ussd session={word(inbound.id)} msisdn={mask(inbound.msisdn)} at={place} ms={seconds * 1000:.1f}"
        )
        return reply

    async def receive(self, inbound: Inbound) -> None:
        """One SMS; returns when it is durable. Raises Unavailable."""
        began = perf_counter()
        try:
            async with asyncio.timeout(PATIENCE):
                await self._trail.caught_up(inbound.msisdn)
                first = await self._inbox.receive(inbound)
        except (StoreUnavailable, TimeoutError) as error:
            raise Unavailable(str(error)) from error
        (self._metrics.sms if first else self._metrics.repeats.labels("sms")).inc()
        _log.info(
            "sms id=%s msisdn=%s first=%d ms=%.1f",
            word(inbound.id),
            mask(inbound.msisdn),
            first,
            (perf_counter() - began) * 1000,
        )

    async def delivered(self, report: DeliveryReport) -> None:
        self._metrics.reports.labels(report.state or "unknown").inc()
        if lost := await self._available(self._outbox.deliver(report)):
            await self._available(self._leading.missed(lost))

    async def hung_up(self, call: CallEnd) -> None:
        """Counted, never relied on: the notice may not come."""
        status = call.status if call.status in ("Success", "Incomplete", "Failed") else "other"
        self._metrics.calls_ended.labels(status).inc()
        ended = f"session={word(call.session)} msisdn={mask(call.msisdn)} status={status} hops={call.hops}"
        # Of `Failed`, our answer was at fault, and nobody but the network says how.
        _log.info("hung_up %s%s", ended, f" why={call.error[:REASON]!r}" if call.error else "")

    async def opted_out(self, msisdn: str) -> None:
        await self._available(self._contacts.opt_out(msisdn))

    async def settle(self) -> None:
        """Writes what still trails the replies; called before the store is closed."""
        await self._trail.settle()

    async def _dial(self, inbound: Inbound) -> tuple[Reply, str]:
        call = self._calls.get(inbound)
        if call is None or self._behind(call, inbound.text):
            call = await self._open(inbound)
        if inbound.text != call.text:
            reply = await self._advance(call, inbound)
        elif call.keeping is not None:
            reply = await asyncio.shield(call.keeping)
        else:
            self._repeats.inc(call.reply is not None or bool(call.said))
            reply = call.reply = call.reply or self._shown(call)
        if reply.ends:
            self._calls.over(call)
        return reply, f"{call.run.flow}.{call.run.state}"

    def _behind(self, call: Call, text: str) -> bool:
        """Whether the store may know more of this call: it is an old one, or another worker has gone on with it."""
        _, rest = told(call.said, text)
        return "*" in (rest or "") or self._clock() - call.began.at > REUSE

    async def _open(self, inbound: Inbound) -> Call:
        """The call as the store knows it: pinned now if it is new, else as far as it had come."""
        await self._trail.caught_up(inbound.msisdn)
        deep = inbound.text != ""
        opening = self._sessions.open(
            inbound.id, inbound.msisdn, self._releases.current, self._clock(), deep=deep
        )
        async with asyncio.timeout(PATIENCE):
            pin, said = await opening
            pin = await self._leading.pinned(inbound.id, inbound.msisdn, pin)
        await self._releases.need(pin.release)
        if (draft := pin.unfinished()) is not None:
            await self._releases.need(draft.pin.release)
        call = self._replayed(inbound, pin, said)
        self._calls.keep(call)
        return call

    def _replayed(self, inbound: Inbound, pin: Pin, said: Sequence[str]) -> Call:
        """The call after these inputs, made again from its pin."""
        letters = pin.contact.get("letters") == "1"
        medium = self._programme.screens(inbound.network, letters=letters)
        run = conversation.begin(self._programme, self._releases.find, inbound.msisdn, pin, medium)
        call = Call(inbound, pin, run)
        if pin.deep and (draft := pin.unfinished()) is not None:
            left = conversation.waiting(self._programme, self._releases.find, inbound.msisdn, draft, medium)
            call.left = (left, draft.pin) if left else None
        for typed in said:
            self._turn(call, typed)
        call.said, call.text = tuple(said), "*".join(said)
        return call

    async def _advance(self, call: Call, inbound: Inbound) -> Reply:
        """On to what the transcript says: one input more, as a rule."""
        known, rest = told(call.said, inbound.text)
        if rest is None:
            self._repeats.inc()
            return self._shown(self._replayed(inbound, call.began, call.said[:known]))
        if known < len(call.said):
            # The network has given this id to another call, or lost its mind: what was kept stays kept.
            call = self._replayed(inbound, call.began, call.said[:known])
            self._calls.keep(call)
        for typed in inputs_of(call, rest):
            reply = await self._take(call, typed)
        return reply

    async def _take(self, call: Call, typed: str) -> Reply:
        """One step, kept before it is answered when there is something to keep."""
        self._turn(call, typed)
        call.said = (*call.said, typed)
        call.text = "*".join(call.said)
        run = call.run
        if not run.effects:
            call.reply = self._shown(call)
            self._trail.follow(call)
            return call.reply
        call.reply = None
        call.keeping = asyncio.ensure_future(self._keep(call, run))
        try:
            call.reply = await asyncio.shield(call.keeping)
        finally:
            call.keeping = None
        return call.reply

    def _turn(self, call: Call, typed: str) -> None:
        before = call.run
        run = engine.step(before, typed)
        chosen = conversation.decided(run)
        if chosen == "go_on" and (draft := call.began.unfinished()) is not None:
            call.pin = draft.pin
            run = conversation.take_up(self._programme, self._releases.find, call.msisdn, draft, run.medium)
        elif chosen == "restart":
            call.drop = True
            run = engine.begin(run.release, run.caller, run.medium)
        elif not run.given and engine.begun(before):
            call.left = before, call.pin
        if call.left is not None and (engine.begun(run) or run.recorded):
            partial, call.left = engine.partial(call.left[0]), None
            run.effects = (*run.effects, partial) if partial else run.effects
        call.run = run

    async def _keep(self, call: Call, run: Run) -> Reply:
        self._trail.forget(call)
        reply = self._shown(call)
        coded = ("E" if reply.ends else "C") + reply.text
        step = self._step(call, run, coded)
        async with asyncio.timeout(PATIENCE):
            await self._leading.carry_out(run.effects, call.msisdn, step.request, self._clock())
            first_reply, first = await self._sessions.commit(step)
        (self._metrics.kept if first else self._repeats).inc()
        return Reply(first_reply[1:], first_reply[0] == "E")

    def _step(self, call: Call, run: Run, coded: str) -> Step:
        now = self._clock()
        request = f"ussd:{_named(call)}"
        saying = reports.Saying(
            msisdn=call.msisdn,
            pin=call.pin,
            release=run.release,
            language=run.language,
            channel="ussd",
            session=call.session,
            request=request,
            raw=raw_of(call),
            at=now,
        )
        return Step(
            msisdn=call.msisdn,
            request=request,
            reply=coded,
            records=reports.records(run.effects, saying, self._programme),
            changes=reports.changes(run.effects),
            messages=(*reports.tells(run.effects, saying), *self._asked_by_sms(call, run, now)),
            **reports.alerts(run.effects, saying, self._programme),
            draft=conversation.to_keep(run, call.pin, call.session, now, "ussd"),
            session=call.session,
            said=SEPARATOR.join(call.said),
            over=engine.over(run),
        )

    def _asked_by_sms(self, call: Call, run: Run, now: int) -> Sequence[Message]:
        if not any(isinstance(effect, AskBySms) for effect in run.effects):
            return ()
        medium = self._programme.messages(letters=call.pin.contact.get("letters") == "1")
        question = engine.page(engine.begin(run.release, run.caller, medium, run.start, run.given))
        return (
            reports.message(f"ask:{_named(call)}", Body(to=call.msisdn, kind="reply", text=question), now),
        )

    def _shown(self, call: Call) -> Reply:
        return Reply(engine.page(call.run), engine.over(call.run))

    def _sorry(self, reason: str) -> Reply:
        self._metrics.sorry.labels(reason).inc()
        release = self._releases.find(self._releases.current)
        language = self._programme.settings.programme.default_language
        return Reply(to_gsm(release.words.say(language, "common.sorry")), ends=True)

    async def _available(self, doing: Awaitable[_T]) -> _T:
        """The same, with the store's absence told in the channels' own word."""
        try:
            async with asyncio.timeout(PATIENCE):
                return await doing
        except (StoreUnavailable, TimeoutError) as error:
            raise Unavailable(str(error)) from error


def _named(call: Call) -> str:
    """The step a call has come to: whose, in which call, after what was typed."""
    return f"{call.session}:{call.began.at}:{digest(f'{call.msisdn}*{call.text}')}"
