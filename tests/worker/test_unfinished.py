"""What the worker does while nobody looks: unfinished reports become partial, and whatever goes wrong it goes on."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from aiohttp import ClientSession
from msgspec import structs

from bot.app import listening, working
from bot.config import Settings
from bot.flow.release import Release
from bot.house import House
from bot.messages import Inbound
from bot.store.keys import shard_of
from bot.store.ledger import Row
from bot.store.servers import connect
from bot.worker import Worker
from tests.calls import Phone
from tests.servers import one_server, until
from tests.standin import StandIn
from tests.worker.work import AWA, BINTA, COUMBA, Clock, Work, at_standin, leader

pytestmark = [
    pytest.mark.asyncio(loop_scope="package"),
    pytest.mark.parametrize("kind", ["http"], indirect=True),
]

DAY = 86_400
Change = Callable[[Settings], Settings]
PARTIAL = {"receipt": "no", "product": "SRO", "quantity": 200, "partial": "yes"}


@asynccontextmanager
async def phones(work: Work, *numbers: str) -> AsyncIterator[list[Phone]]:
    """Phones of ASC who hold three products."""
    asc = [leader(number, role="asc", products=("SRO", "CTE", "ZIN")) for number in numbers]
    await work.house.contacts.put(asc)
    async with listening(work.house, simulator=False) as url, ClientSession() as client:
        yield [Phone(client, url, number) for number in numbers]


async def rows(work: Work) -> list[Row]:
    return [row async for row in work.house.ledger.read()]


async def test_what_nobody_took_up_for_a_day_is_a_partial_report(work: Work) -> None:
    async with phones(work, AWA) as (awa,):
        await awa.dials()
        await awa.types("2", "2", "200")
    work.clock.passes(DAY - 0.001)
    await work.worker.once()
    assert await rows(work) == []
    work.clock.passes(0.001)
    await work.worker.once()
    await work.worker.once()
    (row,) = await rows(work)
    assert (row.kind, row.answers, row.raw) == ("stock", PARTIAL, "2*2*200")
    assert (row.at, row.channel, row.contact) == ("2026-11-21T09:12:00.000+00:00", "ussd", "Dr Binta")
    async with phones(work, AWA) as (awa,):
        assert (await awa.dials()).startswith("CON Kunnafoni"), "nothing is left to take up"


async def test_two_workers_keep_it_once(work: Work) -> None:
    async with phones(work, AWA, BINTA, COUMBA) as all_of_them:
        for phone in all_of_them:
            await phone.dials()
            await phone.types("2", "2", "200")
    work.clock.passes(DAY)
    done = await asyncio.gather(*(work.house.worker().keep_unfinished() for _ in range(4)))
    assert sorted(row.msisdn for row in await rows(work)) == [AWA, BINTA, COUMBA]
    assert sum(done) == 3


async def test_what_is_taken_up_in_the_last_moment_is_no_partial_report(work: Work) -> None:
    async with phones(work, AWA) as (awa,):
        await awa.dials()
        await awa.types("2", "2", "200")
        work.clock.passes(DAY - 1)
        await awa.dials()
        await awa.types("1")
        work.clock.passes(2)
        shown = await awa.types("5", "3")
    await work.worker.once()
    assert shown.startswith("END Stock")
    assert [row.answers.get("partial") for row in await rows(work)] == [None, None, None]


async def test_an_unfinished_call_without_a_row_leaves_no_row(work: Work) -> None:
    async with phones(work, AWA) as (awa,):
        await awa.dials()
        await awa.types("2", "2")
    work.clock.passes(DAY)
    await work.worker.once()
    assert await rows(work) == []
    assert await work.worker.keep_unfinished() == 0


def stricter(settings: Settings) -> Settings:
    """The same, but six times the usual stock is soon reached."""
    product = structs.replace(settings.products["SRO"], monthly_use=1)
    return structs.replace(settings, products={**settings.products, "SRO": product})


async def test_a_draft_that_is_refused_after_a_change_of_the_settings_keeps_no_other_waiting(
    work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    async with phones(work, AWA, BINTA) as (awa, binta):
        await awa.dials()
        await awa.types("2", "2", "200", "5")
        await binta.dials()
        await binta.types("2", "2", "3")
    changed = House(stricter(work.house.settings), work.house.server, work.clock)
    await changed.releases.refresh()
    worker = changed.worker()
    work.clock.passes(DAY)
    for _ in range(3):
        await worker.once()
    assert [row.msisdn for row in await rows(work)] == [BINTA]
    assert caplog.text.count("draft_stuck") == 1
    assert AWA not in caplog.text
    # It is all there still: with the settings as they were it is kept.
    await work.worker.once()
    assert sorted(row.msisdn for row in await rows(work)) == [AWA, AWA, BINTA]
    await changed.close()


async def test_what_waits_and_is_not_there_is_not_waited_for_again(work: Work) -> None:
    """A backup taken at that moment may hold that a draft waits, and not the draft."""
    shard = shard_of(COUMBA, work.house.settings.store.shards)
    ask = work.house.server.tick.call
    await ask("ZADD", shard.drafts, 1, COUMBA)
    async with phones(work, AWA) as (awa,):
        await awa.dials()
        await awa.types("2", "2", "3")
    await work.house.sessions.settled(AWA)
    work.clock.passes(DAY)
    assert await work.worker.keep_unfinished() == 1
    assert await ask("ZCARD", shard.drafts) == 0


def laxer(settings: Settings) -> Settings:
    """The same, and no count surprises."""
    products = {code: structs.replace(one, monthly_use=0) for code, one in settings.products.items()}
    return structs.replace(settings, products=products)


@pytest.mark.parametrize(
    ("before", "typed", "after"), [(laxer, ("200", "5"), stricter), (stricter, ("200", "1", "5"), laxer)]
)
async def test_answers_that_lead_elsewhere_since_the_settings_changed_are_not_taken_for_others(
    work: Work, before: Change, typed: tuple[str, ...], after: Change, caplog: pytest.LogCaptureFixture
) -> None:
    """`1` said yes to 200 sachets: it must not become one of the next product. And she is not kept from calling."""
    server, clock, settings = work.house.server, work.clock, work.house.settings
    earlier, now = House(before(settings), server, clock), House(after(settings), server, clock)
    await earlier.contacts.put([leader(AWA, role="asc", products=("SRO", "CTE", "ZIN"))])
    for house in (earlier, now):
        await house.releases.refresh()
    call = partial(Inbound, "africastalking", "ussd", "first", AWA)
    said = ["2", "2", *typed]
    for count in range(len(said) + 1):
        shown = await earlier.gateway.dial(call("*".join(said[:count])))
    assert ("Zinc" in shown.text, shown.ends) == (True, False)
    await earlier.gateway.settle()
    for text in ("", "2"):
        again = await now.gateway.dial(Inbound("africastalking", "ussd", f"again{text}", AWA, text))
        assert ("Continuer" in again.text, again.ends, "bug" in caplog.text) == (False, False, False)
    await now.gateway.receive(Inbound("africastalking", "sms", "sms-1", AWA, "5"))
    clock.passes(DAY)
    assert (await now.worker().keep_unfinished(), await rows(work)) == (0, [])
    assert "draft_stuck" in caplog.text
    assert await earlier.worker().keep_unfinished() == 1
    assert [row.answers["quantity"] for row in await rows(work)] == [200, 5]
    for house in (earlier, now):
        await house.close()


@asynccontextmanager
async def at_work(worker: Worker) -> AsyncIterator[None]:
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        assert not running.done()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_at_work_it_sends_and_keeps_what_is_unfinished(work: Work) -> None:
    async with phones(work, AWA) as (awa,):
        await awa.dials()
        await awa.types("2", "2", "200")
    work.clock.passes(DAY)
    await work.reply(AWA)

    async def done() -> bool:
        return len(work.heard()) == 1 == len(await rows(work))

    async with working(work.house):
        await until(done)


async def test_a_message_nobody_can_read_is_told_and_the_work_goes_on(
    work: Work, caplog: pytest.LogCaptureFixture
) -> None:
    """A message that cannot be read: a bug, or somebody at the store with other tools."""
    name = await work.reply(AWA)
    key = f"{shard_of(AWA, work.house.settings.store.shards).messages}{name}"
    await work.house.server.tick.call("HSET", key, "message", "?")

    async def told() -> bool:
        return "worker_stumbled" in caplog.text

    async def sent() -> bool:
        return len(work.heard()) == 1

    async with at_work(work.worker):
        await until(told)
        await work.reply(BINTA)
        await until(sent)


async def test_a_store_that_is_away_is_waited_for(
    tmp_path: Path, standin: StandIn, work: Work, release: Release, caplog: pytest.LogCaptureFixture
) -> None:
    async with one_server(tmp_path) as node:
        server = await connect(node.url, tmp_path)
        house = House(at_standin(standin, "http"), server, Clock())
        await house.functions.load()
        await house.releases.publish(release, house.clock(), "files")
        there = Work(house, standin, work.clock)

        async def away() -> bool:
            return "store_away" in caplog.text

        async def sent() -> bool:
            return len(there.heard()) == 1

        async with at_work(there.worker):
            node.kill()
            await until(away)
            node.start()
            await until(node.answers)
            await there.reply(AWA)
            await until(sent)
        await house.close()
        await server.close()
