"""One run: phones report, somebody kills; then everything that was said is compared."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random
from socket import create_server
from statistics import median
from time import monotonic

from msgspec import Struct, json

from bench.kills.crew import VICTIMS, Crew, Outages
from bench.kills.judging import ledger_faults, rebuild_faults, sending_faults
from bench.kills.load import Load
from bench.processes import ROOT
from bot.app import open_house, prepare
from bot.config import Settings, load
from bot.files import source
from bot.house import House
from bot.people import Contact, Unit
from tests.chaos.sending import nothing_more_to_do, under
from tests.standin import StandIn

QUIET = {f"KUNNAFONI_REMINDERS__{name}__ENABLED": "false" for name in ("CHECKIN", "STOCK", "PAYMENT")}
"""Nobody is reminded: every message is the echo of an SMS."""
Say = Callable[[int, int], None]
LATENCY = 0.03
"""Seconds in which the provider answers."""


class Plan(Struct, frozen=True):
    kills: int = 200
    numbers: int = 2_000
    at_once: int = 24
    seed: int = 1
    minutes: float = 20.0
    """No more kills after that."""
    pause: float = 1.0
    """Seconds from when they are heard again to the next kill, at most."""


class Found(Struct, frozen=True):
    """What happened, and what is wrong; all of it by what it is called on the printed table."""

    killed: Mapping[str, int]
    counted: Mapping[str, int]
    wrong: tuple[str, ...]
    outages: tuple[float, ...]
    """Seconds from each kill to the next acknowledged report."""
    seconds: float


async def survived(folder: Path, plan: Plan, say: Say = lambda *_: None) -> Found:
    """Kills, and counts; `say` hears how many kills and acknowledged reports there are. Nothing is left running."""
    began = monotonic()
    async with StandIn(latency_s=LATENCY) as standin:
        settings, env = under(Settings(), standin, str(folder / "data"))
        env |= QUIET
        settings = load(ROOT / "config.toml", env)
        numbers = [f"+22376{number:06d}" for number in range(plan.numbers)]
        async with open_house(settings) as house:
            await _people(house, numbers)
        outages = Outages()
        with create_server(("127.0.0.1", 0), backlog=256) as door:
            chance = Random(plan.seed)
            calls = Load(f"http://127.0.0.1:{door.getsockname()[1]}", numbers, plan.at_once, chance)
            async with Crew(folder, env, door) as crew:
                wrong = await _until_something_stays_away(crew, calls, plan, chance, outages, say)
                await calls.hangs_up()
        (folder / "account.json").write_bytes(json.encode(calls.account))
        async with open_house(settings) as house:
            await nothing_more_to_do(house, (settings.sms.lease,))
            found, counted = await _judged(house, calls, standin, crew)
            wrong += found
    if crew.killed.total() < plan.kills:
        wrong.append(f"killed {crew.killed.total()} times in {plan.minutes:g} minutes, not {plan.kills}")
    return Found(crew.killed, counted, tuple(wrong), tuple(outages.seconds), monotonic() - began)


async def _people(house: House, numbers: list[str]) -> None:
    await prepare(house, source(ROOT), with_demo=False)
    await house.contacts.put_units([Unit("U", "Unité")])
    await house.contacts.put(
        Contact(number, "Awa", "asc", "U", "fr", products=("SRO",), path="U") for number in numbers
    )


async def _until_something_stays_away(
    crew: Crew, calls: Load, plan: Plan, chance: Random, outages: Outages, say: Say
) -> list[str]:
    """Kills as planned; what never came back ends it, and is wrong."""
    try:
        await calls.goes_on(plan.at_once)
        await _kills(crew, calls, plan, chance, outages, say)
    except TimeoutError:
        return [f"not heard again within a minute of kill {crew.killed.total()}"]
    return []


async def _kills(crew: Crew, calls: Load, plan: Plan, chance: Random, outages: Outages, say: Say) -> None:
    """Every victim as often as every other, in any order; one time in four again before they were heard."""
    latest = monotonic() + plan.minutes * 60
    waiting: list[tuple[str, ...]] = []
    while crew.killed.total() < plan.kills and monotonic() < latest:
        waiting = waiting or chance.sample(VICTIMS, len(VICTIMS))
        await asyncio.sleep(chance.uniform(0, plan.pause))
        outages.begins()
        await crew.kill(waiting.pop())
        say(crew.killed.total(), len(calls.account.kept))
        if waiting and chance.random() < 1 / len(VICTIMS):
            continue
        await calls.goes_on(1)
        outages.ends()
        await calls.goes_on(plan.at_once // 2)


async def _judged(
    house: House, calls: Load, standin: StandIn, crew: Crew
) -> tuple[list[str], dict[str, int]]:
    lines = [line async for line in house.outbox.read()]
    ledger, rebuilt = await ledger_faults(calls.account, house), await rebuild_faults(house)
    sending, bugs = sending_faults(lines, standin.sent), crew.complaints()
    begins = Counter(fault.partition(":")[0] for fault in (*ledger, *sending))
    account, states = calls.account, Counter(line.state for line in lines)
    return [*ledger, *rebuilt, *sending, *bugs], {
        "reports acknowledged": len(account.kept),
        "of them by SMS": calls.by_sms,
        "phones that have reported": len({msisdn for msisdn, _ in account.kept}),
        "calls that heard we are away": account.sorry,
        "requests that heard nothing": account.silent,
        "acknowledged, and lost": begins["acknowledged, and lost"],
        "kept twice": begins["kept twice"],
        "kept, and never said": begins["kept, and never said"],
        "rebuild: differences": len(rebuilt),
        "messages": len(lines),
        "taken by the provider": len(standin.sent),
        "sent twice": begins["sent twice"],
        "without a fate": begins["no fate"] + begins["said to be sent, and never was"],
        "in doubt (a worker was killed while it sent)": states["unknown"],
        "processes that gave up, and were started again": crew.ended.total(),
        "bugs in the logs": len(bugs),
    }


def table(found: Found) -> Iterator[str]:
    yield f"{sum(found.killed.values())} kills in {found.seconds:.0f} s: " + ", ".join(
        f"{name} {many}" for name, many in sorted(found.killed.items())
    )
    yield from (f"{name:46}{many:9,}" for name, many in found.counted.items())
    if found.outages:
        heard, worst = median(found.outages), max(found.outages)
        yield f"{'heard again after a kill: median, worst':46}{heard:6.1f} s{worst:6.1f} s"
    yield from (f"WRONG: {what}" for what in found.wrong[:50])
    yield "something is WRONG" if found.wrong else "nothing is wrong"
