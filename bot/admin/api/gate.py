"""The application of `/api/v1`: a good token is let in to what it is for, at a pace that calls do not feel."""

import logging
from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from bot.accounts import Token
from bot.admin.api.openapi import description
from bot.admin.api.refusing import Refusal
from bot.admin.api.resources import RESOURCES, Ask, Resource
from bot.admin.desk import Desk
from bot.limits import Pace, party, spared
from bot.store.archives import Missing
from bot.store.tick import StoreUnavailable

_log = logging.getLogger("kunnafoni.api")

RATE, BURST = 5.0, 20.0
"""Requests a second of one token, and the seconds of it that may be saved up."""
_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_AUTHENTICATE = 'Bearer realm="kunnafoni"'
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def api(desk: Desk, strangers: float) -> web.Application:
    """`strangers`: requests a second that one address may make before its token is looked at."""
    app, gate = web.Application(), Gate(desk, strangers)
    told = msgspec.json.encode(description())

    async def openapi(_: web.Request) -> web.Response:
        return web.Response(body=told, content_type="application/json")

    app.add_routes([web.get("/openapi.json", openapi)])
    app.add_routes([web.get(one.path, gate.handler(one)) for one in RESOURCES])
    app.add_routes([web.route("*", "/{rest:.*}", gate.missing)])
    app.on_response_prepare.append(_protect)
    return app


class Gate:
    def __init__(self, desk: Desk, strangers: float) -> None:
        self._desk = desk
        self._addresses = Pace(strangers)
        self._tokens = Pace(RATE, BURST)
        self._noted: set[tuple[str, str, str]] = set()

    def handler(self, resource: Resource) -> Handler:
        async def enter(request: web.Request) -> web.StreamResponse:
            try:
                return await self._answered(resource, request)
            except Refusal as refusal:
                return refusal.answer()
            except StoreUnavailable:
                return Refusal(503, "the store is away", Retry_After="5").answer()
            except Missing:
                return Refusal(503, "what is that old is in archive files on another machine").answer()
            except Exception:  # noqa: BLE001 - a bug: logged once, and said politely
                _log.exception("api_failed path=%s", request.path)
                return Refusal(500, "this is a mistake of ours; it is in the log").answer()

        return enter

    async def missing(self, request: web.Request) -> web.Response:
        if request.method not in ("GET", "HEAD"):
            return Refusal(405, "everything here is read with GET", Allow="GET").answer()
        return Refusal(404, "there is nothing at this address").answer()

    async def _answered(self, resource: Resource, request: web.Request) -> web.Response:
        token = await self._let_in(resource, request)
        named = next(iter(request.match_info.values()), "")
        ask = Ask(self._desk, token, _query(resource, request), named)
        await self._note(token, resource, named)
        return web.Response(
            body=msgspec.json.encode(await resource.handler(ask)), content_type="application/json"
        )

    async def _let_in(self, resource: Resource, request: web.Request) -> Token:
        address = request.remote
        if not spared(address) and not self._addresses.takes(party(address)):
            raise Refusal(429, "too many requests from this address", Retry_After="60")
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        token = await self._desk.admission.whose(text.strip()) if kind.lower() == "bearer" else None
        if token is None:
            raise Refusal(401, "a token is needed that is good", WWW_Authenticate=_AUTHENTICATE)
        if not self._tokens.takes(token.id):
            raise Refusal(429, f"more than {RATE:g} requests a second", Retry_After="1")
        if resource.scope not in token.scopes:
            raise Refusal(403, f"this token is not for {resource.scope}")
        return token

    async def _note(self, token: Token, resource: Resource, named: str) -> None:
        """What was taken out, once a day of each kind: a system that asks every minute must not bury the rest."""
        now = self._desk.clock()
        key = (token.id, resource.path, f"{self._desk.programme.local(now):%Y%m%d}")
        if key not in self._noted:
            self._noted = {one for one in self._noted if one[2] == key[2]} | {key}
            subject = resource.path.partition("{")[0] + named
            await self._desk.audit.note(now, f"{token.name} {token.id}", "api.read", subject)


def _query(resource: Resource, request: web.Request) -> msgspec.Struct:
    asked = request.query
    if twice := [name for name in asked if len(asked.getall(name)) > 1]:
        raise Refusal(400, f"{twice[0]}: said twice")
    for name in ("since", "until"):
        if ":" not in asked.get(name, ":"):  # seconds since 1970 would be read as a moment, too
            raise Refusal(400, f"{name}: a date and a time, as 2026-11-01T00:00:00Z")
    try:
        return msgspec.convert(dict(asked), type=resource.query, strict=False)
    except msgspec.ValidationError as error:
        raise Refusal(400, str(error)) from error


async def _protect(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "kunnafoni"
