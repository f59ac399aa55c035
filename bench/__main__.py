"""`python -m bench`: everything in one run and one table, on the loopback, on servers of its own."""

import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench import due, load, sending, start, store_size, table


@click.command()
@click.option("--quick", is_flag=True, help="Under a minute instead of under 9; the figures are rougher.")
def main(*, quick: bool) -> None:
    """Measure steps a second, the first dial and bytes a report; SMS a second; exit 1 when any was not right."""
    rounds, seconds, starts, asc = (2, 0.6, 1, 4) if quick else (5, 2.5, 5, 40)
    reminders, paced, pace = (5_000, 500, 100.0) if quick else (100_000, 6_000, 100.0)
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
        click.echo("sending ...", err=True)
        sent = sending.measure(folder, reminders, paced, pace)
    for line in chain(table.lines(loaded, first_dial, sizes, asc), due.lines(reminded), sending.lines(*sent)):
        click.echo(line)
    sys.exit(0 if table.right(loaded) and sending.right(*sent) else 1)


if __name__ == "__main__":
    main()
