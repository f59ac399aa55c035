"""Somebody at a terminal: types commands, reads what they print; leaves some running and ends them."""

import asyncio
import io
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from bot.app import open_house, prepare
from bot.cli import main
from bot.config import load
from bot.files import source
from bot.house import House

LISTENS = re.compile(r"Kunnafoni listens on (http://\S+)")


class Said(NamedTuple):
    """What a command left: its exit code, what it printed, what it complained of."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def _ended(code: int | str | None, out: io.StringIO, err: io.StringIO) -> Said:
    """As the interpreter ends: words in place of a code are an error's."""
    if isinstance(code, str):
        return Said(1, out.getvalue(), f"{err.getvalue()}{code}\n")
    return Said(code or 0, out.getvalue(), err.getvalue())


class Operator:
    """Works in one folder, on one store."""

    def __init__(self, folder: Path, data: Path = Path("data")) -> None:
        self.folder = folder
        self._environ = {"KUNNAFONI_STORE__DATA": str(data)}

    def types(self, *words: str, env: Mapping[str, str] | None = None) -> Said:
        """One command, to its end; in this process, for a new one takes a second."""
        out, err = io.StringIO(), io.StringIO()
        with (
            redirect_stdout(out),
            redirect_stderr(err),
            patch.dict(os.environ, self._environ | dict(env or {})),
        ):
            try:
                main(words, prog_name="kunnafoni")
            except SystemExit as ended:
                return _ended(ended.code, out, err)
        raise AssertionError("click ends every command with an exit code")

    async def asks(self, *words: str, env: Mapping[str, str] | None = None) -> Said:
        """The same while something else goes on."""
        return await asyncio.to_thread(self.types, *words, env=env)

    def fills(self, does: Callable[[House], Awaitable[None]]) -> None:
        """Something happens in the store before she comes."""

        async def happens() -> None:
            settings = load(self.folder / "config.toml", self._environ)
            async with open_house(settings) as house:
                await prepare(house, source(self.folder), with_demo=True)
                await does(house)

        asyncio.run(happens())

    @asynccontextmanager
    async def leaves_running(
        self, *words: str, env: Mapping[str, str] | None = None
    ) -> AsyncIterator["Running"]:
        """A command that runs on; ended as a service manager does, and its exit code looked at."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=self.folder,
            env={**os.environ, **self._environ, **(env or {})},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        running = Running(process)
        try:
            yield running
        finally:
            if process.returncode is None:
                process.terminate()
            await running.end()


class Running:
    """A command that runs on."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[str] = []
        self.said: Said | None = None

    async def line(self) -> str:
        """The next line it prints."""
        assert self.process.stdout is not None
        line = (await asyncio.wait_for(self.process.stdout.readline(), 30)).decode().rstrip("\n")
        self.heard.append(line)
        return line

    async def complains(self, of: str) -> str:
        """The next line of its log with these words."""
        assert self.process.stderr is not None
        async with asyncio.timeout(30):
            while of not in (line := (await self.process.stderr.readline()).decode()):
                assert line, f"it ended without a word of {of!r}"
        return line

    async def address(self) -> str:
        """Where it listens, which is the first thing it says."""
        match = LISTENS.fullmatch(await self.line())
        assert match is not None
        return match[1]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(how)

    async def end(self) -> Said:
        """What it had left to say; it ends by itself or has been told to."""
        if self.said is None:
            out, err = await asyncio.wait_for(self.process.communicate(), 30)
            assert self.process.returncode is not None
            self.said = Said(self.process.returncode, out.decode(), err.decode())
        return self.said
