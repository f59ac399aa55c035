"""`python -m bench.beside`: what people at the console cost the phones: p99 of a step without them and with them."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from itertools import chain
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import click
from aiohttp import ClientSession
from msgspec import Struct, json
from yarl import URL

from bench import calls, servers
from bench.console import FILTERED, NAME, PASSWORD, addresses, browser, signed_in
from bench.house import House
from bench.phones import Outcome, Plan
from bench.processes import ROOT, children_of, confined, cores, move
from bench.servers import Served

FIRST, A_SECOND = 75_000_000, 900
"""The first number that calls, and how many may in a second: each calls once."""
THINKS = (2.0, 5.0)
"""Seconds somebody reads a page before she opens the next one."""


class Round(Struct, frozen=True):
    """The phones alone, then with the console used beside them: one after the other, so that noise is both's."""

    alone: Outcome
    beside: Outcome
    pages: Sequence[float]
    """What each page took, in ms."""

    @property
    def ratio(self) -> float:
        return self.beside.waits[2] / self.alone.waits[2]


class Load(Struct, frozen=True):
    rounds: int
    seconds: float
    people: int
    phones: int

    @property
    def most(self) -> int:
        """Calls in half a round."""
        return round(A_SECOND * self.seconds)


def prepare(folder: Path, said: Sequence[calls.Call], load: Load) -> None:
    """Adds to the store in `folder/data` who calls, and who uses the console."""
    House(folder).import_roster(_roster(said, 2 * (load.rounds + 1) * load.most))
    asked = ["passwd", NAME] if NAME in _users(folder, "list").split() else ["add", NAME, "--role", "admin"]
    _users(folder, *asked)


def _users(folder: Path, *words: str) -> str:
    """`kunnafoni users` with these words; what it prints."""
    command = [sys.executable, "-m", "bot", "users", *words, "--data", str(folder / "data")]
    environ = {**os.environ, "KUNNAFONI_PASSWORD": PASSWORD}
    return subprocess.run(
        command, env=environ, check=True, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout


async def measure(folder: Path, said: Sequence[calls.Call], load: Load) -> list[Round]:
    """The first round warms everything up, and is not among those returned."""
    scripts = tuple(call.script for call in said)
    with ExitStack() as stack:
        us = stack.enter_context(servers.kunnafoni(folder, *cores()))
        stack.enter_context(confined(cores()[1]))
        plans = (
            Plan(us.port, scripts, FIRST + turn * load.most, load.most, load.seconds, load.phones)
            for turn in range(2 * (load.rounds + 1))
        )
        found = [await _round(next(plans), next(plans), us, load.people) for _ in range(load.rounds + 1)]
    return found[1:]


def _roster(said: Sequence[calls.Call], most: int) -> Iterator[str]:
    yield calls.COLUMNS
    yield from calls.roster(FIRST, said, most)


async def _round(alone: Plan, beside: Plan, us: Served, people: int) -> Round:
    before = await _called(alone)
    async with _used(us, people) as pages:
        return Round(before, await _called(beside), pages)


async def _called(plan: Plan) -> Outcome:
    """One crowd, in a process of its own."""
    crowd = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.phones",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    told, _ = await crowd.communicate(json.encode(plan))
    return json.decode(told, type=Outcome)


@asynccontextmanager
async def _used(us: Served, people: int) -> AsyncIterator[list[float]]:
    """The console, by so many, each with a page open already; what their pages take."""
    took: list[float] = []
    async with browser(f"http://127.0.0.1:{us.port}") as client:
        await signed_in(client)
        # It is started by the gateway, and need not stay on its core.
        here = chain.from_iterable(map(children_of, us.gateways))
        move([pid for pid in here if pid not in us.stores], {*chain(*cores())})
        paths = [*await addresses(client), *FILTERED]
        using = [asyncio.create_task(_uses(client, paths, Random(one), took)) for one in range(people)]
        yield took
        for one in using:
            one.cancel()
        for ended in await asyncio.gather(*using, return_exceptions=True):
            if isinstance(ended, BaseException) and not isinstance(ended, asyncio.CancelledError):
                raise ended


async def _uses(client: ClientSession, paths: Sequence[str], random: Random, took: list[float]) -> None:
    await asyncio.sleep(random.uniform(0, THINKS[0]))
    while True:
        began = perf_counter()
        async with client.get(URL(f"/admin{random.choice(paths)}", encoded=True)) as answer:
            await answer.read()
            answer.raise_for_status()
        took.append(1000 * (perf_counter() - began))
        await asyncio.sleep(random.uniform(*THINKS))


def lines(found: Sequence[Round]) -> Iterator[str]:
    yield "round  alone p50      p99  beside p50      p99  ratio  pages  slowest"
    for number, one in enumerate(found, 1):
        (a50, _, a99), (b50, _, b99) = one.alone.waits, one.beside.waits
        slowest = max(one.pages, default=0.0)
        yield (
            f"{number:5} {a50:7.1f} ms {a99:5.1f} ms {b50:8.1f} ms {b99:5.1f} ms {one.ratio:6.2f}"
            f" {len(one.pages):6} {slowest:5.0f} ms"
        )
    rates = [
        median(side.rate for side in sides)
        for sides in zip(*((o.alone, o.beside) for o in found), strict=True)
    ]
    yield f"steps a second: {rates[0]:,.0f} alone, {rates[1]:,.0f} beside"
    ratio = median(one.ratio for one in found)
    yield f"p99 beside people at the console by p99 alone, the median of the rounds: {ratio:.2f} (wanted: < 1.20)"
    yield from (f"WRONG {wrong}" for one in found for wrong in (*one.alone.wrong, *one.beside.wrong)[:5])


@click.command()
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A store that `python -m bench.year` has filled, which is copied; otherwise the store is empty.",
)
@click.option("--rounds", default=8, show_default=True)
@click.option("--seconds", default=10.0, show_default=True, help="Of each half of a round.")
@click.option("--people", default=10, show_default=True)
@click.option("--phones", default=32, show_default=True, help="That call at once, one call after another.")
def main(*, data: Path | None, rounds: int, seconds: float, people: int, phones: int) -> None:
    """Stock reports under load, without and with people who click through every page of the console."""
    with TemporaryDirectory(prefix="kunnafoni-") as name:
        folder = Path(name)
        if data:
            shutil.copytree(data, folder / "data", ignore=shutil.ignore_patterns("*.sock", "*.lock", "*.pid"))
        load, said = Load(rounds, seconds, people, phones), calls.stock_calls(ROOT, calls.ONE)
        prepare(folder, said, load)
        for line in lines(asyncio.run(measure(folder, said, load))):
            click.echo(line)


if __name__ == "__main__":
    main()
