"""The ledger as it is read: oldest first whatever shard and month it is in, from a moment on and up to another."""

import asyncio
import datetime as dt
import random

import pytest

from bot.store import ledger
from tests.store.contract_store import AWA, BINTA, COUMBA, DAY, HOUR, NOW, Store, record, step, stock

pytestmark = pytest.mark.asyncio(loop_scope="session")

PEOPLE = [f"+223760{number:05d}" for number in range(40)]


async def say(store: Store, msisdn: str, at: int, kind: str = "checkin") -> None:
    said = record(kind, {"status": "present"}, at=at, msisdn=msisdn, session=f"{at}")
    await store.sessions.commit(step(f"{kind}:{at}", said, msisdn=msisdn))


async def test_an_empty_ledger_has_no_rows(store: Store) -> None:
    assert await store.rows() == []
    assert await store.ledger.months() == []


async def test_rows_come_oldest_first_across_shards_and_months(store: Store) -> None:
    chance = random.Random(7)
    moments = [NOW + day * DAY + chance.randrange(DAY) for day in range(-50, 50)]
    said = [(at, chance.choice(PEOPLE)) for at in sorted(moments)]
    for at, msisdn in said:
        await say(store, msisdn, at)
    assert len({store.shard(msisdn) for _, msisdn in said}) == store.shards
    assert await store.ledger.months() == ["202610", "202611", "202612", "202701"]
    assert [(row.at, row.msisdn) for row in await store.rows()] == [(iso(at), msisdn) for at, msisdn in said]


def iso(at: int) -> str:
    return dt.datetime.fromtimestamp(at / 1000, dt.UTC).isoformat(timespec="milliseconds")


async def test_rows_of_one_moment_come_in_the_order_of_the_report(store: Store) -> None:
    products = ["ZIN", "SRO", "CTE", "AMX", "PAR"]
    for msisdn in (COUMBA, BINTA, AWA):
        report = record("stock", *(stock(product, 1) for product in products), msisdn=msisdn)
        await store.sessions.commit(step("report", report, msisdn=msisdn))
    rows = await store.rows()
    assert [row.answers["product"] for row in rows] == products * 3
    assert [len({row.msisdn for row in rows[start : start + 5]}) for start in (0, 5, 10)] == [1, 1, 1]
    assert len({row.id for row in rows}) == 15


async def test_what_waited_a_day_is_read_where_it_was_said(store: Store) -> None:
    """An unfinished report is written when its day is over, among those of the next day."""
    for hour in range(0, 72, 3):
        await say(store, AWA, NOW + hour * HOUR)
        await say(store, BINTA, NOW + hour * HOUR + 1)
        if hour >= 24:
            await say(store, AWA, NOW + (hour - 24) * HOUR + 2, "stock")
    at = [row.at for row in await store.rows()]
    assert at == sorted(at)
    assert len(at) == 64


async def test_from_a_moment_on_up_to_but_not_at_another(store: Store) -> None:
    for day in range(5):
        await say(store, PEOPLE[day], NOW + day * DAY)

    async def read(since: int = 0, until: int | None = None, kind: str = "") -> list[str]:
        return [row.msisdn for row in await store.rows(since, until, kind)]

    assert await read(NOW + DAY) == PEOPLE[1:5]
    assert await read(NOW + DAY + 1) == PEOPLE[2:5]
    assert await read(0, NOW + 3 * DAY) == PEOPLE[:3]
    assert await read(NOW + DAY, NOW + 3 * DAY) == PEOPLE[1:3]
    assert await read(NOW, NOW) == []
    assert await read(NOW + 9 * DAY) == []


async def test_only_one_kind(store: Store) -> None:
    for number, kind in enumerate(["checkin", "alert", "checkin", "quiz"]):
        await say(store, AWA, NOW + number, kind)
    assert [row.kind for row in await store.rows(kind="checkin")] == ["checkin", "checkin"]
    assert [row.at[-9:-6] for row in await store.rows(NOW + 1, None, "checkin")] == ["002"]
    assert await store.rows(kind="payment") == []


async def test_more_than_a_chunk_is_read_whole(store: Store) -> None:
    most = 2 * ledger.CHUNK + 1
    said = [
        step(f"{n}", record("alert", {"event": "other", "text": str(n)}, at=NOW + n, session=str(n)))
        for n in range(most)
    ]
    await asyncio.gather(*map(store.sessions.commit, said))
    assert [row.answers["text"] for row in await store.rows()] == [str(n) for n in range(most)]


async def test_reading_can_stop_anywhere(store: Store) -> None:
    for day in range(3):
        await say(store, PEOPLE[day], NOW + day * DAY)
    async for row in store.ledger.read():
        assert row.msisdn == PEOPLE[0]
        break
    assert len(await store.rows()) == 3
