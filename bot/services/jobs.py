"""Jobs that repeat: whoever holds a job's lease does it; done twice, it changes nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

from msgspec import Struct

from bot.store.embedded import StoreError
from bot.store.leases import Leases
from bot.store.tick import StoreUnavailable

_log = logging.getLogger("kunnafoni.worker")

GRACE = 5_000
"""Milliseconds a lease lasts beyond two rounds of its job."""


class Job(Struct, frozen=True):
    """Something to do every so many ms; told the time (Unix ms)."""

    name: str
    every_ms: int
    run: Callable[[int], Awaitable[None]]


class Jobs:
    """The jobs of one worker, who is one of several."""

    def __init__(self, jobs: Sequence[Job], leases: Leases, holder: str, clock: Callable[[], int]) -> None:
        self._jobs = jobs
        self._leases = leases
        self._holder = holder
        self._clock = clock

    async def once(self) -> None:
        """Each of them now, in order."""
        for job in self._jobs:
            await job.run(self._clock())

    async def run(self) -> None:
        """Each as often as it should be, until cancelled; one that goes wrong keeps no other waiting."""
        await asyncio.gather(*map(self._keep, self._jobs))

    async def _keep(self, job: Job) -> None:
        try:
            while True:
                await self._turn(job)
                await asyncio.sleep(job.every_ms / 1000)
        finally:
            await self._leave(job)

    async def _turn(self, job: Job) -> None:
        """What this worker cannot do is left to another, who may: on another machine, with another disk."""
        try:
            if await self._leases.hold(job.name, self._holder, 2 * job.every_ms + GRACE):
                await job.run(self._clock())
        except StoreUnavailable as error:
            _log.warning("store_away job=%s why=%s", job.name, error)
        except (StoreError, OSError) as error:
            _log.error("job_not_done job=%s why=%s", job.name, error)
            await self._leave(job)
        except Exception:  # noqa: BLE001 - a bug: told with its trace, and the job is tried again
            _log.exception("worker_stumbled job=%s", job.name)
            await self._leave(job)

    async def _leave(self, job: Job) -> None:
        with suppress(StoreUnavailable):
            await self._leases.leave(job.name, self._holder)
