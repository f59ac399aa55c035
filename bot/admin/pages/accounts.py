"""Who may use the console: an administrator adds accounts, changes what they may do, and shuts them out."""

import secrets
from collections.abc import Mapping

from aiohttp import web

from bot.accounts import RANKS, Account, Rank
from bot.admin.areas import areas, name_of
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.said import Speech
from bot.admin.table import Choice, Column, Table, moment
from bot.admin.visit import Visit, there
from bot.people import Unit
from bot.services.accounts import Denied


def pages(_: Desk) -> list[Page]:
    return [
        Page("/accounts", every, least="admin", menu=80),
        Page("/accounts", add, least="admin", method="POST"),
        Page("/accounts/{name}", one, least="admin"),
        Page("/accounts/{name}", change, least="admin", method="POST"),
        Page("/accounts/{name}/password", new_password, least="admin", method="POST"),
        Page("/accounts/{name}/sign-ins", sign_out, least="admin", method="POST"),
    ]


async def every(visit: Visit) -> web.Response:
    return await _every(visit, "")


async def _every(visit: Visit, problem: str) -> web.Response:
    units = await visit.desk.contacts.units()
    roles = [(role, visit.say(f"role.{role}")) for role in RANKS]
    return await listing(
        visit,
        "accounts.html",
        _table(units, visit.speech),
        await visit.desk.keeper.accounts.every(),
        [Choice("role", roles, lambda account, role: account.role == role)],
        problem=problem,
        roles=roles,
        areas=areas(units),
    )


def _table(units: Mapping[str, Unit], speech: Speech) -> Table[Account]:
    return Table(
        "accounts",
        [
            Column("name", lambda one: one.name, link=lambda one: f"/admin/accounts/{one.name}"),
            Column("role", lambda one: one.role, lambda one, speech: speech.say(f"role.{one.role}")),
            Column(
                "area",
                lambda one: one.area,
                lambda one, speech: name_of(one.area, units) or speech.say("area.all"),
            ),
            Column(
                "state",
                lambda one: "active" if one.active else "closed",
                lambda one, speech: speech.say("state.active" if one.active else "state.closed"),
                tone=lambda one: "good" if one.active else "quiet",
            ),
            moment("made", lambda one: one.made, speech),
        ],
        searched=lambda one: one.name,
        first="name",
    )


async def add(visit: Visit) -> web.Response:
    """Her password is made here and shown once; she replaces it when she first signs in."""
    role, area = await _role_and_area(visit)
    password = secrets.token_urlsafe(12)
    try:
        account = await visit.desk.keeper.add(
            visit.form.get("name"), role, password, area=area, by=visit.account.name, one_time=True
        )
    except Denied as denied:
        return await _every(visit, visit.say(denied.key))
    return visit.show("password.html", name=account.name, password=password)


async def _role_and_area(visit: Visit) -> tuple[Rank, str]:
    role, area = visit.form.get("role"), visit.form.get("area")
    paths = {path for path, _ in areas(await visit.desk.contacts.units())}
    if role not in RANKS or (area and area not in paths):
        raise web.HTTPBadRequest
    return role, area


async def _found(visit: Visit) -> Account:
    return there(await visit.desk.keeper.accounts.get(visit.named("name")))


async def one(visit: Visit) -> web.Response:
    account = await _found(visit)
    return visit.show(
        "account.html",
        account=account,
        roles=[(role, visit.say(f"role.{role}")) for role in RANKS],
        areas=areas(await visit.desk.contacts.units()),
        browsers=await visit.desk.keeper.accounts.sign_ins(account.name, visit.now),
        hers=account.name == visit.account.name,
    )


async def change(visit: Visit) -> web.Response:
    """Nobody takes her own rank away: there would be no administrator left to give it back."""
    account = await _found(visit)
    role, area = await _role_and_area(visit)
    if account.name == visit.account.name:
        return visit.go(f"/accounts/{account.name}", "said.not_yourself")
    await visit.desk.keeper.change(
        account, visit.account.name, role=role, area=area, active=visit.form.get("active") == "1"
    )
    return visit.go(f"/accounts/{account.name}", "said.saved")


async def new_password(visit: Visit) -> web.Response:
    account = await _found(visit)
    password = secrets.token_urlsafe(12)
    await visit.desk.keeper.set_password(account, password, by=visit.account.name, one_time=True)
    return visit.show("password.html", name=account.name, password=password)


async def sign_out(visit: Visit) -> web.Response:
    account = await _found(visit)
    await visit.note("signout.all", account.name)
    await visit.desk.keeper.accounts.sign_out_everywhere(account.name, visit.now)
    return visit.go(f"/accounts/{account.name}", "said.ended")
