"""What happens after the reply: messages leave the outbox, unfinished reports are kept as partial."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from bot.flow import engine
from bot.messages import Outbound, Sender, SendError
from bot.metrics import Metrics
from bot.services import conversation, reports, sending
from bot.services.known import Programme
from bot.services.sending import Verdict
from bot.store.contacts import Contacts
from bot.store.keys import Shard
from bot.store.outbox import Claimed, Outbox
from bot.store.releases import Releases
from bot.store.sessions import Moved, Sessions, Step
from bot.store.tick import StoreUnavailable
from bot.text.msisdn import mask

_log = logging.getLogger("kunnafoni.worker")

PAUSE = 0.25
"""Seconds between two looks at the outbox when nothing was there."""
LEASE = 60_000
"""Milliseconds a message is one worker's; a send takes seconds."""
BATCH = 50
STALE = 100
EVERY = 40
"""Looks at the outbox between two looks at unfinished reports: ten seconds."""


class Worker:
    """One of any number of workers: each does what it claims, none is special."""

    def __init__(
        self,
        outbox: Outbox,
        sessions: Sessions,
        contacts: Contacts,
        releases: Releases,
        programme: Programme,
        senders: Mapping[str, tuple[Sender, float]],
        metrics: Metrics,
        clock: Callable[[], int],
    ) -> None:
        self._outbox = outbox
        self._sessions = sessions
        self._contacts = contacts
        self._releases = releases
        self._programme = programme
        self._senders = senders
        """By channel: how it sends, and how many messages a second it takes."""
        self._metrics = metrics
        self._clock = clock
        self._shards = [Shard(number) for number in range(programme.settings.store.shards)]

    async def run(self) -> None:
        """Works until cancelled; a store that is away is waited for."""
        turn = 0
        while True:
            try:
                busy = await self.send_due()
                if turn % EVERY == 0:
                    await self._releases.refresh()
                    await self._outbox.abandon(self._clock())
                    await self.keep_unfinished()
            except StoreUnavailable as error:
                _log.warning("store_away why=%s", error)
                busy = False
            turn += 1
            if not busy:
                await asyncio.sleep(PAUSE)

    async def once(self) -> None:
        """Does all that is due now."""
        await self._releases.refresh()
        await self._outbox.abandon(self._clock())
        await self.keep_unfinished()
        while await self.send_due():
            pass

    async def send_due(self) -> bool:
        """Sends what may leave now; whether there was anything."""
        claimed = await self._outbox.claim(self._clock(), LEASE, BATCH)
        for channel, (sender, rate) in self._senders.items():
            mine = [message for message in claimed if self._channel(message) == channel]
            step = max(1, min(BATCH, int(rate)))
            for start in range(0, len(mine), step):
                batch = mine[start : start + step]
                pace = asyncio.sleep(len(batch) / rate if len(mine) > step else 0)
                await asyncio.gather(self._send(sender, batch), pace)
        return bool(claimed)

    def _channel(self, message: Claimed) -> str:
        return message.body.channel if message.body.channel in self._senders else next(iter(self._senders))

    async def _send(self, sender: Sender, claimed: Sequence[Claimed]) -> None:
        release = self._releases.find(self._releases.current)
        out: list[tuple[Claimed, Outbound]] = []
        for message in claimed:
            recipient = None if message.body.kind == "reply" else await self._contacts.get(message.body.to)
            written = sending.written(message, recipient, release)
            if isinstance(written, Verdict):
                await self._settle(message, written)
            else:
                out.append((message, written))
        if out:
            await self._hand_over(sender, out)

    async def _hand_over(self, sender: Sender, out: Sequence[tuple[Claimed, Outbound]]) -> None:
        try:
            receipts = await sender.send([message for _, message in out])
        except SendError as error:
            level = logging.ERROR if error.operator else logging.WARNING
            _log.log(level, "not_sent messages=%d operator=%d why=%s", len(out), error.operator, error)
            for claimed, message in out:
                await self._settle(claimed, sending.failed(error, message, claimed.attempts))
            return
        for (claimed, message), receipt in zip(out, receipts, strict=True):
            await self._settle(claimed, sending.after(receipt, message, claimed.attempts))
            if receipt.stop:
                await self._contacts.change(message.msisdn, stopped="1")

    async def _settle(self, message: Claimed, verdict: Verdict) -> None:
        now = self._clock()
        again = None if verdict.again is None else now + verdict.again * 1000
        await self._outbox.settle(message, verdict.state, again, sent=now, **verdict.fields)
        self._metrics.sent.labels(verdict.state).inc()
        self._metrics.segments.inc(int(verdict.fields.get("segments", 0)))
        _log.info("sms_out id=%s to=%s state=%s", message.id, mask(message.body.to), verdict.state)

    async def keep_unfinished(self) -> int:
        """Keeps as partial reports the drafts that have waited a day; how many."""
        done = 0
        for shard in self._shards:
            for msisdn in await self._sessions.stale(shard, self._clock(), STALE):
                done += await self._keep_partial(msisdn)
        return done

    async def _keep_partial(self, msisdn: str) -> bool:
        now = self._clock()
        looked = await self._sessions.look(f"partial:{msisdn}:{now}", msisdn, self._releases.current, now)
        if (draft := looked.draft) is None:
            return False
        release = await self._releases.need(draft.pin.release)
        medium = self._programme.messages(letters=False)
        run = conversation.take_up(self._programme, self._releases.find, msisdn, draft, medium)
        record = engine.partial(run)
        request = f"partial:{msisdn}:{draft.at}"
        saying = reports.Saying(
            msisdn=msisdn,
            pin=draft.pin,
            release=release,
            language=run.language,
            channel=draft.bearer,
            session=draft.session,
            request=request,
            raw="*".join(draft.given),
            at=draft.at,
        )
        kept = reports.records((record,) if record else (), saying, self._programme)
        step = Step(msisdn=msisdn, request=request, reply="", records=kept, expects=looked.count)
        try:
            await self._sessions.commit(step)
        except Moved:
            return False
        return record is not None
