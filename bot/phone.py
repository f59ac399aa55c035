"""A phone in the terminal: it calls the house as Africa's Talking would, and shows what a small screen shows."""

import asyncio
import os
import sys
import textwrap
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from secrets import token_hex
from time import monotonic
from typing import Final

import click
from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from msgspec import DecodeError, Struct, json

from bot.text.gsm import is_gsm, septets, ucs2_units

SERVICE_CODE: Final = "*123#"
SHORT_CODE: Final = "7070"
NETWORK: Final = "99999"  # the provider's own sandbox
WIDTH: Final = 28
"""Letters on a line of the screen."""
PATIENCE: Final = 10.0
"""Seconds: as long as the provider waits for a screen; an SMS is given as long to be answered."""
POLL: Final = 0.5
"""Seconds between two looks at what has been received."""
AGAIN: Final = "\n  Enter dials again, *123*2# goes straight to 2, Ctrl-D leaves. "

Read = Callable[[str], Awaitable[str | None]]
"""Asks with a prompt; the line that was typed, None when there will be no more."""
Write = Callable[[str], object]


class NoService(Exception):  # noqa: N818 - what a phone says, not an error of the program
    """The house did not answer as one does."""


class Message(Struct, frozen=True):
    """An SMS that was received."""

    id: str
    text: str
    state: str
    segments: int
    at: str


class Messages(Struct, frozen=True):
    messages: list[Message]


class Network:
    """Africa's Talking as the house sees it, for one phone."""

    def __init__(self, http: ClientSession, url: str, msisdn: str, key: str) -> None:
        self._http = http
        self._url = url.rstrip("/")
        self._msisdn = msisdn
        self._key = key

    async def screen(self, session: str, text: str) -> str:
        """What the phone shows after all that was typed: `CON …` or `END …`."""
        return await self._post("ussd", {**self._call(session), "text": text})

    async def ended(self, session: str, status: str, text: str, seconds: float, shown: list[str]) -> None:
        notice = {
            "date": _now(),
            "status": status,
            "cost": "0",
            "durationInMillis": str(int(seconds * 1000)),
            "hopsCount": str(len(shown)),
            "input": text,
            "lastAppResponse": shown[-1],
        }
        await self._post("ussd/end", {**self._call(session), **notice})

    async def send(self, text: str) -> str:
        """One SMS to the house; the name its reply will have."""
        name = f"phone-{token_hex(12)}"
        sms = {
            "from": self._msisdn,
            "to": SHORT_CODE,
            "text": text,
            "id": name,
            "date": _now(),
            "linkId": name,
        }
        await self._post("sms", {**sms, "cost": "0", "networkCode": NETWORK})
        return f"reply:{name}"

    async def inbox(self) -> list[Message] | None:
        """What the phone has received; None where that cannot be seen from here."""
        async with self._http.get(
            f"{self._url}/admin/phone/inbox", params={"msisdn": self._msisdn}
        ) as answer:
            if answer.status in (403, 404):
                return None
            return json.decode(await _told(answer), type=Messages).messages

    async def _post(self, path: str, form: dict[str, str]) -> str:
        url = f"{self._url}/africastalking/{path}"
        async with self._http.post(url, params={"key": self._key}, data=form) as answer:
            return await _told(answer)

    def _call(self, session: str) -> dict[str, str]:
        return {
            "sessionId": session,
            "serviceCode": SERVICE_CODE,
            "phoneNumber": self._msisdn,
            "networkCode": NETWORK,
        }


async def call(network: Network, read: Read, write: Write) -> None:
    """Dials, again and again, until there is nothing more to read."""
    dialled: str | None = SERVICE_CODE
    while dialled is not None:
        await _one_call(network, _beyond(dialled), read, write)
        dialled = await read(AGAIN)


async def _one_call(network: Network, typed: list[str], read: Read, write: Write) -> None:
    session, began, shown = f"ATUid_{token_hex(16)}", monotonic(), list[str]()
    while True:
        shown.append(await network.screen(session, "*".join(typed)))
        kind, _, text = shown[-1].partition(" ")
        write(drawn(text, kind, _size(text)))
        if kind != "CON":
            break
        if not (answer := await read("  > ")):
            break
        typed = [*typed, answer]
    status = {"CON": "Incomplete", "END": "Success"}.get(kind, "Failed")
    await network.ended(session, status, "*".join(typed), monotonic() - began, shown)


def _beyond(dialled: str) -> list[str]:
    """What is dialled past the service code: `*123*3*1#` is 3, then 1."""
    return dialled.strip().removesuffix("#").split("*")[2:]


class Thread:
    """The SMS of one phone: what is written, and what comes."""

    def __init__(self, network: Network, write: Write) -> None:
        self._network = network
        self._write = write
        self._seen: set[str] = set()
        self._awaited: set[str] = set()
        self._visible = True

    async def text(self, read: Read) -> None:
        """Sends each line that is typed and shows what comes, until an empty line and the last reply."""
        await self._look(lambda _: None)
        while line := await self._reading(read):
            self._awaited.add(await self._network.send(line))
        given_up = monotonic() + PATIENCE
        while self._visible and self._awaited and monotonic() < given_up:
            await asyncio.sleep(POLL)
            await self._look(self._write)
        if self._visible and self._awaited:
            self._write(f"  no reply to {len(self._awaited)} SMS within {PATIENCE:.0f} s")

    async def _reading(self, read: Read) -> str | None:
        """The next line; meanwhile what comes is shown."""
        line = asyncio.ensure_future(read("  SMS > "))
        while not line.done():
            await asyncio.wait({line}, timeout=POLL)
            await self._look(self._write)
        return line.result()

    async def _look(self, write: Write) -> None:
        if not self._visible:
            return
        if (received := await self._network.inbox()) is None:
            self._visible = False
            self._write("  What this phone receives is not shown: only a house run with --demo shows it,")
            self._write("  and only on its own machine.")
            return
        for message in received:
            if message.id not in self._seen:
                write(drawn(message.text, _clock(message.at), f"{message.segments} SMS"))
        self._seen.update(message.id for message in received)
        self._awaited -= self._seen


class Keyboard:
    """Standard input, line by line. Not read in a thread: nobody could interrupt that."""

    def __init__(self, descriptor: int, write: Callable[[str], object]) -> None:
        self._descriptor = descriptor
        self._write = write
        self._echo = not os.isatty(descriptor)
        self._typed = b""

    async def read(self, prompt: str) -> str | None:
        self._write(prompt)
        while b"\n" not in self._typed:
            if not (chunk := await self._chunk()):
                break
            self._typed += chunk
        ended = not self._typed
        line, _, self._typed = self._typed.partition(b"\n")
        text = line.removesuffix(b"\r").decode(errors="replace")
        if self._echo or ended:
            self._write(f"{text}\n")
        return None if ended else text

    async def _chunk(self) -> bytes:
        loop, ready = asyncio.get_running_loop(), asyncio.Event()
        try:
            loop.add_reader(self._descriptor, ready.set)
        except PermissionError:  # a file: it never keeps us waiting
            return os.read(self._descriptor, 4096)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(self._descriptor)
        return os.read(self._descriptor, 4096)


def drawn(text: str, left: str, right: str) -> str:
    """The text in the frame of a small screen, with two words on its lower edge."""
    lines = [part for line in text.split("\n") for part in textwrap.wrap(line, WIDTH) or [""]]
    edge = f" {left} ".ljust(WIDTH - len(right) - 2, "─") + f" {right} "
    rows = (f"│ {line.ljust(WIDTH)} │" for line in lines)
    return "\n".join((f"╭{'─' * (WIDTH + 2)}╮", *rows, f"╰─{edge}─╯"))


def run(url: str, msisdn: str, key: str, *, sms: bool) -> int:
    """The phone on standard input and output; 1 when there is no service."""
    keyboard = Keyboard(sys.stdin.fileno(), lambda text: click.echo(text, nl=False))
    try:
        asyncio.run(_hold(url, msisdn, key, keyboard, sms=sms))
    except (ClientError, DecodeError, NoService) as why:
        click.echo(f"no service at {url}: {why}", err=True)
        return 1
    except TimeoutError:
        click.echo(f"no service at {url}: no answer within {PATIENCE:.0f} s", err=True)
        return 1
    return 0


async def _hold(url: str, msisdn: str, key: str, keyboard: Keyboard, *, sms: bool) -> None:
    async with ClientSession(timeout=ClientTimeout(total=PATIENCE)) as http:
        network = Network(http, url, msisdn, key)
        if sms:
            await Thread(network, click.echo).text(keyboard.read)
        else:
            await call(network, keyboard.read, click.echo)


async def _told(answer: ClientResponse) -> str:
    text = await answer.text()
    if answer.status == 403:
        raise NoService("403: the key is not the callback_key of its config.toml")
    if answer.status != 200:
        raise NoService(f"{answer.status} {answer.reason}. {text}".strip())
    return text


def _size(text: str) -> str:
    return f"{septets(text)} septets" if is_gsm(text) else f"{ucs2_units(text)} UCS-2"


def _clock(at: str) -> str:
    return f"{datetime.fromisoformat(at).astimezone():%H:%M}"


def _now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
