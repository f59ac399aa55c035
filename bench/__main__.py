"""`python -m bench`: everything in one run and one table, on the loopback, on servers of its own."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench import due, load, start, store_size, table


@click.command()
@click.option(
    "--quick", is_flag=True, help="Under 40 seconds instead of under 4 minutes; the figures are rougher."
)
def main(*, quick: bool) -> None:
    """Measure steps a second, the first dial and bytes a report; exit 1 when a report or a screen was not right."""
    rounds, seconds, starts, asc = (2, 0.6, 1, 4) if quick else (5, 2.5, 5, 40)
    with TemporaryDirectory(prefix="kunnafoni-") as name:
        folder = Path(name)
        click.echo("calling ...", err=True)
        loaded = load.measure(folder, rounds, seconds)
        click.echo("starting ...", err=True)
        first_dial = start.measure(folder, starts)
        click.echo("weighing a year ...", err=True)
        sizes = store_size.measure(folder, asc)
        click.echo("asking who is due ...", err=True)
        reminded = due.measure(folder, 5_000 if quick else 100_000)
    for line in table.lines(loaded, first_dial, sizes, asc):
        click.echo(line)
    for line in due.lines(reminded):
        click.echo(line)
    sys.exit(0 if table.right(loaded) else 1)


if __name__ == "__main__":
    main()
