"""Phones that dial as Africa's Talking posts: they check each screen, and remember what they were told is kept."""

import asyncio
import re
import sys
from collections.abc import Iterator
from itertools import accumulate
from time import perf_counter
from typing import NamedTuple, TypeAlias, cast
from urllib.parse import urlencode

import uvloop
from msgspec import Struct, json

PATH = "/africastalking/ussd?key=sandbox"
NETWORK = "61002"
_SESSION, _NUMBER = "%032d", "%08d"
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


class Line(Struct, frozen=True):
    """What is typed, and the whole answer that must come; nothing is typed to dial."""

    typed: str
    shown: str


Script: TypeAlias = tuple[Line, ...]


class Plan(Struct, frozen=True):
    """Who calls: the numbers from `first` on, each once, for so long; number n says what script n modulo all says."""

    port: int
    scripts: tuple[Script, ...]
    first: int
    """Eight digits, after +223."""
    most: int
    """Calls."""
    seconds: float
    phones: int = 32
    """At once."""
    patience: float = 10.0
    """Seconds the network waits for an answer."""


class Outcome(Struct, frozen=True):
    steps: int
    seconds: float
    waits: tuple[float, float, float]
    """p50, p95 and p99, in ms."""
    wrong: tuple[str, ...]
    """One sentence for each call that did not go as scripted."""
    acknowledged: tuple[int, ...]
    """The numbers whose last screen was the expected one."""

    @property
    def rate(self) -> float:
        return self.steps / self.seconds


class Screen(NamedTuple):
    """What is sent, with holes for the caller's number, and what must come."""

    request: bytes
    shown: bytes


class Crowd:
    """Calls until its time is over, then finishes the calls there are."""

    def __init__(self, plan: Plan) -> None:
        self.over = asyncio.get_running_loop().create_future()
        self.waits: list[float] = []
        self.wrong: list[str] = []
        self.acknowledged: list[int] = []
        self._scripts = tuple(tuple(_screens(script)) for script in plan.scripts)
        self._numbers = iter(range(plan.first, plan.first + plan.most))
        self._busy = plan.phones
        self._began = self._ended = perf_counter()
        self._latest = self._began + plan.seconds

    def next_call(self) -> tuple[int, tuple[Screen, ...]]:
        """A number and what it says; nothing when nobody calls any more."""
        number = next(self._numbers, None) if perf_counter() < self._latest else None
        return (0, ()) if number is None else (number, self._scripts[number % len(self._scripts)])

    def leave(self) -> None:
        """One phone has had its last call."""
        self._busy -= 1
        self._ended = perf_counter()
        if not self._busy and not self.over.done():
            self.over.set_result(None)

    def outcome(self) -> Outcome:
        ordered = sorted(self.waits) or [0.0]
        p50, p95, p99 = (1000 * ordered[len(ordered) * share // 100] for share in (50, 95, 99))
        return Outcome(
            steps=len(self.waits),
            seconds=self._ended - self._began,
            waits=(p50, p95, p99),
            wrong=tuple(self.wrong),
            acknowledged=tuple(self.acknowledged),
        )


class Phone(asyncio.Protocol):
    """One phone on a connection of its own, which stays open from call to call."""

    _transport: asyncio.Transport

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._number = 0
        self._screens: tuple[Screen, ...] = ()
        self._at = 0
        self._heard = b""
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._dial()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n") if found else None
        if length is not None and len(body) >= int(length[1]):
            self._heard = b""
            self._look(head, body)

    def connection_lost(self, exc: Exception | None) -> None:
        self._break_off(f"cut off: {exc}")

    def give_up(self) -> None:
        """The network's patience is over."""
        self._break_off("no answer")
        self._transport.close()

    def _dial(self) -> None:
        self._number, self._screens = self._crowd.next_call()
        self._at = 0
        if self._screens:
            self._ask()
        else:
            self._crowd.leave()

    def _ask(self) -> None:
        self._asked = perf_counter()
        self._transport.write(self._screens[self._at].request % (self._number, self._number))

    def _look(self, head: bytes, body: bytes) -> None:
        self._crowd.waits.append(perf_counter() - self._asked)
        expected = self._screens[self._at].shown
        if body != expected or not head.startswith(b"HTTP/1.1 200 "):
            self._wrong(f"shown {head[:12].decode()} {body.decode()!r}, not {expected.decode()!r}")
            self._dial()
            return
        self._at += 1
        if self._at < len(self._screens):
            self._ask()
        else:
            self._crowd.acknowledged.append(self._number)
            self._dial()

    def _break_off(self, why: str) -> None:
        if self._screens:
            self._wrong(why)
            self._screens = ()
            self._crowd.leave()

    def _wrong(self, what: str) -> None:
        self._crowd.wrong.append(f"+223{self._number:08d}, screen {self._at + 1}: {what}")


async def call(plan: Plan) -> Outcome:
    """Everybody calls; returns when all have hung up, or when the network has lost its patience."""
    loop = asyncio.get_running_loop()
    crowd = Crowd(plan)
    phones = [
        (await loop.create_connection(lambda: Phone(crowd), "127.0.0.1", plan.port))[1]
        for _ in range(plan.phones)
    ]
    await asyncio.wait([crowd.over], timeout=plan.seconds + plan.patience)
    for phone in phones:
        phone.give_up()
    return crowd.outcome()


def _screens(script: Script) -> Iterator[Screen]:
    texts = accumulate(
        (line.typed for line in script), lambda text, typed: f"{text}*{typed}" if text else typed
    )
    return (Screen(_request(text), line.shown.encode()) for text, line in zip(texts, script, strict=True))


def _request(text: str) -> bytes:
    fixed = {"serviceCode": "*123#", "networkCode": NETWORK, "text": text}
    form = urlencode(fixed).replace("%", "%%")
    body = f"sessionId=ATUid_{_SESSION}&phoneNumber=%%2B223{_NUMBER}&{form}"
    length = len(body % (0, 0))
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {length}\r\n\r\n{body}".encode()


if __name__ == "__main__":
    outcome = uvloop.run(call(json.decode(sys.stdin.buffer.read(), type=Plan)))
    sys.stdout.buffer.write(json.encode(outcome))
