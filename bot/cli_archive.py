"""`kunnafoni archive`: old months to files, now instead of when the worker comes to it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.options import Moment, finish, settings_of, with_settings

if TYPE_CHECKING:
    from bot.services.archiving import Moved


@click.command()
@click.option("--before", type=Moment(), help="Every month that was over then; else as config.toml says.")
@click.option("--now", type=Moment(), help="Another moment than now.")
@with_settings
def archive(before: int | None, now: int | None, config: Path | None, data: Path | None) -> None:
    """Moves old months out of the store into compressed files, which everything still reads."""
    from bot.copying import archive as move

    if before is not None and now is not None:
        raise click.UsageError("--before or --now, not both")
    finish(move(settings_of(config, data), before, now, _say))


def _say(moved: "Moved") -> None:
    click.echo(f"{moved.file}: {moved.many:,} entries moved, {moved.size / 1e6:.1f} MB")
