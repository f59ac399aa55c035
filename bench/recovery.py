"""`python -m bench.recovery`: a year of a country, how long it takes to come back, and what archives leave of it."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from bench.country import habits
from bench.year import size
from bench.year.filling import DAYS, ended_at, fill, settings_of
from bench.year.size import Return, Weight
from bot.app import open_house
from bot.house import House

ROWS = 4_000_000
FOR_GOOD = ("year", "packed", "count", "archived", "months")
"""Each contact's year, and what was counted in each month."""
HEAD = f"{'':34}{'memory':>10}{'log':>10}{'archive':>10}{'kB an ASC':>11}{'loaded':>9}{'1st dial':>9}"


@click.command()
@click.option("--share", type=click.IntRange(1, 500), default=1, help="10: a tenth of the country.")
@click.option("--days", type=click.IntRange(40, DAYS), default=DAYS, help="Fewer than a year.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="A store that bench.year filled; it is archived."
)
def main(*, share: int, days: int, data: Path | None) -> None:
    """A year of 5,123 ASC on disk: bytes, and seconds to the first dial, before and after archiving."""
    with _filled(data, habits.ASC // share, days) as folder:
        for line in lines(folder):
            click.echo(line)


@contextmanager
def _filled(data: Path | None, number: int, days: int) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with TemporaryDirectory(prefix="kunnafoni-") as name:
        asyncio.run(fill(Path(name) / "data", number, 2026, lambda told: click.echo(told, err=True), days))
        yield Path(name) / "data"


def lines(data: Path) -> Iterator[str]:
    """One state after the other, the same store."""
    asc, rows = asyncio.run(_in(data, _counted))
    yield f"{asc:,} ASC, {rows:,} rows"
    yield HEAD
    states: tuple[tuple[str, Callable[[House], Awaitable[Any]]], ...] = (
        ("a year", _nothing),
        ("its log as commands, the slowest", size.as_commands),
        ("archived after 6 months", lambda house: size.archived(house, 6)),
        ("archived all but a month", lambda house: size.archived(house, 1)),
    )
    for name, does in states:
        weight = asyncio.run(_in(data, _then_weighed(does)))
        yield _row(name, weight, size.returned(data), asc)
    yield from _made_of(asyncio.run(_in(data, size.kinds)), asc)
    if rows < ROWS:
        yield f"a country's year has {ROWS / rows:.0f} times the rows: so do bytes, and seconds of loading"


def _made_of(kinds: Counter[str], asc: int) -> Iterator[str]:
    """Of the last state: what stands in memory, and what of it a year leaves for good."""
    made = " · ".join(f"{kind} {weight / asc / 1000:.1f}" for kind, weight in kinds.most_common(8))
    yield f"kB an ASC by kind: {made}"
    left = sum(kinds[kind] for kind in FOR_GOOD) / asc / 1000
    rest = (kinds.total() - kinds["ledger"]) / asc / 1000
    yield f"kB an ASC that a year leaves for good: {left:.1f}; all that stands but the ledger: {rest:.1f}"


async def _in(data: Path, does: Callable[[House], Awaitable[Any]]) -> Any:
    async with open_house(settings_of(data), ended_at) as house:
        return await does(house)


async def _nothing(_: House) -> None: ...


def _then_weighed(does: Callable[[House], Awaitable[Any]]) -> Callable[[House], Awaitable[Weight]]:
    async def both(house: House) -> Weight:
        if does is size.as_commands:  # weighed before: what is weighed is written anew
            weight = await size.weighed(house)
            await does(house)
            return weight
        await does(house)
        return await size.weighed(house)

    return both


async def _counted(house: House) -> tuple[int, int]:
    asc = [one async for one in house.contacts.contacts() if one.role == "asc"]
    rows = len([row async for row in house.ledger.read()])
    return len(asc), rows


def _row(name: str, weight: Weight, back: Return, asc: int) -> str:
    mega = [f"{part / 1e6:7.1f} MB" for part in (weight.memory, weight.log, weight.files)]
    return (
        f"{name:34}{''.join(mega)}{weight.memory / asc / 1000:11.1f}{back.loaded:8.2f}s{back.dialled:8.2f}s"
    )


if __name__ == "__main__":
    main()
