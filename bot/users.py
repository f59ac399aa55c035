"""`kunnafoni users`: accounts of the console, for who has a shell on the machine."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.accounts import RANKS, SCOPES
from bot.options import finish, settings_of, with_settings

if TYPE_CHECKING:
    from bot.accounts import Rank

PASSWORD = "KUNNAFONI_PASSWORD"  # noqa: S105 - the name of a variable


@click.group()
def users() -> None:
    """Accounts of the console."""


@users.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(RANKS), required=True, help="What she may do.")
@click.option("--area", default="", help="Code of an org unit she sees; all of them by default.")
@with_settings
def users_add(name: str, role: "Rank", area: str, config: Path | None, data: Path | None) -> None:
    """A new account; its password from KUNNAFONI_PASSWORD, or asked for."""
    from bot.serve_users import add_user

    _or_reason(finish(add_user(settings_of(config, data), name, role, area, _password())))


@users.command("list")
@with_settings
def users_list(config: Path | None, data: Path | None) -> None:
    """One account a line: name, role, area, state, by tabs."""
    from bot.serve_users import list_users

    for line in finish(list_users(settings_of(config, data))):
        click.echo(line)


@users.command("passwd")
@click.argument("name")
@with_settings
def users_passwd(name: str, config: Path | None, data: Path | None) -> None:
    """A new password; every browser of that account is signed out."""
    from bot.serve_users import set_password

    _or_reason(finish(set_password(settings_of(config, data), name, _password())))


@users.command("token")
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True)
@click.option("--area", default="", help="Code of an org unit it reads; all of them by default.")
@with_settings
def users_token(
    name: str, scopes: tuple[str, ...], area: str, config: Path | None, data: Path | None
) -> None:
    """A token for another system, NAME, to read `/api/v1`: printed this once."""
    from bot.serve_users import add_token

    text, reason = finish(add_token(settings_of(config, data), name, scopes, area))
    _or_reason(reason)
    click.echo(text)


@users.command("tokens")
@with_settings
def users_tokens(config: Path | None, data: Path | None) -> None:
    """One token a line: id, name, scopes, area, state, by tabs."""
    from bot.serve_users import list_tokens

    for line in finish(list_tokens(settings_of(config, data))):
        click.echo(line)


@users.command("revoke")
@click.argument("token")
@with_settings
def users_revoke(token: str, config: Path | None, data: Path | None) -> None:
    """Takes back the token of that id, at once and for good."""
    from bot.serve_users import revoke_token

    _or_reason(finish(revoke_token(settings_of(config, data), token)))


def _password() -> str:
    given = os.environ.get(PASSWORD)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise click.UsageError(f"{PASSWORD} is not set, and there is no terminal to ask at")
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))


def _or_reason(reason: str) -> None:
    if reason:
        click.echo(reason)
        sys.exit(1)
