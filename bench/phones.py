"""Phones that dial as Africa's Talking posts: they check each screen, and remember what they were told is kept."""

import asyncio
import re
import sys
from statistics import quantiles
from time import perf_counter
from typing import TypeAlias, cast
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


class Crowd:
    """Calls until its time is over, then finishes the calls there are."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.over = asyncio.get_running_loop().create_future()
        self.waits: list[float] = []
        self.wrong: list[str] = []
        self.acknowledged: list[int] = []
        self._scripts = tuple(tuple(_asked(script)) for script in plan.scripts)
        self._waiting = iter(range(plan.first, plan.first + plan.most))
        self._busy = plan.phones
        self._began = perf_counter()
        self._ended = self._began

    def next_call(self) -> "tuple[int, tuple[tuple[bytes, bytes], ...]] | None":
        number = next(self._waiting, None) if perf_counter() < self._began + self.plan.seconds else None
        return None if number is None else (number, self._scripts[number % len(self._scripts)])

    def hang_up(self) -> None:
        """One phone has had its last call."""
        self._busy -= 1
        self._ended = perf_counter()
        if not self._busy and not self.over.done():
            self.over.set_result(None)

    def outcome(self) -> Outcome:
        cuts = quantiles(self.waits, n=100) if len(self.waits) > 1 else [0.0] * 99
        return Outcome(
            steps=len(self.waits),
            seconds=self._ended - self._began,
            waits=(cuts[49] * 1000, cuts[94] * 1000, cuts[98] * 1000),
            wrong=tuple(self.wrong),
            acknowledged=tuple(self.acknowledged),
        )


class Phone(asyncio.Protocol):
    """One phone on a connection of its own, which stays open from call to call."""

    _transport: asyncio.Transport

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._heard = b""
        self._call: tuple[int, tuple[tuple[bytes, bytes], ...]] | None = None
        self._line = 0
        self._asked_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._dial()

    def data_received(self, data: bytes) -> None:
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n") if found else None
        if length is None or len(body) < int(length[1]):
            return
        self._heard = b""
        self._shown(head, body)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._call is not None:
            self._wrong(f"cut off: {exc}")
            self._call = None
            self._crowd.hang_up()

    def give_up(self) -> None:
        """The network's patience is over."""
        if self._call is not None:
            self._wrong("no answer")
            self._call = None
        self._transport.close()

    def _dial(self) -> None:
        self._call, self._line = self._crowd.next_call(), 0
        if self._call is None:
            self._crowd.hang_up()
        else:
            self._ask()

    def _ask(self) -> None:
        assert self._call is not None
        number, script = self._call
        self._asked_at = perf_counter()
        self._transport.write(script[self._line][0] % (number, number))

    def _shown(self, head: bytes, body: bytes) -> None:
        assert self._call is not None
        number, script = self._call
        self._crowd.waits.append(perf_counter() - self._asked_at)
        expected = script[self._line][1]
        if body != expected or not head.startswith(b"HTTP/1.1 200 "):
            self._wrong(f"shown {head[:12].decode()} {body.decode()!r}, not {expected.decode()!r}")
            self._dial()
        elif self._line + 1 < len(script):
            self._line += 1
            self._ask()
        else:
            self._crowd.acknowledged.append(number)
            self._dial()

    def _wrong(self, what: str) -> None:
        assert self._call is not None
        self._crowd.wrong.append(f"+223{self._call[0]:08d}, screen {self._line + 1}: {what}")


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


def _asked(script: Script) -> list[tuple[bytes, bytes]]:
    """Each request with holes for the number, beside the answer that must come."""
    typed: list[str] = []
    asked = []
    for line in script:
        typed += [line.typed] if line.typed else []
        asked.append((_request("*".join(typed)), line.shown.encode()))
    return asked


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
