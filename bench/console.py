"""`python -m bench.console`: how long the console's figures take over a country's projections."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import click
from aiohttp import ClientSession, CookieJar
from msgspec import Struct, json, structs

from bench.processes import ROOT
from bot import files
from bot.app import listening, open_house, prepare
from bot.config import load
from bot.house import House
from bot.people import Contact, Unit
from bot.services.calendar import DAY
from bot.store.alerts import Raised
from bot.store.keys import shard_of

ASC, REGIONS, DISTRICTS, CENTRES, ALERTS, DAYS = 5_123, 11, 75, 1_500, 6_000, 99
TODAY = date(2026, 11, 20)
PRODUCTS = ("TDR", "CTE", "SRO", "ZIN", "AMX", "PAR", "CTN", "PIL")
PAGES = (
    "/",
    "/alerts",
    "/alerts?state=open&kind=stockout",
    "/completeness",
    "/completeness?period=202610",
    "/completeness?report=stock&period=202610",
    "/stock",
    "/stock?area=ML/R01/D001",
)
PASSWORD = "une phrase assez longue"
WARM = 5


class Measured(Struct, frozen=True):
    """Of one page, in milliseconds: the first time anybody asks, and the slowest of those after it."""

    path: str
    first: float
    again: float
    size: int


def measure(folder: Path) -> list[Measured]:
    return asyncio.run(_measure(folder / "console"))


async def _measure(data: Path) -> list[Measured]:
    settings = load(ROOT / "config.toml", {})
    settings = structs.replace(
        settings,
        store=structs.replace(settings.store, url="embedded", data=str(data)),
        server=structs.replace(settings.server, port=0),
    )
    now = _ms(TODAY, 10)
    async with open_house(settings, lambda: now) as house:
        await prepare(house, files.source(ROOT), with_demo=False)
        await _fill(house)
        await house.keeper.add("bench", "viewer", PASSWORD)
        async with (
            listening(house, simulator=False) as url,
            ClientSession(f"{url}", cookie_jar=CookieJar(unsafe=True)) as client,
        ):
            await _sign_in(client)
            return [await _page(client, path) for path in PAGES]


async def _sign_in(client: ClientSession) -> None:
    async with client.get("/admin/sign-in") as answer:
        proof = (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": proof, "name": "bench", "password": PASSWORD}
    async with client.post("/admin/sign-in", data=form, allow_redirects=False) as answer:
        answer.raise_for_status()


async def _page(client: ClientSession, path: str) -> Measured:
    took, size = [], 0
    for _ in range(WARM + 1):
        began = time.perf_counter()
        async with client.get(f"/admin{path}") as answer:
            answer.raise_for_status()
            size = len(await answer.read())
        took.append(1000 * (time.perf_counter() - began))
    return Measured(path, took[0], max(took[1:]), size)


async def _fill(house: House) -> None:
    """What a year leaves in the projections that these pages read; invented people, 81 of 100 of whom check in."""
    random = Random(4)
    await house.contacts.put_units(_units())
    people = [_asc(number) for number in range(ASC)]
    await house.contacts.put(people)
    days = [TODAY - back * DAY for back in range(DAYS)]
    for start in range(0, ASC, 200):
        chunk = people[start : start + 200]
        await asyncio.gather(*(_says(house, one, days, random) for one in chunk))
    for start in range(0, ALERTS, 200):
        some = range(start, min(ALERTS, start + 200))
        await asyncio.gather(*(_alert(house, people[number % ASC], number) for number in some))


def _units() -> Iterable[Unit]:
    yield Unit("ML", "Mali")
    yield from (Unit(f"R{one:02d}", f"Région {one}", "ML") for one in range(REGIONS))
    yield from (Unit(f"D{one:03d}", f"District {one}", f"R{one % REGIONS:02d}") for one in range(DISTRICTS))
    yield from (Unit(f"C{one:04d}", f"CSCom {one}", f"D{one % DISTRICTS:03d}") for one in range(CENTRES))


def _asc(number: int) -> Contact:
    centre = number % CENTRES
    district = centre % DISTRICTS
    path = f"ML/R{district % REGIONS:02d}/D{district:03d}/C{centre:04d}"
    code = f"C{centre:04d}"
    return Contact(f"+2237{number:07d}", f"ASC {number}", "asc", code, "fr", products=PRODUCTS, path=path)


async def _says(house: House, one: Contact, days: Sequence[date], random: Random) -> None:
    shard, call = shard_of(one.msisdn, house.settings.store.shards), house.server.tick.call
    at = _ms(TODAY, 8)
    held = [(f"stock:{code}", f"{random.choice((0, 5, 20, 40, 90))}~20@{at}") for code in PRODUCTS]
    known = [part for pair in (*held, ("stock", f"@{at}"), ("checkin", f"present@{at}")) for part in pair]
    asked = [call("HSET", shard.known(one.msisdn), *known)]
    for day in days:
        if day.weekday() < 5 and random.random() < 0.81:
            asked.append(call("HSET", f"{shard.days}{day:%Y%m%d}", f"checkin:{one.msisdn}", 1))
        if day.weekday() in (0, 2) and random.random() < 0.5:
            asked.append(call("HSET", f"{shard.days}{day:%Y%m%d}", f"stock:{one.msisdn}", 1))
    await asyncio.gather(*asked)


async def _alert(house: House, one: Contact, number: int) -> None:
    product = PRODUCTS[number // ASC]
    at = _ms(TODAY - (number % 80) * DAY, 9)
    values = json.encode({"name": one.name, "unit": one.org_unit, "msisdn": one.msisdn, "product": product})
    raised = Raised(
        "stockout",
        f"stockout:{product}",
        one.msisdn,
        one.name,
        one.org_unit,
        one.path,
        "",
        values.decode(),
        at,
    )
    opened = await house.alerts.open(raised)
    if number % 4:
        await house.alerts.resolve(opened, one.msisdn, "", at + 1)


def _ms(day: date, hour: int) -> int:
    return round(datetime.fromisoformat(f"{day}T{hour:02d}:00+00:00").timestamp() * 1000)


@click.command()
def main() -> None:
    with TemporaryDirectory(prefix="kunnafoni-") as name:
        found = measure(Path(name))
    for one in found:
        click.echo(
            f"{one.path:45} first {one.first:7.0f} ms   then {one.again:6.0f} ms   {one.size / 1000:6.1f} kB"
        )


if __name__ == "__main__":
    main()
