"""The five URLs Africa's Talking calls; the key is looked at before the body, and 503 makes it call again."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from hmac import compare_digest
from ipaddress import ip_address, ip_network
from typing import Final, TypeVar

from aiohttp import web

from bot.channels import Port, Post, Quick, Unavailable
from bot.channels.africastalking import forms
from bot.channels.africastalking.settings import Settings
from bot.messages import Inbound

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_USSD: Final = "/africastalking/ussd"
_FORM: Final = "application/x-www-form-urlencoded"
_FORMS: Final = {_FORM, *(f"{_FORM};{gap}charset={name}" for gap in ("", " ") for name in ("utf-8", "UTF-8"))}
"""As clients write it; what else may stand there is aiohttp's to read."""
_UNCODED: Final = re.compile(r"[A-Za-z0-9._~-]+")
_LARGEST: Final = 16 * 1024  # bytes
_SLOWEST: Final = 5.0  # seconds a body may take: the provider waits ten for the whole answer


class Callbacks:
    def __init__(self, settings: Settings, port: Port) -> None:
        self._port = port
        self._keys = [key.encode() for key in settings.callback_keys]
        self._networks = [ip_network(address) for address in settings.addresses]

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post(_USSD, self.ussd),
            web.post("/africastalking/ussd/end", self.end),
            web.post("/africastalking/sms", self.sms),
            web.post("/africastalking/delivery", self.delivery),
            web.post("/africastalking/optout", self.optout),
        ]

    def quick(self) -> dict[str, Quick]:
        return {_USSD: self.ussd_at_once}

    def ussd_at_once(self, post: Post) -> Awaitable[str] | None:
        if post.content_type not in _FORMS or not self._knows(_plain_key(post.query), post.address):
            return None
        try:
            return self._dial(forms.dialled(forms.parse(post.body)))
        except forms.FormError:
            return None

    async def ussd(self, request: web.Request) -> web.Response:
        return web.Response(text=await self._dial(await self._read(request, forms.dialled)))

    async def end(self, request: web.Request) -> web.Response:
        return await _kept(self._port.hung_up(await self._read(request, forms.hung_up)))

    async def sms(self, request: web.Request) -> web.Response:
        inbound = await self._read(request, forms.texted)
        return web.Response(text="OK") if inbound is None else await _kept(self._port.receive(inbound))

    async def delivery(self, request: web.Request) -> web.Response:
        return await _kept(self._port.delivered(await self._read(request, forms.delivered)))

    async def optout(self, request: web.Request) -> web.Response:
        return await _kept(self._port.opted_out(await self._read(request, forms.opted_out)))

    async def _dial(self, inbound: Inbound) -> str:
        reply = await self._port.dial(inbound)
        return f"END {reply.text}" if reply.ends else f"CON {reply.text}"

    async def _read(self, request: web.Request, read: Callable[[forms.Form], _T]) -> _T:
        """Understand the request, or raise the refusal it deserves."""
        self._admit(request)
        try:
            return read(forms.parse(await _body(request)))
        except forms.FormError as wrong:
            _log.warning("callback refused path=%s because=%r", request.path, str(wrong))
            raise web.HTTPBadRequest(text=str(wrong)) from wrong

    def _admit(self, request: web.Request) -> None:
        given = _plain_key(request.query_string) or request.query.get("key", "")
        if not self._knows(given, request.remote):
            _log.info("callback refused path=%s because='wrong key or address'", request.path)
            raise web.HTTPForbidden(text="")

    def _knows(self, given: str, address: str | None) -> bool:
        key = given.encode(errors="replace")
        return any(compare_digest(key, ours) for ours in self._keys) and (
            not self._networks or self._expects(address)
        )

    def _expects(self, address: str | None) -> bool:
        if not address:  # a unix socket has none
            return False
        return any(ip_address(address) in network for network in self._networks)


def _plain_key(query: str) -> str:
    """The key of a URL, where it stands alone and needs no decoding: as a rule."""
    name, _, value = query.partition("=")
    return value if name == "key" and _UNCODED.fullmatch(value) else ""


async def _body(request: web.Request) -> bytes:
    if request.content_type != _FORM:
        raise forms.FormError("Content-Type", f"not {_FORM}")
    if (request.content_length or 0) > _LARGEST:
        raise web.HTTPRequestEntityTooLarge(_LARGEST)
    try:
        if request.content.is_eof():  # all of it came with the head, as a rule
            body = await request.read()
        else:
            async with asyncio.timeout(_SLOWEST):
                body = await request.read()
    except TimeoutError as slow:
        raise web.HTTPRequestTimeout(text="") from slow
    except web.RequestPayloadError as broken:
        raise forms.FormError("body", "cut short or badly encoded") from broken
    if len(body) > _LARGEST:  # sent in chunks, or compressed
        raise web.HTTPRequestEntityTooLarge(_LARGEST)
    return body


async def _kept(telling: Awaitable[None]) -> web.Response:
    """Say 200 once it is durable; 503 has the provider tell us again."""
    try:
        await telling
    except Unavailable:
        return web.Response(status=503)
    return web.Response(text="OK")
