"""Alerts in the store: opened and ended with their cause, told once, acknowledged once: in every place."""

import pytest
import pytest_asyncio

from bot.store.alerts import Alerts, Raised
from tests.store.contract_store import AWA, BINTA, COUMBA, HOUR, NOW, Store, record, step, stock

pytestmark = pytest.mark.asyncio(loop_scope="session")
ISSA, FANTA = "+22376000101", "+22376000201"


@pytest_asyncio.fixture(loop_scope="session")
async def alerts(store: Store) -> Alerts:
    return Alerts(store.functions, store.shards)


def raised(
    subject: str = "stockout:SRO", msisdn: str = AWA, *, urgent: bool = False, again: bool = False
) -> Raised:
    return Raised(
        kind=subject.partition(":")[0],
        subject=subject,
        msisdn=msisdn,
        name="Awa Traoré",
        unit="Falo",
        path="ML/FALO",
        supervisor=ISSA,
        values='{"product":"SRO"}',
        at=NOW,
        urgent=urgent,
        again=again,
    )


async def out_of_stock(store: Store, msisdn: str = AWA) -> None:
    said = record("stock", stock("SRO", 0), msisdn=msisdn)
    op = raised(msisdn=msisdn)
    await store.sessions.commit(step(f"out {msisdn}", said, msisdn=msisdn, alerts=(op,)))


async def in_stock(store: Store) -> None:
    said = record("stock", stock("SRO", 12), at=NOW + HOUR)
    await store.sessions.commit(step("in", said, cleared=("stockout:SRO",)))


async def test_an_alert_is_open_once_its_cause_is_kept(store: Store, alerts: Alerts) -> None:
    for who in (AWA, BINTA, COUMBA):
        await out_of_stock(store, who)
    await out_of_stock(store)
    due = sorted(await alerts.due(NOW, 10), key=lambda alert: alert.msisdn)
    assert [(alert.msisdn, alert.state, alert.level) for alert in due] == [
        (who, "open", -1) for who in (AWA, BINTA, COUMBA)
    ]
    assert len({alert.number for alert in due}) == 3
    assert [await alerts.get(alert.number) for alert in due] == due
    assert {line.number async for line in alerts.read()} == {alert.number for alert in due}
    assert [line async for line in alerts.read(NOW + 1)] == []


async def test_what_is_raised_again_while_it_is_open_is_the_same(store: Store, alerts: Alerts) -> None:
    number = await alerts.open(raised())
    assert await alerts.open(raised()) == number
    assert await alerts.open(raised("stockout:CTE")) != number
    await in_stock(store)
    assert await alerts.open(raised()) not in (number, 0)


async def test_what_she_says_since_ends_it(store: Store, alerts: Alerts) -> None:
    await out_of_stock(store)
    (alert,) = await alerts.due(NOW, 10)
    assert await alerts.told(alert, 0, ISSA, NOW, NOW + HOUR)
    await in_stock(store)
    ended = await alerts.get(alert.number)
    assert ended
    assert (ended.state, ended.resolved_by) == ("resolved", AWA)
    assert await alerts.held_by(ISSA) == []
    assert await alerts.due(NOW + 10 * HOUR, 10) == []
    assert await alerts.acknowledge(alert.number, "r", ISSA, "Issa", NOW) == "resolved"
    assert await alerts.resolve(alert.number, ISSA, "Issa", NOW) == "resolved"


async def test_it_climbs_once_however_many_carry_it(store: Store, alerts: Alerts) -> None:
    await out_of_stock(store)
    (seen,) = await alerts.due(NOW, 10)
    assert [await alerts.told(seen, 0, ISSA, NOW, NOW + HOUR) for _ in range(3)] == [True, False, False]
    assert await alerts.due(NOW, 10) == []
    (again,) = await alerts.due(NOW + HOUR, 10)
    assert (again.level, again.holder, again.step) == (0, ISSA, 1)
    assert await alerts.told(again, 1, FANTA, NOW + HOUR, None)
    assert await alerts.due(NOW + 1000 * HOUR, 10) == []
    held = [[alert.number for alert in await alerts.held_by(who)] for who in (ISSA, FANTA)]
    assert held == [[seen.number], [seen.number]]
    assert [(entry["what"], entry["who"]) for entry in await alerts.log(seen.number)][-2:] == [
        ("told", ISSA),
        ("told", FANTA),
    ]


async def test_what_comes_back_is_for_the_next_at_once(store: Store, alerts: Alerts) -> None:
    await out_of_stock(store)
    (seen,) = await alerts.due(NOW, 10)
    await alerts.told(seen, 0, ISSA, NOW, NOW + HOUR)
    assert await alerts.bounced(seen.number, ISSA, NOW + 1)
    (again,) = await alerts.due(NOW + 1, 10)
    assert (again.heard, again.bounced) == ((), (ISSA,))
    assert await alerts.unheard(again, NOW + 2, NOW + HOUR)
    assert not await alerts.unheard(again, NOW + 3, NOW + HOUR), "said once"
    assert not await alerts.unheard(again, NOW + 3, None)
    assert await alerts.due(NOW + 10 * HOUR, 10) == []


async def test_it_is_acknowledged_once_and_a_repeat_hears_the_same(store: Store, alerts: Alerts) -> None:
    await out_of_stock(store)
    (seen,) = await alerts.due(NOW, 10)
    await alerts.told(seen, 0, ISSA, NOW, NOW + HOUR)
    answers = [
        await alerts.acknowledge(seen.number, request, who, "x", NOW)
        for request, who in (("sms:1", ISSA), ("sms:1", ISSA), ("sms:2", ISSA), ("sms:3", FANTA))
    ]
    assert answers == ["done", "done", "acknowledged", "acknowledged"]
    assert await alerts.due(NOW + 10 * HOUR, 10) == []
    assert not await alerts.told(seen, 1, FANTA, NOW, None)
    assert not await alerts.bounced(seen.number, ISSA, NOW)
    assert await alerts.acknowledge(99_999, "r", ISSA, "x", NOW) == ""
    assert await alerts.get(99_999) is None


async def test_a_growing_outbreak_is_told_again(alerts: Alerts) -> None:
    number = await alerts.open(raised("epidemic:cholera", urgent=True, again=True))
    (seen,) = await alerts.due(NOW, 10)
    await alerts.told(seen, 0, ISSA, NOW, NOW + HOUR)
    assert await alerts.open(raised("epidemic:cholera", urgent=True, again=True)) == number
    (again,) = await alerts.due(NOW, 10)
    assert (again.number, again.round, again.heard) == (number, seen.round + 1, ())
