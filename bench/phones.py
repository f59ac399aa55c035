"""Phones that dial as Africa's Talking posts: they check each screen, and remember what they were told is kept."""

import asyncio
import re
import sys
from collections import deque
from collections.abc import Iterator
from itertools import accumulate
from random import Random
from time import perf_counter, process_time
from typing import NamedTuple, TypeAlias, cast
from urllib.parse import urlencode

import uvloop
from msgspec import Struct, json

PHONES = 64
"""With half as many a gateway waits a third of its time for the disk."""
PATH = "/africastalking/ussd?key=sandbox"
NETWORK = "61002"
_SESSION, _NUMBER = "%032d", "%08d"
_OK = b"HTTP/1.1 200 "
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
    phones: int = PHONES
    """At once: connections that stay open."""
    patience: float = 10.0
    """Seconds the network waits for an answer."""
    pace: float = 0.0
    """Calls a second, at random moments, whether or not the gateway keeps up; 0: each phone calls as soon as it can."""
    think: float = 0.0
    """Seconds before she answers a screen."""


class Outcome(Struct, frozen=True):
    steps: int
    seconds: float
    waits: tuple[float, float, float]
    """p50, p95 and p99, in ms, from when it was to be asked."""
    wrong: tuple[str, ...]
    """One sentence for each call that did not go as scripted."""
    acknowledged: tuple[int, ...]
    """The numbers whose last screen was the expected one."""
    busy: float = 0.0
    """Seconds of processor time that the phones took."""

    @property
    def rate(self) -> float:
        return self.steps / self.seconds


class Screen(NamedTuple):
    """What is sent, with holes for the caller's number, what must come, and how an answer with it ends."""

    request: bytes
    shown: bytes
    ending: bytes


class Call:
    """Where somebody is in what she has to say."""

    __slots__ = ("at", "due", "number", "screens")

    def __init__(self, number: int, screens: tuple[Screen, ...]) -> None:
        self.number, self.screens, self.at, self.due = number, screens, 0, 0.0


class Crowd:
    """Calls until its time is over, then finishes the calls there are."""

    def __init__(self, plan: Plan) -> None:
        self._loop = asyncio.get_running_loop()
        self.over = self._loop.create_future()
        self._plan = plan
        self._waits: list[float] = []
        self._wrong: list[str] = []
        self._acknowledged: list[int] = []
        self._scripts = tuple(tuple(_screens(script)) for script in plan.scripts)
        self._numbers = iter(range(plan.first, plan.first + plan.most))
        self._under_way: set[Call] = set()
        self._idle: deque[Phone] = deque()
        """Taken in turn: a line on which nothing is asked for long is closed."""
        self._waiting: deque[Call] = deque()
        self._chance = Random(plan.first)
        self._arriving = plan.pace > 0
        self._before = process_time()
        self._began = self._ended = self._next = perf_counter()
        self._latest = self._began + plan.seconds
        if self._arriving:
            self._arrive()

    def free(self, phone: "Phone") -> None:
        """It has nothing to ask: the next that is due is asked on it."""
        if self._waiting:
            phone.ask(self._waiting.popleft())
        elif self._plan.pace:
            self._idle.append(phone)
        elif call := self._call():
            phone.ask(call)
        self._look_up()

    def heard(self, phone: "Phone", call: Call, wrong: str = "") -> None:
        """The answer to what was asked last."""
        now = perf_counter()
        self._waits.append(now - call.due)
        if wrong:
            self.lost(call, wrong)
        elif call.at + 1 < len(call.screens):
            call.at += 1
            if self._plan.think:
                self._loop.call_later(self._plan.think, self._due, call, now + self._plan.think)
            else:
                call.due = now
                phone.ask(call)
                return
        else:
            self._acknowledged.append(call.number)
            self._under_way.discard(call)
            self._ended = now
        self.free(phone)

    def lost(self, call: Call, why: str) -> None:
        """It did not go as scripted."""
        self._wrong.append(f"+223{call.number:08d}, screen {call.at + 1}: {why}")
        self._under_way.discard(call)
        self._ended = perf_counter()
        self._look_up()

    def give_up(self) -> None:
        """The network's patience is over."""
        for call in list(self._under_way):
            self.lost(call, "no answer")

    def outcome(self) -> Outcome:
        ordered = sorted(self._waits) or [0.0]
        p50, p95, p99 = (1000 * ordered[len(ordered) * share // 100] for share in (50, 95, 99))
        return Outcome(
            steps=len(self._waits),
            seconds=self._ended - self._began,
            waits=(p50, p95, p99),
            wrong=tuple(self._wrong),
            acknowledged=tuple(self._acknowledged),
            busy=process_time() - self._before,
        )

    def _call(self) -> Call | None:
        """Somebody who has not called yet; nobody when the time is over."""
        number = next(self._numbers, None) if perf_counter() < self._latest else None
        if number is None:
            return None
        call = Call(number, self._scripts[number % len(self._scripts)])
        call.due = perf_counter()
        self._under_way.add(call)
        return call

    def _arrive(self) -> None:
        """All whose moment has come by now dial; then it is looked again."""
        now = perf_counter()
        while self._next <= now:
            call = self._call()
            if call is None:
                self._arriving = False
                self._look_up()
                return
            self._due(call, self._next)
            self._next += self._chance.expovariate(self._plan.pace)
        self._loop.call_later(self._next - now, self._arrive)

    def _due(self, call: Call, at: float) -> None:
        call.due = at
        if self._idle:
            self._idle.popleft().ask(call)
        else:
            self._waiting.append(call)

    def _look_up(self) -> None:
        """Whether everybody has hung up."""
        if not (self._under_way or self._arriving or self.over.done()):
            self.over.set_result(None)


class Phone(asyncio.Protocol):
    """A connection that stays open from call to call, with one question on it at a time."""

    _transport: asyncio.Transport

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._call: Call | None = None
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass
        self._crowd.free(self)

    def ask(self, call: Call) -> None:
        self._call = call
        self._transport.write(call.screens[call.at].request % (call.number, call.number))

    def data_received(self, data: bytes) -> None:
        call = self._call
        if call is not None and data.endswith(call.screens[call.at].ending) and data.startswith(_OK):
            self._call = None
            self._crowd.heard(self, call)  # as a rule; whatever else comes is taken apart
            return
        self._heard += data
        head, found, body = self._heard.partition(b"\r\n\r\n")
        length = _LENGTH.search(head + b"\r\n") if found else None
        if call is not None and length is not None and len(body) >= int(length[1]):
            self._heard, self._call = b"", None
            self._crowd.heard(self, call, _compared(head, body, call.screens[call.at].shown))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._call is not None and not self._crowd.over.done():
            self._crowd.lost(self._call, f"cut off: {exc}")
            self._call = None

    def close(self) -> None:
        self._transport.close()


def _compared(head: bytes, body: bytes, expected: bytes) -> str:
    """What is wrong with an answer, if anything is."""
    if body == expected and head.startswith(_OK):
        return ""
    return f"shown {head[:12].decode()} {body.decode()!r}, not {expected.decode()!r}"


async def call(plan: Plan) -> Outcome:
    """Everybody calls; returns when all have hung up, or when the network has lost its patience."""
    loop = asyncio.get_running_loop()
    crowd = Crowd(plan)
    phones = [
        (await loop.create_connection(lambda: Phone(crowd), "127.0.0.1", plan.port))[1]
        for _ in range(plan.phones)
    ]
    await asyncio.wait([crowd.over], timeout=plan.seconds + plan.patience)
    crowd.give_up()
    for phone in phones:
        phone.close()
    return crowd.outcome()


def _screens(script: Script) -> Iterator[Screen]:
    texts = accumulate(
        (line.typed for line in script), lambda text, typed: f"{text}*{typed}" if text else typed
    )
    return (
        Screen(_request(text), line.shown.encode(), f"\r\n\r\n{line.shown}".encode())
        for text, line in zip(texts, script, strict=True)
    )


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
