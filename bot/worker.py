"""What happens after the reply: messages leave the outbox, and what repeats is done by whoever holds its lease."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from secrets import token_hex

from bot.services.jobs import Job, Jobs
from bot.services.mailing import PAUSE, Mailing
from bot.services.spending import Spending
from bot.services.unfinished import Unfinished
from bot.store.leases import Leases
from bot.store.outbox import Outbox
from bot.store.releases import Releases
from bot.store.tick import StoreUnavailable

__all__ = ["Job", "Worker"]

_log = logging.getLogger("kunnafoni.worker")

EVERY = 10_000
"""Milliseconds between two looks at what absent-minded phones left behind."""
LOOKS = 6
"""At what silent workers took, so often in a lease."""
BUDGET_EVERY = 60_000
REFRESH = 10.0
"""Seconds between two looks for a new release."""


class Worker:
    """One of any number of workers: each does what it claims, none is special."""

    def __init__(
        self,
        mailing: Mailing,
        outbox: Outbox,
        unfinished: Unfinished,
        spending: Spending,
        releases: Releases,
        leases: Leases,
        clock: Callable[[], int],
        lease: int,
        jobs: Sequence[Job] = (),
    ) -> None:
        self._mailing = mailing
        self._outbox = outbox
        self._unfinished = unfinished
        self._releases = releases
        self._clock = clock
        own = (
            Job("abandoned", lease // LOOKS, self._leave_to_others),
            Job("unfinished", EVERY, self._keep_unfinished),
            Job("budget", BUDGET_EVERY, spending.warn),
        )
        self._jobs = Jobs((*own, *jobs), leases, token_hex(8), clock)

    async def run(self) -> None:
        """Works until cancelled; a store that is away is waited for, and what goes wrong keeps nothing else waiting."""
        helping = [asyncio.create_task(self._jobs.run()), asyncio.create_task(self._refresh())]
        try:
            while True:
                if not await self._send():
                    await asyncio.sleep(PAUSE)
        finally:
            for task in helping:
                task.cancel()
            await asyncio.gather(*helping, return_exceptions=True)
            await self._mailing.close()

    async def once(self) -> None:
        """Does all that is due now."""
        await self._releases.refresh()
        await self._jobs.once()
        await self._mailing.drain()

    async def send_due(self) -> bool:
        """Sends on what may leave now; whether there is more to do."""
        return await self._mailing.turn()

    async def keep_unfinished(self) -> int:
        """Keeps as partial reports the drafts that have waited a day; how many."""
        return await self._unfinished.keep()

    async def _send(self) -> bool:
        try:
            return await self.send_due()
        except StoreUnavailable as error:
            _log.warning("store_away why=%s", error)
        except Exception:  # noqa: BLE001 - a bug: told with its trace, and the messages go on
            _log.exception("worker_stumbled")
        return False

    async def _refresh(self) -> None:
        while True:
            try:
                await self._releases.refresh()
            except Exception as error:  # noqa: BLE001 - a release that cannot be read leaves the one there is
                _log.warning("release_not_refreshed why=%s", error)
            await asyncio.sleep(REFRESH)

    async def _leave_to_others(self, now: int) -> None:
        await self._outbox.abandon(now)

    async def _keep_unfinished(self, _now: int) -> None:
        await self.keep_unfinished()
