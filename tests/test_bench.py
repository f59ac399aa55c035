"""The load generator sees what a gateway does wrong: another screen, no answer, a report lost or kept twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from bench import calls, morning, past
from bench.account import Answers, Audit, Row, audit
from bench.growth import Sized, beyond, measured
from bench.phones import Line, Outcome, Plan, call
from bench.processes import ROOT
from bench.year.filling import ended_at, fill, settings_of
from bench.year.size import Cost, Return, Weight, archived, weighed
from bot.app import open_house
from bot.store.rebuild import differences

SCRIPT = (Line("", "CON Combien ?"), Line("12", "END Gardé."))
Answer = Callable[[str, str], Awaitable[str]]
"""The number and all that was typed → the screen."""


@asynccontextmanager
async def gateway(answer: Answer) -> AsyncIterator[int]:
    async def ussd(request: web.Request) -> web.Response:
        form = await request.post()
        return web.Response(text=await answer(str(form["phoneNumber"]), str(form["text"])))

    app = web.Application()
    app.router.add_post("/africastalking/ussd", ussd)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def right(_: str, text: str) -> str:
    return SCRIPT[1].shown if text else SCRIPT[0].shown


def plan(port: int, seconds: float = 30.0) -> Plan:
    return Plan(port, (SCRIPT,), first=71_000_000, most=20, seconds=seconds, phones=4, patience=0.2)


async def outcome(answer: Answer) -> Outcome:
    async with gateway(answer) as port:
        return await call(plan(port))


async def test_every_call_that_went_as_scripted_is_remembered() -> None:
    found = await outcome(right)
    assert sorted(found.acknowledged) == list(range(71_000_000, 71_000_020))
    assert found.steps == 40
    assert not found.wrong
    assert found.rate > 0
    assert 0 < found.waits[0] <= found.waits[2]


@pytest.mark.parametrize("shown", ["CON Combien?", "END Combien ?", "", "CON Combien ?\n"])
async def test_a_screen_that_is_not_the_expected_one_is_told(shown: str) -> None:
    async def answer(number: str, text: str) -> str:
        return shown if number == "+22371000007" and not text else await right(number, text)

    found = await outcome(answer)
    assert len(found.acknowledged) == 19
    assert 71_000_007 not in found.acknowledged
    (wrong,) = found.wrong
    assert wrong.startswith("+22371000007, screen 1: ")
    assert repr(shown) in wrong


async def test_another_callers_last_screen_is_told() -> None:
    async def answer(number: str, text: str) -> str:
        return "END Gardé pour une autre." if number == "+22371000003" and text else await right(number, text)

    found = await outcome(answer)
    assert len(found.acknowledged) == 19
    assert [wrong[:23] for wrong in found.wrong] == ["+22371000003, screen 2: "[:23]]


async def test_an_error_is_wrong_whatever_its_text() -> None:
    async def answer(number: str, text: str) -> str:
        if number == "+22371000003":
            raise web.HTTPServiceUnavailable(text=await right(number, text))
        return await right(number, text)

    found = await outcome(answer)
    assert len(found.acknowledged) == 19
    assert "503" in found.wrong[0]


async def test_a_call_that_is_never_answered_is_told() -> None:
    over = asyncio.Event()

    async def answer(number: str, text: str) -> str:
        if number == "+22371000003":
            await over.wait()
        return await right(number, text)

    async with gateway(answer) as port:
        found = await call(plan(port, seconds=0.5))
        over.set()
    assert len(found.acknowledged) == 19
    assert found.wrong == ("+22371000003, screen 1: no answer",)


async def test_a_year_of_a_country_is_what_serving_leaves_and_is_archived(tmp_path: Path) -> None:
    """Of three ASC and forty days: the rows that are told are there, once, and all that follows from them."""
    filled = await fill(tmp_path / "data", 3, 2026, lambda _: None, days=40)
    async with open_house(settings_of(tmp_path / "data"), ended_at) as house:
        kept = Counter([row.kind async for row in house.ledger.read()])
        assert kept == filled.rows
        assert 3 * 5 * 10 <= kept["stock"] <= 3 * 6 * 10
        assert kept["payment"] == 6
        before = await weighed(house)
        assert not [name for name in await house.server.tick.names() if b":seen:" in name]
        assert await archived(house, 6) >= filled.steps.total()
        after = await weighed(house)
        assert Counter([row.kind async for row in house.ledger.read()]) == kept
        found = await differences(
            house.functions, house.ledger, house.settings.store.shards, house.programme.local
        )
    assert found == []
    assert after.log < before.log
    assert (before.files, after.files > 0) == (0, True)


async def test_a_month_of_archived_messages_is_looked_through(tmp_path: Path) -> None:
    assert [one.found for one in await past.measure(tmp_path / "archives", 640)] == [50, 1, 0, 1]


def test_what_is_too_large_to_measure_is_on_the_line_through_the_two_largest() -> None:
    cost = Cost(100, 50)
    found = [
        Sized(1, 100, Weight(1_000_000, 100_000, 0), Return(1.0, 3.0), cost),
        Sized(2, 200, Weight(2_000_000, 200_000, 0), Return(1.5, 3.5), cost),
    ]
    (far,) = beyond(found, 0, 2_000)
    assert (far.rows, far.weight.memory, far.weight.log) == (2_000, 20_000_000, 2_000_000)
    assert (far.back.loaded, far.back.dialled) == pytest.approx((10.5, 12.5))
    assert list(beyond(found[:1], 0, 2_000)) == []


def test_a_store_is_measured_from_its_bytes_to_the_cost_of_a_report(tmp_path: Path) -> None:
    sized = measured(tmp_path / "data", 2, 3, callers=4, times=1)
    assert sized.rows > 0
    assert 0 < sized.back.loaded < sized.back.dialled
    assert min(sized.cost.gateway, sized.cost.store, sized.weight.memory, sized.weight.log) > 0


def rows(*said: tuple[str, str, int]) -> list[Row]:
    return [Row(msisdn, Answers(product, quantity)) for msisdn, product, quantity in said]


AWA, OUMOU = "+22371000001", "+22371000002"
TOLD = {AWA: {"SRO": 12, "ZIN": 3}, OUMOU: {"SRO": 12}}
KEPT = ((AWA, "SRO", 12), (AWA, "ZIN", 3), (OUMOU, "SRO", 12))


@pytest.mark.parametrize(
    ("ledger", "found"),
    [
        (KEPT, Audit(3, lost=0, surplus=0)),
        ((*KEPT, ("+22371000009", "SRO", 1)), Audit(3, lost=0, surplus=0)),
        (KEPT[1:], Audit(3, lost=1, surplus=0)),
        ((*KEPT, KEPT[2]), Audit(3, lost=0, surplus=1)),
        ((*KEPT[:2], (OUMOU, "SRO", 21)), Audit(3, lost=1, surplus=1)),
        ((), Audit(3, lost=3, surplus=0)),
    ],
    ids=["as told", "an answer that did not arrive", "lost", "doubled", "altered", "all lost"],
)
def test_the_account_is_held_against_the_ledger(
    ledger: tuple[tuple[str, str, int], ...], found: Audit
) -> None:
    assert audit(TOLD, rows(*ledger)) == found


@pytest.mark.parametrize("products", [calls.SIX, calls.ONE])
def test_no_two_neighbours_say_the_same(products: tuple[str, ...]) -> None:
    made = calls.stock_calls(ROOT, products)
    assert len({call.script[-1].shown for call in made}) == calls.VARIANTS
    assert all(line.shown.startswith("CON ") for call in made for line in call.script[:-1])
    assert all(call.script[-1].shown.startswith("END ") for call in made)
    assert {len(call.script) for call in made} == {3 + len(products)}
    for one in made:
        assert all(
            f"{product} {quantity}" in one.script[-1].shown for product, quantity in one.counted.items()
        )


async def test_calls_come_at_their_pace_whether_or_not_they_are_answered() -> None:
    asked: list[str] = []

    async def answer(number: str, text: str) -> str:
        asked.append(number)
        return await right(number, text)

    async with gateway(answer) as port:
        found = await call(Plan(port, (SCRIPT,), 71_000_000, most=60, seconds=30.0, phones=4, pace=400.0))
    assert sorted(found.acknowledged) == list(range(71_000_000, 71_000_060))
    assert (found.steps, found.wrong) == (120, ())
    assert len(asked) == 120
    assert found.seconds > 60 / 400 / 3, "not all at once"


async def test_who_waits_for_a_free_line_waits_all_the_same() -> None:
    """Behind an answer that takes a fifth of a second, the next four calls wait for it too."""

    async def answer(number: str, text: str) -> str:
        if number == "+22371000000" and not text:
            await asyncio.sleep(0.2)
        return await right(number, text)

    async with gateway(answer) as port:
        found = await call(Plan(port, (SCRIPT,), 71_000_000, most=5, seconds=30.0, phones=1, pace=1e4))
    assert (len(found.acknowledged), found.wrong) == (5, ())
    assert found.waits[1] >= 190


def test_a_morning_is_held_against_its_ledger(tmp_path: Path) -> None:
    """A second of it, at a pace that any machine keeps; every kind of day is called."""
    held = morning.hold(tmp_path, seconds=1.0, pace=40.0, think=0.01)
    assert held.round.outcome.wrong == ()
    assert held.audit == Audit(len(held.round.outcome.acknowledged), lost=0, surplus=0)
    assert held.round.outcome.steps >= 4 * held.audit.acknowledged > 0
    assert morning.right(held)
    assert any("0 lost, 0 doubled" in line for line in morning.lines(held, 1 / 60, 40.0))


def test_a_check_in_that_is_lost_or_altered_is_found() -> None:
    quiet, ill = {"status": "present", "seen": ["none"]}, {"status": "absent", "why": "ill"}
    kept = [morning.Row(AWA, quiet), morning.Row("+22371000009", ill)]
    assert morning.audit({AWA: quiet}, kept) == Audit(1, lost=0, surplus=0)
    assert morning.audit({AWA: ill}, kept) == Audit(1, lost=1, surplus=1)
    assert morning.audit({AWA: quiet, OUMOU: ill}, [*kept, kept[0]]) == Audit(2, lost=1, surplus=1)
