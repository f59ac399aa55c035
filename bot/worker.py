"""What happens after the reply: messages leave the outbox, unfinished reports are kept as partial."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from bot.flow import engine
from bot.messages import Outbound, Sender, SendError
from bot.metrics import Metrics
from bot.services import conversation, reports, sending
from bot.services.calls import typed
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
"""Milliseconds a message is one worker's."""
AHEAD = 5
"""Seconds' worth of messages claimed at once: what a worker has not begun when it stops waits for its lease to end."""
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
        self._stuck: set[str] = set()
        """Whose draft could not be taken up, and was said so."""

    async def run(self) -> None:
        """Works until cancelled; a store that is away is waited for, and what goes wrong keeps nothing else waiting."""
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
            except Exception:  # noqa: BLE001 - a bug: told with its trace, and the messages go on
                _log.exception("worker_stumbled")
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
        claimed = await self._outbox.claim(self._clock(), LEASE, self._most())
        for channel, (sender, rate) in self._senders.items():
            mine = [message for message in claimed if self._channel(message) == channel]
            step = max(1, min(BATCH, int(rate)))
            for start in range(0, len(mine), step):
                batch = mine[start : start + step]
                await asyncio.gather(self._send(sender, batch), asyncio.sleep(len(batch) / rate))
        return bool(claimed)

    def _most(self) -> int:
        """How many to claim of each shard."""
        _, rate = next(iter(self._senders.values()))
        return max(1, min(BATCH, int(AHEAD * rate / len(self._shards))))

    def _channel(self, message: Claimed) -> str:
        return message.body.channel if message.body.channel in self._senders else next(iter(self._senders))

    async def _send(self, sender: Sender, claimed: Sequence[Claimed]) -> None:
        out: list[tuple[Claimed, Outbound]] = []
        for message in claimed:
            written = await self._written(message)
            if isinstance(written, Verdict):
                await self._settle(message, written)
            else:
                out.append((message, written))
        handing = asyncio.ensure_future(self._hand_over(sender, out))
        try:
            await asyncio.shield(handing)
        except asyncio.CancelledError:
            await handing  # what the provider was given is noted before we stop
            raise

    async def _written(self, message: Claimed) -> Outbound | Verdict:
        recipient = None if message.body.kind == "reply" else await self._contacts.get(message.body.to)
        try:
            return sending.written(message, recipient, self._releases.find(self._releases.current))
        except KeyError as missing:
            # Its words went with a flow that was removed since.
            return Verdict("failed", None, {"reason": f"no words: {missing}"})

    async def _hand_over(self, sender: Sender, written: Sequence[tuple[Claimed, Outbound]]) -> None:
        begun = await asyncio.gather(*(self._outbox.begin(claimed) for claimed, _ in written))
        out = [one for one, ours in zip(written, begun, strict=True) if ours]
        if not out:
            return
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
        stale = (self._sessions.stale(shard, self._clock(), STALE) for shard in self._shards)
        for msisdn in chain.from_iterable(await asyncio.gather(*stale)):
            try:
                done += await self._keep_partial(msisdn)
            except StoreUnavailable:
                raise
            except Exception:  # noqa: BLE001 - one draft that is refused now keeps no other waiting
                self._say_stuck(msisdn)
        return done

    def _say_stuck(self, msisdn: str) -> None:
        """Once: a draft whose answers are refused now, after a change of the settings, stays as it is."""
        if msisdn not in self._stuck:
            self._stuck.add(msisdn)
            _log.exception("draft_stuck msisdn=%s", mask(msisdn))

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
            raw=typed(draft.given),
            at=draft.at,
        )
        kept = reports.records((record,) if record else (), saying, self._programme)
        step = Step(msisdn=msisdn, request=request, reply="", records=kept, expects=looked.count)
        try:
            _, first = await self._sessions.commit(step)
        except Moved:
            return False
        return first and record is not None
