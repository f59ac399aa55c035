"""Somebody has a new number, or stands twice on the roster: shown first, then done (docs/decisions/0059)."""

import asyncio

from aiohttp import web

from bot.admin.desk import Desk, Page
from bot.admin.pages.roster import found_in_area
from bot.admin.visit import Visit
from bot.people import Contact
from bot.services.alike import alike
from bot.services.moving import CannotMove
from bot.text.msisdn import NotANumber, parse

SHOWN = 200
"""Pairs on the page; those that are merged make room for others."""


def pages(_: Desk) -> list[Page]:
    return [
        Page("/roster/alike", pairs, least="editor"),
        Page("/roster/{msisdn}/move", ask, least="editor"),
        Page("/roster/{msisdn}/move", move, least="editor", method="POST"),
        Page("/roster/{msisdn}/merge/{other}", beside, least="editor"),
        Page("/roster/{msisdn}/merge/{other}", merge, least="editor", method="POST"),
    ]


async def pairs(visit: Visit) -> web.Response:
    """Rows that may be one person, both of them of the visitor's area."""
    people, units = await visit.desk.book.people(), await visit.desk.book.units()
    # In a thread: a whole country takes longer than a call should wait.
    found = await asyncio.to_thread(alike, [one for one in people.values() if visit.account.sees(one.path)])
    return visit.show("alike.html", pairs=found[:SHOWN], count=len(found), units=units)


async def ask(visit: Visit) -> web.Response:
    return await _asked(visit, await found_in_area(visit))


async def _asked(visit: Visit, one: Contact, number: str = "", problem: str = "") -> web.Response:
    status = 400 if problem else 200
    held = await visit.desk.moving.portrait(one)
    return visit.show("move.html", status, held=held, number=number, problem=problem, sure=False)


async def move(visit: Visit) -> web.Response:
    """What goes along is shown before it goes; a number of the roster leads to the two side by side."""
    one, said = await found_in_area(visit), visit.form.get("number")
    try:
        number = parse(said)
    except NotANumber:
        return await _asked(visit, one, said, visit.say("move.no_number"))
    if other := await visit.desk.contacts.get(number):
        if number == one.msisdn or not visit.account.sees(other.path):
            return await _asked(visit, one, said, visit.say("move.same" if other == one else "move.taken"))
        return visit.go(f"/roster/{one.msisdn}/merge/{number}", "said.number_taken")
    if visit.form.get("sure") != "1":
        held = await visit.desk.moving.portrait(one)
        stopped = (await visit.desk.contacts.fields(number)).get("stopped") == "1"
        return visit.show("move.html", held=held, number=number, problem="", sure=True, stopped=stopped)
    try:
        await visit.desk.moving.move(one.msisdn, number, visit.account.name)
    except CannotMove as why:
        return await _asked(visit, one, said, visit.say(f"move.{why.reason}"))
    visit.desk.book.forget()
    return visit.go(f"/roster/{number}", "said.moved")


async def _both(visit: Visit) -> tuple[Contact, Contact]:
    """Both of the visitor's area; else there is nobody."""
    one, other = await found_in_area(visit), await visit.desk.contacts.get(visit.named("other"))
    if other is None or other == one or not visit.account.sees(other.path):
        raise web.HTTPNotFound
    return one, other


async def beside(visit: Visit) -> web.Response:
    return await _shown(visit)


async def _shown(visit: Visit, problem: str = "") -> web.Response:
    both = [await visit.desk.moving.portrait(one) for one in await _both(visit)]
    people, units = await visit.desk.book.people(), await visit.desk.book.units()
    status = 400 if problem else 200
    return visit.show("merge.html", status, both=both, people=people, units=units, problem=problem)


async def merge(visit: Visit) -> web.Response:
    one, other = await _both(visit)
    kept = visit.form.get("kept")
    if kept not in (one.msisdn, other.msisdn):
        return await _shown(visit, visit.say("move.which"))
    gone = other.msisdn if kept == one.msisdn else one.msisdn
    try:
        await visit.desk.moving.merge(gone, kept, visit.account.name)
    except CannotMove as why:
        return await _shown(visit, visit.say(f"move.{why.reason}"))
    visit.desk.book.forget()
    return visit.go(f"/roster/{kept}", "said.merged")
