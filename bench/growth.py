"""`python -m bench.growth`: how cost grows with contacts and with rows; what is too large for here is extrapolated."""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from msgspec import Struct

from bench.year import size
from bench.year.filling import ended_at, fill, settings_of
from bench.year.size import Cost, Return, Weight
from bot.app import open_house

ROWS_OF_A_YEAR = 786
"""Of one ASC: 254 check-ins, 52 times ten products, twelve answers about pay."""
HEAD = (
    f"{'contacts':>10}{'rows':>13}{'memory':>12}{'log':>12}{'loaded':>9}{'1st dial':>10}"
    f"{'gateway':>11}{'store':>11}   (µs of a processor for one report kept)"
)
CALLERS = 2_000


class Sized(Struct, frozen=True):
    contacts: int
    rows: int
    weight: Weight
    back: Return
    cost: Cost


class Sizes(click.ParamType[tuple[int, ...]]):
    name = "sizes"

    def convert(self, value: object, _: click.Parameter | None, __: click.Context | None) -> tuple[int, ...]:
        return tuple(map(int, str(value).split(",")))


@click.command()
@click.option("--contacts", type=Sizes(), default="1000,10000,100000", show_default=True)
@click.option(
    "--rows", type=Sizes(), default="100000,1000000", show_default=True, help="10000000: an hour more."
)
@click.option("--to-contacts", default=1_000_000, show_default=True, help="Up to where it is extrapolated.")
@click.option("--to-rows", default=100_000_000, show_default=True)
def main(*, contacts: Sequence[int], rows: Sequence[int], to_contacts: int, to_rows: int) -> None:
    """Bytes, seconds to come back and processor time, of larger and larger stores."""
    click.echo(HEAD)
    for line in by_size([(number, 0) for number in contacts], (to_contacts, 0)):
        click.echo(line)
    asked = [(max(1, number // ROWS_OF_A_YEAR), 365) for number in rows]
    for line in by_size(asked, (0, to_rows)):
        click.echo(line)


def by_size(asked: Iterable[tuple[int, int]], most: tuple[int, int]) -> Iterator[str]:
    """A line for each so many ASC and days; then those between the largest and the most there could be."""
    found: list[Sized] = []
    for number, days in asked:
        with TemporaryDirectory(prefix="kunnafoni-") as name:
            found.append(measured(Path(name) / "data", number, days))
        yield _line(found[-1])
    yield from map(_line_beyond, beyond(found, *most))


def measured(data: Path, number: int, days: int, callers: int = CALLERS, times: int = size.TIMES) -> Sized:
    filled = asyncio.run(fill(data, number, 2026, lambda _: None, days))
    weight = asyncio.run(_weight(data))
    back = size.returned(data, times)
    return Sized(number, filled.rows.total(), weight, back, size.cost(data, callers))


async def _weight(data: Path) -> Weight:
    async with open_house(settings_of(data), ended_at) as house:
        return await size.weighed(house)


def beyond(found: Sequence[Sized], contacts: int, rows: int) -> Iterator[Sized]:
    """Ten times as many, and again: bytes and seconds on the line through the two largest, processor time as it was."""
    if len(found) < 2:
        return
    before, last = found[-2:]
    wide = last.rows or last.contacts
    step = wide - (before.rows or before.contacts)
    for_all = rows if last.rows else contacts
    while wide * 9 < for_all:  # a year's rows are never a round number
        wide *= 10
        far = (wide - (last.rows or last.contacts)) / step

        def line(less: float, more: float, far: float = far) -> float:
            return more + (more - less) * far

        yield Sized(
            last.contacts if last.rows else wide,
            wide if last.rows else 0,
            Weight(
                int(line(before.weight.memory, last.weight.memory)),
                int(line(before.weight.log, last.weight.log)),
                0,
            ),
            _return(line(before.back.loaded, last.back.loaded), last.back),
            last.cost,
        )


def _return(loaded: float, last: Return) -> Return:
    """What a gateway does besides waiting for the store takes as long whatever is in it."""
    return Return(loaded, last.dialled + loaded - last.loaded)


def _line_beyond(one: Sized) -> str:
    who = f"{'' if one.rows else format(one.contacts, ','):>10}{one.rows:13,}"
    return f"{who}{_bytes_and_seconds(one)}{'':22}   extrapolated"


def _line(one: Sized) -> str:
    micros = f"{one.cost.gateway:9.0f}µs{one.cost.store:9.0f}µs"
    return f"{one.contacts:10,}{one.rows:13,}{_bytes_and_seconds(one)}{micros}"


def _bytes_and_seconds(one: Sized) -> str:
    bytes_ = f"{one.weight.memory / 1e6:9.1f} MB{one.weight.log / 1e6:9.1f} MB"
    return f"{bytes_}{one.back.loaded:8.2f}s{one.back.dialled:9.2f}s"


if __name__ == "__main__":
    main()
