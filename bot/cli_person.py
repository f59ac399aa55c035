"""`kunnafoni person`: what is held of one number, told to her or taken out."""

from pathlib import Path

import click

from bot.options import finish, settings_of, with_settings


class Number(click.ParamType[str]):
    """A phone number in any usual writing."""

    name = "msisdn"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from bot.text.msisdn import NotANumber, parse

        try:
            return parse(value)
        except NotANumber as wrong:
            self.fail(wrong.reason, param, ctx)


@click.group()
def person() -> None:
    """One person's data."""


@person.command("export")
@click.argument("msisdn", type=Number())
@with_settings
def export(msisdn: str, config: Path | None, data: Path | None) -> None:
    """All that is held of a number, one JSON document a line."""
    from bot.privacy import tell

    finish(tell(settings_of(config, data), msisdn))


@person.command("erase")
@click.argument("msisdn", type=Number())
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_settings
def erase(msisdn: str, yes: bool, config: Path | None, data: Path | None) -> None:
    """Takes number, name and words out of everything; what was counted stays, under a code."""
    from bot.privacy import take_out

    if not yes:
        click.confirm(f"Take {msisdn} out of the store? This cannot be undone", abort=True)
    code = finish(take_out(settings_of(config, data), msisdn))
    click.echo(f"erased; what was counted is kept under {code}", err=True)
