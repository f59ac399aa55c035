"""What commands share: the settings they read, the options that name them, and errors an operator can read."""

import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from bot.config import Settings

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


def settings_of(config: Path | None, data: Path | None, **server: Any) -> "Settings":
    """The settings of that file (else ./config.toml, else the shipped one), with the command line on top."""
    from msgspec import structs

    from bot.config import load
    from bot.files import root

    path = config or (Path("config.toml") if Path("config.toml").exists() else root() / "config.toml")
    with plainly():
        settings = load(path, os.environ)
    given = {name: value for name, value in server.items() if value is not None}
    settings = structs.replace(settings, server=structs.replace(settings.server, **given))
    store = structs.replace(settings.store, data=str(data)) if data else settings.store
    return structs.replace(settings, store=store)


@contextmanager
def plainly() -> Iterator[None]:
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


def finish(main: Coroutine[Any, Any, Any]) -> Any:
    import uvloop

    with plainly():
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
