"""The command `kunnafoni`. Exit codes: 0 done, 1 the input has errors (one a line), 2 wrong usage."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot import cli_moves, cli_programme
from bot.cli_archive import archive
from bot.cli_broadcasts import broadcast, broadcasts
from bot.cli_person import person
from bot.flow.definition import KINDS
from bot.options import Moment, finish, plainly, say_progress, settings_of, with_address, with_settings
from bot.users import users

if TYPE_CHECKING:
    from bot.services.changes import Report


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kunnafoni")
def main() -> None:
    """Kunnafoni: the line that community health workers dial."""


main.add_command(cli_programme.due)
main.add_command(cli_programme.trainings)
main.add_command(archive)


@main.command()
@with_settings
@with_address
def run(
    config: Path | None, data: Path | None, host: str | None, port: int | None, demo: bool | None
) -> None:
    """Gateway, worker and console, and the store when no URL is configured."""
    from bot.serve import serve

    settings = settings_of(config, data, host=host, port=port)
    finish(serve(settings, ("gateway", "worker"), demo=demo, config=config))


@main.command()
@with_settings
@with_address
def gateway(
    config: Path | None, data: Path | None, host: str | None, port: int | None, demo: bool | None
) -> None:
    """The gateway on its own; several may listen on one port."""
    from bot.serve import serve

    finish(serve(settings_of(config, data, host=host, port=port), ("gateway",), demo=demo, config=config))


@main.command(hidden=True)
@click.argument("socket", type=click.Path(path_type=Path))
@with_settings
@click.option("--simulator", is_flag=True, help="Open the phone to try it with.")
def console(socket: Path, config: Path | None, data: Path | None, simulator: bool) -> None:
    """The console on a socket: a gateway starts it beside itself when somebody asks for it."""
    from bot.serve import serve_console

    finish(serve_console(settings_of(config, data), socket, simulator=simulator))


@main.command()
@with_settings
@click.option("--once", is_flag=True, help="Do what is due and end.")
@click.option("--now", type=Moment(), help="Another moment than now.")
def worker(config: Path | None, data: Path | None, once: bool, now: int | None) -> None:
    """The worker on its own; any number of them share the work."""
    from bot.serve import serve, work_once

    settings = settings_of(config, data)
    if now is not None and not once:
        raise click.UsageError("--now goes with --once")
    finish(work_once(settings, now) if once else serve(settings, ("worker",), demo=False))


@main.command()
@click.option("--from", "msisdn", default="+22370000001", show_default=True, help="Whose phone it is.")
@click.option("--sms", is_flag=True, help="Write SMS instead of dialling.")
@click.option("--url", default="http://127.0.0.1:8080", show_default=True)
@click.option("--key", help="Callback key; the settings' own by default.")
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def phone(msisdn: str, sms: bool, url: str, key: str | None, config: Path | None) -> None:
    """A phone in the terminal."""
    from bot.phone import run as call
    from bot.serve import callback_key

    sys.exit(call(url, msisdn, key or callback_key(settings_of(config, None)), sms=sms))


@main.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--config", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def check(paths: tuple[Path, ...], config: Path | None) -> None:
    """Flows, words and settings: one `file:line: problem` a line."""
    from bot.checking import problems

    found = problems(paths, config, os.environ)
    for problem in found:
        click.echo(str(problem))
    errors = sum(problem.level == "error" for problem in found)
    click.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    sys.exit(1 if errors else 0)


@main.command()
@click.argument("name")
@click.option("--lang", default="fr", show_default=True)
def show(name: str, lang: str) -> None:
    """A flow as a script, with septets and screens."""
    from bot.checking import release
    from bot.flow.script import script

    with plainly():
        made = release()
    if name not in made.flows or lang not in made.words.languages:
        flows, languages = ", ".join(made.flows), ", ".join(made.words.languages)
        raise click.UsageError(f"flows: {flows}; languages: {languages}")
    for line in script(made, made.flows[name], lang):
        click.echo(line)


@main.command()
def schema() -> None:
    """The JSON Schema of a flow file, for editors."""
    from bot.flow.schema import schema_text

    click.echo(schema_text(), nl=False)


@main.command()
def translations() -> None:
    """Brings every locales/*.po up to date with the flows, by key; prints what is missing and what needs review."""
    from bot.checking import bring_up_to_date

    with plainly():
        for line in bring_up_to_date(Path()):
            click.echo(line)


@main.group()
def contacts() -> None:
    """The roster."""


contacts.add_command(cli_moves.move)
contacts.add_command(cli_moves.merge)
contacts.add_command(cli_moves.alike)


@contacts.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_settings
def contacts_import(file: Path, config: Path | None, data: Path | None) -> None:
    """Takes a roster; org_units.csv beside it is taken first. Refused rows are named, the others kept."""
    from bot.serve import import_people

    _say_taken(finish(import_people(settings_of(config, data), file)))


def _say_taken(reports: "list[Report]") -> None:
    problems = [problem for report in reports for problem in report.problems]
    for problem in problems:
        click.echo(str(problem))
    for report in reports:
        click.echo(f"{report.added} added, {report.changed} changed, {report.unchanged} unchanged", err=True)
    sys.exit(1 if any(problem.level == "error" for problem in problems) else 0)


@contacts.command("export")
@with_settings
def contacts_export(config: Path | None, data: Path | None) -> None:
    """The roster as CSV."""
    from bot.serve import export_people

    click.echo(finish(export_people(settings_of(config, data))), nl=False)


@main.group()
def reports() -> None:
    """What contacts said."""


@reports.command("export")
@click.option("--since", type=Moment(), default="1970-01-01", help="From then on.")
@click.option("--until", type=Moment(), help="Up to then.")
@click.option("--kind", type=click.Choice(["", *KINDS]), default="", help="Only this kind of report.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="jsonl", show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file instead of standard output."
)
@with_settings
def reports_export(
    since: int,
    until: int | None,
    kind: str,
    form: str,
    output: Path | None,
    config: Path | None,
    data: Path | None,
) -> None:
    """The ledger, oldest first."""
    from bot.serve import export_reports

    if output and not output.parent.is_dir():
        raise click.UsageError(f"there is no folder {output.parent} to write {output.name} in")
    finish(export_reports(settings_of(config, data), since, until, kind, form, output))


@main.group()
def outbox() -> None:
    """Outgoing messages."""


@outbox.command("export")
@click.option("--since", type=Moment(), default="1970-01-01", help="From then on.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="jsonl", show_default=True)
@with_settings
def outbox_export(since: int, form: str, config: Path | None, data: Path | None) -> None:
    """Every message with its state, segments and cost."""
    from bot.serve import export_outbox

    finish(export_outbox(settings_of(config, data), since, form))


@main.group()
def alerts() -> None:
    """What supervisors were told of, and what became of it."""


@alerts.command("export")
@click.option("--since", type=Moment(), default="1970-01-01", help="Opened from then on.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="jsonl", show_default=True)
@with_settings
def alerts_export(since: int, form: str, config: Path | None, data: Path | None) -> None:
    """Every alert with its state, who holds it, and when it was opened, acknowledged and resolved."""
    from bot.serve import export_alerts

    finish(export_alerts(settings_of(config, data), since, form))


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_settings
def backup(file: Path, config: Path | None, data: Path | None) -> None:
    """The whole store to one file, while it is being used."""
    from bot.copying import backup as copy

    if not file.parent.is_dir():
        raise click.UsageError(f"there is no folder {file.parent} to write {file.name} in")
    keys = finish(copy(settings_of(config, data), file, say_progress))
    click.echo(f"{keys} keys in {file}", err=True)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_settings
def restore(file: Path, config: Path | None, data: Path | None) -> None:
    """A backup into an empty store, of whatever kind."""
    from bot.copying import restore as fill

    keys = finish(fill(settings_of(config, data), file, say_progress))
    click.echo(f"{keys} keys restored", err=True)


@main.command()
@with_settings
def rebuild(config: Path | None, data: Path | None) -> None:
    """Tells the ledger again and compares what follows from it with what is kept; exit 1 on a difference."""
    from bot.serve import rebuild as again

    _say_differences(finish(again(settings_of(config, data))))


def _say_differences(differences: list[str]) -> None:
    for difference in differences:
        click.echo(difference)
    click.echo(f"{len(differences)} differences", err=True)
    sys.exit(1 if differences else 0)


main.add_command(users)
main.add_command(person)
main.add_command(broadcast)
main.add_command(broadcasts)
