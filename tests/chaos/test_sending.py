"""Workers killed at random while they send, on a bad day of the provider: each message has one fate, and none two."""

import asyncio
import datetime as dt
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bot.app import listening, open_house, prepare
from bot.config import Settings
from bot.flow.release import Source
from bot.house import House
from bot.people import Contact
from bot.store.outbox import Body, Line, message
from tests.chaos.running import FULL
from tests.chaos.sending import nothing_more_to_do, under, worker
from tests.servers import until
from tests.standin import Behaviour, Refuse, Says, StandIn

REPLIES, REMINDERS, LEADERS, ALERTS_EACH = (8_000, 1_500, 250, 2) if FULL else (1_000, 200, 50, 2)
ALL = REPLIES + REMINDERS + LEADERS * ALERTS_EACH
"""10,000 in `make chaos`."""
WORKERS, KILLS = (3, 5) if FULL else (2, 2)
DAY_OF_THE_PROVIDER: dict[str, tuple[float, int | None]] = {
    "500": (0.03, 1),
    "501": (0.02, 1),
    "403": (0.02, None),
    "drop": (0.01, None),
    "half": (0.005, None),
    "silent": (0.002, None),
}
"""How many numbers meet which mishap, and how often (None: always)."""
_SAID = re.compile(r"\+(\d+) : ")


def mishap(name: str) -> Behaviour:
    if name == "500":
        return Says(500)
    return Refuse(int(name)) if name.isdigit() else name  # type: ignore[return-value]  # one of its words


def body(number: int) -> Body:
    """A message nobody else gets: its text names it."""
    to, words = f"+22377{number:06d}", {"more": str(number), "service_code": "x"}
    if number < REPLIES:
        return Body(to=to, kind="reply", text=f"+{number} : x")
    if number < REPLIES + REMINDERS:
        return Body(to=to, kind="reminder", key="alert.digest_more", values=words)
    leader = f"+22378{number % LEADERS:06d}"
    return Body(to=leader, kind="alert", key="alert.digest_more", values=words, alert=number)


def contact(to: str, role: Any = "asc") -> Contact:
    return Contact(to, "Awa", role, "FALO", "fr")


async def queue_all(house: House) -> None:
    bodies = [body(number) for number in range(ALL)]
    roles = {one.to: "dtc" if one.kind == "alert" else "asc" for one in bodies if one.kind != "reply"}
    await house.contacts.put(contact(to, role) for to, role in roles.items())
    now = house.clock()
    assert await house.outbox.queue(message(f"m:{n}", one, now) for n, one in enumerate(bodies)) == ALL


def has_a_bad_day(standin: StandIn, chance: Random) -> None:
    for number in sorted({body(number).to for number in range(ALL)}):
        for name, (share, times) in DAY_OF_THE_PROVIDER.items():
            if chance.random() < share:
                standin.behave(number, mishap(name), times)
                break


@asynccontextmanager
async def crew(env: dict[str, str]) -> AsyncIterator[list[asyncio.subprocess.Process]]:
    """Workers as an operator starts them; they are told to stop at the end."""
    there = [await worker(env) for _ in range(WORKERS)]
    try:
        yield there
    finally:
        for process in there:
            process.terminate()
        async with asyncio.timeout(20):
            await asyncio.gather(*(process.wait() for process in there))


async def killed_at_random(
    standin: StandIn, env: dict[str, str], there: list[asyncio.subprocess.Process], chance: Random
) -> None:
    """One after the other, each after some hundred requests more; another takes its place."""
    for _ in range(KILLS):
        enough = len(standin.requests) + chance.randrange(ALL // KILLS // 4, ALL // KILLS // 2)

        async def many(enough: int = enough) -> bool:
            return len(standin.requests) >= enough

        await until(many, 120)
        place = chance.randrange(WORKERS)
        there[place].kill()
        await there[place].wait()
        there[place] = await worker(env)


async def reported(standin: StandIn, url: str, chance: Random) -> None:
    """Every tenth message, twice and in any order: sent, and then that it arrived or did not."""
    where = f"{url}/africastalking/delivery?key=sandbox"
    done = 0
    while True:
        fresh = standin.sent[done : done + 100 : 10]
        done = min(done + 100, len(standin.sent) // 10 * 10)
        for statuses in ("Sent", "Success"), ("Failed", "Sent"):
            some = [sent for sent in fresh if (int(sent.id[-2], 16) % 4 == 0) == ("Failed" in statuses)]
            await standin.reports(where, some, statuses, order=chance)
        await asyncio.sleep(0 if len(standin.sent) > done + 10 else 0.05)


async def all_begun(house: House) -> None:
    """Nothing is due any more: it was sent, or waits to be tried again."""
    async with asyncio.timeout(200):
        while True:
            waiting = await house.outbox.waiting(house.clock(), "")
            if not any(map(waiting.of, waiting.due)):
                return
            await asyncio.sleep(0.25)


def numbers_of(texts: Iterable[str]) -> Counter[int]:
    """Which messages these SMS said."""
    return Counter(int(found) for text in texts for found in _SAID.findall(text))


@pytest.mark.timeout(300)
async def test_killed_workers_lose_and_double_nothing(
    settings: Settings, shipped: Source, tmp_path: Path
) -> None:
    chance = Random(7)
    async with StandIn() as standin:
        settings, env = under(settings, standin, str(tmp_path / "data"))
        has_a_bad_day(standin, chance)
        async with open_house(settings) as house, listening(house, simulator=False) as url:
            await prepare(house, shipped, with_demo=False)
            await queue_all(house)
            reporting = asyncio.create_task(reported(standin, url, chance))
            async with crew(env) as there:
                await killed_at_random(standin, env, there, chance)

                await all_begun(house)
            await nothing_more_to_do(house)
            reporting.cancel()
            await asyncio.gather(reporting, return_exceptions=True)
            lines = {int(line.id[2:]): line async for line in house.outbox.read()}
            month = f"{dt.datetime.now(house.programme.zone):%Y%m}"
            spent = [*await house.spending.month(month)]
    judge(lines, numbers_of(sent.text for sent in standin.sent))
    assert sum(one.segments for one in spent) == sum(line.segments for line in lines.values()) > 0


def judge(lines: dict[int, Line], accepted: Counter[int], many: int = ALL) -> None:
    """Each message has one fate; what the provider took, it took once."""
    assert lines.keys() == set(range(many))
    states = Counter(line.state for line in lines.values())
    assert states.keys() <= {"sent", "delivered", "failed", "unknown"}
    assert {number for number, times in accepted.items() if times > 1} == set(), "sent twice"
    taken = {number for number, line in lines.items() if line.provider_id or line.report}
    assert taken <= accepted.keys(), "said to be sent, and never was"
    told = {number for number, line in lines.items() if line.state in ("sent", "delivered")}
    assert told <= accepted.keys()
    # What was taken and is not known as such is in doubt, and what is in doubt was tried once.
    in_doubt = {number for number, line in lines.items() if line.state == "unknown"}
    assert accepted.keys() - taken <= in_doubt
    assert all(line.segments <= 1 for line in lines.values())
    assert len(told) > many * 0.8, "the load never got going"
    assert len(in_doubt) < many * 0.1
