"""The words people typed are forgotten after `[privacy] retention_months`; what they reported stays and counts."""

import logging
from datetime import datetime

from bot.services.known import Programme
from bot.store.words import Words

_log = logging.getLogger("kunnafoni.privacy")
FORGET_EVERY_MS = 6 * 3_600_000


class Forgetting:
    def __init__(self, words: Words, programme: Programme) -> None:
        self._words = words
        self._programme = programme

    async def run(self, now: int) -> None:
        """Done twice, it changes nothing."""
        months = self._programme.settings.privacy.retention_months
        month, before = last_over(self._programme.local(now), months)
        if count := await self._words.forget(month, before):
            _log.info("words_forgotten up_to=%s entries=%d", month, count)


def last_over(local: datetime, months: int) -> tuple[str, int]:
    """The last month that was over so many months ago, and when it ended (Unix ms)."""
    ended = local.year * 12 + local.month - 1 - months
    month = ended - 1
    end = local.replace(
        year=ended // 12, month=ended % 12 + 1, day=1, hour=0, minute=0, second=0, microsecond=0
    )
    return f"{month // 12}{month % 12 + 1:02d}", int(end.timestamp() * 1000)
