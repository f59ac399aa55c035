"""A page that is a table: drawn, or downloaded as it is filtered; what is taken out is noted."""

import asyncio
from collections.abc import Sequence
from typing import Any, TypeVar

from aiohttp import web

from bot.admin.download import KINDS, as_csv, as_xlsx
from bot.admin.table import FORMAT, Asked, Choice, Table, draw, order_of, sift, title_of
from bot.admin.visit import Visit

AT_ONCE = 250
"""Rows looked at before anybody else has a turn: a millisecond or two."""
Row = TypeVar("Row")


async def listing(
    visit: Visit,
    template: str,
    table: Table[Row],
    rows: Sequence[Row],
    choices: Sequence[Choice[Row]] = (),
    *,
    as_read: Table[Row] | None = None,
    **values: Any,
) -> web.Response:
    """The page, its table as `sheet`; or the file that `?format=` asks for. `as_read`: the columns an import reads."""
    asked = Asked(visit.query)
    left = await _left(table, choices, rows, asked)
    if (form := asked.get(FORMAT)) in KINDS:
        return await taken_out(visit, as_read or table, left, form, coded=as_read is not None)
    return visit.show(template, sheet=draw(table, choices, left, asked, visit.speech), **values)


async def _left(
    table: Table[Row], choices: Sequence[Choice[Row]], rows: Sequence[Row], asked: Asked
) -> Sequence[Row]:
    """Found and put in order, some rows at a time: this process answers phones too."""
    places: list[Any] = []
    left: list[Row] = []
    order = order_of(table, asked)
    for start in range(0, len(rows), AT_ONCE):
        some = list(sift(table, choices, rows[start : start + AT_ONCE], asked))
        left += some
        if order:
            places += map(order.place, some)
        await asyncio.sleep(0)
    if order is None:
        return left
    found = sorted(range(len(left)), key=places.__getitem__, reverse=order.down)
    return [left[one] for one in found]


async def taken_out(
    visit: Visit, table: Table[Row], rows: Sequence[Row], form: str, *, coded: bool = False
) -> web.Response:
    """`coded`: the columns keep their names, as an import of ours reads them."""
    titles = [column.name if coded else title_of(table, column, visit.speech) for column in table.columns]
    cells = ([column.value(row) for column in table.columns] for row in rows)
    body = await asyncio.to_thread(as_xlsx if form == "xlsx" else as_csv, titles, cells)
    return await file(visit, table.name, form, body, len(rows))


async def file(visit: Visit, name: str, form: str, body: bytes, count: int) -> web.Response:
    await visit.note("export", f"{name}.{form}", after=f"{count} {visit.request.query_string[:300]}".strip())
    called = f"{name}-{visit.speech.stamp(visit.now)}.{form}"
    return web.Response(
        body=body,
        content_type=KINDS[form],
        headers={"Content-Disposition": f'attachment; filename="{called}"'},
    )
