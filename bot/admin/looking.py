"""Pages that go back in time: a page full of what is looked for, and where to go on from there."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, TypeVar, cast

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from bot.admin.download import KINDS
from bot.admin.listing import taken_out
from bot.admin.table import FORMAT, ON_A_PAGE, Asked, Choice, Table, draw, sift
from bot.admin.visit import Visit
from bot.admin.whole import mark
from bot.store.archives import Missing
from bot.store.past import Mark
from bot.store.search import NEWEST

BEFORE = "before"
LOOKED_AT = 2000
"""Entries looked through for one page; what is older is one link away."""
YEAR = 12
"""Months of archive files that are read for one download; for a page it is one."""
FOREVER = 2**62
TAKEN_OUT = 50_000
"""Rows of a download, the newest; the commands export all there is."""
Thing = TypeVar("Thing")
Row = TypeVar("Row")
Back = Callable[[Callable[[Thing], bool], int], AsyncIterator[tuple[Mark, Thing | None]]]
"""Things newest first, given what is meant and how many of it; a None before an archive file is opened."""


def before(visit: Visit) -> Mark:
    """Where the address says to go on."""
    return mark(visit.query.get(BEFORE, "")) or NEWEST


class Reach(Struct):
    """How far back one could look."""

    missing: bool = False
    """The rest is in archive files that are not on this machine."""


async def at_hand(things: AsyncIterator[Thing], reach: Reach) -> AsyncIterator[Thing]:
    """What can be read here; `reach` says whether that is all."""
    async with aclosing(cast("Any", things)) as stream:
        try:
            async for thing in stream:
                yield thing
        except Missing:
            reach.missing = True


async def looking(
    visit: Visit,
    template: str,
    table: Table[Row],
    choices: list[Choice[Row]],
    things: Back[Thing],
    rows_of: Callable[[Thing], list[Row]],
    first: int = 0,
    **values: Any,
) -> web.Response:
    """The page, its table as `sheet`; or the file that `?format=` asks for. `first`: nothing older (ms) is meant."""
    asked = Asked(visit.query)
    form = asked.get(FORMAT)
    takes = form in KINDS
    most, looked_at, files = (TAKEN_OUT, FOREVER, YEAR) if takes else (ON_A_PAGE, LOOKED_AT, 1)

    def rows(thing: Thing) -> list[Row]:
        return list(sift(table, choices, rows_of(thing), asked))

    found: list[Row] = []
    last: Mark | None = None
    back, reach = things(lambda thing: bool(rows(thing)), most), Reach()
    # A page shows what there is and says what is missing; a file would be taken for the whole, and is refused.
    async with aclosing(cast("Any", back if takes else at_hand(back, reach))) as stream:
        async for place, thing in stream:
            last, over = place, place[0] < first
            files, looked_at = (files - 1, looked_at) if thing is None else (files, looked_at - 1)
            if over or files < 0:
                last = None if over else last
                break
            found += rows(thing) if thing is not None else []
            if len(found) >= most or not looked_at:
                break
        else:
            last = None
    if takes:
        return await taken_out(visit, table, found, form)
    older = asked.address(**{BEFORE: "_".join(map(str, last))}) if last else ""
    sheet = draw(table, choices, found, asked, visit.speech, older)
    return visit.show(template, sheet=replace(sheet, missing=reach.missing), **values)
