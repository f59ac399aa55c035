"""What somebody sees first: who is in her area, and what was last said there."""

from collections import Counter

from aiohttp import web

from bot.admin.areas import name_of
from bot.admin.desk import Desk, Page
from bot.admin.visit import Visit
from bot.people import ROLES
from bot.store.ledger import Row

LATEST, LOOKED_AT = 12, 500


def pages(_: Desk) -> list[Page]:
    return [Page("/", home, menu=1), Page("", to_home)]


async def home(visit: Visit) -> web.Response:
    people, units = await visit.desk.book.people(), await visit.desk.book.units()
    area = visit.account.area
    counts = Counter(one.role for one in people.values() if one.active and visit.account.sees(one.path))
    return visit.show(
        "home.html",
        area=name_of(area, units) if area else visit.say("area.all"),
        people=[(role, counts[role]) for role in ROLES if counts[role]],
        latest=await _latest(visit),
    )


async def _latest(visit: Visit) -> list[Row]:
    rows: list[Row] = []
    looked = 0
    async for _, told in visit.desk.search.told():
        looked += 1
        if visit.account.sees(told.entry.org_path):
            rows += told.rows()[:1]
        if len(rows) == LATEST or looked == LOOKED_AT:
            break
    return rows


async def to_home(visit: Visit) -> web.Response:
    return visit.go("/")
