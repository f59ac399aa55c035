"""`python -m bench.kills`: gateway, worker and store killed at random moments; exit 1 when anything is wrong."""

import asyncio
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.kills.run import Plan, survived, table

PLAN = Plan()


@click.command()
@click.option("--kills", default=PLAN.kills, help="SIGKILLs.")
@click.option("--numbers", default=PLAN.numbers, help="Phones.")
@click.option("--at-once", default=PLAN.at_once, help="Phones that talk at the same time.")
@click.option("--seed", default=PLAN.seed, help="Another one, another order of victims.")
@click.option(
    "--minutes", default=PLAN.minutes, help="The most it may take; fewer kills than asked is a failure."
)
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Of the store and the logs, which are kept then."
)
def main(kills: int, numbers: int, at_once: int, seed: int, minutes: float, folder: Path | None) -> None:
    """Kill gateway, worker and store at random moments, then count what was lost, doubled or sent twice."""
    with TemporaryDirectory(prefix="kills-") as name:
        where = folder or Path(name)
        where.mkdir(parents=True, exist_ok=True)
        found = asyncio.run(survived(where, Plan(kills, numbers, at_once, seed, minutes), say=_said))
    for line in table(found):
        click.echo(line)
    sys.exit(1 if found.wrong else 0)


def _said(killed: int, kept: int) -> None:
    """How far it is, on a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r{killed} kills, {kept:,} reports acknowledged", nl=False, err=True)


if __name__ == "__main__":
    main()
