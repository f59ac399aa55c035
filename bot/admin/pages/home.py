"""What somebody sees first: who is in her area, and where to go on."""

from aiohttp import web

from bot.admin.desk import Desk, Page
from bot.admin.visit import Visit


def pages(_: Desk) -> list[Page]:
    return [Page("/", home, menu=1), Page("", to_home)]


async def home(visit: Visit) -> web.Response:
    return visit.show("home.html")


async def to_home(visit: Visit) -> web.Response:
    return visit.go("/")
