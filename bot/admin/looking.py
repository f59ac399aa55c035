"""Pages that go back in time: a page full of what is looked for, and where to go on from there."""

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any, TypeVar, cast

from aiohttp import web

from bot.admin.download import KINDS
from bot.admin.listing import taken_out
from bot.admin.table import FORMAT, ON_A_PAGE, Asked, Choice, Table, draw, sift
from bot.admin.visit import Visit
from bot.admin.whole import mark
from bot.store.search import NEWEST, Mark

BEFORE = "before"
LOOKED_AT = 2000
"""Entries looked through for one page; what is older is one link away."""
TAKEN_OUT = 50_000
"""Rows of a download, the newest; the commands export all there is."""
Thing = TypeVar("Thing")
Row = TypeVar("Row")


def before(visit: Visit) -> Mark:
    """Where the address says to go on."""
    return mark(visit.query.get(BEFORE, "")) or NEWEST


async def looking(
    visit: Visit,
    template: str,
    table: Table[Row],
    choices: list[Choice[Row]],
    things: AsyncIterator[tuple[Mark, Thing]],
    rows_of: Callable[[Thing], list[Row]],
    **values: Any,
) -> web.Response:
    """The page, its table as `sheet`; or the file that `?format=` asks for."""
    asked = Asked(visit.query)
    form = asked.get(FORMAT)
    most = TAKEN_OUT if form in KINDS else ON_A_PAGE
    found: list[Row] = []
    last = None
    async with aclosing(cast("Any", things)) as stream:
        looked = 0
        async for place, thing in stream:
            found += sift(table, choices, rows_of(thing), asked)
            looked, last = looked + 1, place
            if len(found) >= most or (looked == LOOKED_AT and form not in KINDS):
                break
        else:
            last = None
    if form in KINDS:
        return await taken_out(visit, table, found, form)
    older = asked.address(**{BEFORE: "_".join(map(str, last))}) if last else ""
    sheet = draw(table, choices, found, asked, visit.speech, older)
    return visit.show(template, sheet=sheet, **values)
