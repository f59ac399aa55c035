"""How fast one worker empties an outbox: as fast as it can, and at a configured pace; and whether its memory grows."""

import asyncio
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter

from msgspec import Struct

from bench.processes import ROOT, seconds_of
from bot.app import open_house, prepare
from bot.config import load
from bot.files import source
from bot.house import House
from bot.people import Contact
from bot.store.outbox import Body, message
from tests.standin import StandIn

PEOPLE = 2_000
LATENCY = 0.05
"""Seconds in which the provider answers."""
PATIENCE = 600.0
FLAT = 1.1
"""At most so much of the memory it had when a tenth was sent."""


class Sending(Struct, frozen=True):
    """One emptying of the outbox, as the provider saw it."""

    pace: float
    """Messages a second, as configured; 0: none."""
    messages: int
    seconds: float
    doubled: int
    early: int
    """Memory of the worker (KiB) when a tenth was sent."""
    late: int
    """The same at the end."""
    micros: float
    """Processor time of the worker, a message."""

    @property
    def rate(self) -> float:
        return (self.messages - 1) / self.seconds

    @property
    def off(self) -> float:
        """How far from the pace."""
        return abs(self.rate / self.pace - 1)


def measure(folder: Path, many: int, paced: int, pace: float) -> tuple[Sending, Sending]:
    """`many` reminders due at once and no pace; then `paced` of them, out of as many, at `pace` a second."""
    os.environ["NO_PROXY"] = "127.0.0.1"
    free = asyncio.run(_sent(folder / "free", many, many, 0))
    return free, asyncio.run(_sent(folder / "paced", many, paced, pace))


def lines(free: Sending, paced: Sending) -> Iterator[str]:
    yield f"one worker, {free.messages:,} reminders due at once, each of its own text, a provider that answers in 50 ms"
    for one in free, paced:
        name = f"at {one.pace:g} a second" if one.pace else "at no pace"
        yield (
            f"{name:28}{one.messages:9,} sent in {one.seconds:6.1f} s:{one.rate:9,.1f} a second, "
            f"{one.micros:,.0f} µs of a processor each, {one.doubled} doubled; "
            f"memory {one.early / 1024:.0f} → {one.late / 1024:.0f} MiB"
        )
    yield _target("SMS a second of one worker at no pace: at least 500", free.rate, reached=free.rate >= 500)
    yield _target("off the configured pace: under 5 %", paced.off * 100, reached=paced.off < 0.05)
    grown = free.late / max(1, free.early)
    yield _target("memory at the end, of that when a tenth was sent: under 1.1", grown, reached=grown < FLAT)


def right(*found: Sending) -> bool:
    return not any(one.doubled for one in found)


def _target(name: str, measured: float, *, reached: bool) -> str:
    return f"{name:68}{measured:9.2f}  {'reached' if reached else 'MISSED'}"


async def _sent(folder: Path, queued: int, many: int, pace: float) -> Sending:
    async with StandIn(latency_s=LATENCY) as standin:
        env = _environment(folder, standin, pace)
        async with open_house(load(ROOT / "config.toml", env)) as house:
            await prepare(house, source(ROOT), with_demo=False)
            await _queue(house, queued)
            return await _timed(standin, env, many, pace)


def _environment(folder: Path, standin: StandIn, pace: float) -> dict[str, str]:
    """What an operator would say to have all of it leave now."""
    section = "KUNNAFONI_CHANNELS__AFRICASTALKING__"
    said = {"API_URL": standin.url, "API_KEY": standin.api_key, "SENDER": "http", "RATE": str(pace)}
    sms = {"KUNNAFONI_SMS__QUIET_HOURS": "", "KUNNAFONI_SMS__DAILY_CAP": "0"}
    return (
        {f"{section}{name}": value for name, value in said.items()}
        | sms
        | {"KUNNAFONI_STORE__DATA": str(folder / "data")}
    )


async def _queue(house: House, many: int) -> None:
    people = [f"+22377{number:06d}" for number in range(PEOPLE)]
    await house.contacts.put(Contact(to, "Awa", "asc", "FALO", "fr") for to in people)
    now = house.clock()
    for first in range(0, many, 10_000):
        some = range(first, min(many, first + 10_000))
        await house.outbox.queue(message(f"r:{n}", _reminder(n, people[n % PEOPLE]), now) for n in some)


def _reminder(number: int, to: str) -> Body:
    """Any words that name it, so that none share a request."""
    return Body(
        to, "reminder", key="alert.digest_more", values={"more": str(number), "service_code": "x"}, unit="ML"
    )


async def _timed(standin: StandIn, env: Mapping[str, str], many: int, pace: float) -> Sending:
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "worker"),
        cwd=ROOT,
        env={**os.environ, **env},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        await _until(standin, 1)
        began, before = perf_counter(), seconds_of(worker.pid)
        await _until(standin, many // 10)
        early = _memory(worker.pid)
        await _until(standin, many)
        seconds, late = perf_counter() - began, _memory(worker.pid)
        micros = (seconds_of(worker.pid) - before) * 1e6 / many
    finally:
        worker.terminate()
        await worker.wait()
    texts = Counter(sent.text for sent in standin.sent)
    return Sending(pace, many, seconds, len(standin.sent) - len(texts), early, late, micros)


async def _until(standin: StandIn, many: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(standin.sent) < many:  # noqa: ASYNC110 - the stand-in has no event for a number
            await asyncio.sleep(0.005)


def _memory(pid: int) -> int:
    """KiB; 0 where the system does not say."""
    if sys.platform != "linux":
        return 0
    told = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in told.splitlines() if line.startswith("VmRSS")).split()[1])
