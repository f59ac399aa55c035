"""A page of something long, newest first, and where to go on."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from datetime import datetime
from typing import Any, TypeVar, cast

from bot.admin.api.refusing import Refusal
from bot.admin.api.shapes import Page, Span
from bot.admin.whole import mark
from bot.store.past import Mark
from bot.store.search import NEWEST

LOOKED_AT = 4000
"""Entries looked through for one page; what is older is one cursor away."""
LATEST = 253_370_764_800_000
"""The year 9999 begins (Unix ms): what is later is as good, and no calendar ends over it."""
Thing = TypeVar("Thing")


def mark_of(cursor: str) -> Mark:
    """Where a cursor says to go on."""
    if not cursor:
        return NEWEST
    if (found := mark(cursor)) is None:
        raise Refusal(400, "cursor: not one of ours")
    return found


async def page(
    things: AsyncIterator[tuple[Mark, Thing | None]],
    rows_of: Callable[[Thing], list[Any]],
    limit: int,
    is_over: Callable[[Mark], bool],
) -> Page[Any]:
    """Rows of these things, up to `limit`; what one thing says stays together."""
    found: list[Any] = []
    last: Mark = NEWEST
    async with aclosing(cast("Any", things)) as stream:
        looked = files = 0
        async for place, thing in stream:
            if is_over(place):
                break
            if thing is None:  # an archive file is about to be opened: one for a page
                files, last = files + 1, place
                if files > 1 or len(found) >= limit:
                    return Page(found, "_".join(map(str, last)))
                continue
            rows = rows_of(thing)
            if looked == LOOKED_AT or (found and rows and len(found) + len(rows) > limit):
                return Page(found, "_".join(map(str, last)))
            found += rows
            last, looked = place, looked + 1
    return Page(found, None)


def ms(moment: datetime | None) -> int | None:
    return None if moment is None else min(max(int(moment.timestamp() * 1000), 0), LATEST)


def within(asked: Span, at: int) -> bool:
    since, until = ms(asked.since), ms(asked.until)
    return (since is None or at >= since) and (until is None or at < until)


def at_of(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)
