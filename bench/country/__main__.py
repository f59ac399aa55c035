"""`python -m bench.country`: a month of a country, and its accounts."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic

import click

from bench.country import habits
from bench.country.books import closed, lines
from bench.country.month import FIRST, Clock, Month
from bench.country.places import Country, one_district, whole
from bench.country.provider import Provider
from bench.processes import ROOT
from bot import files
from bot.app import open_house, prepare
from bot.config import Settings, load

MONTH = 31
WEEK = 7


@click.command()
@click.option("--quick", is_flag=True, help="One district for a week.")
@click.option("--share", type=click.IntRange(1, 50), default=1, help="10: a tenth of the country.")
@click.option("--seed", default=2026, show_default=True, help="Another country of the same kind.")
def main(*, quick: bool, share: int, seed: int) -> None:
    """A month of 5,123 ASC on an accelerated clock; exit 1 when anything was lost or doubled."""
    random = Random(seed)
    country, days = (one_district(random), WEEK) if quick else (whole(random, share), MONTH)
    began = monotonic()
    with TemporaryDirectory(prefix="kunnafoni-") as name:
        right = asyncio.run(_lived(Path(name), country, days, random))
    click.echo(f"from {FIRST}, seed {seed}, in {monotonic() - began:.0f} s")
    sys.exit(0 if right else 1)


async def _lived(data: Path, country: Country, days: int, random: Random) -> bool:
    async with housed(data, country, random) as month:
        await month.runs(days, lambda told: click.echo(told, err=True))
        books = await closed(month)
    for line in lines(books, month, days):
        click.echo(line)
    return books.right and not month.line.odd


@asynccontextmanager
async def housed(data: Path, country: Country, random: Random) -> AsyncIterator[Month]:
    """A month that has not begun: the house with its roster, and a provider."""
    clock = Clock()
    numbers = [one.msisdn for one in country.people]
    wrong = set(random.sample(numbers, round(habits.WRONG_NUMBER * len(numbers))))
    async with (
        Provider(wrong) as provider,
        open_house(_settings(data, provider), clock, line=lambda _: None) as house,
    ):
        await prepare(house, files.source(ROOT), with_demo=False)
        await house.contacts.put_units(country.units)
        await house.contacts.put(country.people)
        yield Month(house, clock, provider, country, wrong, random)
        await house.gateway.settle()


def _settings(data: Path, provider: Provider) -> Settings:
    section = "KUNNAFONI_CHANNELS__AFRICASTALKING__"
    said = {"API_URL": provider.url, "API_KEY": "atsk_bench", "SENDER": "http", "RATE": "0"}
    environ = {f"{section}{name}": value for name, value in said.items()}
    return load(ROOT / "config.toml", environ | {"KUNNAFONI_STORE__DATA": str(data)})


if __name__ == "__main__":
    main()
