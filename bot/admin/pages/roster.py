"""The roster: looked through, changed one by one, or by a sheet whose changes are shown before they are made."""

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from bot.admin import people, rows
from bot.admin.areas import areas
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.preview import Named
from bot.admin.preview import previewed as show
from bot.admin.visit import Visit
from bot.people import Contact
from bot.services.changes import Considered
from bot.services.enrolment import consider, one_row, told
from bot.services.roster import COLUMNS, Programme, cells_of

SHEET = 4 * 1024 * 1024


def pages(_: Desk) -> list[Page]:
    return [
        Page("/roster", every, menu=40),
        Page("/roster/import", choose, least="editor"),
        Page("/roster/import", preview, least="editor", method="POST", limit=SHEET),
        Page("/roster/import/{upload}", previewed, least="editor"),
        Page("/roster/import/{upload}", take, least="editor", method="POST"),
        Page("/roster/new", new, least="editor"),
        Page("/roster/new", save, least="editor", method="POST"),
        Page("/roster/{msisdn}/edit", edit, least="editor"),
        Page("/roster/{msisdn}/edit", save, least="editor", method="POST"),
    ]


async def every(visit: Visit) -> web.Response:
    units, held = await visit.desk.book.units(), await visit.desk.book.people()
    seen = await _seen(visit, held)
    table, choices = people.table(units, held), people.choices(visit, units)
    return await listing(visit, "roster.html", table, seen, choices, as_read=people.SHEET)


async def _seen(visit: Visit, held: Mapping[str, Contact]) -> Sequence[Contact]:
    """Those of her area."""

    async def make() -> Sequence[Contact]:
        return [one for one in held.values() if visit.account.sees(one.path)]

    return await visit.desk.figures.kept.get(("roster", visit.account.area), (held,), make)


async def choose(visit: Visit) -> web.Response:
    return visit.show("roster_import.html", columns=COLUMNS)


async def preview(visit: Visit) -> web.Response:
    """Kept for an hour, so that it can be looked through."""
    upload = await visit.desk.uploads.put(visit.account.name, visit.form.files.get("file", b""))
    return visit.go(f"/roster/import/{upload}")


async def previewed(visit: Visit) -> web.Response:
    content = await visit.desk.uploads.get(visit.account.name, visit.named("upload"))
    if content is None:
        return visit.go("/roster/import", "said.too_late")
    found = await _considered(visit, content)
    new = len(found.changes.new)
    return await show(
        visit,
        found,
        rows.told(visit.speech, found.problems),
        Named(
            lambda one: f"{one.name} · {one.msisdn}",
            lambda column: visit.say(f"roster.{column}"),
            lambda one: one.org_unit,
        ),
        back="/roster/import",
        back_name=visit.say("roster.import"),
        take=visit.say("roster.take", count=visit.speech.number(new)) if new else "",
        warning="",
    )


async def take(visit: Visit) -> web.Response:
    """The sheet again on the roster of this moment: what somebody else changed meanwhile is not put back."""
    content = await visit.desk.uploads.get(visit.account.name, visit.named("upload"))
    if content is None:
        return visit.go("/roster/import", "said.too_late")
    await _put(visit, await _considered(visit, content))
    return visit.go("/roster", "said.taken")


async def _considered(visit: Visit, content: str | bytes) -> Considered[Contact]:
    settings = visit.desk.programme.settings
    languages = sorted(
        settings.programme.languages, key=lambda code: code != settings.programme.default_language
    )
    known = Programme(await visit.desk.contacts.units(), list(settings.products), languages)
    held = {one.msisdn: one async for one in visit.desk.contacts.contacts()}
    return await asyncio.to_thread(consider, content, held, known, visit.account)


async def _put(visit: Visit, found: Considered[Contact]) -> None:
    for one in found.changes.new:
        before = found.held.get(one.msisdn)
        deed = "contact.change" if before else "contact.add"
        await visit.note(deed, one.msisdn, told(before), told(one))
    await visit.desk.contacts.put(found.changes.new)
    visit.desk.book.forget()


async def new(visit: Visit) -> web.Response:
    return await _form(visit, dict.fromkeys(COLUMNS, "") | {"role": "asc", "active": "true"})


async def edit(visit: Visit) -> web.Response:
    return await _form(visit, dict(zip(COLUMNS, cells_of(await found_in_area(visit)), strict=True)))


async def _form(visit: Visit, cells: dict[str, str], problem: str = "", status: int = 200) -> web.Response:
    settings = visit.desk.programme.settings
    units = await visit.desk.contacts.units()
    codes = [(path.rpartition("/")[2], name) for path, name in areas(units, visit.account)]
    languages = [(code, visit.speech.or_itself("language", code)) for code in settings.programme.languages]
    return visit.show(
        "roster_edit.html",
        status,
        cells=cells,
        problem=problem,
        units=codes,
        roles=people.roles(visit),
        languages=languages,
        products=[
            (code, one.names[settings.programme.default_language]) for code, one in settings.products.items()
        ],
        is_new="msisdn" not in visit.request.match_info,
    )


async def save(visit: Visit) -> web.Response:
    """What a form says is read as a row of a sheet is, and refused for the same reasons."""
    cells = {name: visit.form.get(name) for name in COLUMNS}
    cells["products"] = " ".join(visit.form.all("products"))
    cells["active"] = "true" if visit.form.get("active") else "false"
    if number := visit.request.match_info.get("msisdn"):
        cells["msisdn"] = (await found_in_area(visit)).msisdn
    found = await _considered(visit, one_row(cells))
    errors = [one for one in found.problems if one.level == "error"]
    if not number and found.changes.changed + found.changes.unchanged:
        return await _form(visit, cells, visit.say("roster.there_already"), 400)
    if errors:
        return await _form(visit, cells, rows.told(visit.speech, errors)[0].message, 400)
    await _put(visit, found)
    (contact,) = found.changes.new + found.changes.unchanged
    return visit.go(f"/roster/{contact.msisdn}", "said.saved")


async def found_in_area(visit: Visit) -> Contact:
    """Who the address names; outside the visitor's area there is nobody."""
    contact = await visit.desk.contacts.get(visit.named("msisdn"))
    if contact is None or not visit.account.sees(contact.path):
        raise web.HTTPNotFound
    return contact
