"""How fast one worker empties an outbox: at a configured pace, and as fast as it can; and whether its memory grows."""

import asyncio
import os
from multiprocessing import Process, Queue
from pathlib import Path

from msgspec import Struct

from bench.processes import ROOT
from bot.app import open_house, prepare
from bot.config import load
from bot.files import source

PEOPLE = 2_000
LATENCY = 0.05
PATIENCE = 400.0


class Sending(Struct, frozen=True):
    """One emptying of the outbox."""

    rate: float
    """As configured; 0: none."""
    messages: int
    seconds: float
    """From the first SMS to the last, as the provider saw them."""
    doubled: int
    rss: tuple[int, int]
    """Of the worker, KiB: when a tenth was sent, and at the end."""

    @property
    def found(self) -> float:
        return (self.messages - 1) / self.seconds


def measure(folder: Path, many: int, paced: int, rate: float) -> tuple[Sending, Sending]:
    """`many` reminders at full speed, then `paced` at `rate` a second."""
    return asyncio.run(_both(folder, many, paced, rate))


async def _both(folder: Path, many: int, paced: int, rate: float) -> tuple[Sending, Sending]:
    os.environ["NO_PROXY"] = "127.0.0.1"
    return await _send(folder / "fast", many, 0), await _send(folder / "paced", paced, rate)


async def _send(folder: Path, many: int, rate: float) -> Sending:
    folder.mkdir()
    asked: Queue[str] = Queue()
    told: Queue[tuple[float, int, int]] = Queue()
    provider = Process(target=_provide, args=(asked, told), daemon=True)
    provider.start()
    url = await asyncio.to_thread(asked.get)
    env = _environment(folder, url, rate)
    try:
        async with open_house(load(ROOT / "config.toml", env)) as house:
            await prepare(house, source(ROOT), with_demo=False)
            await _queue(house, many)
            return await _timed(env, told, many, rate)
    finally:
        provider.terminate()
        provider.join()
