"""`kunnafoni contacts move | merge | alike`: a new number, or two rows of the roster that are one person."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.cli_person import Number
from bot.options import finish, settings_of, with_settings

if TYPE_CHECKING:
    from collections.abc import Coroutine


@click.command("move")
@click.argument("old", type=Number())
@click.argument("new", type=Number())
@with_settings
def move(old: str, new: str, config: Path | None, data: Path | None) -> None:
    """She has a new number: all that is hers goes on under NEW. Stopped in the middle, the same again finishes it."""
    from bot.moving import move as do

    _possible(do(settings_of(config, data), old, new))
    click.echo(f"{old} is now {new}", err=True)


@click.command("merge")
@click.argument("gone", type=Number())
@click.argument("kept", type=Number())
@with_settings
def merge(gone: str, kept: str, config: Path | None, data: Path | None) -> None:
    """Two rows of the roster are one person: the number KEPT stays, with what the roster says of it."""
    from bot.moving import merge as do

    _possible(do(settings_of(config, data), gone, kept))
    click.echo(f"{gone} is now {kept}", err=True)


@click.command("alike")
@with_settings
def alike(config: Path | None, data: Path | None) -> None:
    """Rows that may be one person, a pair a line: same name and unit, or same external_id. Changes nothing."""
    from bot.moving import pairs

    for pair in finish(pairs(settings_of(config, data))):
        one, other = pair.one, pair.other
        click.echo(
            f"{one.msisdn} {one.name}, {one.org_unit} = {other.msisdn} {other.name}, {other.org_unit}: {pair.why}"
        )


def _possible(main: "Coroutine[Any, Any, Any]") -> None:
    from bot.services.moving import CannotMove

    try:
        finish(main)
    except CannotMove as why:
        sys.exit(str(why))
