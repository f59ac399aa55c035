"""The phone drawn in the browser: the house hears it as any channel's, so only who is trusted may hold it."""

from collections.abc import Awaitable, Callable
from importlib.resources import files
from itertools import groupby
from typing import Annotated, Any, Final, TypeVar

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined
from msgspec import Meta, Struct, json

from bot.admin.desk import Desk
from bot.admin.door import SIGNED
from bot.admin.here import is_here
from bot.channels import Port, Unavailable
from bot.messages import Inbound, Reply
from bot.people import ROLES, Contact
from bot.services.known import Programme
from bot.store.contacts import Contacts
from bot.store.outbox import Line, Outbox
from bot.text.gsm import is_gsm, segment
from bot.text.msisdn import NotANumber, parse

PHONE: Final = "/admin/phone"
CHANNEL: Final = "simulator"
OFFERED: Final = 100
"""Contacts in the list of callers; whoever is not there is called by her number."""
HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STATIC: Final = {"phone.css": "text/css", "phone.js": "text/javascript", "phone.svg": "image/svg+xml"}
Handler = Callable[[web.Request], Awaitable[web.Response]]
_T = TypeVar("_T")

Word = Annotated[str, Meta(pattern=r"\A[!-~]{1,128}\Z")]
Typed = Annotated[str, Meta(pattern=r"\A[^\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]*\Z")]
"""What a phone can type: no control character but line feed, form feed and return."""


class Dialled(Struct, frozen=True, forbid_unknown_fields=True):
    """One USSD request; `text` is all that was typed in the call, joined by `*`."""

    session: Word
    msisdn: str
    text: Typed


class Written(Struct, frozen=True, forbid_unknown_fields=True):
    """One SMS; the same `id` is the same message, however often it comes."""

    id: Word
    msisdn: str
    text: Typed


class Screen(Struct, frozen=True):
    """What the phone shows, as the network counts it."""

    text: str
    ends: bool
    septets: int
    limit: int
    ucs2: bool
    """Counted in 16-bit characters instead."""


class Received(Struct, frozen=True):
    """One SMS to the phone, on its way or there."""

    id: str
    text: str
    state: str
    segments: int
    at: str


class Phone:
    """Its page, and what the page asks of the house."""

    def __init__(self, port: Port, contacts: Contacts, outbox: Outbox, programme: Programme) -> None:
        self._port = port
        self._contacts = contacts
        self._outbox = outbox
        self._programme = programme
        templates = Environment(
            loader=PackageLoader("bot.admin"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._template = templates.get_template("phone.html")
        self._static = {name: files("bot.admin").joinpath("static", name).read_bytes() for name in STATIC}

    async def page(self, _: web.Request) -> web.Response:
        html = self._template.render(
            programme=self._programme.settings.programme,
            limit=self._programme.screens("", letters=False).budget.limit,
            callers=await self._callers(),
            units=await self._contacts.units(),
        )
        return web.Response(text=html, content_type="text/html", charset="utf-8")

    async def static(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in STATIC:
            raise web.HTTPNotFound
        return web.Response(body=self._static[name], content_type=STATIC[name], charset="utf-8")

    async def ussd(self, request: web.Request) -> web.Response:
        dialled = await _read(request, Dialled)
        reply = await self._port.dial(
            Inbound(
                channel=CHANNEL,
                bearer="ussd",
                id=dialled.session,
                msisdn=_number(dialled.msisdn),
                text=dialled.text,
                service_code=self._programme.settings.programme.service_code,
            )
        )
        return _json(self._screen(reply))

    async def sms(self, request: web.Request) -> web.Response:
        written = await _read(request, Written)
        number = _number(written.msisdn)
        inbound = Inbound(channel=CHANNEL, bearer="sms", id=written.id, msisdn=number, text=written.text)
        try:
            await self._port.receive(inbound)
        except Unavailable as away:
            raise web.HTTPServiceUnavailable(text="the store is away: send it again") from away
        return _json({"segments": len(segment(written.text).parts)})

    async def inbox(self, request: web.Request) -> web.Response:
        lines = await self._outbox.newest(_number(request.query.get("msisdn", "")))
        return _json({"messages": [_received(line) for line in lines if line.text]})

    def _screen(self, reply: Reply) -> Screen:
        ucs2 = not is_gsm(reply.text)
        medium = self._programme.screens("", letters=ucs2)
        budget = medium.letters or medium.budget
        return Screen(reply.text, reply.ends, budget.size(reply.text), budget.limit, ucs2)

    async def _callers(self) -> list[tuple[str, list[Contact]]]:
        """Who may be chosen to call, by role from the field up and by name."""
        found: list[Contact] = []
        async for contact in self._contacts.contacts():
            if contact.active:
                found.append(contact)
            if len(found) == OFFERED:
                break
        found.sort(key=lambda contact: (ROLES.index(contact.role), contact.name))
        return [(role, list(those)) for role, those in groupby(found, key=lambda contact: contact.role)]


def routes(desk: Desk) -> list[web.RouteDef]:
    phone = Phone(desk.gateway, desk.contacts, desk.outbox, desk.programme)
    return [
        web.get("/phone", _held(desk, phone.page)),
        web.get("/phone/static/{name}", _held(desk, phone.static)),
        web.post("/phone/ussd", _held(desk, phone.ussd)),
        web.post("/phone/sms", _held(desk, phone.sms)),
        web.get("/phone/inbox", _held(desk, phone.inbox)),
    ]


def _held(desk: Desk, handler: Handler) -> Handler:
    """The handler, for an administrator; in a demonstration, for who sits at this machine."""

    async def admitted(request: web.Request) -> web.Response:
        if not (desk.free_phone and is_here(request)):
            account = await desk.keeper.whose(request.cookies.get(SIGNED, ""))
            if account is None and request.path == PHONE and not desk.free_phone:
                return web.Response(status=303, headers={"Location": f"/admin/sign-in?next={PHONE}"})
            if account is None or account.one_time or not account.may("admin"):
                raise web.HTTPForbidden(text="")
        response = await handler(request)
        response.headers.update(HEADERS)
        return response

    return admitted


async def _read(request: web.Request, kind: type[_T]) -> _T:
    # A page from elsewhere can have a browser post anything but this type without asking us first.
    if request.content_type != "application/json":
        raise web.HTTPBadRequest(text="Content-Type: not application/json")
    try:
        return json.decode(await request.read(), type=kind)
    except (ValueError, web.RequestPayloadError) as wrong:
        raise web.HTTPBadRequest(text=f"body: {wrong}") from wrong


def _number(written: str) -> str:
    try:
        return parse(written)
    except NotANumber as wrong:
        raise web.HTTPBadRequest(text=f"msisdn: {wrong.reason}") from wrong


def _received(line: Line) -> Received:
    segments = line.segments or len(segment(line.text).parts)
    return Received(line.id, line.text, line.state, segments, at=line.sent or line.made)


def _json(thing: Any) -> web.Response:
    return web.Response(body=json.encode(thing), content_type="application/json")
