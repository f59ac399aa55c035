"""`python -m bench.console`: every page of the console over a year of a country, at the server and on the line."""

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

import click
from aiohttp import ClientSession, CookieJar
from msgspec import Struct, structs
from yarl import URL

from bench.year.filling import ended_at, fill, settings_of
from bot import files
from bot.admin.console import pages
from bot.app import listening, open_house, prepare
from bot.files import root

if TYPE_CHECKING:
    from bot.admin.desk import Desk

NAME, PASSWORD = "bench", "une phrase assez longue"
AGAIN = 7
SLOW, HEAVY = 200.0, 150_000
"""Milliseconds and bytes that no page may pass."""
NAMED = {"flow": "stock", "step": "receipt", "key": "stock.changed", "name": NAME, "language": "fr"}
LISTED = {"/outbox/message": "/outbox"}
"""What stands in a path that names something; else it is looked up on its list, or on the page named here."""
FILTERED = (
    "/alerts?state=open&kind=stockout",
    "/completeness?report=stock",
    "/completeness?report=month",
    "/roster?q=traore&sort=-name",
    "/reports?kind=payment",
    "/alerts?month=202604",
    "/reports?q=nobody",
    "/stock?product=SRO&state=low",
    "/due?at=2026-11-02T09:00",
    "/due?at=2026-11-02T09:00&reminder=stock",
)
_ASSET = re.compile(r'(?:href|src)="(/admin/static/[^"]+)"')


class Measured(Struct, frozen=True):
    """One page: how long, in milliseconds, the first time anybody asks, and after that; and of the processor."""

    path: str
    first: float
    again: float
    """The median."""
    slowest: float
    cpu: float
    """Of the server's process, the median; the browser of the bench is in it."""
    size: int
    """Bytes of the page and all it needs, as they come over the line the first time."""
    status: int


async def measure(data: Path) -> list[Measured]:
    """`data`: a store that `bench.year` has filled."""
    settings = settings_of(data)
    settings = structs.replace(settings, server=structs.replace(settings.server, port=0))
    async with open_house(settings, ended_at) as house:
        await prepare(house, files.source(root()), with_demo=False)
        if await house.keeper.accounts.get(NAME) is None:
            await house.keeper.add(NAME, "admin", PASSWORD)
        async with listening(house, simulator=False) as url, browser(url) as client:
            await signed_in(client)
            paths = await addresses(client)
            return [await _page(client, path) for path in (*paths, *FILTERED)]


def browser(url: str) -> ClientSession:
    return ClientSession(url, cookie_jar=CookieJar(unsafe=True), auto_decompress=False)


async def signed_in(client: ClientSession) -> None:
    async with client.get("/admin/sign-in", headers={"Accept-Encoding": "identity"}) as answer:
        proof = (await answer.text()).partition('name="csrf" value="')[2].partition('"')[0]
    form = {"csrf": proof, "name": NAME, "password": PASSWORD}
    async with client.post("/admin/sign-in", data=form, allow_redirects=False) as answer:
        answer.raise_for_status()


async def addresses(client: ClientSession) -> list[str]:
    """Each page that is opened by an address, by the routes; those that the store has nothing for are left out."""
    found = []
    for page in pages(cast("Desk", None)):  # no desk is needed to name them
        if page.method != "GET" or not page.path or page.path.endswith((".zip", ".po", "/file")):
            continue
        if path := await _address(client, page.path):
            found.append(path)
    return found


async def _address(client: ClientSession, path: str) -> str:
    names = set(re.findall(r"\{(\w+)\}", path))
    if path not in LISTED and names <= NAMED.keys():
        return path.format(**NAMED)
    if len(names) > 1:
        return ""
    stem = path.partition("{")[0]
    at = LISTED.get(path, stem.rstrip("/"))
    async with client.get(f"/admin{at}", headers={"Accept-Encoding": "identity"}) as answer:
        text = await answer.text()
    link = re.search(rf'<td[^>]*>(?:<span>)?<a href="/admin({re.escape(stem)}[^"]+)"', text)
    if link is None:
        return ""
    told = link[1].replace("&amp;", "&")
    return re.sub(r"\{\w+\}", lambda _: told.removeprefix(stem), path) if names else told


async def _page(client: ClientSession, path: str) -> Measured:
    took, worked, size, status = [], [], 0, 0
    for place in range(AGAIN + 1):
        began, busy = time.perf_counter(), time.process_time()
        async with client.get(URL(f"/admin{path}", encoded=True)) as answer:
            body, status = await answer.read(), answer.status
        took.append(1000 * (time.perf_counter() - began))
        worked.append(1000 * (time.process_time() - busy))
        if not place:
            size = len(body)
    return Measured(
        path,
        took[0],
        median(took[1:]),
        max(took[1:]),
        median(worked[1:]),
        size + await _assets(client, path),
        status,
    )


async def _assets(client: ClientSession, path: str) -> int:
    """Bytes of all that the page names."""
    async with client.get(
        URL(f"/admin{path}", encoded=True), headers={"Accept-Encoding": "identity"}
    ) as answer:
        text = await answer.text()
    size = 0
    for address in sorted(set(_ASSET.findall(text))):
        async with client.get(address) as answer:
            size += len(await answer.read())
    return size


def lines(found: Sequence[Measured]) -> list[str]:
    heads = f"{'page':45} {'first':>8} {'again':>8} {'slowest':>8} {'cpu':>8} {'first load':>10}"
    return [heads, *map(_line, found)]


def _line(one: Measured) -> str:
    wrong = [
        *(["slow"] if one.again > SLOW else []),
        *(["heavy"] if one.size > HEAVY else []),
        *([str(one.status)] if one.status != 200 else []),
    ]
    figures = f"{one.first:5.0f} ms {one.again:5.0f} ms {one.slowest:5.0f} ms {one.cpu:5.0f} ms"
    return f"{one.path:45} {figures} {one.size / 1000:7.1f} kB  {' '.join(wrong)}".rstrip()


@click.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A store that `python -m bench.year` has filled; otherwise one is filled first.",
)
@click.option("--share", default=1, show_default=True, help="Of a store that is filled here: 10 is a tenth.")
@click.option("--days", default=365, show_default=True, help="Of a store that is filled here.")
def main(*, data: Path | None, share: int, days: int) -> None:
    """First and later times, processor time and weight of every page; "slow" past 200 ms, "heavy" past 150 kB."""
    with TemporaryDirectory(prefix="kunnafoni-") as name:
        if data is None:
            data = Path(name) / "data"
            asyncio.run(fill(data, share, 2026, lambda told: click.echo(told, err=True), days))
        for line in lines(asyncio.run(measure(data))):
            click.echo(line)


if __name__ == "__main__":
    main()
