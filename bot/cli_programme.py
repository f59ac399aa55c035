"""The commands about the programme's calendar: what is due, and its trainings."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.options import Moment, finish, settings_of, with_settings
from bot.people import ROLES

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from bot.flow.definition import Problem
    from bot.services.changes import Report

SHEET = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--now", type=Moment(), help="Another moment than now.")
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "jsonl"]), default="text", show_default=True
)
@with_settings
def due(now: int | None, form: str, config: Path | None, data: Path | None) -> None:
    """What the calendar would send at that moment, and does not send."""
    from bot.planning import due as rehearse

    finish(rehearse(settings_of(config, data), now, form))


@click.group()
def trainings() -> None:
    """Sessions, who is invited, and who came."""


@trainings.command("import")
@click.argument("file", type=SHEET)
@with_settings
def trainings_import(file: Path, config: Path | None, data: Path | None) -> None:
    """Takes sessions: id,topic,place,begins,ends,quiz,state. Who is invited is told when one moves or is cancelled."""
    from bot.planning import import_sessions

    _say_taken(_known(import_sessions(settings_of(config, data), file)))


@trainings.command("export")
@with_settings
def trainings_export(config: Path | None, data: Path | None) -> None:
    """The sessions as CSV."""
    from bot.planning import export_sessions

    click.echo(_known(export_sessions(settings_of(config, data))), nl=False)


@trainings.command("invite")
@click.argument("name", metavar="ID")
@click.option("--unit", "units", multiple=True, help="Of this unit and below it: its code or path.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), help="Of this role.")
@click.option("--list", "file", type=SHEET, help="Those of this list: a CSV with the column msisdn.")
@with_settings
def trainings_invite(
    name: str,
    units: tuple[str, ...],
    roles: tuple[str, ...],
    file: Path | None,
    config: Path | None,
    data: Path | None,
) -> None:
    """Invites people of the roster, each once: by SMS, and in the menu of who dials."""
    from bot.planning import invite

    if not (units or roles or file):
        raise click.UsageError("say who: --unit, --role or --list")
    invited, problems = _known(invite(settings_of(config, data), name, units, roles, file))
    _say(problems)
    click.echo(f"{invited.new} invited, {invited.already} were already", err=True)
    sys.exit(1 if problems else 0)


@trainings.command("list")
@click.argument("name", metavar="ID")
@with_settings
def trainings_list(name: str, config: Path | None, data: Path | None) -> None:
    """The trainer's list as CSV: who is invited, her answer, whether she came, her score."""
    from bot.planning import listed

    click.echo(_known(listed(settings_of(config, data), name)), nl=False)


@trainings.command("attendance")
@click.argument("name", metavar="ID")
@click.argument("file", type=SHEET)
@with_settings
def trainings_attendance(name: str, file: Path, config: Path | None, data: Path | None) -> None:
    """Takes the trainer's list back with its column `attended` filled in: oui or non."""
    from bot.planning import attend

    _say_taken(_known(attend(settings_of(config, data), name, file)))


def _known(main: "Coroutine[Any, Any, Any]") -> "Any":
    from bot.planning import Unknown

    try:
        return finish(main)
    except Unknown as unknown:
        sys.exit(str(unknown))


def _say(problems: "list[Problem]") -> None:
    for problem in problems:
        click.echo(str(problem))


def _say_taken(report: "Report") -> None:
    _say(report.problems)
    click.echo(f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged", err=True)
    sys.exit(1 if any(problem.level == "error" for problem in report.problems) else 0)
