"""Workers stopped for longer than their leases, and woken when others have taken over: every message leaves once."""

import asyncio
import signal
from pathlib import Path

from bench.kills.judging import sending_faults
from bot.app import open_house, prepare
from bot.config import Settings, load
from bot.flow.release import Source
from bot.house import House
from bot.store.keys import LEASES, Shard
from bot.store.outbox import Body, message
from tests.chaos.sending import nothing_more_to_do, under, worker
from tests.conftest import ROOT
from tests.servers import until
from tests.standin import Slow, StandIn

MANY = 100
QUICK = {"KUNNAFONI_SMS__LEASE": "2", "KUNNAFONI_CHANNELS__AFRICASTALKING__RATE": "20"}
"""A lease of two seconds; at this pace a worker holds ten messages ahead."""
IN_HAND = 2 * 4
"""What two workers are sending at a time: a fifth of a second at that pace."""


async def test_what_paused_workers_held_is_sent_once(
    settings: Settings, shipped: Source, tmp_path: Path
) -> None:
    async with StandIn(latency_s=0.2) as standin:
        _, env = under(settings, standin, str(tmp_path / "data"))
        env |= QUICK
        async with open_house(load(ROOT / "config.toml", env)) as house:
            await prepare(house, shipped, with_demo=False)
            now = house.clock()
            bodies = [Body(to=f"+22377{n:06d}", kind="reply", text=f"+{n} : x") for n in range(MANY)]
            await house.outbox.queue(message(f"m:{n}", body, now) for n, body in enumerate(bodies))
            await _taken_over(house, standin, env)
            await nothing_more_to_do(house, (3,))
            lines = [line async for line in house.outbox.read()]
    assert sending_faults(lines, standin.sent) == []
    reached = {sent.number for sent in standin.sent}
    assert {line.state for line in lines if line.to in reached} <= {"sent", "unknown"}
    # Stopped between noting a message and sending it, a worker leaves it in doubt: it may never have left.
    assert {line.state for line in lines if line.to not in reached} <= {"unknown"}
    assert len(reached) >= MANY - IN_HAND


async def _taken_over(house: House, standin: StandIn, env: dict[str, str]) -> None:
    """Two are paused; a third takes their jobs and their messages; one wakes to be told to stop, one to go on."""
    stopped, goes_on = crew = [await worker(env), await worker(env)]
    try:
        await until(lambda: _sent(standin, 20), 60)
        for paused in crew:
            paused.send_signal(signal.SIGSTOP)
        job, held = await _holder(house), await _held(house)
        for name in held:
            standin.behave((await _to(house, name)), Slow(3))
        crew.append(await worker(env))
        await until(lambda: _another_holds(house, job), 60)
        await until(lambda: _being_sent(house, held), 60)
        stopped.terminate()
        for paused in (stopped, goes_on):
            paused.send_signal(signal.SIGCONT)
        assert await stopped.wait() == 0
        await until(lambda: _nothing_waits(house), 60)
    finally:
        for process in crew:
            if process.returncode is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        await asyncio.gather(*(process.wait() for process in crew))


async def _sent(standin: StandIn, many: int) -> bool:
    return len(standin.sent) >= many


async def _holder(house: House) -> bytes:
    """Who looks after what silent workers left behind."""
    found: bytes = await house.server.tick.call("GET", f"{LEASES}abandoned")
    return found


async def _another_holds(house: House, job: bytes) -> bool:
    return await _holder(house) not in (None, job)


async def _held(house: House) -> set[str]:
    """What workers have claimed, and have not begun."""
    shards = [Shard(number) for number in range(house.settings.store.shards)]
    claimed = [await house.server.tick.call("ZRANGE", shard.sending, 0, -1) for shard in shards]
    names = {name.decode() for found in claimed for name in found}
    return {line.id async for line in house.outbox.read() if line.id in names and line.state == "queued"}


async def _to(house: House, name: str) -> str:
    line = await house.outbox.find(name)
    assert line is not None
    return line.to


async def _being_sent(house: House, names: set[str]) -> bool:
    return any([line.id in names and line.state == "sending" async for line in house.outbox.read()])


async def _nothing_waits(house: House) -> bool:
    return not any([line.state in ("queued", "sending") async for line in house.outbox.read()])
