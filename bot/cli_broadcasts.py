"""The commands about broadcasts: one counts, prices and sends, the other tells what became of them."""

import sys
from getpass import getuser
from pathlib import Path

import click

from bot.options import Moment, finish, settings_of, with_settings


@click.command()
@click.option("--fr", required=True, help="What it says. {name} and {unit} are the reader's.")
@click.option("--bm", default="", help="The same in Bambara; without it all read French.")
@click.option("--role", "roles", multiple=True, help="Everybody of this role; may be said again.")
@click.option("--unit", default="", help="Everybody of this place: a code, or a path such as ML/SEG.")
@click.option(
    "--list",
    "file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Numbers, one a line.",
)
@click.option("--who-has-not", default="", help="checkin, stock, payment, training:ID or quiz:ID.")
@click.option("--ask", default="", help='What may be answered: "Oui,Non".')
@click.option("--ask-bm", default="", help="The same in Bambara.")
@click.option("--urgent", is_flag=True, help="Waits for no quiet hours, no cap and no budget.")
@click.option("--send", is_flag=True, help="Without it nothing is sent.")
@click.option("--by", default="", help="Who sends it; you by default.")
@click.option("--now", type=Moment(), help="Another moment than now.")
@with_settings
def broadcast(
    fr: str,
    bm: str,
    roles: tuple[str, ...],
    unit: str,
    file: Path | None,
    who_has_not: str,
    ask: str,
    ask_bm: str,
    urgent: bool,
    send: bool,
    by: str,
    now: int | None,
    config: Path | None,
    data: Path | None,
) -> None:
    """One message to many. Prints who would get it and what it costs; sends it with --send."""
    from bot import broadcasting
    from bot.services.audience import Audience, AudienceError

    settings = settings_of(config, data)
    texts = {"fr": fr} | ({"bm": bm} if bm else {})
    choices = {language: _choices(said) for language, said in (("fr", ask), ("bm", ask_bm)) if said}
    try:
        whom = Audience(roles, unit.strip("/"), _numbers(file), who_has_not)
        plan, id_ = finish(
            broadcasting.broadcast(
                settings, now, whom, texts, choices, urgent=urgent, send=send, by=by or _me()
            )
        )
    except AudienceError as error:
        sys.exit(_said(error.problems))
    for line in broadcasting.told(plan, settings):
        click.echo(line)
    click.echo(f"sent as {id_}" if id_ else "nothing is sent: --send sends it")


def _said(problems: tuple[str, ...]) -> int:
    """Prints each problem; the exit code of wrong input."""
    for problem in problems:
        click.echo(problem)
    return 1


def _me() -> str:
    """Who is at the terminal; a process in a container may be nobody."""
    try:
        return getuser()
    except (KeyError, OSError):
        return ""


def _choices(said: str) -> tuple[str, ...]:
    return tuple(choice.strip() for choice in said.split(","))


def _numbers(file: Path | None) -> tuple[str, ...]:
    from bot.services.audience import numbers_in

    return numbers_in(file.read_text("utf-8-sig"), str(file)) if file else ()


@click.command()
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="jsonl", show_default=True)
@with_settings
def broadcasts(form: str, config: Path | None, data: Path | None) -> None:
    """What was sent to many, when, by whom, and what became of it; answers are counted by choice."""
    from bot.broadcasting import export_broadcasts

    finish(export_broadcasts(settings_of(config, data), form))
