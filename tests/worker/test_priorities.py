"""What presses leaves first, however much waits; and at the configured pace, however many workers."""

import asyncio

import pytest

from bot.house import House
from bot.store.outbox import Body
from bot.store.servers import Server
from tests.servers import until
from tests.standin import Slow, StandIn
from tests.worker.work import AWA, BINTA, COUMBA, Work, alert, at_standin, leader, reminder

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("kind", ["http"], indirect=True),
]

CROWD = [f"+223762{number:05d}" for number in range(300)]


async def paced(work: Work, server: Server, standin: StandIn, rate: float) -> House:
    house = House(at_standin(standin, "http", rate=rate), server, work.clock)
    await house.releases.refresh()
    return house


async def test_replies_then_alerts_then_reminders_then_broadcasts(
    work: Work, server: Server, standin: StandIn
) -> None:
    await work.house.contacts.put([leader(AWA, role="asc"), leader(BINTA), leader(COUMBA)])
    await work.queue(Body(to=AWA, kind="broadcast", key="common.done"), reminder(AWA, key="common.back"))
    await work.queue(alert(BINTA), name="grouped")
    await work.tell(COUMBA)
    await work.reply(AWA, "Recu")
    work.clock.passes(300)
    house = await paced(work, server, standin, 50)
    await house.worker().once()
    await house.close()
    assert [number for number, _ in work.heard()] == [AWA, COUMBA, BINTA, AWA, AWA]
    assert [text for number, text in work.heard() if number == AWA] == [
        "Recu",
        "Retour",
        "C'est noté. Merci.",
    ]


async def test_a_reply_does_not_wait_for_the_reminders_before_it(
    work: Work, server: Server, standin: StandIn
) -> None:
    await work.house.contacts.put([leader(number, role="asc") for number in CROWD])
    await work.queue(*map(reminder, CROWD))
    house = await paced(work, server, standin, 20)
    clock = asyncio.get_running_loop().time

    async def some() -> bool:
        return len(work.heard()) >= 5

    async def answered() -> bool:
        return any(number == AWA for number, _ in work.heard())

    running = asyncio.create_task(house.worker().run())
    await until(some)
    asked = clock()
    await work.reply(AWA, "Recu")
    await until(answered)
    waited = clock() - asked
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await house.close()
    assert waited < 1
    assert len(work.heard()) < len(CROWD)
    # What it had claimed and not begun is free for others at once.
    await work.worker.once()
    assert sorted({number for number, _ in work.heard()}) == sorted([AWA, *CROWD])
    assert len(work.heard()) == len(CROWD) + 1


async def test_workers_share_one_pace(work: Work, server: Server, standin: StandIn) -> None:
    await work.house.contacts.put([leader(number, role="asc") for number in CROWD[:100]])
    await work.queue(*map(reminder, CROWD[:100]))
    houses = [await paced(work, server, standin, 100) for _ in range(3)]
    clock = asyncio.get_running_loop().time
    began = clock()
    await asyncio.gather(*(house.worker().once() for house in houses))
    took = clock() - began
    for house in houses:
        await house.close()
    assert len(work.heard()) == 100
    assert took >= 99 / 100 - 0.25, "a quarter of a second may be made up for"


async def test_one_that_the_provider_is_slow_with_keeps_no_other_waiting(work: Work) -> None:
    work.standin.behave(AWA, Slow(1))
    await work.reply(AWA, "Recu A")
    await work.reply(BINTA, "Recu B")
    clock = asyncio.get_running_loop().time

    async def other() -> bool:
        return len(work.heard()) == 1

    began = clock()
    running = asyncio.create_task(work.worker.once())
    await until(other)
    assert clock() - began < 1
    await running
    assert [number for number, _ in work.heard()] == [BINTA, AWA]
