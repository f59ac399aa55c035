"""What trails a call: where she is in it, written a moment after each reply, so that she can be taken up there."""

import asyncio
import logging
from collections.abc import Callable
from itertools import islice

from bot.services import conversation
from bot.services.calls import Call
from bot.store.sessions import Sessions

_log = logging.getLogger("kunnafoni.trail")

BEHIND = 0.1
"""Seconds the store may trail the reply: the phone's next answer is seconds away."""

SOME = 16
"""Calls written in one go: whoever is being answered waits for no more."""


class Trail:
    """The calls whose last step is not written yet; several steps of one phone are written once."""

    def __init__(self, sessions: Sessions, clock: Callable[[], int]) -> None:
        self._sessions = sessions
        self._clock = clock
        self._behind: dict[str, Call] = {}
        self._writing: asyncio.Task[None] | None = None

    def follow(self, call: Call) -> None:
        self._behind[call.msisdn] = call
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_soon())

    def forget(self, call: Call) -> None:
        """A commit says it all."""
        self._behind.pop(call.msisdn, None)

    async def caught_up(self, msisdn: str) -> None:
        """What trails the last reply to this phone is written now: she is already doing something else."""
        if (call := self._behind.pop(msisdn, None)) is not None:
            await self._write(call)

    async def settle(self) -> None:
        """Writes all there is."""
        if self._writing is not None:
            await self._writing
        await self._write_all()

    async def _write_soon(self) -> None:
        await asyncio.sleep(BEHIND)
        self._writing = None
        await self._write_all()

    async def _write_all(self) -> None:
        while self._behind:
            some = [self._behind.pop(msisdn) for msisdn in list(islice(self._behind, SOME))]
            written = await asyncio.gather(*map(self._write, some), return_exceptions=True)
            lost = [outcome for outcome in written if isinstance(outcome, BaseException)]
            if lost:
                _log.warning("drafts_not_written calls=%d why=%s", len(lost), lost[0])

    async def _write(self, call: Call) -> None:
        now = self._clock()
        draft = conversation.to_keep(call.run, call.pin, call.session, now, "ussd")
        if draft is None and call.left is not None:
            draft = conversation.to_keep(*call.left, call.session, now, "ussd")
        await self._sessions.follow(call.msisdn, call.session, call.said, draft, drop=call.drop)
