"""Which other systems read `/api/v1`: an administrator makes their tokens, and takes them back."""

from collections.abc import Mapping

from aiohttp import web

from bot.accounts import SCOPES, Token
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
        Page("/tokens", every, least="admin", menu=82),
        Page("/tokens", add, least="admin", method="POST"),
        Page("/tokens/{id}", one, least="admin"),
        Page("/tokens/{id}", revoke, least="admin", method="POST"),
    ]


async def every(visit: Visit) -> web.Response:
    return await _every(visit, "")


async def _every(visit: Visit, problem: str) -> web.Response:
    units = await visit.desk.contacts.units()
    states = [(state, visit.say(f"tokens.{state}")) for state in ("good", "revoked")]
    return await listing(
        visit,
        "tokens.html",
        _table(units, visit.speech),
        await visit.desk.admission.tokens.every(),
        [Choice("state", states, lambda one, state: _state(one) == state)],
        problem=problem,
        scopes=[(scope, _scope(visit.speech, scope)) for scope in SCOPES],
        areas=areas(units),
    )


def _scope(speech: Speech, scope: str) -> str:
    return speech.say(f"scope.{scope.partition(':')[0]}")


def _table(units: Mapping[str, Unit], speech: Speech) -> Table[Token]:
    return Table(
        "tokens",
        [
            Column("name", lambda one: one.name, link=lambda one: f"/admin/tokens/{one.id}"),
            Column(
                "scopes",
                lambda one: " ".join(one.scopes),
                lambda one, speech: ", ".join(_scope(speech, scope) for scope in one.scopes),
            ),
            Column(
                "area",
                lambda one: one.area,
                lambda one, speech: name_of(one.area, units) or speech.say("area.all"),
            ),
            Column(
                "state",
                _state,
                lambda one, speech: speech.say(f"tokens.{_state(one)}"),
                tone=lambda one: "quiet" if one.revoked else "good",
            ),
            Column("by", lambda one: one.by),
            moment("made", lambda one: one.made, speech),
        ],
        searched=lambda one: one.name,
        first="-made",
    )


def _state(token: Token) -> str:
    return "revoked" if token.revoked else "good"


async def add(visit: Visit) -> web.Response:
    """It is shown once: nobody can read it again, we neither."""
    area = visit.form.get("area")
    if area and area not in {path for path, _ in areas(await visit.desk.contacts.units())}:
        raise web.HTTPBadRequest
    try:
        issued = await visit.desk.admission.issue(
            visit.form.get("name"), visit.form.all("scope"), area, visit.account.name
        )
    except Denied as denied:
        return await _every(visit, visit.say(denied.key))
    return visit.show("token_new.html", token=issued.token, text=issued.text)


async def _found(visit: Visit) -> Token:
    return there(await visit.desk.admission.tokens.get(visit.named("id")))


async def one(visit: Visit) -> web.Response:
    token = await _found(visit)
    units = await visit.desk.contacts.units()
    return visit.show(
        "token.html",
        token=token,
        scopes=[_scope(visit.speech, scope) for scope in token.scopes],
        area=name_of(token.area, units) or visit.say("area.all"),
        state=_state(token),
    )


async def revoke(visit: Visit) -> web.Response:
    await visit.desk.admission.revoke(await _found(visit), visit.account.name)
    return visit.go("/tokens", "said.revoked")
