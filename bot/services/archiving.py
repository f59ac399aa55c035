"""Old months move from the store to files after `[store] archive_after_months`; whoever reads sees no difference."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, timedelta

from msgspec import Struct

from bot.services.forgetting import last_over
from bot.services.known import Programme
from bot.store.archived import LEDGER, Archived
from bot.store.archives import PATIENCE, Busy
from bot.store.archiving import Ledgers
from bot.store.counts import Counts
from bot.store.functions import Functions
from bot.store.keys import DAY_KEPT, Shard
from bot.store.things import Things

_log = logging.getLogger("kunnafoni.archive")
ARCHIVE_EVERY_MS = 6 * 3_600_000
RECENT = 3
"""Days whose counts still change: what is not finished is kept a day later."""


class Moved(Struct, frozen=True):
    """What went into one file."""

    file: str
    many: int
    """Entries, messages or alerts."""
    size: int
    """Of the whole file, in bytes."""


class Archiving:
    """Moves what is old. Of one store it is done on one machine, where the files are."""

    def __init__(
        self, functions: Functions, archived: Archived, things: Sequence[Things], programme: Programme
    ) -> None:
        self._things = things
        self._archived = archived
        self._programme = programme
        self._shards = [Shard(number) for number in range(programme.settings.store.shards)]
        self._ledgers = Ledgers(functions, archived, self._shards)
        self._counts = Counts(functions)
        self._done: date | None = None
        self._packed: date | None = None
        """The days on which this worker last had nothing left to move, and to pack."""

    @property
    def here(self) -> bool:
        """Whether a worker of this machine shall archive; else one that has the folder does."""
        store = self._programme.settings.store
        return store.archive_after_months > 0 and store.archives_here

    async def run(self, now: int) -> None:
        """Once a day. Done twice, it changes nothing; done by two at once, one of them leaves it to the other.

        Raises Missing where files are not here, and OSError for a full disk.
        """
        today = self._programme.local(now).date()
        if today == self._done:
            return
        try:
            await self.older(now, self._programme.settings.store.archive_after_months, patience=0)
            self._done = today
        except Busy:
            _log.info("archive_busy folder=%s", self._archived.archives.folder)

    async def packing(self, now: int) -> None:
        """Once a day, wherever: no file is needed."""
        today = self._programme.local(now).date()
        if today != self._packed:
            await self.pack(now)
            self._packed = today

    async def pack(self, now: int) -> int:
        """Packs the counts of days and months that are over; how many."""
        today = self._programme.local(now).date()
        days = [f"{today - timedelta(days=back):%Y%m%d}" for back in range(RECENT, DAY_KEPT.days + 1)]
        months = [month for month in await self._ledgers.all_months() if month < f"{today:%Y%m}"]
        return await self._counts.pack(self._shards, [*days, *months])

    async def older(
        self,
        now: int,
        months: int,
        patience: float = PATIENCE,
        told: Callable[[Moved], None] | None = None,
    ) -> list[Moved]:
        """Moves the months that were over so long ago. Raises Missing, Busy, and OSError for a full disk."""
        last, ended = last_over(self._programme.local(now), months)
        moved: list[Moved] = []
        # What other machines moved, we have no file of: two half archives would be none.
        await self._archived.all_here(self._shards)
        async with self._archived.archives.held(patience):
            async for one in self._move(last, ended):
                moved.append(one)
                if told:
                    told(one)
        return moved

    async def _move(self, last: str, ended: int) -> AsyncIterator[Moved]:
        for month in await self._ledgers.months(last):
            yield self._told(LEDGER, month, await self._ledgers.move(month))
        for things in self._things:
            for month, many in (await things.move(self._shards, ended, self._month_of)).items():
                yield self._told(things.kind.name, month, many)

    def _month_of(self, at: int) -> str:
        return f"{self._programme.local(at):%Y%m}"

    def _told(self, kind: str, month: str, many: int) -> Moved:
        file = self._archived.archives.file(kind, month)
        _log.info("archived file=%s entries=%d", file.name, many)
        return Moved(file.name, many, file.stat().st_size)
