"""The way into every page: signed in, of the right rank, posted from our own page; else the page is not reached."""

import logging
import secrets
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from typing import Final

from aiohttp import web
from jinja2 import Environment
from yarl import URL

from bot.accounts import Account
from bot.admin import form
from bot.admin.desk import Desk, Page
from bot.admin.here import is_our_name
from bot.admin.said import LANGUAGES, Speech
from bot.admin.visit import HOME, Visit
from bot.store.archives import Missing
from bot.store.tick import StoreUnavailable
from bot.text.catalog import FRENCH, Words

_log = logging.getLogger("kunnafoni.console")

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}
SIGNED, BEFORE = "kunnafoni", "kunnafoni_form"
"""The cookies: of who is signed in, and of a form shown to who is not."""
_REASONS = {400: "error.form", 403: "error.forbidden", 404: "error.none", 413: "error.large"}


class Door:
    """Wraps the pages."""

    def __init__(self, desk: Desk, words: Words, templates: Environment, pages: list[Page]) -> None:
        self._desk = desk
        self._words = words
        self._templates = templates
        self._menu = sorted((page for page in pages if page.menu), key=lambda page: page.menu)

    def handler(self, page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def enter(request: web.Request) -> web.StreamResponse:
            try:
                return await self._enter(page, request)
            except StoreUnavailable:
                return self._visit(page, request, None).show("away.html", 503)
            except Missing:  # files are on one machine: half a list would look like a whole one
                return self._visit(page, request, None).show("refused.html", 503, reason="error.archives")
            except Exception:  # noqa: BLE001 - a bug: logged once, and said politely
                _log.exception("page_failed path=%s", request.path)
                return self._visit(page, request, None).show("refused.html", 500, reason="error.bug")

        return enter

    async def missing(self, visit: Visit) -> web.StreamResponse:
        """Whatever else is asked for below /admin."""
        return refusal(visit, 404)

    async def _enter(self, page: Page, request: web.Request) -> web.StreamResponse:
        token = request.cookies.get(SIGNED, "")
        account = await self._desk.keeper.whose(token)
        if not page.public and (away := _elsewhere(page, request, account)):
            return away
        visit = self._visit(page, request, account)
        visit.token = token if account else ""
        return await self._admitted(visit, token if account else request.cookies.get(BEFORE, ""))

    async def _admitted(self, visit: Visit, key: str) -> web.StreamResponse:
        page, fresh = visit.page, "" if key else secrets.token_urlsafe(16)
        visit.proof = form.proof(key or fresh)
        if not page.public and not visit.account.may(page.least):
            return refusal(visit, 403)
        try:
            if page.method == "POST":
                visit.form = await form.read(visit.request, key or fresh, page.limit)
            response = await page.handler(visit)
        except web.HTTPError as error:
            return refusal(visit, error.status)
        if fresh and page.public:
            set_cookie(response, visit.request, BEFORE, fresh)
        return response

    def _visit(self, page: Page, request: web.Request, account: Account | None) -> Visit:
        asked = account.language if account else request.query.get("lang", FRENCH)
        language = asked if asked in LANGUAGES else FRENCH
        speech = Speech(self._words, language, self._desk.programme.local)
        visit = Visit(self._desk, page, request, speech, self._templates, account)
        visit.menu = [one for one in self._menu if account and account.may(one.least)]
        return visit


def _elsewhere(page: Page, request: web.Request, account: Account | None) -> web.Response | None:
    """Where somebody must go first: to sign in, or to replace a one-time password."""
    if account is None:
        back = request.path_qs if request.method == "GET" and request.path_qs != HOME else ""
        address = URL.build(path="/admin/sign-in", query={"next": back} if back else {})
        return web.Response(status=303, headers={"Location": str(address)})
    if account.one_time and not page.settles:
        return web.Response(status=303, headers={"Location": "/admin/me"})
    return None


def refusal(visit: Visit, status: int) -> web.Response:
    return visit.show("refused.html", status, reason=_REASONS.get(status, "error.form"))


def set_cookie(response: web.StreamResponse, request: web.Request, name: str, value: str) -> None:
    """A cookie no script reads and no other site has sent; over TLS only, but for a trial on this machine."""
    response.set_cookie(
        name, value, path="/admin", httponly=True, samesite="Lax", secure=not is_our_name(request)
    )


def address_of(request: web.Request) -> str:
    """Who asks: of a proxy on this machine we believe what it says of that."""
    remote = str(request.remote or "")
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    near = bool(remote) and ip_address(remote).is_loopback
    try:
        return str(ip_address(told)) if told and near else remote
    except ValueError:  # whatever it is, it is no address
        return remote


async def protect(_: web.Request, response: web.StreamResponse) -> None:
    """Every answer of the console carries these, files and errors too."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "kunnafoni"  # of what versions it is made is nobody's business
