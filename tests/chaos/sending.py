"""What sends while it is disturbed: settings in which nothing waits, workers to be killed, and the end of it all."""

import asyncio
import os
import sys
from collections.abc import Iterable

from bot.config import Settings, load
from bot.house import House
from bot.services.sending import BACKOFF
from tests.conftest import ROOT
from tests.standin import StandIn
from tests.worker.work import environ


def under(settings: Settings, standin: StandIn, data: str) -> tuple[Settings, dict[str, str]]:
    """The settings of all processes: no quiet hours, no pace; and the same for a command."""
    env = environ(standin, "http") | {
        "KUNNAFONI_SMS__QUIET_HOURS": "",
        "KUNNAFONI_SMS__DIGEST_WINDOW": "0",
        "KUNNAFONI_CHANNELS__AFRICASTALKING__CONCURRENCY": "32",
        "KUNNAFONI_STORE__DATA": data,
        "KUNNAFONI_SERVER__PORT": "0",
    }
    return load(ROOT / "config.toml", env), env


async def worker(env: dict[str, str]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "worker"),
        cwd=ROOT,
        env={**os.environ, **env, "NO_PROXY": "127.0.0.1"},
        stderr=asyncio.subprocess.DEVNULL,
    )


async def nothing_more_to_do(house: House, waits: Iterable[int] = (61, *BACKOFF[:3])) -> None:
    """Later, with the clock moved on (s): leases end, and what failed is tried again."""
    later = house.clock()
    for wait in waits:
        later += (wait + 1) * 1000
        moved = House(house.settings, house.server, lambda: later)  # noqa: B023 - it is read in this turn
        await moved.releases.refresh()
        await moved.worker().once()
        await moved.close()
