"""Drafts that nobody takes up again are kept as partial reports."""

import asyncio
import logging
from collections.abc import Callable
from itertools import chain

from bot.flow import engine
from bot.services import conversation, reports
from bot.services.calls import typed
from bot.services.known import Programme
from bot.store.keys import Shard
from bot.store.releases import Releases
from bot.store.sessions import Moved, Sessions, Step
from bot.store.tick import StoreUnavailable
from bot.text.msisdn import mask

_log = logging.getLogger("kunnafoni.worker")

STALE = 100


class Unfinished:
    """The drafts that have waited long enough."""

    def __init__(
        self, sessions: Sessions, releases: Releases, programme: Programme, clock: Callable[[], int]
    ) -> None:
        self._sessions = sessions
        self._releases = releases
        self._programme = programme
        self._clock = clock
        self._shards = [Shard(number) for number in range(programme.settings.store.shards)]
        self._stuck: set[str] = set()
        """Whose draft could not be taken up, and was said so."""

    async def keep(self) -> int:
        """Keeps as partial reports the drafts that have waited a day; how many."""
        done = 0
        stale = (self._sessions.stale(shard, self._clock(), STALE) for shard in self._shards)
        for msisdn in chain.from_iterable(await asyncio.gather(*stale)):
            try:
                done += await self.keep_partial(msisdn)
            except StoreUnavailable:
                raise
            except Exception:  # noqa: BLE001 - one draft that cannot be kept keeps no other waiting
                self._say_stuck(msisdn)
        return done

    def _say_stuck(self, msisdn: str) -> None:
        """Once: a draft whose answers lead elsewhere now, after a change of the settings, stays as it is."""
        if msisdn not in self._stuck:
            self._stuck.add(msisdn)
            _log.exception("draft_stuck msisdn=%s", mask(msisdn))

    async def keep_partial(self, msisdn: str) -> bool:
        """The same of one of them, however young it is; whether there was something to keep."""
        now = self._clock()
        looked = await self._sessions.look(f"partial:{msisdn}:{now}", msisdn, self._releases.current, now)
        if (draft := looked.draft) is None:
            await self._sessions.settled(msisdn)
            return False
        release = await self._releases.need(draft.pin.release)
        medium = self._programme.messages(letters=False)
        try:
            run = conversation.take_up(self._programme, self._releases.find, msisdn, draft, medium)
        except conversation.Changed:
            self._say_stuck(msisdn)
            return False
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
        left = (record,) if record else ()
        kept = reports.records(left, saying, self._programme)
        judged = reports.alerts(left, saying, self._programme)
        step = Step(msisdn=msisdn, request=request, reply="", records=kept, expects=looked.count, **judged)
        try:
            _, first = await self._sessions.commit(step)
        except Moved:
            return False
        return first and record is not None
