"""The command `kunnafoni`. Exit codes: 0 done, 1 the input has errors (one a line), 2 wrong usage."""

import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from bot.flow.definition import KINDS

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.services.changes import Report

Command = TypeVar("Command", bound=Callable[..., Any])


class Moment(click.ParamType[int]):
    """A date or a time in ISO 8601; without a zone it is UTC. Becomes Unix ms."""

    name = "iso"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no ISO 8601 date or time, such as 2026-11-21T08:00", param, ctx)
        return int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000)


def _settings(config: Path | None, data: Path | None, **server: Any) -> "Settings":
    """The settings of that file (else ./config.toml, else the shipped one), with the command line on top."""
    from msgspec import structs

    from bot.config import load
    from bot.files import root

    path = config or (Path("config.toml") if Path("config.toml").exists() else root() / "config.toml")
    with _plainly():
        settings = load(path, os.environ)
    given = {name: value for name, value in server.items() if value is not None}
    settings = structs.replace(settings, server=structs.replace(settings.server, **given))
    store = structs.replace(settings.store, data=str(data)) if data else settings.store
    return structs.replace(settings, store=store)


@contextmanager
def _plainly() -> Iterator[None]:
    """What the operator must mend is said in a line, without a trace."""
    from bot.flow.definition import FlowError
    from bot.store.embedded import StoreError
    from bot.store.tick import StoreUnavailable
    from bot.toml import ConfigError

    try:
        yield
    except BrokenPipeError:  # whoever reads us has had enough: click ends us quietly
        raise
    except StoreUnavailable as error:
        sys.exit(f"the store does not answer: {error}")
    except (StoreError, FlowError, ConfigError, OSError) as error:
        sys.exit(str(error))


def _run(main: Coroutine[Any, Any, Any]) -> Any:
    import uvloop

    with _plainly():
        return uvloop.run(main)


def with_settings(command: Command) -> Command:
    options = (
        click.option(
            "--config", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Settings file."
        ),
        click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder of the store."),
    )
    for option in options:
        command = option(command)
    return command


def with_address(command: Command) -> Command:
    for option in (
        click.option("--host", help="Address to listen on."),
        click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0: any free one."),
        click.option("--demo/--no-demo", default=None, help="The demo programme and the phone simulator."),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kunnafoni")
def main() -> None:
    """Kunnafoni: the line that community health workers dial."""


@main.command()
@with_settings
@with_address
def run(
    config: Path | None, data: Path | None, host: str | None, port: int | None, demo: bool | None
) -> None:
    """Gateway, worker and console, and the store when no URL is configured."""
    from bot.serve import serve

    settings = _settings(config, data, host=host, port=port)
    _run(serve(settings, ("gateway", "worker"), demo=demo, config=config))


@main.command()
@with_settings
@with_address
def gateway(
    config: Path | None, data: Path | None, host: str | None, port: int | None, demo: bool | None
) -> None:
    """The gateway on its own; several may listen on one port."""
    from bot.serve import serve

    _run(serve(_settings(config, data, host=host, port=port), ("gateway",), demo=demo, config=config))


@main.command()
@with_settings
@click.option("--once", is_flag=True, help="Do what is due and end.")
@click.option("--now", type=Moment(), help="Another moment than now.")
def worker(config: Path | None, data: Path | None, once: bool, now: int | None) -> None:
    """The worker on its own; any number of them share the work."""
    from bot.serve import serve, work_once

    settings = _settings(config, data)
    if now is not None and not once:
        raise click.UsageError("--now goes with --once")
    _run(work_once(settings, now) if once else serve(settings, ("worker",), demo=False))


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

    sys.exit(call(url, msisdn, key or callback_key(_settings(config, None)), sms=sms))


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

    with _plainly():
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

    with _plainly():
        for line in bring_up_to_date(Path()):
            click.echo(line)


@main.group()
def contacts() -> None:
    """The roster."""


@contacts.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@with_settings
def contacts_import(file: Path, config: Path | None, data: Path | None) -> None:
    """Takes a roster; org_units.csv beside it is taken first. Refused rows are named, the others kept."""
    from bot.serve import import_people

    _say_taken(_run(import_people(_settings(config, data), file)))


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

    click.echo(_run(export_people(_settings(config, data))), nl=False)


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
    _run(export_reports(_settings(config, data), since, until, kind, form, output))


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

    _run(export_outbox(_settings(config, data), since, form))


@main.command()
@with_settings
def rebuild(config: Path | None, data: Path | None) -> None:
    """Tells the ledger again and compares what follows from it with what is kept; exit 1 on a difference."""
    from bot.serve import rebuild as again

    _say_differences(_run(again(_settings(config, data))))


def _say_differences(differences: list[str]) -> None:
    for difference in differences:
        click.echo(difference)
    click.echo(f"{len(differences)} differences", err=True)
    sys.exit(1 if differences else 0)
