"""`python -m bench.year --data FOLDER`: fills an empty store with a year of a country, and says how long it took."""

import asyncio
from pathlib import Path
from time import monotonic

import click

from bench.country import habits
from bench.year.filling import DAYS, FIRST, LAST, fill


@click.command()
@click.option(
    "--data", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where the store is left."
)
@click.option("--share", type=click.IntRange(1, 500), default=1, help="10: a tenth of the country.")
@click.option("--days", type=click.IntRange(1, DAYS), default=DAYS, help="Fewer than a year.")
@click.option("--seed", default=2026, show_default=True, help="Another country of the same kind.")
def main(*, data: Path, share: int, days: int, seed: int) -> None:
    """A year of 5,123 ASC, 1.3 million check-ins and 2.6 million rows of stock: open it with `kunnafoni run --data`."""
    began = monotonic()
    filled = asyncio.run(fill(data, habits.ASC // share, seed, lambda told: click.echo(told, err=True), days))
    rows = " · ".join(f"{number:,} {kind}" for kind, number in filled.rows.most_common())
    click.echo(f"{filled.asc:,} ASC, {days} days, {FIRST} to {LAST}: {rows}; {filled.rows.total():,} rows")
    click.echo(f"in {monotonic() - began:.0f} s, under {data}")


if __name__ == "__main__":
    main()
