"""Who gets in where: every address there is, asked by a stranger, and every page, asked by each rank."""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from aiohttp import ClientResponse, ClientSession, web

from bot.accounts import RANKS, Rank
from bot.admin.desk import Page
from bot.app import line_of
from bot.house import House
from bot.office import office
from tests.admin.visitor import Visitor

NAMED = re.compile(r"\{[^}]*\}")
PUBLIC = frozenset(
    {
        "/healthz",
        "/readyz",
        "/metrics",
        "/admin/sign-in",
        "/admin/static/{name}",
        "/api/v1/openapi.json",
        "/api/v1/{rest}",
    }
)
"""What anybody may ask: the last says that there is nothing. Whoever adds to this says why."""


def everywhere(house: House) -> web.Application:
    """Every address there is, in one application."""
    app = office(house, simulator=False)
    app.add_routes(line_of(house).routes)
    return app


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """The address of an application that listens."""
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def open_to_strangers(app: web.Application, url: str, client: ClientSession) -> list[str]:
    """Every route but the public ones that somebody without key, password or token gets an answer from."""
    found = []
    for method, path in sorted(_routes(app)):
        told = {"text": "1"} if method == "POST" else None
        address = url + NAMED.sub("nowhere", path)
        async with client.request(method, address, allow_redirects=False, data=told) as answer:
            if not _shut(answer):
                found.append(f"{method} {path}: {answer.status}")
    return found


async def open_below_rank(visitor: Visitor, role: Rank, pages: Iterable[tuple[Page, str]]) -> list[str]:
    """Every page that this rank may see and is not for it, and every form taken from it, or without its proof."""
    found = []
    for page, path in pages:
        if page.public:
            continue
        below = RANKS.index(role) < RANKS.index(page.least)
        if page.method == "POST":
            answer = await (visitor.sends(path) if below else visitor.sends(path, csrf="0" * 64))
        elif below:
            answer = await visitor.opens(path)
        else:
            continue
        if answer.status != 403:
            found.append(f"{page.method} {path}: {answer.status} for {role}")
    return found


def _routes(app: web.Application) -> set[tuple[str, str]]:
    """Method and path; of those that take any method, both that matter."""
    found = set()
    for route in app.router.routes():
        path = route.resource.canonical if route.resource is not None else ""
        methods = ("GET", "POST") if route.method == "*" else (route.method,)
        found |= {(method, path) for method in methods if method != "HEAD" and path not in PUBLIC}
    return found


def _shut(answer: ClientResponse) -> bool:
    """Refused, or sent to sign in."""
    there = answer.headers.get("Location", "")
    return answer.status in (401, 403) or (answer.status == 303 and there.startswith("/admin/sign-in"))
