"""Messages leave the outbox: claimed, written in the recipient's words, handed over, and settled by the answer."""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby

from bot.flow.release import Release
from bot.messages import Outbound, Sender, SendError
from bot.metrics import Metrics
from bot.people import Contact
from bot.services import polls, sending
from bot.services.desk import Desk, Letter, Route
from bot.services.digest import Digest
from bot.services.known import Programme
from bot.services.sending import Verdict
from bot.services.spending import Spending
from bot.store.contacts import Contacts
from bot.store.keys import GROUPED, LANES, REMINDER
from bot.store.outbox import Body, Charge, Claimed, Lost, Outbox
from bot.store.rates import Rates
from bot.store.releases import Releases
from bot.store.tick import NotReplicated, StoreUnavailable
from bot.text.msisdn import mask

_log = logging.getLogger("kunnafoni.worker")

PAUSE = 0.25
"""Seconds between two looks at the outbox when nothing was there."""
READY = 256
"""Messages of a lane claimed ahead, at most: what a worker has not begun when it dies waits for its lease to end."""
AHEAD = 0.5
"""The same, in seconds of the first channel's rate."""

Bounced = Callable[[str, int, str], Awaitable[None]]
"""Told of an alert that did not reach somebody: her number, the alert's, the message's id."""

Stands = Callable[[int], Awaitable[bool]]
"""Whether an alert still waits for somebody; one that has ended needs no SMS."""


async def nobody(_msisdn: str, _alert: int, _message: str) -> None:
    """Nobody needs to know."""


async def always(_alert: int) -> bool:
    """Every alert is worth telling."""
    return True


class Mailing:
    """The sending half of a worker."""

    def __init__(
        self,
        outbox: Outbox,
        contacts: Contacts,
        releases: Releases,
        programme: Programme,
        spending: Spending,
        rates: Rates,
        routes: Mapping[str, Route],
        metrics: Metrics,
        clock: Callable[[], int],
        lease: int,
        bounced: Bounced = nobody,
        stands: Stands = always,
    ) -> None:
        self._outbox = outbox
        self._contacts = contacts
        self._releases = releases
        self._programme = programme
        self._spending = spending
        self._metrics = metrics
        self._clock = clock
        self._lease = lease
        """Milliseconds a message is one worker's."""
        self._bounced = bounced
        self._stands = stands
        self._freed = asyncio.Event()
        self._desks = {
            channel: Desk(channel, route, rates, self._hand_over, self._freed)
            for channel, route in routes.items()
        }
        rate = next(iter(routes.values())).rate
        self._room = max(8, min(READY, int(AHEAD * rate))) if rate else READY
        self._more = False
        self._took = False
        self._look_at = 0.0
        self._taking: asyncio.Task[None] | None = None

    async def turn(self) -> bool:
        """Takes in what is due and sends off what may leave; whether there is more to do."""
        self._freed.clear()
        self._feed()
        waits = [wait for desk in self._desks.values() if (wait := await desk.let_go()) is not None]
        if not self._taking and not any(desk.busy for desk in self._desks.values()):
            return self._more
        # Not wait_for: before Python 3.12 it forgets to be cancelled when what it waits for comes at that moment.
        with suppress(TimeoutError):
            async with asyncio.timeout(min([PAUSE, *waits])):
                await self._freed.wait()
        return True

    async def drain(self) -> None:
        """Sends all that is due now, and what comes of it."""
        self._took = True
        while self._took:
            self._took, self._look_at = False, 0.0
            while await self.turn():
                pass

    async def close(self) -> None:
        """Waits for what was handed over; what was only claimed is left to others at once."""
        if self._taking:
            await asyncio.wait([self._taking])
        for desk in self._desks.values():
            for letter in await desk.close():
                with suppress(StoreUnavailable):
                    await self._outbox.settle(
                        letter.carrier, "queued", self._clock(), also=letter.claimed[1:], begun=False
                    )

    def _feed(self) -> None:
        """Takes in more beside the sending; what went wrong with the last is raised here."""
        if self._taking and self._taking.done():
            taken, self._taking = self._taking, None
            taken.result()
        if not self._taking and self._hungry():
            self._taking = asyncio.create_task(self._take_in())
            self._taking.add_done_callback(lambda _: self._freed.set())

    def _hungry(self) -> bool:
        ready = sum(map(len, self._desks.values()))
        return (self._more and 2 * ready < self._room) or asyncio.get_running_loop().time() >= self._look_at

    async def _take_in(self) -> None:
        now = self._clock()
        local = self._programme.local(now)
        waiting = await self._outbox.waiting(now, f"{local:%Y%m}")
        rooms = {lane: self._room - self._held(lane) for lane in self._open(local, waiting.spent)}
        claimed = await self._outbox.claim(now, self._lease, rooms, waiting)
        self._took |= bool(claimed)
        self._more = sum(map(waiting.of, rooms)) > len(claimed) > 0
        self._look_at = asyncio.get_running_loop().time() + PAUSE
        await asyncio.gather(*(self._prepare(together) for together in _together(claimed)))

    def _held(self, lane: str) -> int:
        return sum(desk.held(lane) for desk in self._desks.values())

    def _open(self, local: dt.datetime, spent: int) -> tuple[str, ...]:
        """The lanes that may leave now: quiet hours hold back what can wait, a budget that is spent what is least."""
        if self._programme.settings.sms.is_quiet(local.time()):
            return LANES[: LANES.index(GROUPED)]
        return LANES[: LANES.index(REMINDER)] if self._spending.used_up(spent) else LANES

    async def _prepare(self, together: Sequence[Claimed]) -> None:
        """Writes what leaves as one SMS; what is not sent is settled here."""
        body = together[0].body
        recipient = None if body.kind == "reply" else await self._contacts.get(body.to)
        if recipient is None and body.kind not in ("", "reply"):
            recipient = await self._contacts.moved_to(body.to)
            together = [one.to(recipient.msisdn) for one in together] if recipient else together
            body = together[0].body
        stays, texts = [], []
        for message in together:
            text = await self._written(message, recipient)
            if isinstance(text, Verdict):
                await self._settle((message,), text, begun=False)
            else:
                stays.append(message)
                texts.append(text)
        if not stays:
            return
        text = texts[0]
        if len(stays) > 1 and recipient is not None:
            alerts = [message.body for message in stays]
            service_code = self._programme.settings.programme.service_code
            text = Digest(alerts, recipient.language, self._release, service_code).text()
        out = Outbound(stays[0].id, body.to, text, urgent=body.urgent)
        self._desks[self._channel(stays[0])].put(Letter(tuple(stays), out))

    @property
    def _release(self) -> Release:
        return self._releases.find(self._releases.current)

    def _channel(self, message: Claimed) -> str:
        return message.body.channel if message.body.channel in self._desks else next(iter(self._desks))

    async def _written(self, message: Claimed, recipient: Contact | None) -> str | Verdict:
        """Her text, or why it is not hers to get, or not now."""
        body, now = message.body, self._clock()
        if not body.kind:
            _log.error("worker_stumbled over a message that cannot be read id=%s", message.id)
            return Verdict("failed", None, {"reason": "cannot be read"})
        if 0 < body.expires <= now:
            return Verdict("expired", None, {})
        if body.alert and not await self._stands(body.alert):
            return Verdict("needless", None, {})
        text = sending.written(body, recipient, self._release)
        if isinstance(text, Verdict):
            return text
        local = self._programme.local(now)
        against = await self._outbox.spare(message, f"{local:%Y%m%d}", self._programme.settings.sms.daily_cap)
        if against == "capped":
            return sending.tomorrow(body.expires, now, local)
        return Verdict(against, None, {}) if against else text

    async def _hand_over(self, sender: Sender, letters: Sequence[Letter], seats: asyncio.Semaphore) -> None:
        try:
            async with seats:
                verdicts = await self._sent(sender, letters)
            await asyncio.gather(*(self._settle(letter.claimed, verdict) for letter, verdict in verdicts))
        except StoreUnavailable as error:
            _log.warning("store_away why=%s", error)
        except Exception:  # noqa: BLE001 - a bug: told with its trace, and the messages go on
            _log.exception("worker_stumbled")

    async def _sent(self, sender: Sender, letters: Sequence[Letter]) -> list[tuple[Letter, Verdict]]:
        """What became of those that were still ours."""
        begun = await asyncio.gather(*map(self._begun, letters))
        ours = [letter for letter, is_ours in zip(letters, begun, strict=True) if is_ours]
        if not ours:
            return []
        await self._let_wait([letter.carrier.body for letter in ours])
        try:
            receipts = await sender.send([letter.out for letter in ours])
        except SendError as error:
            level = logging.ERROR if error.operator else logging.WARNING
            _log.log(level, "not_sent messages=%d operator=%d why=%s", len(ours), error.operator, error)
            return [(letter, sending.failed(error, letter.out, letter.attempts)) for letter in ours]
        told = list(zip(ours, receipts, strict=True))
        for letter, receipt in told:
            if receipt.stop:
                await self._contacts.change(letter.out.msisdn, stopped="1")
        return [(letter, sending.after(receipt, letter.out, letter.attempts)) for letter, receipt in told]

    async def _begun(self, letter: Letter) -> bool:
        """Whether it is ours to send now; it waits while no replica says that it knows of it."""
        try:
            return await self._outbox.begin(*letter.claimed)
        except NotReplicated:
            await self._settle(
                letter.claimed, Verdict("queued", sending.BACKOFF[0], {"reason": "no replica answers"})
            )
            return False

    async def _let_wait(self, bodies: Sequence[Body]) -> None:
        """The questions among them wait for an answer from now on: it may come before we hear that they left."""
        now = self._clock()
        asked = [(body.to, polls.asking(body, now)) for body in bodies if body.asks]
        await asyncio.gather(*(self._contacts.change(to, **question) for to, question in asked))

    async def _settle(self, messages: Sequence[Claimed], verdict: Verdict, *, begun: bool = True) -> None:
        now, carrier = self._clock(), messages[0]
        again = None if verdict.again is None else now + verdict.again * 1000
        lost = await self._outbox.settle(
            carrier,
            verdict.state,
            again,
            verdict.fields | ({"sent": now} if "text" in verdict.fields else {}) | carrier.address,
            also=messages[1:],
            begun=begun,
            charge=self._charge(carrier, verdict, now),
        )
        self._metrics.sent.labels(verdict.state).inc(len(messages))
        self._metrics.segments.inc(int(verdict.fields.get("segments", 0)))
        for message in messages:
            _log.info("sms_out id=%s to=%s state=%s", message.id, mask(message.body.to), verdict.state)
        await self._tell(lost)

    def _charge(self, message: Claimed, verdict: Verdict, now: int) -> Charge | None:
        segments = int(verdict.fields.get("segments", 0))
        if not segments:
            return None
        month, body = f"{self._programme.local(now):%Y%m}", message.body
        cents = self._spending.cents(str(verdict.fields["cost"]), segments)
        return Charge(month, body.unit, body.kind, segments, cents)

    async def _tell(self, lost: Sequence[Lost]) -> None:
        for message in lost:
            if message.body.kind == "alert":
                await self._bounced(message.body.to, message.body.alert, message.id)


def _together(claimed: Sequence[Claimed]) -> Iterator[tuple[Claimed, ...]]:
    """What leaves as one SMS: the alerts of one recipient, else each message by itself."""
    for _, messages in groupby(
        claimed, lambda one: one.body.to if one.lane == GROUPED and one.body.kind else one.id
    ):
        yield tuple(messages)
