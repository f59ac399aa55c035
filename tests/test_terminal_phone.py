"""The phone in the terminal, against the callbacks it calls and against the whole house."""

import asyncio
import os
import pty
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.channels import CallEnd
from bot.messages import Inbound, Reply
from bot.phone import Keyboard, Network, NoService, Thread, call, drawn
from tests.browser.running import running
from tests.channels.house import KEY, House, served

AMINATA = "+22370000001"
FANTA = "+22370000101"
"""Whom Aminata's alerts are told to."""


class Menu(House):
    """Ends the call when the last thing typed is 9."""

    async def dial(self, inbound: Inbound) -> Reply:
        shown = await super().dial(inbound)
        return Reply("Merci", ends=True) if inbound.text.endswith("9") else shown

    @property
    def calls(self) -> list[Inbound]:
        return [told for told in self.told if isinstance(told, Inbound)]

    @property
    def texts(self) -> list[str]:
        return [inbound.text for inbound in self.calls]

    @property
    def ends(self) -> list[CallEnd]:
        return [told for told in self.told if isinstance(told, CallEnd)]


class Held:
    """A phone in the hands of somebody who types these lines, then nothing more."""

    def __init__(self, *lines: str) -> None:
        self._lines = list(lines)
        self.shown: list[str] = []

    async def read(self, _: str) -> str | None:
        return self._lines.pop(0) if self._lines else None


@asynccontextmanager
async def network(house: House, key: str = KEY) -> AsyncIterator[Network]:
    async with served(house) as provider, ClientSession() as http:
        yield Network(http, str(provider.make_url("/")), AMINATA, key)


async def hold(house: House, *lines: str, key: str = KEY) -> list[str]:
    """What was shown to whoever dialled and typed these lines."""
    held = Held(*lines)
    async with network(house, key) as own:
        await call(own, held.read, held.shown.append)
    return held.shown


async def test_all_that_was_typed_is_sent_each_time() -> None:
    menu = Menu()
    shown = await hold(menu, "1", "a*b ", "9")
    assert menu.texts == ["", "1", "1*a*b ", "1*a*b *9"]
    [session] = {inbound.id for inbound in menu.calls}
    assert len(session) == len("ATUid_") + 32
    assert {(inbound.msisdn, inbound.service_code) for inbound in menu.calls} == {(AMINATA, "*123#")}
    assert "Merci" in shown[-1]
    assert "END" in shown[-1]


async def test_the_end_of_a_call_is_told() -> None:
    menu = Menu()
    await hold(menu, "1", "9")
    await hold(menu, "1", "")
    await hold(menu)
    assert [(end.status, end.hops) for end in menu.ends] == [
        ("Success", 3),
        ("Incomplete", 2),
        ("Incomplete", 1),
    ]
    assert {end.session for end in menu.ends} == {inbound.id for inbound in menu.calls}


async def test_dialling_again_is_another_call() -> None:
    menu = Menu()
    await hold(menu, "9", "", "9")
    assert menu.texts == ["", "9", "", "9"]
    assert len({inbound.id for inbound in menu.calls}) == 2


async def test_a_menu_can_be_dialled_past() -> None:
    menu = Menu()
    await hold(menu, "9", "*123*3*1#", "9")
    assert menu.texts == ["", "9", "3*1", "3*1*9"]


async def test_a_wrong_key_is_said() -> None:
    with pytest.raises(NoService, match="callback_key"):
        await hold(Menu(), key="another")


async def test_where_messages_cannot_be_seen_it_is_said_once() -> None:
    menu, held = Menu(), Held("AIDE", "STATUT")
    async with network(menu) as own:
        await Thread(own, held.shown.append).text(held.read)
    assert menu.texts == ["AIDE", "STATUT"]
    assert "--demo" in "".join(held.shown)
    assert len(held.shown) == 2


def test_a_screen_is_drawn_as_wide_as_a_small_phone() -> None:
    assert drawn("Sur quel sujet voulez-vous nous écrire ?\n\n1 Stock", "CON", "42 septets") == (
        "╭──────────────────────────────╮\n"
        "│ Sur quel sujet voulez-vous   │\n"
        "│ nous écrire ?                │\n"
        "│                              │\n"
        "│ 1 Stock                      │\n"
        "╰─ CON ─────────── 42 septets ─╯"
    )


@pytest.mark.parametrize(("text", "size"), [("Prix : {5}", "12 septets"), ("Sɛbɛn", "5 UCS-2")])
async def test_what_is_shown_is_counted(text: str, size: str) -> None:
    menu = Menu()
    menu.reply = Reply(text, ends=True)
    [screen] = await hold(menu)
    assert size in screen


async def test_a_pipe_is_read_line_by_line() -> None:
    reading, writing = os.pipe()
    written: list[str] = []
    keyboard = Keyboard(reading, written.append)
    os.write(writing, b"1")
    with pytest.raises(TimeoutError):  # half a line is no line, and is not lost
        await asyncio.wait_for(keyboard.read(""), 0.1)
    os.write(writing, b"2\r\n3\n4")
    os.close(writing)
    assert [await keyboard.read("> ") for _ in range(4)] == ["12", "3", "4", None]
    assert "".join(written) == "> 12\n> 3\n> 4\n> \n"
    os.close(reading)


async def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("1\n\n2")
    written: list[str] = []
    with script.open() as lines:
        keyboard = Keyboard(lines.fileno(), written.append)
        assert [await keyboard.read("") for _ in range(4)] == ["1", "", "2", None]


async def test_a_terminal_shows_itself_what_is_typed() -> None:
    near, far = pty.openpty()
    written: list[str] = []
    os.write(near, "é\n".encode())
    assert await Keyboard(far, written.append).read("> ") == "é"
    assert written == ["> "]
    os.close(near)
    os.close(far)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a house with the demo programme listens."""
    with running(tmp_path_factory.mktemp("house")) as address:
        yield address


def piped(url: str, typed: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot", "phone", "--url", url, *options]
    return subprocess.run(command, input=typed, capture_output=True, text=True, timeout=60, check=False)


def test_a_call_can_be_piped(url: str) -> None:
    done = piped(url, "6\n", "--from", AMINATA)
    assert (done.returncode, done.stderr) == (0, "")
    menu, languages = done.stdout.split("  > 6\n")
    assert "│ 6 Kan " in menu
    assert "Bamanankan" in languages


def test_an_sms_can_be_piped_and_its_reply_is_waited_for(url: str) -> None:
    done = piped(url, "stock cte 12 sro 5\n", "--sms", "--from", "+22370000002")
    assert (done.returncode, done.stderr) == (0, "")
    assert "CTE 12, SRO 5" in done.stdout
    assert "1 SMS" in done.stdout


async def test_what_comes_while_she_types_is_shown(url: str) -> None:
    shown, alerted = list[str](), asyncio.Event()

    def write(text: str) -> None:
        shown.append(text)
        if "Aminata" in text:
            alerted.set()

    async with ClientSession() as http:
        aminata = Network(http, url, AMINATA, "sandbox")

        async def read(_: str) -> None:
            await aminata.send("ALERTE cholera 3")
            await alerted.wait()

        await Thread(Network(http, url, FANTA, "sandbox"), write).text(read)
    assert len(shown) == 1


def test_no_service_is_said_in_one_line() -> None:
    done = piped("http://127.0.0.1:9", "")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("no service at http://127.0.0.1:9: ")
    assert done.stderr.count("\n") == 1
