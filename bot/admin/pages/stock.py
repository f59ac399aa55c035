"""The stock as a grid: products across, places down; a place leads to those below it, and at last to its people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Struct

from bot.admin.areas import name_of
from bot.admin.desk import Desk, Page
from bot.admin.listing import listing
from bot.admin.places import asked_for, below, way
from bot.admin.said import Speech, urged
from bot.admin.table import Column, Table
from bot.admin.visit import Visit
from bot.services.figures import STATES, Worker, counted, states_of

TONES = {"out": "bad", "low": "warn", "enough": "good", "over": "over"}


class Part(Struct, frozen=True):
    """Who counts stock in one part of an area."""

    workers: Sequence[Worker]
    states: Mapping[tuple[str, str], int]
    """How many stand how with each product."""
    held: frozenset[str]
    """What is in somebody's box."""

    def known(self, code: str) -> int:
        return sum(self.states.get((code, state), 0) for state in STATES)


class Place(Struct, frozen=True):
    """One row of the grid."""

    name: str
    part: Part
    link: str


def pages(_: Desk) -> list[Page]:
    return [Page("/stock", stock, menu=12)]


async def stock(visit: Visit) -> web.Response:
    units = await visit.desk.book.units()
    path, state = asked_for(visit, units), visit.query.get("state", "")
    state = state if state in STATES else "out"
    parts = await _parts(visit, path)
    codes = _codes(visit, parts.values())
    values: dict[str, Any] = {
        "way": way(visit, path, units),
        "area": path,
        "state": state,
        "product": visit.query.get("product", ""),
        "states": [(one, visit.say(f"stock.state.{one}")) for one in STATES],
        "products": [(code, _name(visit, code)) for code in visit.desk.programme.products],
        "legend": [(TONES[one], visit.say(f"stock.legend.{one}")) for one in STATES],
        "of_people": set(parts) <= {path},
    }
    if set(parts) <= {path}:
        people = parts[path].workers if parts else []
        return await listing(visit, "stock.html", _of_people(codes, visit.speech), people, **values)
    rows = [
        Place(name_of(part, units) or part, some, _link(visit, part, path)) for part, some in parts.items()
    ]
    return await listing(visit, "stock.html", _of_places(codes, state), rows, **values)


async def _parts(visit: Visit, path: str) -> Mapping[str, Part]:
    """By the path of each part of an area; counted once for as long as the figures are the same."""
    every = await visit.desk.figures.workers()

    async def make() -> Mapping[str, Part]:
        seen = [one for one in every if one.products and visit.account.sees(one.path)]
        found = {}
        for part, some in below(path, seen).items():
            held = frozenset(code for one in some for code in one.products)
            found[part] = Part(some, await counted(states_of, some), held)
        return found

    return await visit.desk.figures.kept.get(("stock", visit.account.area, path), (every,), make)


def _codes(visit: Visit, parts: Iterable[Part]) -> list[str]:
    """The products that somebody here counts, in the order of the settings; or the one that is asked for."""
    asked = visit.query.get("product", "")
    held = {code for part in parts for code in part.held}
    return [code for code in visit.desk.programme.products if code in held and asked in ("", code)]


def _name(visit: Visit, code: str) -> str:
    names: Mapping[str, str] = visit.desk.programme.products[code].names
    return f"{code} · {names.get('fr', code)}"


def _link(visit: Visit, part: str, path: str) -> str:
    """Down to that place; who stands directly in this one is not below it."""
    kept = {name: visit.query.get(name, "") for name in ("state", "product")}
    return "?" + urlencode(urged({**kept, "area": part})) if part != path else ""


def _of_places(codes: Sequence[str], state: str) -> Table[Place]:
    def column(code: str) -> Column[Place]:
        def value(row: Place) -> int:
            return row.part.states.get((code, state), 0)

        def shown(row: Place, _: object) -> str:
            known = row.part.known(code)
            return f"{value(row)}/{known}" if known else ""

        def tone(row: Place) -> str:
            return TONES[state] if value(row) else "quiet" if row.part.known(code) else ""

        return Column(code, value, shown, tone=tone, title=code)

    return Table(
        "stock",
        [
            Column("place", lambda row: row.name, link=lambda row: row.link),
            Column("asc", lambda row: len(row.part.workers)),
            *map(column, codes),
        ],
        searched=lambda row: row.name,
        first="place",
    )


def _of_people(codes: Sequence[str], speech: Speech) -> Table[Worker]:
    def held(code: str) -> Column[Worker]:
        return Column(
            code,
            lambda one: one.stock.get(code, ""),
            tone=lambda one: TONES[one.states[code]] if code in one.states else "",
            title=code,
        )

    return Table(
        "stock",
        [
            Column("name", lambda one: one.name, link=lambda one: f"/admin/roster/{one.msisdn}"),
            Column("said", lambda one: speech.stored(one.said), lambda one, _: speech.day(one.said)),
            *map(held, codes),
        ],
        searched=lambda one: f"{one.name} {one.msisdn}",
        first="name",
    )
