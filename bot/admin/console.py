"""The console as an application of its own below /admin: its pages, its files, and nothing of the line's path."""

import pkgutil
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.resources import files
from mimetypes import guess_type

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from bot.admin import pages as folder
from bot.admin import phone, said
from bot.admin.desk import Desk, Page
from bot.admin.door import Door, protect

_KEPT = "public, max-age=31536000, immutable"


def console(desk: Desk) -> web.Application:
    app = web.Application()
    found = pages(desk)
    door = Door(desk, said.load(), _templates(), found)
    app.add_routes([web.get("/static/{name}", _shelf().file)])
    app.add_routes(phone.routes(desk))
    for page in found:
        add = web.get if page.method == "GET" else web.post
        app.add_routes([add(page.path, door.handler(page))])
    app.add_routes(
        [web.route("*", "/{rest:.*}", door.handler(Page("/{rest:.*}", door.missing, settles=True)))]
    )
    app.on_response_prepare.append(protect)
    return app


def pages(desk: Desk) -> list[Page]:
    """Those of every module in `bot/admin/pages`: a new page is a new file."""
    modules = sorted(module.name for module in pkgutil.iter_modules(folder.__path__))
    return [page for name in modules for page in import_module(f"{folder.__name__}.{name}").pages(desk)]


class Shelf:
    """Style sheets, scripts and pictures; an address changes with what is behind it, so a browser keeps it."""

    def __init__(self) -> None:
        static = files("bot.admin").joinpath("static")
        self._bodies = {file.name: file.read_bytes() for file in static.iterdir() if file.is_file()}
        self._marks = {name: sha256(body).hexdigest()[:12] for name, body in self._bodies.items()}

    def address(self, name: str) -> str:
        return f"/admin/static/{name}?v={self._marks[name]}"

    async def file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self._bodies:
            raise web.HTTPNotFound
        headers = {"Cache-Control": _KEPT if request.query.get("v") == self._marks[name] else "no-cache"}
        kind = guess_type(name)[0] or "application/octet-stream"
        return web.Response(body=self._bodies[name], content_type=kind, headers=headers)


@cache
def _shelf() -> Shelf:
    return Shelf()


@cache
def _templates() -> Environment:
    """One for all consoles of a process: a template is compiled once."""
    made = Environment(
        loader=PackageLoader("bot.admin"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = _shelf().address
    return made
